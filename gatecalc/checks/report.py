"""What a check found: a row for each check and array, and one word for each row."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment

from gatecalc.checks.quantities import Quantity
from gatecalc.checks.report_table import laid_out

Verdict: TypeAlias = Literal["proved", "not proved", "failed"]
"""proved      within the bound, or equal where the check is exact
not proved  this check cannot decide
failed      wrong"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one check says of one array.

    `error` is the largest deviation relative to the largest entry of the array, at `index`; None
    where nothing was measured, as in the exact check. `reason` is empty where all is well.
    """

    check: str
    quantity: Quantity
    verdict: Verdict
    error: float | None = None
    index: tuple[int, ...] | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON can hold it: an error that is no number is null."""
        error = self.error if self.error is None or math.isfinite(self.error) else None
        return {
            "check": self.check,
            "kind": self.quantity.kind,
            "name": self.quantity.name,
            "verdict": self.verdict,
            "error": error,
            "index": None if self.index is None else list(self.index),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All rows, and what they are about. True if everything is proved.

    `bounds` gives the largest error that each numeric check lets pass; `left_out` says which
    checks were not run, and why; `remarks` say what else a reader should know.
    """

    cell: str
    sizes: Mapping[str, int]
    length: int
    batch: int
    seed: int
    rows: tuple[Row, ...]
    bounds: Mapping[str, float]
    left_out: Mapping[str, str]
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        verdicts = ", ".join(f"{check} {self.verdict(check)}" for check in self.checks)
        return f"<Report on {self.cell}: {self.verdict()} ({verdicts})>"

    def __bool__(self) -> bool:
        return bool(self.rows) and all(row.verdict == "proved" for row in self.rows)

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that were run, in order."""
        return tuple(dict.fromkeys(row.check for row in self.rows))

    def verdict(self, check: str | None = None) -> Verdict:
        """The worst verdict among the rows of a check, or among all rows."""
        found = {row.verdict for row in self.rows if check in (None, row.check)}
        return (
            "failed" if "failed" in found else "not proved" if "not proved" in found else "proved"
        )

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return {
            "cell": self.cell,
            "verdict": self.verdict(),
            "sizes": dict(self.sizes),
            "length": self.length,
            "batch": self.batch,
            "seed": self.seed,
            "checks": {check: self.verdict(check) for check in self.checks},
            "bounds": dict(self.bounds),
            "left_out": dict(self.left_out),
            "remarks": list(self.remarks),
            "rows": [row.to_dict() for row in self.rows],
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Tables fill their columns with blanks, which nobody wants at the end of a line.
        for line in console.render_lines(laid_out(self), options, pad=False):
            yield from _without_blanks_behind(line)
            yield Segment.line()

    def __str__(self) -> str:
        file = io.StringIO()
        Console(file=file, width=80, color_system=None, legacy_windows=False).print(self, end="")
        return file.getvalue().removesuffix("\n")


def _without_blanks_behind(line: list[Segment]) -> list[Segment]:
    while line and not line[-1].text.strip():
        line = line[:-1]
    if not line:
        return []
    return [*line[:-1], Segment(line[-1].text.rstrip(), line[-1].style)]
