"""The cell that a command names."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

from gatecalc.equations import Cell, cell, read
from gatecalc.equations.lines import MAX_CHARACTERS, decode
from gatecalc.errors import CellNotFoundError, GatecalcError, InputError, NotationError

_MOST = 4 * MAX_CHARACTERS + 1
"""Bytes of equations that are read: one more than `decode` takes."""


def named_cell(name: str) -> Cell:
    """A cell by name, by path, or from standard input for `-`.

    Raises CellNotFoundError, NotationError, and InputError where there is no standard input.
    """
    if re.match(r"[a-z]+://\S+$", name):
        raise CellNotFoundError(
            f"`{name}` is an address on the net, and gatecalc reads files\n"
            "download it, or let another program do that: curl ... | gatecalc show -"
        )
    if name != "-":
        return cell(name)
    try:
        return read(decode(standard_input("equations", _MOST), "standard input"))
    except NotationError as error:
        raise error.found_in("standard input") from None


def standard_input(what: str, most: int) -> bytes:
    """What comes in, up to `most` bytes of it. Raises InputError."""
    if sys.stdin is None or sys.stdin.closed:
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
    from gatecalc.checks.subject import in_one_line
    from gatecalc.codegen import load
    from gatecalc.codegen.loading import MOST, refuse_too_much

    if not name:
        raise InputError("the name of the module is empty; - is standard input")
    try:
        if name != "-":
            return load(Path(name), Path(name).stem)
        data = standard_input("a module", MOST + 1)
        refuse_too_much(data, "what comes from standard input")
        # A string with a line break is source text to `load`.
        return load(data.decode("utf-8-sig") + "\n", "module")
    except (GatecalcError, KeyboardInterrupt):
        raise
    except UnicodeDecodeError:
        raise InputError("standard input is not Python source (text in UTF-8)") from None
    except BaseException as error:  # noqa: BLE001  a stranger's file may raise what it likes
        raise InputError(f"`{name}` cannot be run: {in_one_line(error)}") from None
