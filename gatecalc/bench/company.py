"""How much of the machine other work took meanwhile: it spoils times more than anything else."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NOTICEABLE = 0.05
"""A share of the processors from which on others are mentioned."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds: of the wall, of all processors at work, of ourselves with our processes."""

    wall: float
    busy: float
    own: float


def clocks() -> Clocks | None:
    """The clocks now; None where the system does not tell. Processes count once they have ended."""
    with suppress(OSError, ValueError, IndexError):
        first = Path("/proc/stat").read_text("utf-8").splitlines()[0].split()
        user, nice, system, _idle, _waiting, *interrupts = map(int, first[1:9])
        ticks = user + nice + system + sum(interrupts)  # time that a host stole is among the last
        own = os.times()
        return Clocks(
            time.monotonic(),
            ticks / os.sysconf("SC_CLK_TCK"),
            own.user + own.system + own.children_user + own.children_system,
        )
    return None


def share_of_others(before: Clocks | None, after: Clocks | None) -> float | None:
    """The share of all processors that others had between two times.

    >>> share_of_others(Clocks(0, 0, 0), None) is None
    True
    """
    count = os.cpu_count()
    if before is None or after is None or not count or after.wall <= before.wall:
        return None
    others = (after.busy - before.busy) - (after.own - before.own)
    return min(1.0, max(0.0, others / ((after.wall - before.wall) * count)))
