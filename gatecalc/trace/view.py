"""What of a trace is shown: which steps, which names, which sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatecalc.calculus.statements import Statement
from gatecalc.equations.hints import nearest
from gatecalc.errors import InputError
from gatecalc.trace.medium import Medium

if TYPE_CHECKING:
    from gatecalc.trace.record import Trace


@dataclass(frozen=True, slots=True)
class View:
    """`steps` and `names` are None where nothing is left out."""

    medium: Medium
    backward: bool
    steps: tuple[int, ...] | None
    names: frozenset[str] | None
    sample: int
    rows: int
    matrices: bool

    def wants(self, *names: str) -> bool:
        """Whether any of these names was asked for."""
        return self.names is None or not self.names.isdisjoint(names)

    def shows(self, statement: Statement) -> bool:
        """Whether a statement was asked for: by its target, or by the value whose adjoint it is."""
        return self.wants(statement.target.name, statement.of)


def view_of(
    trace: Trace,
    medium: Medium,
    *,
    backward: bool = False,
    at: int | Iterable[int] | None = None,
    only: str | Iterable[str] | None = None,
    sample: int = 0,
    rows: int = 8,
    matrices: bool = False,
) -> View:
    """The view that the options of `Trace.render` ask for.

    Raises InputError for what the trace does not have.
    """
    if not 0 <= sample < trace.batch:
        raise InputError(f"there is no sample {sample}: samples go from 0 to {trace.batch - 1}")
    if rows < 2:
        raise InputError(f"rows={rows}: at least 2 entries of a vector are shown")
    return View(medium, backward, _steps(trace, at), _names(trace, only), sample, rows, matrices)


def _steps(trace: Trace, at: int | Iterable[int] | None) -> tuple[int, ...] | None:
    if at is None:
        return None
    wanted = list(at) if isinstance(at, Iterable) else [at]
    return tuple(sorted({trace.step(t) for t in wanted}))


def _names(trace: Trace, only: str | Iterable[str] | None) -> frozenset[str] | None:
    if only is None:
        return None
    wanted = only.split(",") if isinstance(only, str) else only
    names = [name.strip() for name in wanted]
    known = trace.names()
    for name in names:
        if name not in known:
            values = ", ".join(s.target.name for s in trace.derivation.forward)
            raise InputError(
                f"there is no {name!r} in the trace of {trace.cell.name}; "
                + (nearest(name, known) or f"its values are {values}")
            )
    return frozenset(names)
