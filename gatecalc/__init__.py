"""Equations of a recurrent cell in; derivation, notes, code, trace and proof out.

The names below are all there is to import from here. Each is loaded when it is first used, so that
a generated module and `gatecalc --help` never wait for SymPy.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False
"""As checkers of types know it; `typing` itself is slow to import, and Ctrl-C is not heard yet."""

if TYPE_CHECKING:
    from gatecalc.calculus import Derivation, derive
    from gatecalc.checks import Report, check
    from gatecalc.codegen import generate, load
    from gatecalc.equations import Cell, cell
    from gatecalc.errors import (
        CellNotFoundError,
        GatecalcError,
        GradientError,
        InputError,
        NotationError,
        OutputError,
        ShapeError,
    )
    from gatecalc.notes import notes
    from gatecalc.trace import Trace, trace

__version__ = "0.1.0"

__all__ = [
    "Cell",
    "CellNotFoundError",
    "Derivation",
    "GatecalcError",
    "GradientError",
    "InputError",
    "NotationError",
    "OutputError",
    "Report",
    "ShapeError",
    "Trace",
    "cell",
    "check",
    "derive",
    "generate",
    "load",
    "notes",
    "trace",
]

_ROOMS = {
    "equations": ("Cell", "cell"),
    "calculus": ("Derivation", "derive"),
    "codegen": ("generate", "load"),
    "checks": ("Report", "check"),
    "notes": ("notes",),
    "trace": ("Trace", "trace"),
    "errors": (
        "CellNotFoundError",
        "GatecalcError",
        "GradientError",
        "InputError",
        "NotationError",
        "OutputError",
        "ShapeError",
    ),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


class _Package(ModuleType):
    """Two functions are called like the rooms they live in: the function is what users get.

    Importing a room binds it in its package, which would hide the function of the same name.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


if not TYPE_CHECKING:  # where it would stand for every name that there is not

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
