"""The cell that a command names."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from gatecalc.equations import Cell, cell, read
from gatecalc.equations.lines import MAX_CHARACTERS, decode
from gatecalc.errors import GatecalcError, InputError, NotationError

_MOST = 4 * MAX_CHARACTERS + 1
"""Bytes of equations that are read: one more than `decode` takes."""


def named_cell(name: str) -> Cell:
    """A cell by name, by path, or from standard input for `-`.

    Raises CellNotFoundError, NotationError, and InputError where there is no standard input.
    """
    if name != "-":
        return cell(name)
    try:
        return read(decode(standard_input("equations", _MOST), "standard input"))
    except NotationError as error:
        raise error.found_in("standard input") from None


def standard_input(what: str, most: int = -1) -> bytes:
    """All that comes in, or the first `most` bytes of it. Raises InputError."""
    if sys.stdin is None:
        raise InputError(f"`-` reads {what} from standard input, which is closed")
    if sys.stdin.isatty() and sys.stderr is not None:
        print(
            f"reading {what} from the terminal; Ctrl-D on a line of its own ends them",
            file=sys.stderr,
        )
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        raise InputError(f"cannot read standard input: {error.strerror}") from None


def named_module(name: str) -> ModuleType:
    """A generated module from a file, or from standard input for `-`. It is executed.

    Raises InputError where it cannot be read, or where running it fails.
    """
    from gatecalc.checks.subject import STRANGE, in_one_line
    from gatecalc.codegen import load

    try:
        if name != "-":
            return load(Path(name), Path(name).stem)
        # A string with a line break is source text to `load`.
        return load(standard_input("a module").decode("utf-8-sig") + "\n", "module")
    except GatecalcError:
        raise
    except UnicodeDecodeError:
        raise InputError("standard input is not Python source (text in UTF-8)") from None
    except STRANGE as error:
        raise InputError(f"`{name}` cannot be run: {in_one_line(error)}") from None
