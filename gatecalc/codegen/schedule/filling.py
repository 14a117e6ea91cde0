"""Statements that fill stacked matrices: one for all neighbours that lie alike in both places."""

from __future__ import annotations

from collections.abc import Sequence

from gatecalc.codegen.layout import Layout
from gatecalc.codegen.schedule.blocks import Part, continues, is_rows, part_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.stacks import Piece, Stack, span_text
from gatecalc.codegen.schedule.text import number_text

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


def fill_lines(emission: Emission, stack: Stack) -> Lines:
    """The statements that fill a stacked matrix."""
    layout = emission.layout
    lines: Lines = [(f"stack = self.{stack.name}", "")]
    for run in _runs(layout, [p for p in stack.pieces if not p.added]):
        lines.append(_filling(emission, stack, run))
    for piece in stack.pieces:
        if piece.added:
            sign = "+=" if piece.factor > 0 else "-="
            size = abs(piece.factor)
            text = piece.text if size == 1 else f"{number_text(size)} * {piece.text}"
            lines.append((f"{_target([piece], stack)} {sign} {text}", ""))
    return lines


def _runs(layout: Layout, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that continue one another, in the stack and among the parameters."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        for run in runs:
            if _continues(layout, run[-1], piece):
                run.append(piece)
                break
        else:
            runs.append([piece])
    return runs


def _continues(layout: Layout, last: Piece, piece: Piece) -> bool:
    a, b = last.slab, piece.slab
    if a is None or b is None or not (is_rows(a, layout) and is_rows(b, layout)):
        return False
    if (a.columns, a.transposed) != (b.columns, b.transposed):
        return False
    along, across = (
        ((last.columns, piece.columns), (last.rows, piece.rows))
        if a.transposed
        else ((last.rows, piece.rows), (last.columns, piece.columns))
    )
    beside = across[0] == across[1] and along[0][1] == along[1][0]
    return beside and continues(layout, a.name, b.name)


def _filling(emission: Emission, stack: Stack, run: Sequence[Piece]) -> tuple[str, str]:
    layout, target, first = emission.layout, _target(run, stack), run[0]
    if len(run) == 1:
        if first.factor == 1:
            return f"{target} = {first.text}", ""
        return f"multiply({first.text}, self.{emission.number(first.factor)}, {target})", ""
    slabs = [p.slab for p in run if p.slab is not None]
    names = tuple(s.name for s in slabs)
    source = part_text(layout, Part(names, slabs[0].columns), "params.blocks")
    if slabs[0].transposed:
        source += ".T"
    factors = [(layout.homes[p.slab.name].shape[0], p.factor) for p in run if p.slab is not None]
    numbers, remark = sorted({p.factor for p in run}), ", ".join(names)
    if numbers == [1]:
        return f"{'stack[:]' if target == 'stack' else target} = {source}", remark
    if numbers[1:]:
        scale = emission.vector(factors, column=not slabs[0].transposed)
    else:
        scale = emission.number(numbers[0])
    return f"multiply({source}, self.{scale}, {target})", remark


def _target(run: Sequence[Piece], stack: Stack) -> str:
    first, last = run[0], run[-1]
    rows, columns = (first.rows[0], last.rows[1]), (first.columns[0], last.columns[1])
    along = ":" if len(run) > 1 and rows == ("0", stack.rows) else span_text(rows)
    across = first.columns[0] if first.flat and len(run) == 1 else span_text(columns)
    if len(run) > 1 and columns == ("0", stack.columns):
        return "stack" if along == ":" else f"stack[{along}]"
    return f"stack[{along}, {across}]"
