"""Arguments and options that several commands share; they mean the same everywhere."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gatecalc.errors import InputError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
    Options = argparse.ArgumentParser | argparse._ArgumentGroup

LARGEST = 10**9
"""No whole number above this is meant."""


def command(
    subparsers: Subparsers, name: str, summary: str, description: str = ""
) -> argparse.ArgumentParser:
    """Adds a command; `summary` is its line in `gatecalc --help`."""
    return subparsers.add_parser(
        name,
        help=summary,
        description=description or summary[0].upper() + summary[1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_cell(parser: argparse.ArgumentParser) -> None:
    """The argument CELL."""
    parser.add_argument(
        "cell",
        metavar="CELL",
        help="a name of the catalogue, a path to a text file with equations, or - for standard "
        "input",
    )


def add_output(
    parser: argparse.ArgumentParser,
    *,
    json: bool,
    metavar: str = "FILE",
    where: str = "write to FILE (- is standard output)",
) -> None:
    """`-o` and `--force`, and `--json` where there is something to tell a program."""
    parser.add_argument("-o", "--output", metavar=metavar, help=where)
    parser.add_argument(
        "--force", action="store_true", help="overwrite what is not as gatecalc generated it"
    )
    if json:
        parser.add_argument(
            "--json",
            action="store_true",
            help="JSON, for programs; a FILE called .json is that too",
        )


SMALL_SIZES = (
    "D=3, H=4 unless given, others 2; a cell's only size, or one listed first that is not D, is 4"
)
"""What `resolve_sizes` of `gatecalc.evaluate.problem` does, for `--help`."""


def add_size(parser: Options, default: str = SMALL_SIZES) -> None:
    """`--size D=3,H=4`; `default` says what holds if it is not given."""
    parser.add_argument(
        "--size",
        metavar="D=3,H=4",
        type=sizes,
        action="append",
        help=f"sizes by name, as `gatecalc show` lists them ({default})",
    )


def add_length(parser: Options, default: str) -> None:
    """`--length`, T; `default` is what the room takes if it is not given."""
    _add_whole(parser, "--length", 1, f"number of time steps ({default} unless given)")


def add_batch(parser: Options, default: str) -> None:
    """`--batch`, B; `default` is what the room takes if it is not given."""
    _add_whole(parser, "--batch", 1, f"number of samples ({default} unless given)")


def add_seed(parser: Options) -> None:
    """`--seed`."""
    _add_whole(parser, "--seed", 0, "the same seed gives the same random numbers (0 unless given)")


def add_dtype(parser: Options) -> None:
    """`--dtype`."""
    parser.add_argument(
        "--dtype",
        choices=("float32", "float64"),
        default="float64",
        help="precision of numbers (float64 unless given)",
    )


def sizes(text: str) -> dict[str, int]:
    """Sizes by name. Raises argparse.ArgumentTypeError for anything else.

    >>> sizes("D=3,H=4")
    {'D': 3, 'H': 4}
    """
    found: dict[str, int] = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*([A-Za-z]\w*)\s*=\s*(\S+)\s*", part, re.ASCII)
        if not match:
            raise argparse.ArgumentTypeError(f"`{text}`: sizes are written D=3,H=4")
        name, value = match.groups()
        if name in found:
            raise argparse.ArgumentTypeError(f"`{text}`: {name} is given twice")
        found[name] = whole(1)(value)
    return found


def whole(least: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` on.

    >>> whole(1)("12")
    12
    """

    def read(text: str) -> int:
        match = re.fullmatch(r"\s*([+-]?)0*(\d+)\s*", text, re.ASCII)
        if match is None or (number := _number(*match.groups())) < least:
            raise argparse.ArgumentTypeError(
                f"`{_short(text)}`: a whole number of at least {least} is expected"
            )
        if number > LARGEST:
            raise argparse.ArgumentTypeError(f"`{_short(text)}`: at most {LARGEST:,} is possible")
        return number

    return read


def _number(sign: str, digits: str) -> int:
    """Digits as a number; of very many (Python reads no more than 4300) the first tell enough."""
    return int(sign + digits[:20])


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def size_option(args: argparse.Namespace) -> dict[str, int] | None:
    """All sizes that were given: `--size D=3 --size H=4` is `--size D=3,H=4`."""
    merged: dict[str, int] = {}
    for part in args.size or ():
        for name, value in part.items():
            if merged.setdefault(name, value) != value:
                raise InputError(f"--size: {name} is given twice, {merged[name]} and {value}")
    return merged or None


def given(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options that were given, by name, so that a room's own defaults hold for the rest."""
    return {n: value for n in names if (value := getattr(args, n)) is not None}


def _add_whole(parser: Options, option: str, least: int, what: str) -> None:
    parser.add_argument(option, metavar="N", type=whole(least), help=what)
