"""Time steps that the notation does not have, and what to write instead."""

from __future__ import annotations

from collections.abc import Collection


def carried(name: str, lag: int, computed: Collection[str]) -> str:
    """Which states carry a value through `lag` steps; an input needs one more than a state.

    >>> print(carried("h", 2, ["h"]))
    carry it by a state: add h_2[t] = h[t-1] above, and write h_2[t-1] here
    """
    if lag > 4:
        return f"write {name}[t-1], and carry older values by a state for each step"
    lines, before = [], f"{name}[t-1]"
    for step in range(1 if name not in computed else 2, lag + 1):
        free = f"{name}_{step}"
        while free in computed:
            free += "b"
        lines.append(f"{free}[t] = {before if step > 1 else f'{name}[t]'}")
        before = f"{free}[t-1]"
    return f"carry it by a state: add {', '.join(lines)} above, and write {before} here"


def in_future(name: str) -> str:
    """What to write for `x[t+1]`."""
    return (
        f"write {name}[t] or {name}[t-1]; to read a sequence from its end, give the "
        "module's forward xs[::-1]"
    )


def moved(name: str, now: str = "") -> str:
    """What to write for a left side `h[t+1]`; `now` is how the author writes `h[t]`."""
    now = now or f"{name}[t]"
    return f"write {name}[t] = ..., and {name}[t-1] where you have {now}; the rest as it is"
