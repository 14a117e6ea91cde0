"""The words and signs of a line, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatecalc.equations.lines import LogicalLine
from gatecalc.errors import Place

_TOKEN = re.compile(
    r"(?P<number>(?:\d|\.\d)[\w.]*(?:(?<=\d[eE])[-+]\d+|(?<=\.[eE])[-+]\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*=|//=|/\*|\*/|[-+*/@:]=|\*\*|//|\.[*/]|==|!=|<=|>=|<<|>>|<-|->|=>|\S)"
)
NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name or a sign, and where it stands."""

    kind: str
    text: str
    place: Place

    @property
    def opens(self) -> bool:
        return self.text in ("(", "[")

    @property
    def closes(self) -> bool:
        return self.text in (")", "]")

    @property
    def ends_operand(self) -> bool:
        return self.kind in ("name", "number") or self.closes


def tokens(line: LogicalLine) -> tuple[Token, ...]:
    """The numbers, names and signs of a line, left to right."""
    return tuple(
        Token(str(found.lastgroup), found[0], part.place(*found.span()))
        for part in line.lines
        for found in _TOKEN.finditer(part.code)
    )


def depths(found: Sequence[Token]) -> list[tuple[int, int]]:
    """The position of each token and how many brackets are open there."""
    depth, result = 0, []
    for k, token in enumerate(found):
        depth += token.opens - token.closes
        result.append((k, depth))
    return result


def subscript(found: Sequence[Token]) -> str:
    """`[t-1]` where that is what comes first."""
    return "".join(token.text for token in inside(found))


def inside(found: Sequence[Token]) -> Iterator[Token]:
    """The tokens of a subscript that comes first, its brackets included."""
    if found and found[0].text == "[":
        for token in found:
            yield token
            if token.text == "]":
                return


def stretch(first: Place, last: Place) -> Place:
    end = last.end if last.line == first.line else len(first.text)
    return Place(first.line, first.column, end, first.text)
