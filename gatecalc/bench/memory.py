"""Memory of forward and backward, ours and PyTorch's, over longer and longer sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gatecalc.bench.machine import memory_available
from gatecalc.bench.measure import gibibytes
from gatecalc.bench.points import Point, crossed
from gatecalc.bench.process import Process, SubjectError
from gatecalc.bench.report import Growth
from gatecalc.bench.subjects import OURS, Prepared, Subject

LENGTHS = (1_000, 10_000, 100_000)
BATCH, INPUT, HIDDEN = 16, 32, 64

POINTS = tuple(
    Point(crossed((length, BATCH, INPUT, HIDDEN)), length, BATCH, INPUT, HIDDEN)
    for length in LENGTHS
)
"""Where memory is measured unless a grid is given."""

MEASURED = ("fresh", "torch.nn")
"""The subjects whose memory is compared with ours; with `CHECKPOINT` besides."""

CHECKPOINT = "checkpoint"
"""The generated code with `checkpoint="auto"`."""


def memory_of(
    prepared: Prepared,
    points: Sequence[Point],
    dtype: str,
    subjects: Sequence[Subject],
    say: Callable[[str], None],
) -> Iterator[Growth]:
    """One measurement after the other, each in a process of its own."""
    for point in points or POINTS:
        sizes = prepared.sizes(point)
        told = {s.name: s.tell(prepared, sizes) for s in subjects if s.name in (OURS, *MEASURED)}
        told[CHECKPOINT] = ("module", prepared.module(), {"checkpoint": "auto"})
        for name, words in told.items():
            if isinstance(words, str):
                continue
            say(f"{prepared.cell.name} {dtype} {point}: memory of {name}")
            task = prepared.task(words, point, dtype)
            item = 4 if dtype == "float32" else 8
            results = item * point.T * point.B * (sum(task.inputs.values()) + task.output)
            growth = Growth(prepared.cell.name, dtype, point, name, results=results)
            yield _measured(growth, task)


def _measured(growth: Growth, task: object) -> Growth:
    from dataclasses import replace

    free = memory_available()
    if free is not None and 4 * growth.results > free:
        return replace(growth, failed=f"no memory for it: {gibibytes(free)} are free")
    process = Process()
    try:
        found = process.ask("memory", task)
    except SubjectError as error:
        return replace(growth, failed=str(error))
    finally:
        process.kill()
    return replace(growth, bytes=found["bytes"], seconds=found["seconds"])
