"""Stacked matrices: copies of parameters side by side, scaled, made anew for each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from gatecalc.codegen.schedule.text import number_text


@dataclass(frozen=True, slots=True)
class Piece:
    """One parameter in a stacked matrix: `factor * text`, in these rows and columns.

    `added` where it comes on top of another.
    """

    rows: str
    columns: str
    text: str
    factor: Fraction
    added: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """A stacked matrix: its attribute, its shape and what it is filled with at each call."""

    name: str
    rows: str
    columns: str
    pieces: tuple[Piece, ...]


def fill_lines(stack: Stack, number: Callable[[Fraction], str]) -> list[str]:
    """Statements that fill a stacked matrix; `number` gives the variable of a number."""
    lines = [f"stack = self.{stack.name}"]
    for piece in stack.pieces:
        target = f"stack[{piece.rows}, {piece.columns}]"
        if piece.added:
            sign = "+=" if piece.factor > 0 else "-="
            size = abs(piece.factor)
            text = piece.text if size == 1 else f"{number_text(size)} * {piece.text}"
            lines.append(f"{target} {sign} {text}")
        elif piece.factor == 1:
            lines.append(f"{target} = {piece.text}")
        else:
            lines.append(f"multiply({piece.text}, {number(piece.factor)}, {target})")
    return lines
