"""Standard output: how wide it is, and getting text there whole."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from gatecalc.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS, NARROWEST, WIDEST = 80, 40, 100


def is_terminal() -> bool:
    """Whether somebody looks at standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def width(file: str | None = None) -> int:
    """The columns to fill: those of the terminal within reason, 80 in a file or a pipe."""
    if file or not is_terminal():
        return COLUMNS
    return max(NARROWEST, min(shutil.get_terminal_size((COLUMNS, 24)).columns, WIDEST))


def console() -> Console:
    """Standard output for what has colours; plain text of 80 columns where nobody looks."""
    from rich.console import Console

    class Screen(Console):
        """Leaves it to the command what happens when nobody reads on; rich would exit with 1."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if is_terminal():
        return Screen(highlight=False)
    return Screen(width=COLUMNS, color_system=None, highlight=False, legacy_windows=False)


def say(text: str) -> None:
    """Prints text for people."""
    if sys.stdout is not None:
        print(text)


def tell(text: str) -> None:
    """Prints a remark for whoever waits; it is no part of the result."""
    if sys.stderr is not None:
        print(f"gatecalc: {text}", file=sys.stderr, flush=True)


def pour(data: bytes) -> None:
    """Puts a document on standard output: on a terminal as it can show it, else byte by byte.

    Raises OutputError where there is no standard output.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed; write to a file with -o FILE")
    if sys.stdout.isatty():
        sys.stdout.write(data.decode("utf-8", errors="replace"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
