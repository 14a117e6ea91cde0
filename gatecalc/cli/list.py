"""`gatecalc list`: the catalogue by family."""

from __future__ import annotations

import argparse

from gatecalc.cli import arguments, output, screen


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(subparsers, "list", "the catalogue of cells, by family")
    arguments.add_output(parser, json=True)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints the catalogue."""
    from gatecalc.equations.describe import catalogue_summaries, catalogue_text

    if output.wants_json(args):
        output.deliver_json(args, {"cells": catalogue_summaries()})
    else:
        output.deliver_text(args, catalogue_text(screen.width(args.output)))
    return 0
