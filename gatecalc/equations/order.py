"""The order of computation: each equation after those that it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatecalc.equations.cell import Equation
from gatecalc.equations.tree import Ref, walk
from gatecalc.errors import NotationError


def ordered(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations in an order in which each uses only what stands above; else as written.

    Raises NotationError, naming the circle, where there is none.
    """
    by_name = {e.target.name: e for e in equations}
    done: dict[str, Equation] = {}
    for root in equations:
        if root.target.name in done:
            continue
        active = {root.target.name: iter(_needs(root, by_name))}
        while active:
            name = next(reversed(active))
            needed = next(active[name], None)
            if needed is None:
                del active[name]
                done[name] = by_name[name]
            elif needed in active:
                names = list(active)
                raise _circle([*names[names.index(needed) :], needed], by_name)
            elif needed not in done:
                active[needed] = iter(_needs(by_name[needed], by_name))
    return tuple(done.values())


def _needs(equation: Equation, by_name: Mapping[str, Equation]) -> list[str]:
    found = dict.fromkeys(
        n.name
        for n in walk(equation.expression)
        if isinstance(n, Ref) and n.lag != 1 and n.name in by_name
    )
    return list(found)


def _circle(circle: list[str], by_name: Mapping[str, Equation]) -> NotationError:
    shown = [f"{n}[t]" if by_name[n].target.lag == 0 else n for n in circle]
    timed = [n for n in circle[1:] if by_name[n].target.lag == 0]
    if len(shown) == 2:
        shown[1] = "itself"
    return NotationError(
        "a circle: " + " needs ".join(shown),
        by_name[circle[-2]].place,
        write=f"one of them must look back one step: {timed[-1]}[t-1]"
        if timed
        else "compute one of them without the other",
    )
