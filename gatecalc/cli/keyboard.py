"""Waiting for one key, without Enter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from gatecalc.cli import screen

_PROMPT = "any key: go on   q: stop "


class EnoughError(Exception):
    """The reader has seen enough."""


@contextmanager
def questions(*, input_was_read: bool) -> Iterator[Callable[[], None] | None]:
    """Gives what asks whether to go on, or None where nobody sits at a keyboard.

    It raises EnoughError for `q` and for the end of input. Where standard input was read as a
    file, keys come from the terminal that the command was started at, if that shows the output.
    """
    if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
        yield lambda: _wait_for_key(sys.stdin)
    elif input_was_read and screen.is_terminal() and (terminal := _terminal()):
        with terminal:
            yield lambda: _wait_for_key(terminal)
    else:
        yield None


def _terminal() -> TextIO | None:
    """The terminal itself, whatever stands before and behind the command in a pipeline."""
    try:
        return Path("CONIN$" if os.name == "nt" else "/dev/tty").open()
    except OSError:  # as in a service, or in a session that left its terminal
        return None


def _wait_for_key(terminal: TextIO) -> None:
    """Shows what can be pressed and waits."""
    with _single_keys(terminal) as read:
        # The terminal listens before the prompt stands there: what is typed at once counts.
        sys.stdout.write(_PROMPT)
        sys.stdout.flush()
        try:
            key = read()
        finally:
            sys.stdout.write("\r" + " " * len(_PROMPT) + "\r")
    if key in (b"", b"\x1b") or key[:1] in (b"q", b"Q", b"\x04"):  # arrow keys go on
        raise EnoughError


@contextmanager
def _single_keys(terminal: TextIO) -> Iterator[Callable[[], bytes]]:
    """Keys arrive without Enter; gives a function that waits for one."""
    try:
        import termios
        import tty
    except ImportError:  # a system without Unix terminals: any line will do
        yield partial(_first_of_a_line, terminal)
        return
    keys = terminal.fileno()
    before = termios.tcgetattr(keys)
    try:
        tty.setcbreak(keys, termios.TCSADRAIN)
        yield lambda: os.read(keys, 16)  # an arrow key sends several bytes at once
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, before)


def _first_of_a_line(terminal: TextIO) -> bytes:
    return terminal.readline()[:1].encode()
