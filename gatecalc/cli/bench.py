"""`gatecalc bench`: how fast is the generated code, and against whom?"""

from __future__ import annotations

import argparse
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecalc.cli import arguments, files, output, screen
from gatecalc.cli.entry import INTERRUPTED
from gatecalc.errors import InputError, OutputError

if TYPE_CHECKING:
    from gatecalc.bench import Report
    from gatecalc.bench.run import Progress

_DESCRIPTION = """\
Times forward + backward of generated modules against PyTorch's layers, the
cell as a loop in eager PyTorch, JAX, plain NumPy, and the matrix products
alone; each in processes of its own, in turns, in shuffled order. Shown are
medians of the ratios of each round, and their quartiles below. Gradients are
compared before.

Without anything else it times lstm and gru_reset_after in float32 on small,
s64 and med. Count on half a minute for each cell, dtype and point, two to five
minutes at large. Other work on the machine spoils the numbers."""

_EPILOG = """\
points (T steps, B samples, D inputs, H hidden units):
  small (32, 1, 8, 16)       s64 (64, 8, 32, 32)        med (100, 32, 64, 128)
  med2 (100, 64, 128, 256)   large (64, 128, 256, 512)  long (1000, 16, 32, 64)
  all, and points of your own: 64x1x32x256, or T=64,B=1,D=32,H=256

peers:
  fresh       the generated code with fresh results instead of a workspace
  torch.nn    torch.nn.LSTM, GRU, RNN or Linear where it computes this cell
  torch.loop  the cell as a loop in eager PyTorch
  jax         jax.jit of lax.scan and its gradient, compiled before
  textbook    NumPy, statement by statement, one product for each map and step
  floor       only the matrix products that cannot be avoided

passes, for --ablate, with what code looks like before and after:
{passes}
"""

_CHOICES = ("float32", "float64")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Looks the passes up when help is asked for: what knows them is slow to import."""

    def add_text(self, text: str | None) -> None:
        """The description or epilog."""
        if text and "{passes}" in text:
            text = text.format(passes=_passes())
        super().add_text(text)


def _passes() -> str:
    from gatecalc.codegen.schedule.passes import PASSES

    wide = max(map(len, PASSES)) + 2
    lines = []
    for row in PASSES.values():
        lines += [f"  {row.name:{wide}}{row.summary}", f"      {row.before}", f"   -> {row.after}"]
    indent = " " * (2 + wide)
    return "\n".join(textwrap.fill(line, 79, subsequent_indent=indent) for line in lines)


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers, "bench", "how fast is it? against PyTorch, JAX, plain NumPy", _DESCRIPTION
    )
    parser.epilog, parser.formatter_class = _EPILOG, _Help
    parser.add_argument(
        "cells", metavar="CELL", nargs="*", help="names of the catalogue, paths, or - (one of them)"
    )
    what = parser.add_argument_group("what is measured")
    what.add_argument(
        "--grid", metavar="POINTS", action="append", help="points, with commas: small,med"
    )
    what.add_argument(
        "--dtype", metavar="TYPES", action="append", help="float32 (default), float64, or both"
    )
    what.add_argument(
        "--peers", metavar="NAMES", action="append", help="with commas; all by default"
    )
    what.add_argument(
        "--ablate",
        metavar="PASSES",
        nargs="?",
        const="all",
        action="append",
        help="time the generated code with each pass switched off instead (all, or some of them)",
    )
    what.add_argument(
        "--memory",
        action="store_true",
        help="measure how memory grows over 1,000 to 100,000 steps instead",
    )
    how = parser.add_argument_group("how")
    how.add_argument(
        "--rounds", metavar="N", type=arguments.whole(1), default=9, help="how often (9)"
    )
    how.add_argument(
        "--processes",
        metavar="N",
        type=arguments.whole(1),
        default=3,
        help="how many processes of each subject share the rounds, one after the other (3)",
    )
    parser.add_argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const=output.STDOUT,
        help="write all numbers as JSON to FILE, which ends with .json (- is standard output)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write the table to FILE too")
    parser.add_argument(
        "--force", action="store_true", help="overwrite what is not as gatecalc generated it"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Measures and prints. 1 if a peer or a point failed, 2 if something does not exist."""
    from gatecalc.bench import bench
    from gatecalc.cli.main import FAILED

    _swallowed_cells(args)
    if args.memory and args.ablate is not None:
        raise InputError("--memory and --ablate are two measurements: take one of them")
    _check_targets(args)
    with _terminable(), _watching() as watch:
        report = bench(
            _sources(args.cells),
            grid=_grid(args.grid),
            dtypes=_dtypes(args.dtype),
            peers=_peers(args.peers),
            ablate=_names(args.ablate),
            memory=args.memory,
            rounds=args.rounds,
            processes=args.processes,
            watch=watch,
            warn=_warn,
        )
    _deliver(args, report)
    if report.interrupted:
        return INTERRUPTED
    return 0 if report else FAILED if report.problems else 1


def _swallowed_cells(args: argparse.Namespace) -> None:
    """`--ablate lstm` and `--json lstm` mean the cell: options with a value of their own choice
    take whatever stands behind them."""
    from gatecalc.codegen.schedule.passes import PASSES

    passes = []
    for text in args.ablate or ():
        known = any(name in (*PASSES, "all") for name in text.split(","))
        if known or not _is_cell(text):
            passes.append(text)
        else:
            args.cells.append(text)
            passes.append("all")
    args.ablate = passes or None
    if args.json not in (None, output.STDOUT) and not args.json.endswith(".json"):
        if not _is_cell(args.json):
            raise InputError(f"--json: `{args.json}` does not end with .json")
        args.cells.append(args.json)
        args.json = output.STDOUT


def _is_cell(text: str) -> bool:
    from gatecalc.equations import catalogue

    return text in catalogue.names() or Path(text).is_file()


def _check_targets(args: argparse.Namespace) -> None:
    """A table for which there is no place shall not be measured for minutes first."""
    targets = [t for t in (args.json, args.output) if t not in (None, output.STDOUT)]
    if len({*targets}) < len(targets):
        raise InputError(f"-o and --json both name `{targets[0]}`")
    for target in targets:
        if not (parent := Path(target).resolve().parent).is_dir():
            raise OutputError(f"cannot write `{target}`: there is no directory `{parent}`")
    if args.output and not args.output.lower().endswith(".json"):
        output.refuse_other_format(args, ".txt", "the table is text")
    files.check_all(targets, force=args.force)


def _sources(names: list[str]) -> list[Any]:
    from gatecalc.bench.run import DEFAULT_CELLS
    from gatecalc.cli.source import named_cell

    if names.count("-") > 1:
        raise InputError("only one CELL can come from standard input")
    return [named_cell(n) if n == "-" else n for n in names or DEFAULT_CELLS]


def _grid(texts: list[str] | None) -> list[str] | None:
    from gatecalc.bench.points import split_grid

    return None if texts is None else [p for text in texts for p in split_grid(text)]


def _names(texts: list[str] | None) -> list[str] | None:
    if texts is None:
        return None
    return [name for text in texts for part in text.split(",") if (name := part.strip())]


def _peers(texts: list[str] | None) -> list[str] | None:
    names = _names(texts)
    if names == []:
        from gatecalc.bench.subjects import SUBJECTS

        raise InputError(f"--peers names nobody\npeers are {', '.join(SUBJECTS)}")
    return names


def _dtypes(texts: list[str] | None) -> list[str]:
    names = ["float32"] if texts is None else list(dict.fromkeys(_names(texts) or [""]))
    for name in names:
        if name not in _CHOICES:
            raise InputError(f"--dtype: `{name}` is none of {', '.join(_CHOICES)}")
    return names


def _warn(problem: str) -> None:
    if sys.stderr is not None:
        print(f"gatecalc: {problem}", file=sys.stderr, flush=True)


def _deliver(args: argparse.Namespace, report: Report) -> None:
    written: dict[Any, bytes] = {}
    if args.json not in (None, output.STDOUT):
        written[args.json] = output.json_text(report.to_dict()).encode()
    if args.output not in (None, output.STDOUT):
        written[args.output] = (
            output.json_text(report.to_dict())
            if args.output.lower().endswith(".json")
            else output.marked(f"{report}\n")
        ).encode()
    # What took minutes is shown before anything can go wrong with a file.
    if args.json == output.STDOUT:
        screen.pour(output.json_text(report.to_dict()).encode())
    elif screen.is_terminal():
        screen.console().print(report)
    else:
        screen.say(str(report))
    if written:
        files.write_all(written, force=args.force)
        if args.json != output.STDOUT:
            screen.mention("\n".join(f"wrote {target}" for target in written))


@contextmanager
def _watching() -> Iterator[Callable[[Progress], None]]:
    """Shows on standard error how far it is: a bar for those who look, else a line a point."""
    if sys.stderr is None:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}"), BarColumn(16), MofNCompleteColumn(),
            TimeElapsedColumn(),
        )  # fmt: skip
        wide, high = screen.terminal_size()
        console = Console(stderr=True, width=wide, height=high)
        with Bar(*columns, console=console, transient=True, refresh_per_second=2) as bar:
            task = bar.add_task("", total=None)
            yield lambda p: bar.update(
                task, description=p.words, completed=p.done, total=p.total or None
            )


@contextmanager
def _terminable() -> Iterator[None]:
    """To be terminated (by `timeout`, say) is to be interrupted: what was measured is shown."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # only the main thread of a program may do this
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Lines:
    """One line for each point, where no bar can be drawn."""

    def __init__(self) -> None:
        self.shown = ""

    def __call__(self, progress: Progress) -> None:
        where = progress.words.partition(": ")[0]
        if where != self.shown and sys.stderr is not None:
            self.shown = where
            count = f"{progress.done + 1}/{progress.total} " if progress.total else ""
            print(f"gatecalc: {count}{where}", file=sys.stderr, flush=True)
