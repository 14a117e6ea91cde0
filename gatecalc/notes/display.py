"""Equations set below each other: where each breaks, and where its explanation finds room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatecalc.notes.breaking import lines
from gatecalc.notes.latex import Token, Tokens
from gatecalc.notes.width import width

MEASURE = 32.7
"""The width of a line in ems: a little less than that of LaTeX's `article` at 11 points.

That is the narrowest of its three: 34.5 at 10 points, 32.9 at 11, and 33.2 at 12.
"""

TAG = 3.4
"""Room for an equation's number and the space before it."""

NOTE_SIZE = 0.84
"""How much smaller than the text an explanation is."""

LONG_LEFT = 11.0
GAP = 1.2
INDENT = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A summand, or a whole right side, and why it is there (LaTeX text)."""

    tokens: Tokens
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An equation: left side, relation, pieces that begin a line each, and its number."""

    left: str
    pieces: tuple[Piece, ...]
    number: int | None = None
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Row:
    """A printed line: `left & right`, a note, a number; `together` keeps the next line with it."""

    left: str
    right: str
    note: str = ""
    number: int | None = None
    together: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """Lines that are aligned at their relations; `noted` where a column of notes is among them."""

    rows: tuple[Row, ...]
    noted: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Equations with what is said before them (LaTeX text)."""

    head: str
    text: str
    displays: tuple[Display, ...]


def display(entries: Sequence[Entry], measure: float = MEASURE, patience: float = 1.6) -> Display:
    """Sets equations so that none is wider than the measure.

    Notes stand beside their lines if all of them find room there, and if that makes no more lines
    than `patience` times as many; below them otherwise.
    """
    room = measure - (TAG if any(e.number is not None for e in entries) else 0.0)
    notes = max((note_width(p.note) for e in entries for p in e.pieces), default=0.0)
    if not notes:
        return Display(_rows(entries, room, below=False), noted=False)
    rows = _rows(entries, room - notes - GAP, below=False)
    if _widest(rows) + notes + GAP <= room and not _too_narrow(
        entries, room - notes - GAP, patience
    ):
        return Display(rows, noted=True)
    return Display(_rows(entries, room, below=True), noted=False)


def plain(left: str, tokens: Tokens, number: int | None = None, note: str = "") -> Entry:
    """An equation with one right side."""
    return Entry(left, (Piece(tokens, note),), number)


def note_width(note: str) -> float:
    """The width of an explanation in ems; a reference prints as its number."""
    shown = re.sub(r"\\eqref\{[^}]*?(\d+)\}", r"(\1)", note)
    return width(rf"\text{{{shown}}}") * NOTE_SIZE if note else 0.0


def _widest(rows: Sequence[Row]) -> float:
    left = max(width(row.left) for row in rows)
    return left + max(width(row.right) for row in rows)


def _too_narrow(entries: Sequence[Entry], room: float, patience: float) -> bool:
    """Whether notes beside the equations would break too many that need not break."""
    beside, alone = _rows(entries, room, below=False), _rows(entries, room + 8, below=False)
    return len(beside) > patience * len(alone)


def _rows(entries: Sequence[Entry], room: float, below: bool) -> tuple[Row, ...]:
    short = [w for e in entries if (w := width(e.left)) <= LONG_LEFT]
    left = max(short, default=0.0)
    rows: list[Row] = []
    for entry in entries:
        rows += _entry(entry, room - left, below)
    return tuple(rows)


def _entry(entry: Entry, room: float, below: bool) -> list[Row]:
    rows: list[Row] = []
    left, relation = entry.left, entry.relation + " "
    if width(left) > LONG_LEFT:
        # A left side that is wide itself gets a line of its own.
        rows.append(Row("", left, together=True))
        left, relation = "", r"\quad " + relation
    used = width(relation)
    for position, piece in enumerate(entry.pieces):
        first = relation if not position else r"\quad "
        tokens = piece.tokens if not position else (_opening(piece.tokens[0]), *piece.tokens[1:])
        start = used if not position else INDENT
        broken = lines(tokens, room - start, room - used - INDENT)
        for k, line in enumerate(broken):
            begin = first if not k else r"\qquad " if position else r"\quad "
            rows.append(Row(left, begin + line, together=True))
            left = ""
        if piece.note and below:
            rows.append(Row("", rf"\qquad \text{{\footnotesize{{}}{piece.note}}}", together=True))
        elif piece.note:
            rows[-1] = Row(rows[-1].left, rows[-1].right, piece.note, together=True)
    last = rows[-1]
    rows[-1] = Row(last.left, last.right, last.note, entry.number, together=False)
    return rows


def _opening(token: Token) -> Token:
    """The first token of a line that begins with an operator."""
    return Token("{} " + token.text.lstrip(), None)
