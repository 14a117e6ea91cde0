"""What a cell says: the notation, the table of functions, the catalogue."""

from __future__ import annotations

import re
from keyword import iskeyword
from os import PathLike, fspath
from pathlib import Path

from gatecalc.equations import catalogue
from gatecalc.equations.cell import Cell
from gatecalc.equations.hints import nearest
from gatecalc.equations.lines import MAX_CHARACTERS, decode
from gatecalc.equations.notation import read
from gatecalc.errors import CellNotFoundError, InputError, NotationError, shown_path

__all__ = ["Cell", "catalogue", "cell", "read", "read_file"]


def cell(source: str | PathLike[str] | Cell) -> Cell:
    """A cell from equations, a catalogue name or a path.

    Text with a line break or a `[t]` is equations; else a name of the catalogue; else a path to a
    text file. A `Cell` is returned as it is.

    Raises NotationError for equations that cannot be read, CellNotFoundError where there is
    neither such a cell nor such a file, and InputError for what can be none of these.

    >>> cell("y[t] = W @ x[t] + b").parameters
    ('W', 'b')
    """
    if isinstance(source, Cell):
        return source
    if isinstance(source, str):
        if re.search(r"[\n\r]|\[\s*t\s*\]|^\s*(#|$)", source):
            return read(source)
        if source in catalogue.names():
            return catalogue.load(source)
        # Whoever writes h_t for h[t] should hear of that, and not of a missing file.
        if "=" in source and not _exists(Path(source)):
            return read(source)
    elif not isinstance(source, PathLike):
        raise InputError(
            f"{type(source).__name__} given, expected the name of a cell, its equations as text, "
            "or a path"
        )
    return read_file(source)


def read_file(path: str | PathLike[str]) -> Cell:
    """A cell from a text file; the cell is called after the file.

    Raises CellNotFoundError where there is no readable file, NotationError for its contents.
    """
    path = Path(fspath(path))
    try:
        with path.open("rb") as file:
            data = file.read(4 * MAX_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        raise _not_found(path, error) from None
    name = re.sub(r"\W+", "_", path.stem, flags=re.ASCII).strip("_") or "cell"
    if not name.isidentifier() or iskeyword(name):  # the generated module is to be imported
        name = f"cell_{name}"
    try:
        return read(decode(data, f"`{path.name}`"), name)
    except NotationError as error:
        raise error.found_in(path.name) from None


def _not_found(path: Path, error: OSError | ValueError) -> CellNotFoundError:
    shown = shown_path(path)
    if _exists(path):
        reason = getattr(error, "strerror", None) or str(error)
        return CellNotFoundError(f"cannot read `{shown}`: {reason}")
    near = nearest(shown, catalogue.names())
    return CellNotFoundError(
        f"there is no cell and no file `{shown}`\n"
        + (f"{near}\n" if near else "")
        + "`gatecalc list` shows the catalogue; equations are given as a text file, or - "
        "for standard input"
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long a name, or one that holds a NUL character
        return False
