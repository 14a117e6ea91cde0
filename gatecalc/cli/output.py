"""Results to standard output or to a file, in the form that the command was asked for."""

from __future__ import annotations

import argparse
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatecalc import __version__
from gatecalc.cli import screen
from gatecalc.cli.files import MARKER, check, write
from gatecalc.errors import InputError
from gatecalc.seal import archive_seal, sealed, sealed_json

STDOUT = "-"


def wants_json(args: argparse.Namespace) -> bool:
    """Whether `--json` was given, or a file that ends with it; it is text otherwise.

    Raises InputError for a file whose name says that it holds neither.
    """
    if args.json or (args.output or "").lower().endswith(".json"):
        refuse_other_format(args, ".json", "the result is JSON")
        return True
    refuse_other_format(args, ".txt", "the result is text")
    return False


def is_stdout(args: argparse.Namespace) -> bool:
    """Whether the result goes to standard output."""
    return args.output in (None, STDOUT)


_OTHER_FORMATS = frozenset(
    (
        ".csv", ".doc", ".docx", ".htm", ".html", ".ipynb", ".json", ".odt", ".py", ".tex", ".xml",
        ".dvi", ".eps", ".gif", ".jpeg", ".jpg", ".pdf", ".png", ".ps", ".svg", ".tiff", ".webp",
        ".gz", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pyc", ".tar", ".tgz", ".zip",
    )
)  # fmt: skip
"""Suffixes of which everybody knows what they mean."""


def refuse_other_format(args: argparse.Namespace, suffix: str, what: str) -> None:
    """Raises InputError for a file whose name says that it holds something else.

    `suffix` is what the name should end with, and `what` the document. A suffix that nobody knows,
    or none, says nothing.
    """
    target = Path(args.output or "")
    said = target.suffix.lower()
    if said != suffix and said in _OTHER_FORMATS:
        raise InputError(
            f"`{target}`: {what}, and its name says something else\n"
            f"write it to {target.with_suffix(suffix)}"
        )


def check_target(args: argparse.Namespace) -> None:
    """Raises OutputError where `deliver` could write nothing, before the work is done."""
    if not is_stdout(args):
        check(args.output, force=args.force)


def deliver(args: argparse.Namespace, document: str | bytes) -> None:
    """A document as it is, to where `-o` says."""
    data = document.encode("utf-8") if isinstance(document, str) else document
    if is_stdout(args):
        screen.pour(data)
    else:
        write(args.output, data, force=args.force)
        screen.mention(f"wrote {args.output}")


def deliver_text(args: argparse.Namespace, text: str) -> None:
    """Text for people; in a file a first line says where it comes from."""
    if is_stdout(args):
        screen.say(text.rstrip("\n"))
    else:
        deliver(args, marked(text))


def deliver_json(
    args: argparse.Namespace, facts: Mapping[str, Any], *, indent: int | None = 2
) -> None:
    """Facts for programs; a number that JSON does not have (infinity, not a number) is null."""
    deliver(args, json_text(facts, indent=indent))


def marked(text: str) -> str:
    """Text with the line by which a file is known as ours, and a checksum below."""
    end = "" if text.endswith("\n") else "\n"
    return sealed(f"# {MARKER} {__version__}\n\n{text}{end}", "#")


def json_text(facts: Mapping[str, Any], *, indent: int | None = 2) -> str:
    """Facts as JSON, with the key by which a file is known as ours, and a checksum as the last."""
    whole = {"generated_by": f"gatecalc {__version__}", **facts}
    return sealed_json(json.dumps(_finite(whole), indent=indent, allow_nan=False))


def marked_archive(data: bytes) -> bytes:
    """An `.npz` file with the comment by which it is known as ours; its arrays stay the same."""
    from zipfile import ZipFile

    buffer = io.BytesIO(data)
    with ZipFile(buffer, "a") as archive:
        archive.comment = f"{MARKER} {__version__}{archive_seal(archive)}".encode()
    return buffer.getvalue()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(below) for below in value]
    return value
