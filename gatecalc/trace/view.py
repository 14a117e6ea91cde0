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
    forward: bool
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

    An adjoint among the names switches the way back on. Raises InputError for what the trace does
    not have, and for names of which nothing would be shown.
    """
    if not 0 <= sample < trace.batch:
        raise InputError(f"there is no sample {sample}: samples go from 0 to {trace.batch - 1}")
    if rows < 2:
        raise InputError(f"rows={rows}: at least 2 entries of a vector are shown")
    names, forward = _names(trace, only), True
    if names is not None:
        back = {s.target.name for s in trace.derivation.backward}
        backward = backward or not names.isdisjoint(back)
        values = {*trace.cell.inputs, *(s.target.name for s in trace.derivation.forward)}
        forward = not names.isdisjoint(values)
        if backward:
            values |= back | {s.of for s in trace.derivation.backward}
        for name in sorted(names - values):
            raise _nothing_to_show(trace, name)
    return View(medium, forward, backward, _steps(trace, at), names, sample, rows, matrices)


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
            raise no_such_name(trace, name)
    return frozenset(names)


def no_such_name(trace: Trace, name: str) -> InputError:
    """The error for a name that a trace does not have, with one that it has."""
    values = ", ".join(s.target.name for s in trace.derivation.forward)
    return InputError(
        f"there is no {name!r} in the trace of {trace.cell.name}; "
        + (_nearest(name, trace.names()) or f"its values are {values}")
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    """What is called so but for capitals, else the nearest name."""
    alike = [n for n in known if n.lower() == name.lower()]
    return f"did you mean {alike[0]}?" if alike else nearest(name, known)


def _nothing_to_show(trace: Trace, name: str) -> InputError:
    """Of what is the same at all steps, or stands in another name, no step shows anything."""
    d = trace.derivation
    arriving = {d.cotangent: d.cell.output} | {n: state for state, n in d.incoming.items()}
    if name in arriving:
        adjoint = d.adjoints[arriving[name]]
        return InputError(f"{name} is one of the paths of {adjoint}: ask for {adjoint}")
    if name in d.adjoints.values():
        return InputError(f"{name} is zero, as no path leads to it, and has no statement to show")
    kind, gradient = "constant", ""
    if name in trace.cell.parameters:
        kind, gradient = "parameter", f"; its gradient is {d.adjoints[name]}"
    return InputError(
        f"{name} is a {kind}: {kind}s are not recorded at steps, their numbers are in a file, "
        f"-o run.json{gradient}"
    )
