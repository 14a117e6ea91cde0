"""What a run of the benchmark found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from gatecalc.bench.points import Point

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some numbers with its quartiles."""

    middle: float
    low: float
    high: float


def spread(numbers: Sequence[float]) -> Spread:
    """Median and quartiles, between two numbers in proportion.

    >>> spread([4.0, 1.0, 2.0, 3.0, 5.0])
    Spread(middle=3.0, low=2.0, high=4.0)
    """
    ordered = sorted(numbers)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (place - below) * (ordered[above] - ordered[below])

    return Spread(at(0.5), at(0.25), at(0.75))


@dataclass(frozen=True, slots=True)
class Result:
    """One cell in one dtype at one point.

    `seconds` has one number a round for every subject, in the same order; of a subject that broke
    down there are fewer. `failed` says what went wrong, by subject, and under an empty name what
    went wrong with the point as a whole.
    """

    cell: str
    dtype: str
    point: Point
    base: str
    seconds: Mapping[str, Sequence[float]]
    compile_seconds: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def ratio(self, subject: str, base: str = "") -> Spread | None:
        """A subject's time over that of the base, round by round; None where one is missing."""
        ours, theirs = self.seconds.get(subject), self.seconds.get(base or self.base)
        if not ours or not theirs:
            return None
        return spread([a / b for a, b in zip(ours, theirs, strict=False)])

    def milliseconds(self, subject: str) -> float:
        """The median time of one forward and backward pass."""
        return 1e3 * median(self.seconds[subject])

    def to_dict(self) -> dict[str, Any]:
        """For programs: all rounds, and what follows from them."""
        subjects: dict[str, Any] = {}
        for name, seconds in self.seconds.items():
            if not seconds:
                continue
            subjects[name] = {"milliseconds": self.milliseconds(name), "seconds": list(seconds)}
            if ratio := self.ratio(name):
                subjects[name] |= {"ratio": ratio.middle, "quartiles": [ratio.low, ratio.high]}
            if name in self.compile_seconds:
                subjects[name]["compile_seconds"] = self.compile_seconds[name]
        return {
            "cell": self.cell,
            "dtype": self.dtype,
            "point": self.point.name,
            **dict(zip("TBDH", self.point.dimensions, strict=True)),
            "base": self.base,
            "subjects": subjects,
            "left_out": dict(self.left_out),
            "failed": {name or "point": why for name, why in self.failed.items()},
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory and time of one forward and backward pass in a process of its own.

    `bytes` is how far the peak lies above what was in use before, `results` what the arrays take
    that are handed back (hs, d_xs). `failed` says why there are no numbers.
    """

    cell: str
    dtype: str
    point: Point
    subject: str
    bytes: float = 0.0
    results: float = 0.0
    seconds: float = 0.0
    failed: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "cell": self.cell,
            "dtype": self.dtype,
            "point": self.point.name,
            **dict(zip("TBDH", self.point.dimensions, strict=True)),
            "subject": self.subject,
            **(
                {"failed": self.failed}
                if self.failed
                else {
                    "bytes": self.bytes,
                    "bytes_of_results": self.results,
                    "seconds": self.seconds,
                }
            ),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured, and on what.

    `left_out` are peers that are not installed, `problems` what was asked for and cannot be;
    `calls` are those of NumPy at each step, forward and backward, by cell.
    """

    machine: Mapping[str, Any]
    results: Sequence[Result]
    growths: Sequence[Growth] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    calls: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    interrupted: bool = False
    ablation: bool = False

    def __bool__(self) -> bool:
        """Whether all that was asked for was measured."""
        failed = any(r.failed for r in self.results) or any(g.failed for g in self.growths)
        return not (self.problems or self.interrupted or failed)

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "machine": dict(self.machine),
            "results": [r.to_dict() for r in self.results],
            "memory": [g.to_dict() for g in self.growths],
            "calls_per_step": {cell: dict(counts) for cell, counts in self.calls.items()},
            "left_out": dict(self.left_out),
            "problems": list(self.problems),
            "interrupted": self.interrupted,
        }

    def groups(self) -> Iterator[list[Result]]:
        """Results that share a table: the same cell, dtype and base."""
        found: dict[tuple[str, str, str], list[Result]] = {}
        for result in self.results:
            found.setdefault((result.cell, result.dtype, result.base), []).append(result)
        yield from found.values()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The tables, for `rich`."""
        from gatecalc.bench.table import rendered

        yield from rendered(self, options.max_width)

    def __str__(self) -> str:
        """The tables as plain text of 80 columns."""
        from gatecalc.bench.table import plain

        return plain(self)
