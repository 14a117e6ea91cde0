"""Sizes from the shapes of arrays: each array claims what its dimensions are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatecalc.equations.text import size_text
from gatecalc.equations.tree import Size
from gatecalc.errors import InputError


@dataclass(frozen=True, slots=True)
class Claim:
    """An array by the name that its user knows, its shape, and its dimensions in symbols."""

    label: str
    shape: tuple[int, ...]
    dimensions: tuple[Size, ...]
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The value of a size and what it was learned from."""

    value: int
    origin: str


def fit(claims: Sequence[Claim], given: Mapping[str, Known]) -> dict[str, Known]:
    """The sizes that arrays and given sizes determine together.

    Raises InputError for an array with the wrong number of axes, or that contradicts what is given
    or what arrays before it said.

    >>> w = Claim("W", (4, 7), (("H",), ("H", "D")))
    >>> {name: size.value for name, size in fit([w], {}).items()}
    {'H': 4, 'D': 3}
    """
    known = dict(given)
    for claim in claims:
        if len(claim.shape) != len(claim.dimensions):
            raise _misfit(claim, known)
    growing = True
    while growing:
        before = len(known)
        for claim in claims:
            for position, size in enumerate(claim.dimensions):
                _learn(claim, position, size, known)
        growing = len(known) > before
    for claim in claims:
        for size, length in zip(claim.dimensions, claim.shape, strict=True):
            if (expected := total(size, known)) is not None and expected != length:
                raise _misfit(claim, known)
    return known


def total(size: Size, known: Mapping[str, Known]) -> int | None:
    """A sum of sizes as a number, or None where one of them is not known."""
    if all(name in known for name in size):
        return sum(known[name].value for name in size)
    return None


def _learn(claim: Claim, position: int, size: Size, known: dict[str, Known]) -> None:
    """One unknown among the summands is what the known ones leave over."""
    unknown = dict.fromkeys(name for name in size if name not in known)
    if len(unknown) != 1:
        return
    (name,) = unknown
    rest = claim.shape[position] - sum(known[n].value for n in size if n in known)
    value, remainder = divmod(rest, size.count(name))
    if remainder or value < 1:
        raise _misfit(claim, known)
    known[name] = Known(value, claim.label)


def _misfit(claim: Claim, known: Mapping[str, Known]) -> InputError:
    sizes = [total(s, known) for s in claim.dimensions]
    symbols = _tuple(size_text(s) for s in claim.dimensions)
    expected = symbols
    if sizes and any(s is not None for s in sizes):
        expected += " = " + _tuple("any" if s is None else str(s) for s in sizes)
    lines = [f"{claim.label} has shape {_tuple(map(str, claim.shape))}, expected {expected}"]
    names = dict.fromkeys(n for s in claim.dimensions for n in s)
    origins = [
        f"{n} = {known[n].value} ({known[n].origin})"
        for n in names
        if n in known and known[n].origin != claim.label
    ]
    if origins:
        lines.append("where " + ", ".join(origins))
    if 0 in claim.shape:
        lines.append("every axis needs at least one entry")
    elif claim.advice and len(claim.shape) != len(claim.dimensions):
        lines.append(claim.advice)
    return InputError("\n".join(lines))


def _tuple(items: Iterable[str]) -> str:
    entries = list(items)
    return f"({entries[0]},)" if len(entries) == 1 else f"({', '.join(entries)})"
