"""The catalogue of cells: text files beside this one, a folder for each family."""

from __future__ import annotations

from functools import cache
from importlib import resources

from gatecalc.equations.cell import Cell
from gatecalc.equations.notation import read

FAMILIES: tuple[str, ...] = ("rnn", "lstm", "odyssey", "gru", "minimal", "layers")
"""The folders, in the order in which they are listed."""


@cache
def _texts() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for family in FAMILIES:
        folder = resources.files(__package__) / family
        files = sorted((f for f in folder.iterdir() if f.name.endswith(".txt")), key=_rank)
        for file in files:
            found[file.name.removesuffix(".txt")] = family, file.read_text("utf-8")
    return found


def _rank(file: resources.abc.Traversable) -> tuple[int, str]:
    return len(file.name.split("_")), file.name


def names(family: str | None = None) -> tuple[str, ...]:
    """The names of the catalogue's cells, by family, the plain cell of a family first.

    >>> names("rnn")
    ('rnn', 'rnn_relu')
    """
    return tuple(n for n, (f, _) in _texts().items() if family in (None, f))


def text(name: str) -> str:
    """The equations of a catalogue cell as they stand in its file. Raises KeyError."""
    return _texts()[name][1]


@cache
def load(name: str) -> Cell:
    """A catalogue cell. Raises KeyError for a name that is not there.

    >>> load("gru").title
    'Gated recurrent unit as first published, a high z keeps the past'
    """
    return read(text(name), name)
