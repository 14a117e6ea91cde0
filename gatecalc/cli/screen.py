"""Standard output: how wide it is, and getting text there whole."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from gatecalc.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS, NARROWEST, WIDEST = 80, 40, 100

_MOST = 1000
"""No terminal has more columns or lines, whatever COLUMNS and LINES say."""


def is_open(stream: TextIO | None) -> bool:
    """Whether a stream can be written to; a module under check may have closed it, too."""
    return stream is not None and not stream.closed


def is_terminal() -> bool:
    """Whether somebody looks at standard output."""
    return is_open(sys.stdout) and sys.stdout.isatty()


def width(file: str | None = None) -> int:
    """The columns to fill: those of the terminal within reason, 80 in a file or a pipe."""
    if file or not is_terminal():
        return COLUMNS
    return min(terminal_size()[0], WIDEST)


def terminal_size() -> tuple[int, int]:
    """Columns and lines of the terminal, as far as they can be true."""
    columns, lines = shutil.get_terminal_size((COLUMNS, 24))
    return max(NARROWEST, min(columns, _MOST)), min(lines, _MOST)


def console() -> Console:
    """Standard output for what has colours; plain text of 80 columns where nobody looks."""
    from rich.console import Console

    class Screen(Console):
        """Leaves it to the command what happens when nobody reads on; rich would exit with 1."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if is_terminal():
        wide, high = terminal_size()
        return Screen(width=wide, height=high, highlight=False)
    _check_open()
    return Screen(width=COLUMNS, color_system=None, highlight=False, legacy_windows=False)


def say(text: str) -> None:
    """Prints a result for people. Raises OutputError where there is no standard output."""
    _check_open()
    print(text)


def mention(text: str) -> None:
    """Prints what was done, where somebody can read it; the result is elsewhere, in files."""
    if is_open(sys.stdout):
        print(text)


def tell(text: str) -> None:
    """Prints a remark for whoever waits; it is no part of the result."""
    if is_open(sys.stderr):
        print(f"gatecalc: {text}", file=sys.stderr, flush=True)


def pour(data: bytes) -> None:
    """Puts a document on standard output: on a terminal as it can show it, else byte by byte.

    Raises OutputError where there is no standard output.
    """
    _check_open()
    if sys.stdout.isatty():
        sys.stdout.write(data.decode("utf-8", errors="replace"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def _check_open() -> None:
    if not is_open(sys.stdout):
        raise OutputError("standard output is closed; write to a file with -o FILE")
