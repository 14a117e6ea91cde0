"""`gatecalc check`: is the generated code right?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatecalc.cli import arguments, output, screen
from gatecalc.errors import InputError

if TYPE_CHECKING:
    from gatecalc.equations import Cell

_DESCRIPTION = """\
Compares outputs and gradients of the generated module, or of MODULE, with what
independent ways give: differences, exact arithmetic, another library.
The exit status is 0 if all is proved, 1 if not.

MODULE is executed: check only files that you would run."""


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers,
        "check",
        "is the generated code right? numeric, exact, independent",
        _DESCRIPTION,
    )
    arguments.add_cell(parser)
    parser.add_argument(
        "module",
        metavar="MODULE",
        nargs="?",
        help="a generated Python file, perhaps changed since; it is executed (- is standard input)",
    )
    arguments.add_size(parser)
    arguments.add_length(parser, "3")
    arguments.add_batch(parser, "2")
    arguments.add_seed(parser)
    arguments.add_output(parser, json=True)
    return parser


def announce(cell: Cell, sizes: Mapping[str, int] | None, args: argparse.Namespace) -> None:
    """Says on standard error what is going on where it takes more than a few seconds."""
    from gatecalc.checks.effort import takes_long
    from gatecalc.evaluate.problem import resolve_sizes

    if takes_long(cell, resolve_sizes(cell, sizes), args.length or 3, args.batch or 2):
        screen.tell("checking takes up to a minute at this size")


def run(args: argparse.Namespace) -> int:
    """Prints a report; the exit status tells what it says."""
    from gatecalc.checks import check
    from gatecalc.cli.source import named_cell, named_module

    if args.cell == args.module == "-":
        raise InputError("only one of CELL and MODULE can come from standard input")
    as_json = output.wants_json(args)
    cell = named_cell(args.cell)
    module = None if args.module is None else named_module(args.module)
    sizes = arguments.size_option(args)
    output.check_target(args)
    announce(cell, sizes, args)
    report = check(cell, module, sizes=sizes, **arguments.given(args, "length", "batch", "seed"))
    if as_json:
        output.deliver_json(args, report.to_dict())
    elif output.is_stdout(args) and screen.is_terminal():
        screen.console().print(report)
    else:
        output.deliver_text(args, str(report))
    return 0 if report else 1
