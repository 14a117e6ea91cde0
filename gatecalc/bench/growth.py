"""How far memory grows in one forward and backward pass. Runs in a process of its own."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gatecalc.bench.arrays import draw
from gatecalc.bench.runners import RUNNERS, runner
from gatecalc.bench.task import Task

_FEW = 8
"""Steps of a first, small run, so that what libraries load or keep for good does not count."""


def measured(task: Task) -> dict[str, float]:
    """Bytes by which the peak lies above what was in use before, and the seconds that it took."""
    runner(replace(task, T=min(_FEW, task.T))).run()
    arrays = draw(task)
    before = _restarted()
    # A workspace, the layer of a library: what is built for the run belongs to it.
    prepared = RUNNERS[task.kind](task, arrays)
    started = time.perf_counter()
    kept = prepared.run()
    seconds = time.perf_counter() - started
    peak = _peak()
    del kept
    return {"bytes": max(0, peak - before), "seconds": seconds}


def _restarted() -> int:
    """Bytes in use now, from where the peak is counted anew where the system lets us."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS") or _high_water()


def _peak() -> int:
    return _status("VmHWM") or _high_water()


def _status(key: str) -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
    return 0


def _high_water() -> int:
    """The peak since the process began, in bytes; 0 where nobody tells."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
