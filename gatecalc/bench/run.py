"""The benchmark as one function."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from numpy.typing import DTypeLike

from gatecalc.bench.calls import calls_per_step
from gatecalc.bench.company import clocks, share_of_others
from gatecalc.bench.measure import Bench, Plan
from gatecalc.bench.memory import memory_of
from gatecalc.bench.points import Point, read_grid
from gatecalc.bench.process import Process
from gatecalc.bench.report import Growth, Report, Result
from gatecalc.bench.subjects import (
    OURS,
    SUBJECTS,
    Prepared,
    Subject,
    chosen_passes,
    chosen_peers,
    without,
)
from gatecalc.calculus import derive
from gatecalc.equations import Cell
from gatecalc.errors import GatecalcError, InputError
from gatecalc.evaluate.problem import precision

DEFAULT_CELLS = ("lstm", "gru_reset_after")
DEFAULT_GRID = ("small", "s64", "med")

Source = str | PathLike[str] | Cell


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` points, and what is going on."""

    done: int
    total: int
    words: str


Watch = Callable[[Progress], None]


def bench(
    sources: Iterable[Source] = DEFAULT_CELLS,
    *,
    grid: Iterable[str] | None = None,
    dtypes: Iterable[DTypeLike] = ("float32",),
    peers: Iterable[str] | None = None,
    ablate: Iterable[str] | None = None,
    memory: bool = False,
    rounds: int = 9,
    processes: int = 3,
    watch: Watch | None = None,
    warn: Callable[[str], None] | None = None,
) -> Report:
    """Times forward and backward of cells against peers; an interruption keeps what there is.

    `sources` are what `gatecalc.cell` takes, `grid` names of points or points like
    `64x1x32x256`. With `ablate` the generated code is timed with each of these passes switched
    off; with `memory` the growth of memory is measured instead. `warn` is told at once of what
    cannot be measured; everything else goes on. Raises InputError with all of that where nothing
    is left.

    >>> report = bench(["rnn"], grid=["2x1x2x3"], peers=["textbook"], rounds=1)
    >>> sorted(report.results[0].seconds)
    ['gatecalc', 'textbook']
    """
    default = () if memory else DEFAULT_GRID
    points, problems = read_grid(default if grid is None else grid)
    subjects, more_peers, left_out = chosen_peers(peers)
    problems += more_peers
    if ablate is not None:
        passes, more = chosen_passes(ablate)
        problems += more
        subjects, left_out = [SUBJECTS[OURS], *map(without, passes)], {}
    cells, more = _derivations(sources)
    problems += more
    kinds = list(dict.fromkeys(precision("dtypes:", d) for d in dtypes))
    nobody = len(subjects) + len(left_out) < 2 and (more_peers or ablate is not None)
    if not cells or not (points or (memory and grid is None)) or nobody:
        raise InputError("\n".join(problems) or "nothing is left to measure")
    for problem in problems:
        (warn or _ignore)(problem)
    collected = _Run(points, kinds, subjects, Plan(rounds, processes), watch)
    collected.base = OURS if ablate is not None else ""
    with tempfile.TemporaryDirectory(prefix="gatecalc-bench-") as folder:
        before = clocks()
        try:
            collected.machine = _facts()
            for k, derivation in enumerate(cells):
                place = Path(folder) / str(k)
                place.mkdir()
                prepared = Prepared(derivation, place)
                if memory:
                    collected.memory(prepared)
                else:
                    collected.times(prepared, len(cells))
        except KeyboardInterrupt:
            collected.interrupted = True
        collected.machine["share of others"] = share_of_others(before, clocks())
    return Report(
        machine=collected.machine,
        results=collected.results,
        growths=collected.growths,
        left_out=left_out,
        problems=problems,
        calls=collected.calls,
        interrupted=collected.interrupted,
        ablation=ablate is not None,
    )


class _Run:
    def __init__(
        self,
        points: Sequence[Point],
        dtypes: Sequence[str],
        subjects: Sequence[Subject],
        plan: Plan,
        watch: Watch | None,
    ) -> None:
        self.points, self.dtypes, self.subjects = points, dtypes, subjects
        self.plan, self.watch = plan, watch or _ignore
        self.base = ""
        self.machine: dict[str, Any] = {}
        self.results: list[Result] = []
        self.growths: list[Growth] = []
        self.calls: dict[str, dict[str, int]] = {}
        self.interrupted = False

    def times(self, prepared: Prepared, cells: int) -> None:
        total = cells * len(self.dtypes) * len(self.points)
        text = Path(prepared.module()).read_text("utf-8")
        self.calls[prepared.cell.name] = calls_per_step(text)
        for dtype in self.dtypes:
            for point in self.points:
                where = f"{prepared.cell.name} {dtype} {point}: "

                def say(words: str, where: str = where) -> None:
                    self.watch(Progress(len(self.results), total, where + words))

                one = Bench(prepared, self.subjects, point, dtype, self.plan, say, self.base)
                try:
                    one.run()
                finally:
                    self.machine |= one.versions
                    if one.seconds or one.failed:
                        self.results.append(one.result())

    def memory(self, prepared: Prepared) -> None:
        for dtype in self.dtypes:
            for growth in memory_of(
                prepared,
                self.points,
                dtype,
                self.subjects,
                lambda words: self.watch(Progress(0, 0, words)),
            ):
                self.growths.append(growth)


def _derivations(sources: Iterable[Source]) -> tuple[list[Any], list[str]]:
    found, problems = [], []
    for source in sources:
        try:
            found.append(derive(source))
        except GatecalcError as error:
            problems.append(str(error))
    return found, problems


def _facts() -> dict[str, Any]:
    process = Process()
    try:
        facts: dict[str, Any] = process.ask("facts")
    finally:
        process.kill()
    return facts


def _ignore(_: object) -> None:
    pass
