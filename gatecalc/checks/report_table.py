"""A report as a table for the terminal: a line for each array, a column for each check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from gatecalc.checks.quantities import Quantity
    from gatecalc.checks.report import Report, Row, Verdict

HEADINGS = {
    "central differences": ("central", "differences to both sides"),
    "complex step": ("complex", "steps into the complex plane"),
    "autograd": ("autograd", "HIPS autograd through the equations"),
    "PyTorch": ("torch", "torch.autograd through the equations"),
    "exact": ("exact", "equal as integers modulo 2^61 - 1, in three draws"),
    "step": ("step", "step and step_backward equal forward and backward"),
    "ways": ("ways", "workspace, chunks, checkpoints, no tape, other calls"),
}
"""For each check the heading of its column, and what it compares with."""

_NUMBERS = "worst error of each array relative to its largest entry, and where it is"

_STYLES: dict[Verdict, str] = {"proved": "green", "not proved": "yellow", "failed": "bold red"}
_DETAILS = 12
_SAY = ("complex step", "autograd", "PyTorch", "central differences", "exact", "step", "ways")


def laid_out(report: Report) -> Group:
    """The title, the table, what is wrong, a line for each check, and the verdict."""
    details = _details(report)
    measured = any(row.error is not None for row in report.rows)
    return Group(
        _title(report),
        *((Text(_NUMBERS, "dim"),) if measured else ()),
        Text(),
        _table(report),
        *((Text(), details) if details.row_count else ()),
        Text(),
        _summary(report),
        *(Text(remark, "dim") for remark in report.remarks),
        Text(),
        _conclusion(report),
    )


def _title(report: Report) -> Text:
    sizes = {"T": report.length, "B": report.batch, **report.sizes}
    listed = ", ".join(f"{name}={size}" for name, size in sizes.items())
    return Text.assemble(
        (report.cell, "bold"), f" checked at {listed}, float64, seed {report.seed}"
    )


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    for check in report.checks:
        table.add_column(HEADINGS[check][0], justify="right", no_wrap=True)
    table.add_column("worst at", no_wrap=True)
    for quantity in dict.fromkeys(row.quantity for row in report.rows):
        rows = {row.check: row for row in report.rows if row.quantity == quantity}
        cells = [_cell(rows.get(check)) for check in report.checks]
        table.add_row(_name(quantity), *cells, _index(_worst(list(rows.values()))))
    return table


def _name(quantity: Quantity) -> Text:
    if quantity.kind == "parameter":
        return Text(quantity.name)
    return Text.assemble((f"{quantity.kind} ", "dim"), quantity.name)


def _cell(row: Row | None) -> Text:
    if row is None:
        return Text("-", "dim")
    if row.error is None:
        words: dict[Verdict, str] = {"proved": "equal", "not proved": "?", "failed": "wrong"}
        return Text(words[row.verdict], _STYLES[row.verdict])
    marks: dict[Verdict, str] = {"proved": "", "not proved": "?", "failed": "!"}
    number = "0" if row.error == 0 else f"{row.error:.0e}"
    return Text(number + marks[row.verdict], _STYLES[row.verdict])


def _worst(rows: list[Row]) -> Row | None:
    """The row that says where the array is worst: a wrong one before a right one."""
    placed = [row for row in rows if row.index is not None and row.error != 0]
    return max(placed, key=lambda row: (row.verdict != "proved", row.error or 0.0), default=None)


def _index(row: Row | None) -> str:
    return "" if row is None or row.index is None else f"[{', '.join(map(str, row.index))}]"


def _details(report: Report) -> Table:
    """What is wrong, then what is open: what a check says of all arrays, then array by array."""
    lines: list[tuple[Verdict, str]] = []
    verdicts: tuple[Verdict, ...] = ("failed", "not proved")
    for verdict in verdicts:
        general = {check: _general_reason(report, check, verdict) for check in report.checks}
        for reason in dict.fromkeys(filter(None, general.values())):
            checks = (HEADINGS[check][0] for check in report.checks if general[check] == reason)
            lines.append((verdict, f"{', '.join(checks)}: {reason}"))
        rows = [row for row in report.rows if row.verdict == verdict and not general[row.check]]
        for quantity in dict.fromkeys(row.quantity for row in rows):
            said = min(
                (r for r in rows if r.quantity == quantity), key=lambda r: _SAY.index(r.check)
            )
            where = f"{_name(quantity)}{_index(said)} of {_function(said)}"
            lines.append((verdict, f"{HEADINGS[said.check][0]}: {where} {said.reason}"))
    table = _plain_table(2)
    for verdict, line in lines[:_DETAILS]:
        table.add_row(Text(verdict, _STYLES[verdict]), line)
    if len(lines) > _DETAILS:
        table.add_row("", f"... and {len(lines) - _DETAILS} more")
    return table


def _function(row: Row) -> str:
    """The function of the module that computes what the row is about."""
    if row.check == "step":
        return "step" if row.quantity.is_outcome else "step_backward"
    return "forward" if row.quantity.is_outcome else "backward"


def _general_reason(report: Report, check: str, verdict: Verdict) -> str:
    """The reason that a check gives for all arrays alike, if it does."""
    rows = [row for row in report.rows if row.check == check]
    reasons = {row.reason if row.verdict == verdict else "" for row in rows}
    return reasons.pop() if len(reasons) == 1 < len(rows) else ""


def _plain_table(columns: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for column in range(columns):
        table.add_column(no_wrap=column < columns - 1)
    return table


def _summary(report: Report) -> Table:
    table = _plain_table(3)
    for check in report.checks:
        heading, meaning = HEADINGS[check]
        if check in report.bounds:
            meaning += f", at most {report.bounds[check]:.0e} apart"
        verdict = report.verdict(check)
        table.add_row(Text(verdict, _STYLES[verdict]), heading, meaning)
    for check, reason in report.left_out.items():
        table.add_row(Text("left out", "dim"), HEADINGS[check][0], reason)
    return table


def _conclusion(report: Report) -> Text:
    verdict = report.verdict()
    if verdict == "proved":
        return Text(f"{report.cell}: proved", _STYLES[verdict])
    count = sum(row.verdict == verdict for row in report.rows)
    text = f"{report.cell}: {count} of {len(report.rows)} comparisons {verdict}"
    return Text(text, _STYLES[verdict])
