"""Statements with their numbers, laid out for one sample at one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from gatecalc.calculus.statements import Statement
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Dim, MatVec, Node, Reduce, Ref, walk
from gatecalc.evaluate.functions import Array
from gatecalc.trace.medium import FAINT, shade
from gatecalc.trace.numerals import listed, numeral
from gatecalc.trace.pieces import Fixed, Piece, factors, pieces, summands
from gatecalc.trace.table import (
    INDENT,
    Column,
    Group,
    chosen,
    constant,
    lines_of,
    width_of,
)
from gatecalc.trace.view import View

if TYPE_CHECKING:
    from gatecalc.trace.record import Trace

BAR = 14
"""Columns of the bar that shows how open a gate is."""


class Reader:
    """Looks numbers up for one view of a trace; what was evaluated once is remembered."""

    def __init__(self, trace: Trace, view: View) -> None:
        self.trace, self.view, self.medium = trace, view, view.medium
        self._values: dict[Node, Array] = {}
        self._scales: dict[Node, float] = {}

    def values(self, node: Node) -> Array:
        """An expression at every step for the sample that is shown: `(T, n)`."""
        if node not in self._values:
            self._values[node] = self.trace.value(node)[:, self.view.sample]
        return self._values[node]

    def at(self, node: Node, t: int) -> Array:
        """An expression at a step: `(n,)`."""
        return np.asarray(self.values(node)[t])

    def scale(self, node: Node) -> float:
        """The largest entry over all steps: colours tell what grows and what fades with time."""
        if node not in self._scales:
            sizes = np.abs(self.values(node))
            finite = sizes[np.isfinite(sizes)]
            self._scales[node] = float(finite.max()) if finite.size else 0.0
        return self._scales[node]

    def column(
        self, node: Node, t: int, rows: int, *, header: str = "", guarded: bool = False
    ) -> Column:
        """A column of numbers under a name; one number for each sample repeats in every line."""
        numbers = self.at(node, t)
        units = chosen(rows, self.view.rows)
        gate = isinstance(node, Ref) and node.name in self.trace.gates
        scale = self.scale(node)
        cells, styles = [], []
        for unit in units:
            if unit is None:
                cells.append(self.medium.glyphs.gap)
                styles.append(FAINT)
                continue
            value = float(numbers[unit] if len(numbers) > 1 else numbers[0])
            text = numeral(value)
            cells.append(f"({text})" if guarded and value < 0 else text)
            styles.append(shade(value, scale, gate))
        if guarded and any(c.startswith("(") for c in cells):
            cells = [c if c.startswith("(") else f"{c} " for c in cells]
        return Column(header or to_text(node), tuple(cells), tuple(styles))

    def equation(
        self,
        target: Node,
        expression: Node,
        t: int,
        *,
        label: str = "",
        note: str = "",
        header: str = "",
        sign: str = " = ",
    ) -> list[Text]:
        """`target = expression`, and under it the numbers, a line for each unit.

        `header` stands in the target's place where the target has no name of its own.
        """
        rows = len(self.at(target, t))
        result = self.column(target, t, rows, header=header)
        bold = tuple(f"bold {s}" for s in result.styles)
        result = Column(result.header, result.cells, bold, "bold")
        shown = len(result.cells)
        first = (result, constant(sign, shown))
        room = self.medium.width - INDENT - width_of([first])
        groups: list[Group] = []
        for summand in summands(pieces(expression)):
            group = self._group(summand, t, rows, shown)
            if width_of([group]) <= room:
                groups.append(group)
            else:
                groups.extend(self._group(f, t, rows, shown) for f in factors(summand))
        tails = self._bars(target, t, rows) if isinstance(target, Ref) else []
        return lines_of(self.medium, first, groups, label=label, tails=tails, note=note)

    def _group(self, found: Sequence[Piece], t: int, rows: int, shown: int) -> Group:
        return tuple(self._piece(piece, t, rows, shown) for piece in found)

    def _piece(self, piece: Piece, t: int, rows: int, shown: int) -> Column:
        if isinstance(piece, Fixed):
            return (
                self._tall(piece, shown)
                if piece.tall and shown > 1
                else (constant(piece.text, shown))
            )
        if rows == 1 and isinstance(piece.node, Reduce):
            room = self.medium.width - INDENT - 24
            numbers = listed([float(v) for v in self.at(piece.node.argument, t)], room)
            cell = f"{piece.node.kind}({numbers})"
            return Column(piece.text.ljust(len(cell)), (cell.ljust(len(piece.text)),), ("",))
        if isinstance(piece.node, Dim):
            return Column(piece.text, (f"{self.at(piece.node, t)[0]:.0f}",) * shown, ("",) * shown)
        return self.column(piece.node, t, rows, header=piece.text, guarded=piece.guarded)

    def _tall(self, piece: Fixed, shown: int) -> Column:
        """A bracket around a whole vector, with the function's name on its first line."""
        glyphs = self.medium.glyphs
        shapes = glyphs.opening if piece.tall == "open" else glyphs.closing
        signs = (shapes[0], *(shapes[1] * (shown - 2)), shapes[2])
        name = piece.text[:-1]
        cells = (name + signs[0], *(" " * len(name) + s for s in signs[1:]))
        return Column(piece.text, cells, (FAINT,) * shown)

    def _bars(self, target: Ref, t: int, rows: int) -> list[Text]:
        if target.name not in self.trace.gates:
            return []
        found = []
        for unit in chosen(rows, self.view.rows):
            if unit is None:
                found.append(self.medium.text())
                continue
            value = float(self.at(target, t)[unit])
            bar = self.medium.bar(value, BAR)
            found.append(self.medium.text("  " + bar, shade(value, 1.0, gate=True)))
        return found

    def products(self, statement: Statement, t: int) -> list[Text]:
        """Every product of a matrix and a vector in a statement, with all entries."""
        found: list[Text] = []
        for node in dict.fromkeys(n for n in walk(statement.expression) if isinstance(n, MatVec)):
            found.extend(self._product(node, t))
        return found

    def _product(self, node: MatVec, t: int) -> list[Text]:
        matrix = self._matrix(node)
        head = self.medium.text(" " * INDENT + f"{to_text(node)}, entry by entry:", FAINT)
        signs = [constant(sign, 1) for sign in (" @ ", " = ")]
        group = (
            *self.block(matrix, width=self.medium.width - INDENT - 26),
            signs[0],
            *self.block(self.at(node.operand, t)[:, None]),
            signs[1],
            *self.block(self.at(node, t)[:, None]),
        )
        bare = tuple(Column("", c.cells, c.styles) for c in group)
        return [head, *lines_of(self.medium, (), [bare])[1:]]

    def _matrix(self, node: MatVec) -> Array:
        problem = self.trace.problem
        matrix = problem.params[node.matrix.name]
        if node.matrix.columns is not None:
            start, stop = (sum(problem.sizes[n] for n in s) for s in node.matrix.columns)
            matrix = matrix[:, start:stop]
        return np.asarray(matrix.T if node.matrix.transposed else matrix)

    def block(self, matrix: Array, width: int = 80) -> list[Column]:
        """A matrix in brackets, as columns; the middle of a large one is left out."""
        glyphs = self.medium.glyphs
        units = chosen(matrix.shape[0], self.view.rows)
        entries = np.abs(matrix[np.isfinite(matrix)])
        scale = float(entries.max()) if entries.size else 0.0
        texts = [[numeral(float(v)) for v in row] for row in matrix]
        cell = max((len(t) for row in texts for t in row), default=1) + 1
        across = chosen(matrix.shape[1], max(3, (width - 2) // cell))
        found = []
        for position, column in enumerate(across):
            cells, styles = [], []
            for unit in units:
                if unit is None or column is None:
                    cells.append(glyphs.gap if unit is None else glyphs.cut)
                    styles.append(FAINT)
                else:
                    cells.append(texts[unit][column])
                    styles.append(shade(float(matrix[unit, column]), scale))
            # The opening bracket stands as close to the numbers as the closing one does.
            wide = cell if position else max(map(len, cells))
            padded = tuple(c.rjust(wide) for c in cells)
            found.append(Column("", padded, tuple(styles)))
        height = len(units)
        return [
            _bracket(glyphs.opening, height, "("),
            *found,
            _bracket(glyphs.closing, height, ")"),
        ]


def _bracket(shapes: str, height: int, alone: str) -> Column:
    cells = (alone,) if height == 1 else (shapes[0], *(shapes[1] * (height - 2)), shapes[2])
    return Column("", cells, (FAINT,) * height)
