"""`gatecalc generate`: the NumPy module of a cell."""

from __future__ import annotations

import argparse

from gatecalc.cli import arguments, output


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers,
        "generate",
        "the NumPy module: init, step, forward, backward",
        "A Python module that computes the cell forward and backward and needs NumPy\n"
        "alone. It is printed, or written to FILE.",
    )
    arguments.add_cell(parser)
    arguments.add_output(parser, json=False)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints or writes a module."""
    from gatecalc.cli.source import named_cell
    from gatecalc.codegen import generate

    output.refuse_other_format(args, ".py", "the module is Python source")
    cell = named_cell(args.cell)
    output.check_target(args)
    output.deliver(args, generate(cell))
    return 0
