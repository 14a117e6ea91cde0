"""What the stories of this folder have in common at the edges: options, the bar, the last words."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

try:
    from gatecalc import GatecalcError
except ModuleNotFoundError:
    sys.exit("gatecalc is not installed; in the folder above this one, run: pip install .")

# A cell's products are small. A second thread gains little on an idle machine, and on a busy one
# the two wait for each other. NumPy's library reads this when NumPy is first imported, which is
# after this file; what the user has set stays.
os.environ.setdefault("OMP_NUM_THREADS", "1")

FAILED, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
"""Exit statuses, those of the command `gatecalc`."""


def whole(least: int, most: int) -> Callable[[str], int]:
    """For argparse: a whole number from `least` to `most`."""

    def read(text: str) -> int:
        digits = text.isascii() and text.isdigit() and len(text) < 20
        if not (digits and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"a whole number from {least:,} to {most:,} expected, {text[:40]!r} given"
            )
        return int(text)

    return read


def positive(text: str) -> float:
    """For argparse: a number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a number above 0 expected, {text[:40]!r} given")
    return number


def bar(console: Console) -> Progress:
    """A progress bar with a message; it leaves no trace in a file or a pipe."""
    return Progress(
        BarColumn(bar_width=24),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.description}"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def run(story: Callable[[Console], int], name: str) -> int:
    """The exit status of a story; what goes wrong becomes a message on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            # A sign that the terminal cannot show is escaped; it never ends the program.
            reconfigure(errors="backslashreplace")
    try:
        status = story(Console(highlight=False, markup=False, emoji=False))
        sys.stdout.flush()
    except GatecalcError as error:
        return _complain(name, str(error), FAILED)
    except MemoryError:
        return _complain(name, "there is not enough memory for this; try smaller sizes", FAILED)
    except KeyboardInterrupt:
        return _complain(name, "interrupted", INTERRUPTED)
    except BrokenPipeError:
        # What is left in the buffer must go somewhere when the interpreter flushes it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return status


def _complain(name: str, message: str, status: int) -> int:
    print(f"{name}: {message}", file=sys.stderr)
    return status
