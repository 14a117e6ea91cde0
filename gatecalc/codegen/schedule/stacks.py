"""Stacked matrices: copies of parameters side by side, scaled, made anew for each call."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from gatecalc.codegen.schedule.program import Slab
from gatecalc.codegen.schedule.rows import slice_text

Span = tuple[str, str]
"""From where to where, as Python text of sums of sizes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One parameter in a stacked matrix: `factor * text`, in these rows and columns.

    `slab` says which parameter the text is, if it is one or a part of one; `added` that it comes
    on top of another, `flat` that the text has one axis, and fills one column.
    """

    rows: Span
    columns: Span
    text: str
    factor: Fraction
    slab: Slab | None = None
    added: bool = False
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """A stacked matrix: its attribute, its shape and what it is filled with at each call."""

    name: str
    rows: str
    columns: str
    pieces: tuple[Piece, ...]


def span_text(span: Span) -> str:
    """A span between brackets.

    >>> span_text(("H", "2 * H"))
    'H : 2 * H'
    """
    return slice_text(*span)
