"""Text to logical lines: encoding, bounds and comments, before any syntax is looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gatecalc.equations.foreign import foreign_character
from gatecalc.equations.latex import check_latex
from gatecalc.equations.spellings import check_spelling
from gatecalc.equations.upper import Targets, targets
from gatecalc.errors import NotationError, Place

MAX_CHARACTERS = 100_000
ONE_CELL = "give one cell; a text for each, where there are several"
"""What to do about a text that holds too much."""

MAX_LINES = 2_000
MAX_LINE = 4_000
MAX_EQUATIONS = 400
MAX_NESTING = 40
MAX_OPERATORS = 200
MAX_OPERATORS_TOGETHER = 4_000
MAX_DIGITS = 40

_AS_TEXT = "give a plain text file with equations, saved as UTF-8"
_NAME_PARTS = "name parts of it by equations of their own"


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line: its number, the code with the comment cut off, and the comment."""

    number: int
    code: str
    comment: str | None
    text: str

    def place(self, column: int, end: int | None = None) -> Place:
        """A stretch of this line; `column` and `end` count in `text`."""
        return Place(self.number, column, column + 1 if end is None else end, self.text)


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """Physical lines that belong together because a bracket stayed open."""

    lines: tuple[Line, ...]

    @property
    def code(self) -> str:
        """The code, joined by line breaks, without leading blanks on the first line."""
        return "\n".join(line.code for line in self.lines).lstrip()

    @property
    def indent(self) -> int:
        """How many blanks were cut from the first line."""
        return len(self.lines[0].code) - len(self.lines[0].code.lstrip())

    @property
    def explanation(self) -> str:
        """The comments, joined."""
        return " ".join(line.comment for line in self.lines if line.comment).strip()

    def place(self, row: int, column: int, end_row: int | None, end: int | None) -> Place:
        """The place of an `ast` node (`row` counts from 1 within `code`)."""
        line = self.lines[min(row, len(self.lines)) - 1]
        shift = self.indent if row == 1 else 0
        stop = len(line.code) if end is None or end_row != row else end + shift
        return line.place(column + shift, max(stop, column + shift + 1))

    def whole(self) -> Place:
        """The first line, from its first sign to its last."""
        first = self.lines[0]
        return first.place(self.indent, max(len(first.code), self.indent + 1))

    def source(self, node: ast.expr) -> str:
        """What the author typed for an `ast` node, on one line."""
        segment = ast.get_source_segment(self.code, node) or ""
        return re.sub(r"\s+", " ", segment)


def decode(data: bytes, name: str = "the text") -> str:
    """Bytes of a file as text: UTF-8, a byte-order mark and any line ends accepted.

    UTF-16 is read where a byte-order mark says so. Raises NotationError where the bytes are not
    text.

    >>> decode(b"\\xef\\xbb\\xbfy[t] = x[t]")
    'y[t] = x[t]'
    """
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if wide else "utf-8-sig"
    if len(data) > 4 * MAX_CHARACTERS:
        beginning = data[:MAX_CHARACTERS].decode(encoding, "replace")
        raise _too_long(beginning, f"{name} has more than {4 * MAX_CHARACTERS:,} bytes")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotationError(
            f"{name} is not text in UTF-8 (byte {error.start} cannot be decoded)",
            write="save the equations as a plain text file",
        ) from None


def physical_lines(text: str) -> tuple[Line, ...]:
    """The lines of a text, comments apart from code. Raises NotationError beyond the bounds."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise _too_long(text[:MAX_CHARACTERS], f"the text has {len(text):,} characters")
    if "\0" in text:
        raise NotationError(
            "the text contains a NUL character: this looks like a binary file",
            write=_AS_TEXT,
        )
    lines = _lines(text)
    if len(lines) > MAX_LINES:
        raise NotationError(
            f"the text has {len(lines):,} lines; at most {MAX_LINES:,} are read",
            _beginning(MAX_LINES + 1, lines[MAX_LINES]),
            write=ONE_CELL,
        )
    return tuple(_split(number, line) for number, line in enumerate(lines, start=1))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _too_long(beginning: str, told: str) -> NotationError:
    """What is wrong with a text beyond the bounds, of which no more than the beginning is read."""
    if "\0" in beginning:
        return NotationError(f"{told}, NUL characters among them: a binary file?", write=_AS_TEXT)
    write = f"at most {MAX_CHARACTERS:,} are read; equations of a cell take a few hundred"
    lines = _lines(beginning)
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            _check_beginning(number, line)
            message = f"the line has more than {MAX_LINE:,} characters"
            return NotationError(message, _beginning(number, line), f"{told}; {write}")
    whole = range(len(lines) - 1, 0, -1)  # the last line may be cut
    last = next((number for number in whole if lines[number - 1].strip()), 1)
    return NotationError(told, _beginning(last, lines[last - 1]), f"{write} characters")


def _beginning(number: int, text: str) -> Place:
    return Place(number, 0, 1, text[:80])


def _check_beginning(number: int, text: str) -> None:
    """Raises NotationError where the first characters of a long line are too many of one kind."""
    code = text[:MAX_LINE].partition("#")[0]
    line = Line(number, code, None, code)
    _check_runs(line)
    _match_brackets(line, [])


def _split(number: int, text: str) -> Line:
    if len(text) > MAX_LINE:
        _check_beginning(number, text)
        raise NotationError(
            f"the line has {len(text):,} characters; at most {MAX_LINE:,} are read",
            _beginning(number, text),
            write=_NAME_PARTS if "#" not in text[:MAX_LINE] else "begin a line of its own for more",
        )
    text = re.sub(r"[\t\f\v]", " ", text).rstrip()
    code, mark, comment = text.partition("#")
    # Comments are printed in many places: what steers a terminal must not get there.
    comment = "".join(c if c.isprintable() else " " for c in comment).strip()
    return Line(
        number, code.rstrip(), comment if mark else None, f"{code}{mark} {comment}".rstrip()
    )


def leading_comment(lines: tuple[Line, ...]) -> tuple[str, ...]:
    """The comments above the first line that is not a comment, blank lines before them aside."""
    found: list[str] = []
    for line in lines:
        if line.comment is not None and not line.code:
            found.append(line.comment)
        elif line.code or found:
            break
    return tuple(found)


def logical_lines(lines: tuple[Line, ...]) -> tuple[LogicalLine, ...]:
    """The lines with code, joined where a bracket stays open.

    Raises NotationError for characters that the notation does not have, for brackets that do not
    match, and for equations beyond the bounds.
    """
    joined: list[LogicalLine] = []
    pending: list[Line] = []
    opened: list[tuple[str, Place]] = []
    known = cache(lambda: targets([line.code for line in lines]))
    for line in lines:
        if not line.code and not pending:
            continue
        _check_characters(line, known)
        _match_brackets(line, opened)
        if line.code or line.comment:
            pending.append(line)
        if not opened:
            joined.append(LogicalLine(tuple(pending)))
            pending = []
    if opened:
        bracket, place = opened[-1]
        raise NotationError(f"`{bracket}` is never closed", place, write="close the bracket")
    if len(joined) > MAX_EQUATIONS:
        raise NotationError(
            f"the text has {len(joined)} equations; at most {MAX_EQUATIONS} are read",
            joined[MAX_EQUATIONS].whole(),
            write=ONE_CELL,
        )
    total = 0
    for logical in joined:
        total += _count_operators(logical)
        if total > MAX_OPERATORS_TOGETHER:
            raise NotationError(
                f"the equations have more than {MAX_OPERATORS_TOGETHER:,} operators",
                logical.whole(),
                write=ONE_CELL,
            )
    return tuple(joined)


def _check_characters(line: Line, known: Callable[[], Targets]) -> None:
    check_latex(line.code, line.place)
    check_spelling(line.code, line.place, known)
    for column, character in enumerate(line.code):
        if not (" " <= character <= "~") or character in "'\"`;\\?!$%&|~":
            raise foreign_character(character, line.place(column))


_PARTNER = {")": "(", "]": "[", "}": "{"}


def _match_brackets(line: Line, opened: list[tuple[str, Place]]) -> None:
    for column, character in enumerate(line.code):
        if character in "([{":
            opened.append((character, line.place(column)))
            if len(opened) > MAX_NESTING:
                raise NotationError(
                    f"brackets are nested more than {MAX_NESTING} deep",
                    line.place(column),
                    write=_NAME_PARTS,
                )
        elif character in _PARTNER:
            if not opened:
                raise NotationError(
                    f"`{character}` closes nothing",
                    line.place(column),
                    write=f"remove it, or open it by {_PARTNER[character]}",
                )
            bracket, place = opened.pop()
            if bracket != _PARTNER[character]:
                raise NotationError(
                    f"`{character}` closes `{bracket}` of column {place.column + 1}",
                    line.place(column),
                    write="close each bracket by its partner",
                )


_OPERATOR = re.compile(r"\*\*|<<|>>|[-+*/@,.(\[]|\b(?:lambda|not|if|or|and|await|yield)\b")
_DIGITS = re.compile(rf"\d{{{MAX_DIGITS + 1},}}")
_SIGNS = re.compile(r"[-+](?: *[-+]){8}")


def _check_runs(line: Line) -> None:
    if found := _DIGITS.search(line.code):
        raise NotationError(
            f"a number of more than {MAX_DIGITS} digits",
            line.place(*found.span()),
            write="write the number in fewer digits",
        )
    if found := _SIGNS.search(line.code):
        raise NotationError(
            "a long run of signs",
            line.place(*found.span()),
            write="write one sign, + or -; a comment begins with #",
        )


def _count_operators(logical: LogicalLine) -> int:
    """Bounds what Python's parser, and every walk over a tree, will have to do."""
    for line in logical.lines:
        _check_runs(line)
    count = sum(len(_OPERATOR.findall(line.code)) for line in logical.lines)
    if count > MAX_OPERATORS:
        raise NotationError(
            f"the equation has {count} operators; at most {MAX_OPERATORS} are read",
            logical.whole(),
            write=_NAME_PARTS,
        )
    return count
