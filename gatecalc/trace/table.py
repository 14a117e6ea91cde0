"""Equations with numbers under their names: each name is a column, each unit a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from gatecalc.trace.medium import FAINT, Medium

INDENT = 6
"""Columns left of an equation, for its number."""


@dataclass(frozen=True, slots=True)
class Column:
    """A name and what stands under it; `styles` has one for each cell, `head` that of the name."""

    header: str
    cells: tuple[str, ...]
    styles: tuple[str, ...]
    head: str = ""

    @property
    def width(self) -> int:
        """The widest of header and cells."""
        return max(len(self.header), self.inner)

    @property
    def inner(self) -> int:
        """The widest cell."""
        return max(map(len, self.cells), default=0)


Group = tuple[Column, ...]
"""Columns that stay together when a line is broken."""


def constant(text: str, rows: int) -> Column:
    """A column that is the same in every line."""
    return Column(text, (text,) * rows, (FAINT,) * rows)


def chosen(units: int, limit: int) -> tuple[int | None, ...]:
    """The units that are shown; None marks the gap in a long vector.

    >>> chosen(4, 8), chosen(40, 5)
    ((0, 1, 2, 3), (0, 1, 2, None, 39))
    """
    if units <= limit:
        return tuple(range(units))
    first = max(1, limit - 2)
    return (*range(first), None, units - 1)


def width_of(groups: Sequence[Group]) -> int:
    """The width of columns beside each other."""
    return sum(column.width for group in groups for column in group)


def broken(first: Group, groups: Sequence[Group], width: int) -> list[list[Group]]:
    """Groups on as few lines as fit; later lines leave the room that `first` takes."""
    lines: list[list[Group]] = [[]]
    room = width - width_of([first])
    for group in groups:
        if lines[-1] and width_of([*lines[-1], group]) > room:
            lines.append([])
        lines[-1].append(group)
    return lines


def lines_of(
    medium: Medium,
    first: Group,
    groups: Sequence[Group],
    *,
    label: str = "",
    tails: Sequence[Text] = (),
    note: str = "",
) -> list[Text]:
    """An equation as lines: the names, then the numbers of each unit under them.

    `first` is what stands left of the right side, `label` the number of the equation, `tails` end
    the lines of numbers, and `note` stands at the right end of the names where there is room.
    """
    found: list[Text] = []
    left = width_of([first])
    for position, part in enumerate(broken(first, groups, medium.width - INDENT)):
        columns = [column for group in part for column in group]
        begin = list(first) if position == 0 else [Column(" " * left, (), ())]
        head = medium.text((label if position == 0 else "").ljust(INDENT))
        for column in [*begin, *columns]:
            head.append_text(medium.text(column.header.center(column.width), column.head))
        head.rstrip()
        if note and position == 0:
            gap = medium.width - head.cell_len - len(note)
            if gap >= 2:
                head.append_text(medium.text(" " * gap + note, FAINT))
        found.append(head)
        for row in range(max((len(c.cells) for c in [*begin, *columns]), default=0)):
            line = medium.text(" " * INDENT)
            for column in [*begin, *columns]:
                line.append_text(_cell(medium, column, row))
            if position == 0 and row < len(tails):
                line.append_text(tails[row])
            line.rstrip()
            found.append(line)
    return found


def _cell(medium: Medium, column: Column, row: int) -> Text:
    if row >= len(column.cells):
        return medium.text(" " * column.width)
    text = column.cells[row].rjust(column.inner).center(column.width)
    return medium.text(text, column.styles[row])
