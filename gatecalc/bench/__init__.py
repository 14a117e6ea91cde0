"""How fast the generated code is: against PyTorch, JAX, plain NumPy, and the products alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatecalc.bench.report import Report
    from gatecalc.bench.run import bench

__all__ = ["Report", "bench"]


def __getattr__(name: str) -> object:
    # The processes that are timed import parts of this room, and must not wait for SymPy.
    from importlib import import_module

    rooms = {"bench": "gatecalc.bench.run", "Report": "gatecalc.bench.report"}
    if name not in rooms:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(rooms[name]), name)
