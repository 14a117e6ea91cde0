"""Waiting for one key, without Enter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PROMPT = "any key: go on   q: stop "


class EnoughError(Exception):
    """The reader has seen enough."""


def is_there() -> bool:
    """Whether somebody sits at a keyboard."""
    return sys.stdin is not None and sys.stdin.isatty()


def wait_for_key() -> None:
    """Shows what can be pressed and waits. Raises EnoughError for `q` and for the end of input."""
    with _single_keys() as read:
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
def _single_keys() -> Iterator[Callable[[], bytes]]:
    """Keys arrive without Enter; gives a function that waits for one."""
    try:
        import termios
        import tty
    except ImportError:  # a system without Unix terminals: any line will do
        yield _first_of_a_line
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        yield lambda: os.read(terminal, 16)  # an arrow key sends several bytes at once
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _first_of_a_line() -> bytes:
    return sys.stdin.readline()[:1].encode()
