"""Times subjects against each other: processes of their own, interleaved, in shuffled order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatecalc.bench.comparison import disagreement, is_finite
from gatecalc.bench.machine import memory_available
from gatecalc.bench.points import Point
from gatecalc.bench.process import Process, SubjectError
from gatecalc.bench.report import Result
from gatecalc.bench.subjects import BASES, OURS, Prepared, Subject
from gatecalc.bench.task import Task
from gatecalc.evaluate.problem import width

PAUSE = 0.06
"""Seconds between two subjects: threads of a BLAS look for work a while before they sleep."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How often is measured: `rounds` in all, shared out among `processes` of each subject.

    A process may be slow from birth to death (where its memory lies, on which core it began), so
    one for each subject is not enough.
    """

    rounds: int = 9
    processes: int = 3
    seed: int = 0

    def shares(self) -> list[int]:
        """The rounds of each generation of processes.

        >>> Plan(rounds=8, processes=3).shares()
        [3, 3, 2]
        """
        count = min(self.processes, self.rounds)
        return [self.rounds // count + (k < self.rounds % count) for k in range(count)]


@dataclass(slots=True)
class Bench:
    """One cell in one dtype at one point, while it is being measured."""

    prepared: Prepared
    subjects: Sequence[Subject]
    point: Point
    dtype: str
    plan: Plan
    say: Tell
    base: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    compile_seconds: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)

    def run(self) -> None:
        """Measures; what was measured until an interruption stays."""
        self._tell_tasks()
        if refusal := self._too_large():
            self.failed[""] = refusal
            return
        order = random.Random(self.plan.seed)
        for generation, rounds in enumerate(self.plan.shares()):
            try:
                self._start(compare=generation == 0)
                for _ in range(rounds):
                    self.say(f"round {self._done() + 1} of {self.plan.rounds}")
                    self._round(order)
            finally:
                for process in self.running.values():
                    process.kill()
                self.running = {}

    def result(self) -> Result:
        """What has been measured so far; rounds that were broken off do not count."""
        order = [s.name for s in self.subjects if s.name in self.seconds]
        seconds = {n: self.seconds[n] for n in order}
        return Result(
            cell=self.prepared.cell.name,
            dtype=self.dtype,
            point=self.point,
            base=self.base or next((b for b in BASES if b in seconds), OURS),
            seconds=seconds,
            compile_seconds=self.compile_seconds,
            left_out=self.left_out,
            failed=self.failed,
            remarks=tuple(self.remarks),
        )

    def _tell_tasks(self, *, positive: bool = False) -> None:
        sizes = self.prepared.sizes(self.point)
        for subject in self.subjects:
            told = subject.tell(self.prepared, sizes)
            if isinstance(told, str):
                self.left_out[subject.name] = told
            else:
                self.tasks[subject.name] = self.prepared.task(
                    told, self.point, self.dtype, positive=positive
                )

    def _too_large(self) -> str:
        """Why the point is not begun: the subjects together would not fit into memory."""
        free = memory_available()
        needed = len(self.tasks) * self._bytes_of_one()
        if free is None or needed <= free:
            return ""
        return (
            f"no memory for it: {len(self.tasks)} subjects need about {gibibytes(needed)}, "
            f"{gibibytes(free)} are free; take a smaller point or fewer --peers"
        )

    def _bytes_of_one(self) -> int:
        """About what a subject keeps: inputs, results, and every value of every step."""
        derivation, sizes = self.prepared.derivation, self.prepared.sizes(self.point)
        task = next(iter(self.tasks.values()))
        numbers = 2 * sum(task.inputs.values()) + 2 * task.output
        numbers += sum(width(s.shape, sizes) for s in derivation.forward if s.role == "step")
        weights = sum(_product(shape) for shape in task.params.values())
        item = 4 if self.dtype == "float32" else 8
        return item * (self.point.T * self.point.B * numbers + 4 * weights)

    def _start(self, *, compare: bool) -> None:
        """Starts all processes at once, for imports take longest; prepares them in turn."""
        names = [n for n in self.tasks if n not in self.failed]
        self.say("starting " + ", ".join(names))
        for name in names:
            self.running[name] = Process()
        ours: Mapping[str, Any] = {}
        for name in names:
            self.say(f"preparing {name}")
            try:
                self._prepare(name)
                if compare:
                    ours = self._compared(name, ours)
                self.running[name].ask("calibrate")
            except SubjectError as error:
                self._drop(name, str(error))
                if name == OURS and compare:
                    self.remarks.append("gradients were not compared: there are none of ours")

    def _prepare(self, name: str) -> None:
        told = self.running[name].ask("build", self.tasks[name])
        self.versions |= told["versions"]
        if told["compile_seconds"] is not None:
            self.compile_seconds.setdefault(name, told["compile_seconds"])

    def _compared(self, name: str, ours: Mapping[str, Any]) -> Mapping[str, Any]:
        """Our results, which those of everybody else must equal. Raises SubjectError."""
        theirs = self.running[name].ask("results")
        if name == OURS:
            if not is_finite(theirs) and not self.tasks[name].positive:
                self._tell_tasks(positive=True)
                self._prepare(name)
                theirs = self.running[name].ask("results")
                self.remarks.append("all numbers are drawn positive, for others give no result")
            if not is_finite(theirs):
                self.remarks.append("not all results are finite; times may be unlike others")
            return dict(theirs)
        if theirs and ours and (wrong := disagreement(ours, theirs, self.dtype)):
            raise SubjectError(f"not timed, since it disagrees with us: {wrong}")
        return ours

    def _round(self, order: random.Random) -> None:
        names = list(self.running)
        order.shuffle(names)
        taken: dict[str, float] = {}
        for name in names:
            time.sleep(PAUSE)
            try:
                taken[name] = self.running[name].ask("time")
            except SubjectError as error:
                self._drop(name, str(error))
        for name, seconds in taken.items():
            if name in self.running:
                self.seconds.setdefault(name, []).append(seconds)

    def _drop(self, name: str, why: str) -> None:
        self.failed[name] = why
        self.running.pop(name).kill()

    def _done(self) -> int:
        return max((len(s) for s in self.seconds.values()), default=0)


def gibibytes(count: float) -> str:
    """A number of bytes for people.

    >>> gibibytes(3 << 29), gibibytes(5 << 20)
    ('1.5 GiB', '5.0 MiB')
    """
    size, unit = (count / (1 << 30), "GiB") if count >= 1 << 30 else (count / (1 << 20), "MiB")
    return f"{size:,.1f} {unit}"


def _product(shape: Sequence[int]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total
