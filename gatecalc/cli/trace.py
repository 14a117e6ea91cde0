"""`gatecalc trace`: every number of a small run."""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecalc.cli import arguments, output, screen
from gatecalc.errors import InputError, shown_path

if TYPE_CHECKING:
    from gatecalc.equations import Cell
    from gatecalc.trace import Trace
    from gatecalc.trace.setting import Setting

_ARRAYS = {"params": "params", "input": "xs", "state": "state"}
"""Options that give arrays, and what they are called in Python."""

_DESCRIPTION = """\
Runs a cell over a few time steps and shows every statement with its number, its
symbols, the numbers put in, and the result. Without arrays of your own,
parameters and inputs are drawn from the seed and states begin at zero."""

MOST_SHOWN = 2000
"""Steps that are printed unless some are chosen; an LSTM takes about 100 lines for each."""

MOST_IN_JSON = 10_000_000
"""Numbers; as text they take about 200 MB, and several times that in memory."""

SECONDS_A_STATEMENT = 20e-6
"""NumPy's time for a few numbers."""


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers, "trace", "every number of a small run, forward and backward", _DESCRIPTION
    )
    arguments.add_cell(parser)
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--backward", action="store_true", help="show the way back too")
    shown.add_argument("--at", metavar="T", type=_steps, help="these time steps alone: 2, or 0,2")
    shown.add_argument(
        "--only",
        metavar="NAMES",
        help="print these names alone: c,h; with an adjoint, d_h, the way back is shown too",
    )
    shown.add_argument(
        "--sample", metavar="N", type=arguments.whole(0), help="which sample's numbers"
    )
    shown.add_argument(
        "--rows", metavar="N", type=arguments.whole(2), help="how many entries of a long vector"
    )
    shown.add_argument(
        "--matrices", action="store_true", help="write out products of matrix and vector"
    )
    shown.add_argument(
        "--pause",
        action="store_true",
        help="wait for a key at each step and screenful, if there is a keyboard",
    )
    run = parser.add_argument_group("what is run")
    arguments.add_size(run)
    arguments.add_length(run, "4")
    arguments.add_batch(run, "1")
    arguments.add_seed(run)
    arguments.add_dtype(run)
    run.add_argument(
        "--cotangent",
        metavar="WHAT",
        help="what flows in at the outputs: last (ones at the last step), all, random, or a file "
        "with an array (T, B, n)",
    )
    run.add_argument("--params", metavar="FILE", help="own parameters, by name (.npz)")
    run.add_argument("--input", metavar="FILE", help="own input, (T, B, n) (.npy, or .npz by name)")
    run.add_argument("--state", metavar="FILE", help="own first state, (B, n), by name (.npz)")
    arguments.add_output(
        parser, json=True, where="write to FILE (- is standard output); .npz holds all arrays"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints or writes a trace."""
    form = _form(args)
    from gatecalc.cli.source import named_cell
    from gatecalc.trace.setting import prepare
    from gatecalc.trace.setting import run as run_setting

    cell = named_cell(args.cell)
    with _file_named(args):
        setting = prepare(
            cell,
            sizes=arguments.size_option(args),
            dtype=args.dtype,
            **arguments.given(args, "length", "batch", "seed"),
            **_own_arrays(args, cell),
        )
    # What is refused, is refused before anything is run; arrays tell a length too.
    _check_view(form, setting.problem.length, args)
    if form == "json":
        _check_json(_least_recorded(setting))
    output.check_target(args)
    _announce(setting)
    traced = run_setting(setting)
    _warn(traced, backward=args.backward or form != "txt")
    if form == "json":
        _check_json(sum(array.size for array in traced.arrays().values()))
        output.deliver_json(args, traced.to_dict(), indent=None)
    elif form == "npz":
        output.deliver(args, output.marked_archive(traced.npz()))
    elif output.is_stdout(args):
        _watch(traced, args)
    else:
        output.deliver_text(args, text(traced, **_view(args)))
    return 0


def text(traced: Trace, **view: Any) -> str:
    """The trace as plain text of 80 columns; `view` is what `Trace.render` takes."""
    from rich.console import Console

    buffer = io.StringIO()
    traced.render(Console(file=buffer, width=80, color_system=None), **view)
    return buffer.getvalue()


def _form(args: argparse.Namespace) -> str:
    """How a trace is written: as all results are, or as an archive of arrays."""
    if not args.json and (args.output or "").lower().endswith(".npz"):
        form = "npz"
    else:
        form = "json" if output.wants_json(args) else "txt"
    ignored = [n for n in ("only", "at", "sample", "rows") if getattr(args, n) is not None]
    if form != "txt" and ignored:
        raise InputError(
            f"--{ignored[0]} narrows what is printed; {form} holds everything: leave the option "
            "out, or print to a .txt file"
        )
    return form


def _check_view(form: str, length: int, args: argparse.Namespace) -> None:
    """Nobody reads thousands of steps; whoever looks at one after the other may have them."""
    if form == "txt" and length > MOST_SHOWN and args.at is None and not args.pause:
        raise InputError(
            f"{length:,} steps are too many to print: choose some, as with --at 0,{length - 1}, "
            "or write all numbers to a file: -o run.npz"
        )


def _least_recorded(setting: Setting) -> int:
    from gatecalc.trace.inputs import least_recorded

    p = setting.problem
    return least_recorded(setting.derivation.cell, p.sizes, p.length, p.batch)


def _check_json(amount: int) -> None:
    if amount > MOST_IN_JSON:
        raise InputError(
            f"{amount:,} numbers are too many for JSON (at most {MOST_IN_JSON:,}); "
            "write them with -o run.npz"
        )


def _announce(setting: Setting) -> None:
    """Says on standard error how long a long run takes."""
    d, length = setting.derivation, setting.problem.length
    seconds = length * (len(d.forward) + len(d.backward)) * SECONDS_A_STATEMENT
    if seconds > 5:
        screen.tell(f"running {length:,} steps forward and backward, about {seconds:.0f} seconds")


def _warn(traced: Trace, *, backward: bool) -> None:
    """Says on standard error from where on the numbers are none; they are shown all the same."""
    from gatecalc.evaluate.finite import first_not_finite, said_not_finite

    if place := first_not_finite(traced.run, backward=backward):
        screen.tell(f"not all is finite: {said_not_finite(traced.run, place)}")


def _steps(text: str) -> list[int]:
    if not re.fullmatch(r"\s*-?\d{1,9}(\s*,\s*-?\d{1,9})*\s*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"`{text}`: time steps are written 2, or 0,2")
    return [int(t) for t in text.split(",")]


@contextmanager
def _file_named(args: argparse.Namespace) -> Iterator[None]:
    """Puts option and file before what is said of the array that it holds."""
    try:
        yield
    except InputError as error:
        for option, argument in (*_ARRAYS.items(), ("cotangent", "cotangent")):
            path = getattr(args, option)
            if path is not None and re.match(rf"{argument}(?=[ :\[])", str(error)):
                raise InputError(f"--{option} {shown_path(Path(path))}: {error}") from None
        raise


def _own_arrays(args: argparse.Namespace, cell: Cell) -> dict[str, Any]:
    from gatecalc.trace import load_arrays
    from gatecalc.trace.inputs import check_names

    found: dict[str, Any] = {}
    for option, argument in _ARRAYS.items():
        if (path := getattr(args, option)) is not None:
            found[argument] = load_arrays(path, partial(check_names, cell, argument))
    if args.cotangent is not None:
        path = Path(args.cotangent)
        named = path.suffix.lower() not in (".npy", ".npz") and not path.is_file()
        found["cotangent"] = args.cotangent if named else load_arrays(args.cotangent)
    return found


def _view(args: argparse.Namespace) -> dict[str, Any]:
    names = ("backward", "at", "only", "sample", "rows", "matrices")
    return {n: value for n in names if (value := getattr(args, n)) is not None}


def _watch(traced: Trace, args: argparse.Namespace) -> None:
    from gatecalc.cli import keyboard

    console = screen.console()
    asking = keyboard.questions(input_was_read=args.cell == "-") if args.pause else nullcontext()
    with asking as pause, suppress(keyboard.EnoughError):
        height = console.size.height - 1 if pause else None  # the last line is the question's
        traced.render(console, pause=pause, height=height, **_view(args))
