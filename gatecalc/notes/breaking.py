"""Where a long equation breaks: as few lines as possible, at the places that hurt least."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from gatecalc.notes.latex import Token
from gatecalc.notes.width import width

# A line more is better than a break at a product, and that is better than one inside brackets.
_LINE, _LEVEL, _OVERFULL = 100.0, 110.0, 100_000.0


def lines(pieces: Sequence[Token], room: float, later: float | None = None) -> tuple[str, ...]:
    r"""Tokens as lines no wider than `room` ems; lines after the first have `later` ems.

    A line after the first begins with `{}`, so that its operator is spaced as a binary one.

    >>> lines((Token("a"), Token(" + b", 0), Token(" + c", 0)), 3.0)
    ('a + b', '{} + c')
    """
    after = room if later is None else later
    ends = [k for k, piece in enumerate(pieces) if piece.level is not None and k] + [len(pieces)]
    position = [0.0, *accumulate(width(piece.text) for piece in pieces)]
    # best[j] is the cheapest way to set the pieces before j: its cost, and where its last line
    # begins. Of two equal ways the one with the longer first lines is taken.
    best: dict[int, tuple[float, int]] = {0: (0.0, 0)}
    for stop in ends:
        options: list[tuple[float, int]] = []
        for start, (cost, _) in best.items():
            wide, limit = position[stop] - position[start], after if start else room
            cost += _LINE + _LEVEL * (pieces[start].level or 0) * bool(start)
            cost += _OVERFULL * (1 + wide - limit) if wide > limit else 1 - wide / limit
            options.append((cost, -start))
        cost, start = min(options)
        best[stop] = (cost, -start)
    breaks = [len(pieces)]
    while breaks[-1]:
        breaks.append(best[breaks[-1]][1])
    return tuple(_line(pieces, a, b) for a, b in pairwise(reversed(breaks)))


def _line(pieces: Sequence[Token], start: int, stop: int) -> str:
    if not start:
        return "".join(piece.text for piece in pieces[:stop])
    first = pieces[start].broken or pieces[start].text
    text = first + "".join(piece.text for piece in pieces[start + 1 : stop])
    return "{}" + text if text.startswith(" ") else "{} " + text
