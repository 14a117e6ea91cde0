"""Which brackets belong together in equations that are not in the notation yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from gatecalc.equations.lines import MAX_NESTING

BREAK = "\r"
"""Where a line ends within brackets."""


def fit(lines: Iterable[str]) -> bool:
    """Whether brackets are closed after they are opened, and not nested beyond the bounds.

    >>> fit(["f(a[t],", "b)"]), fit([")("])
    (True, False)
    """
    depth = 0
    for sign in chain.from_iterable(lines):
        depth += (sign in "([{") - (sign in ")]}")
        if not 0 <= depth <= MAX_NESTING:
            return False
    return depth == 0


def partners(code: str) -> dict[int, int]:
    """Where each round bracket closes, by where it opens.

    >>> partners("f(a, (b))")
    {5: 7, 1: 8}
    """
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, sign in enumerate(code):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and opened:
            found[opened.pop()] = place
    return found


def joined(lines: Sequence[str]) -> list[str]:
    """Lines that belong together because a bracket stays open, with BREAK between them.

    >>> joined(["h[t] = f(a,", "b)", "y[t] = h[t]"])
    ['h[t] = f(a,\\rb)', 'y[t] = h[t]']
    """
    found: list[str] = []
    depth = 0
    for line in lines:
        if depth:
            found[-1] += BREAK + line
        else:
            found.append(line)
        depth += sum((sign in "([{") - (sign in ")]}") for sign in line)
    return found


def split(lines: Iterable[str]) -> list[str]:
    """The lines as they were before they were joined."""
    return [part for line in lines for part in line.split(BREAK)]
