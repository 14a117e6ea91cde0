"""`gatecalc build`: everything that follows from a cell, in one directory."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecalc.cli import arguments, files, output, screen
from gatecalc.errors import InputError, OutputError

if TYPE_CHECKING:
    from gatecalc.checks import Report
    from gatecalc.equations import Cell

_DESCRIPTION = """\
Writes DIR/NAME.py (the module), NAME.tex (the notes), NAME.trace.txt (every
number of a small run) and NAME.check.txt (what the checks say): all four, or
none. DIR is ./NAME/ unless given. The exit status is 1 if not all is proved."""

_WHAT = {
    ".py": "the NumPy module: init, step, forward, backward",
    ".tex": "the derivation as a document, for pdflatex (run it twice)",
    ".trace.txt": "every number of a small run, forward and backward",
    ".check.txt": "what the checks say",
}
"""By suffix, in the order in which the files are listed."""


def add(subparsers: arguments.Subparsers) -> argparse.ArgumentParser:
    """The command and its options."""
    parser = arguments.command(
        subparsers, "build", "all of it: module, notes, trace and checks together", _DESCRIPTION
    )
    arguments.add_cell(parser)
    arguments.add_size(
        parser,
        f"{arguments.SMALL_SIZES}; what the notes take instead, `gatecalc notes --help` says",
    )
    arguments.add_length(parser, "3 checked, 4 traced")
    arguments.add_batch(parser, "2 checked, 1 traced")
    arguments.add_seed(parser)
    arguments.add_output(parser, json=True, metavar="DIR", where="the directory to write into")
    return parser


def run(args: argparse.Namespace) -> int:
    """Writes the files and says what they are; the exit status is that of the check."""
    from gatecalc.cli.source import named_cell

    if args.output == output.STDOUT:
        raise InputError("build writes several files: -o takes a directory")
    if args.output == "":
        raise InputError("the name of the output directory is empty")
    cell = named_cell(args.cell)
    name = _module_name(cell)
    folder = Path(name if args.output is None else args.output)
    paths = {suffix: folder / f"{name}{suffix}" for suffix in _WHAT}
    _check_regular(paths.values())
    _check_folder(folder)
    files.check_all(paths.values(), force=args.force)
    documents, report = _documents(cell, args)
    _write(folder, {paths[s]: text.encode() for s, text in documents.items()}, force=args.force)
    if args.json:
        facts = {"files": [str(p) for p in paths.values()], "check": report.to_dict()}
        screen.pour(output.json_text(facts).encode())
    else:
        screen.mention(_summary(cell, paths, report, screen.width()))
    return 0 if report else 1


def _module_name(cell: Cell) -> str:
    """The cell's name, unless Python or NumPy has a module of that name.

    Python looks beside a script first: numpy.py there is what `import numpy` would import.
    """
    taken = cell.name == "numpy" or cell.name in sys.stdlib_module_names
    return f"cell_{cell.name}" if taken else cell.name


def _check_regular(paths: Iterable[Path]) -> None:
    """What is no file cannot be exchanged for one; a pipe would wait for a reader for ever."""
    for path in paths:
        if path.exists() and not path.is_file():
            kind = "a directory" if path.is_dir() else "no regular file"
            raise OutputError(
                f"`{path}` is {kind}, where build writes a file\n"
                "move it away, or name another directory: -o DIR"
            )


def _check_folder(folder: Path) -> None:
    """Raises what `_make` would, as far as it can be seen before the work."""
    there = next((p for p in (folder, *folder.parents) if os.path.lexists(p)), Path())
    if there == folder and not folder.is_dir():
        raise _no_folder(folder)
    if not there.is_dir():
        raise OutputError(f"cannot make the directory `{folder}`: {os.strerror(errno.ENOTDIR)}")
    if there != folder and not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"cannot make the directory `{folder}`: {os.strerror(errno.EACCES)}")


def _no_folder(folder: Path) -> OutputError:
    return OutputError(f"`{folder}` exists and is not a directory; name another one: -o DIR")


def _documents(cell: Cell, args: argparse.Namespace) -> tuple[dict[str, str], Report]:
    from gatecalc.checks import check
    from gatecalc.checks.effort import refuse_too_much
    from gatecalc.cli import check as check_command
    from gatecalc.cli import trace as trace_command
    from gatecalc.codegen import generate, load
    from gatecalc.evaluate.problem import resolve_sizes
    from gatecalc.notes import notes
    from gatecalc.trace import trace

    sizes = arguments.size_option(args)
    seed = arguments.given(args, "seed")
    run = arguments.given(args, "length", "batch", "seed")
    module = generate(cell)
    # What may refuse, for its size, comes before what may take a minute.
    refuse_too_much(cell, resolve_sizes(cell, sizes), args.length or 3, args.batch or 2)
    traced = trace_command.text(trace(cell, sizes=sizes, **run), backward=True)
    check_command.announce(cell, sizes, args)
    report = check(cell, load(module, cell.name), sizes=sizes, **run)
    documents = {
        ".py": module,
        ".tex": notes(cell, sizes=sizes, **seed),
        ".trace.txt": output.marked(traced),
        ".check.txt": output.marked(f"{report}\n"),
    }
    return documents, report


def _write(folder: Path, contents: Mapping[str | Path, bytes], *, force: bool) -> None:
    """Writes all files, or none; a directory that was made for them goes too."""
    made = _make(folder)
    try:
        files.write_all(contents, force=force)
    except BaseException:
        for directory in reversed(made):
            with suppress(OSError):
                directory.rmdir()
        raise


def _make(folder: Path) -> list[Path]:
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise _no_folder(folder) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot make the directory `{folder}`: {reason}") from None
    return missing[::-1]


def _summary(cell: Cell, paths: Mapping[str, Path], report: Report, width: int) -> str:
    from gatecalc.equations.wrapping import prose_lines

    wide = max(len(str(path)) for path in paths.values())
    title = cell.name if cell.title == cell.name else f"{cell.name}: {cell.title}"
    lines = [title, *(f"  {path!s:{wide}}  {_WHAT[suffix]}" for suffix, path in paths.items())]
    return "\n".join([*lines, *prose_lines(_verdict(report, paths[".check.txt"]), width)])


def _verdict(report: Report, path: Path) -> str:
    facts: dict[str, Any] = report.to_dict()
    checks: dict[str, str] = facts["checks"]
    proved = [name for name, verdict in checks.items() if verdict == "proved"]
    others = [f"{name}: {verdict}" for name, verdict in checks.items() if verdict != "proved"]
    if report:
        return f"checked and proved: {', '.join(proved)}"
    return f"NOT all is proved: {', '.join(others)}; see {path}"
