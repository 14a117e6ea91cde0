"""`gatecalc notes`: the derivation as a document."""

from __future__ import annotations

import argparse

from gatecalc.cli import arguments, output


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers,
        "notes",
        "the derivation as a document in LaTeX",
        "A LaTeX document with the equations, the adjoints, counts, and an example with\n"
        "numbers. It is printed, or written to FILE; pdflatex, run twice for the\n"
        "references, makes a PDF of it.",
    )
    arguments.add_cell(parser)
    parser.add_argument(
        "--fragment",
        action="store_true",
        help="leave out the preamble, for \\input into a paper's appendix; in a paper of two "
        "columns, put it between \\onecolumn and \\twocolumn",
    )
    arguments.add_size(
        parser,
        "counts are made for D=128, H=256 unless given, others 64; the example with numbers "
        "has 2 for every size, 3 where a vector is normalised, or what is given if that is at "
        "most 4",
    )
    arguments.add_seed(parser)
    arguments.add_output(parser, json=False)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints or writes the notes."""
    from gatecalc.cli.source import named_cell
    from gatecalc.notes import notes

    output.refuse_other_format(args, ".tex", "the notes are LaTeX, which pdflatex makes a PDF of")
    cell = named_cell(args.cell)
    output.check_target(args)
    document = notes(
        cell,
        fragment=args.fragment,
        sizes=arguments.size_option(args),
        **arguments.given(args, "seed"),
    )
    output.deliver(args, document)
    return 0
