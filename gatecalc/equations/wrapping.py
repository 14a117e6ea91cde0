"""Equations and sentences in the columns of a terminal."""

from __future__ import annotations

import textwrap
from itertools import product

MOST_NESTED = 8
"""No equation is broken inside more brackets than these."""


def equation_lines(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """An equation on as few lines as fit into `width`.

    It breaks before `+` and `-`, then before `*` and `/`, outside of brackets if that is enough.
    Lines after the first begin under the right side, or with `rest`.

    >>> for line in equation_lines("a[t] = W @ x[t] + U @ h[t-1] + b", 24):
    ...     print(line)
    a[t] = W @ x[t]
           + U @ h[t-1] + b
    """
    if rest is None:
        rest = " " * (len(first) + text.find("= ") + 2)
    lines = [first + text]
    for depth, signs in product(range(MOST_NESTED), ("+-", "+-*/")):
        if max(map(len, lines)) <= width:
            break
        lines = _filled(_pieces(text, depth, signs), width, first, rest)
    return lines


def _pieces(text: str, most: int, signs: str) -> list[str]:
    """The text cut before each of the signs that stands in at most so many brackets."""
    depth, start = 0, 0
    pieces: list[str] = []
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        operator = character in signs and text[position - 1 : position + 2] == f" {character} "
        if operator and depth <= most:
            pieces.append(text[start : position - 1])
            start = position
    return [*pieces, text[start:]]


def _filled(pieces: list[str], width: int, first: str, rest: str) -> list[str]:
    lines = [first]
    for piece in pieces:
        blank = "" if lines[-1] in (first, rest) else " "
        if blank and len(lines[-1]) + 1 + len(piece) > width:
            lines.append(rest)
            blank = ""
        lines[-1] += blank + piece
    return lines


def prose_lines(text: str, width: int, indent: str = "") -> list[str]:
    """A paragraph, indented, wrapped between words.

    >>> prose_lines("0 hides all of the past, 1 shows it", 26, "  ")
    ['  0 hides all of the past,', '  1 shows it']
    """
    return textwrap.wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
