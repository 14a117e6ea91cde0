"""`gatecalc derive`: the derivation of a cell, statement by statement."""

from __future__ import annotations

import argparse

from gatecalc.cli import arguments, output, screen


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers,
        "derive",
        "the derivation, statement by statement",
        "The forward statements of one step, then the adjoint of each, with the rule and\n"
        "the statement that every term comes from. Notes, code and trace carry the same\n"
        "numbers.",
    )
    arguments.add_cell(parser)
    arguments.add_output(parser, json=True)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints a derivation."""
    from gatecalc.calculus import derive
    from gatecalc.calculus.show import derivation_facts, derivation_text
    from gatecalc.cli.source import named_cell

    as_json = output.wants_json(args)
    cell = named_cell(args.cell)
    output.check_target(args)
    derivation = derive(cell)
    if as_json:
        output.deliver_json(args, derivation_facts(derivation))
    else:
        output.deliver_text(args, derivation_text(derivation, screen.width(args.output)))
    return 0
