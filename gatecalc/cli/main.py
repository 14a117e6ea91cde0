"""The command `gatecalc`: finds the command that is meant, runs it, turns errors into messages."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from gatecalc import __version__
from gatecalc.cli import bench, build, check, derive, generate, notes, screen, show, trace
from gatecalc.cli import list as list_
from gatecalc.cli.entry import INTERRUPTED
from gatecalc.cli.files import check_not_read
from gatecalc.errors import GatecalcError, InputError

COMMANDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (list_, show, derive, generate, check, trace, notes, build, bench)
}
"""By name, in the order in which `--help` shows them. A module has `add` and `run`."""

_READ = ("cell", "module", "params", "input", "state", "cotangent")
"""Arguments that may be files."""

FAILED = 2
BROKEN_PIPE = 141
"""What a shell reports of a program whose reader went away (`gatecalc show lstm | head -1`)."""

_EPILOG = """\
CELL is a name that `gatecalc list` shows, a path to a text file with equations,
or - for standard input. A file that is called like a cell is given as ./lstm.

  gatecalc build lstm            everything for the LSTM, in ./lstm/
  gatecalc show gru              the equations and what their names mean
  gatecalc check my_cell.txt     is the generated gradient right?
"""


class _Parser(argparse.ArgumentParser):
    """Reports mistakes as errors of gatecalc's own, so that they all look alike."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}\n`{self.prog} --help` shows what can be given")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(
        prog="gatecalc",
        description="Equations of a recurrent cell in; derivation, notes, NumPy code, trace\n"
        "and proof out.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"gatecalc {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS.values():
        added = module.add(commands)
        added.set_defaults(run=module.run, parser=added)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns the exit status; an error becomes a message on stderr.

    0 success, 1 a check that failed, 2 an error, 130 interrupted, 141 nobody reads the output.
    """
    if arguments is None:
        _spare_the_collector()
        arguments = sys.argv[1:]
    try:
        _prepare_streams()
        status = _run(arguments)
        if screen.is_open(sys.stdout):
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except GatecalcError as error:
        return _complain(str(error))
    except MemoryError:
        return _complain("there is not enough memory for this; try smaller sizes")
    except OSError as error:
        _discard_output()
        return _complain(f"cannot write the output: {error.strerror or error}")
    return status


def _spare_the_collector() -> None:
    """A command ends soon, and its memory with it: cycles are seldom looked for, at the end never.

    With the half million objects of SymPy that saves a sixth of the time of `gatecalc generate`.
    """
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


def _prepare_streams() -> None:
    """A sign that the terminal cannot show is escaped; it never ends the program."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _run(arguments: Sequence[str]) -> int:
    top = parser()
    if not arguments:
        top.print_help()
        return FAILED
    _check_command(arguments)
    try:
        args, extra = top.parse_known_args(arguments)
    except SystemExit as leaving:  # --help and --version
        return int(leaving.code or 0)
    if extra:
        raise _unexpected(extra[0], args.parser)
    for target in (getattr(args, "output", None), getattr(args, "json", None)):
        if isinstance(target, str) and not args.force:
            check_not_read(target, _inputs(args))
    status: int = args.run(args)
    return status


def _inputs(args: argparse.Namespace) -> list[str]:
    """The names of files that a command may read."""
    from gatecalc.equations import catalogue

    given = [getattr(args, name, None) for name in _READ]
    given += getattr(args, "cells", [])
    return [name for name in given if name and name not in catalogue.names()]


def _check_command(arguments: Sequence[str]) -> None:
    first = arguments[0]
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return
    from gatecalc.equations import catalogue
    from gatecalc.equations.hints import nearest

    if first.startswith("-"):
        if any(a in COMMANDS for a in arguments):
            raise InputError(f"`{first}` stands before the command; options come after it")
        raise InputError(f"there is no option `{first}`; `gatecalc --help` shows the commands")
    if first in catalogue.names():
        raise InputError(
            f"`{first}` is a cell, not a command\n"
            f"write `gatecalc show {first}`, or `gatecalc build {first}` for everything"
        )
    near = nearest(first, [*COMMANDS, *catalogue.names()])
    raise InputError(
        f"there is no command `{first}`\n"
        + (f"{near}\n" if near else "")
        + f"commands are {', '.join(COMMANDS)}; `gatecalc --help` says what they do"
    )


def _unexpected(extra: str, command: argparse.ArgumentParser) -> InputError:
    from gatecalc.equations.hints import nearest

    help_says = f"`{command.prog} --help` shows what can be given"
    if not extra.startswith("-"):
        return InputError(f"`{extra}` is one argument too many\n{help_says}")
    known = [o for action in command._actions for o in action.option_strings]
    near = nearest(extra.partition("=")[0], known)
    return InputError(f"there is no option `{extra}`\n" + (f"{near}\n" if near else "") + help_says)


def _complain(message: str, status: int = FAILED) -> int:
    try:
        if screen.is_open(sys.stdout):
            sys.stdout.flush()
        if screen.is_open(sys.stderr):
            print(_wrapped(f"gatecalc: {message}"), file=sys.stderr)
    except OSError:
        _discard_output()  # nobody reads us any more; the status still tells
    return status


def _wrapped(message: str) -> str:
    """For a terminal, sentences break between words; quoted equations stay as they are."""
    if not sys.stderr.isatty():
        return message
    import shutil
    import textwrap

    columns = max(shutil.get_terminal_size().columns, 40)
    return "\n".join(
        line if line.startswith(" ") else textwrap.fill(line, columns, break_long_words=False)
        for line in message.split("\n")
    )


def _discard_output() -> None:
    """What is still in the buffer must go somewhere when the interpreter flushes it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
