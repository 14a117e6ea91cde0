"""`gatecalc show`: the equations of a cell, and what every name in them is."""

from __future__ import annotations

import argparse

from gatecalc.cli import arguments, output, screen


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers, "show", "the equations of a cell, with role and shape of every name"
    )
    arguments.add_cell(parser)
    arguments.add_output(parser, json=True)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints a cell."""
    from gatecalc.cli.source import named_cell
    from gatecalc.equations.describe import cell_text, details

    as_json = output.wants_json(args)
    cell = named_cell(args.cell)
    if as_json:
        output.deliver_json(args, details(cell))
    else:
        output.deliver_text(args, cell_text(cell, screen.width(args.output)))
    return 0
