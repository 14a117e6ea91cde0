"""The exception family: what went wrong, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from unicodedata import combining, east_asian_width


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a user's text: `line` counts from 1, `column` and `end` from 0."""

    line: int
    column: int
    end: int
    text: str

    def quoted(self) -> str:
        """The line with a caret under the stretch; long lines are cut around it.

        >>> print(Place(line=1, column=7, end=8, text="h[t] = ⊙").quoted())
            h[t] = ⊙
                   ^
        """
        # What cannot be printed could move the caret, or steer the terminal.
        text = "".join(c if c.isprintable() else "?" for c in self.text)
        start = max(0, self.column - 30) if len(text) > 76 else 0
        before, marked = text[start : self.column], text[self.column : min(self.end, start + 76)]
        caret = "^" * max(1, _columns(marked))
        return f"    {text[start : start + 76]}\n    {' ' * _columns(before)}{caret}"


def _columns(text: str) -> int:
    """How many columns a terminal gives to the text."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in ("W", "F") else 1 for c in text)


def shown_path(path: PathLike[str]) -> str:
    """A path for a message, without control characters; of a long one both ends.

    >>> from pathlib import Path
    >>> shown_path(Path("cells") / "mine.txt")
    'cells/mine.txt'
    """
    text = "".join(c if c.isprintable() else "?" for c in str(path))
    return text if len(text) < 80 else f"{text[:20]}...{text[-54:]}"


class GatecalcError(Exception):
    """Base of every error that gatecalc raises on purpose; its text is meant for the user."""


class NotationError(GatecalcError, ValueError):
    """Equations that cannot be read: quotes the line with a caret and says what to write.

    >>> place = Place(line=2, column=7, end=9, text="h[t] = ^^")
    >>> print(NotationError("unexpected sign", place, write="write ** for a power"))
    line 2: unexpected sign
        h[t] = ^^
               ^^
    write ** for a power
    """

    def __init__(self, message: str, place: Place | None = None, write: str = "") -> None:
        self.message, self.place, self.write = message, place, write
        parts = [f"line {place.line}: {message}" if place else message]
        if place:
            parts.append(place.quoted())
        if write:
            parts.append(write)
        super().__init__("\n".join(parts))

    def found_in(self, file: str) -> NotationError:
        """The same error, its text led by the name of the file that holds the line.

        >>> print(NotationError("there is no equation").found_in("my_cell.txt"))
        my_cell.txt: there is no equation
        """
        self.args = (f"{file}{',' if self.place else ':'} {self}",)
        return self


class ShapeError(NotationError):
    """Shapes that cannot agree; the message shows both uses."""


class CellNotFoundError(GatecalcError, LookupError):
    """Neither a catalogue name nor a file."""


class InputError(GatecalcError, ValueError):
    """An argument, option or array that does not fit."""


class OutputError(GatecalcError, OSError):
    """A file that cannot be written, or must not be overwritten."""


class GradientError(GatecalcError, ArithmeticError):
    """A calculation that has no defined result (a division by zero in the exact check, say)."""
