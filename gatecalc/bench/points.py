"""Where on the grid is measured: T steps, B samples, D numbers in, H hidden units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatecalc.equations.hints import nearest
from gatecalc.errors import InputError

LARGEST = 10**9
"""No whole number above this is meant."""

_DIMENSIONS = "TBDH"


@dataclass(frozen=True, slots=True)
class Point:
    """One place of the grid.

    >>> str(Point("s64", 64, 8, 32, 32))
    's64 (64, 8, 32, 32)'
    """

    name: str
    T: int
    B: int
    D: int
    H: int

    @property
    def dimensions(self) -> tuple[int, int, int, int]:
        """(T, B, D, H)."""
        return self.T, self.B, self.D, self.H

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.dimensions))
        return f"({shown})" if self.name == crossed(self.dimensions) else f"{self.name} ({shown})"


GRID: dict[str, Point] = {
    point.name: point
    for point in (
        Point("small", 32, 1, 8, 16),
        Point("s64", 64, 8, 32, 32),
        Point("med", 100, 32, 64, 128),
        Point("med2", 100, 64, 128, 256),
        Point("large", 64, 128, 256, 512),
        Point("long", 1000, 16, 32, 64),
    )
}
"""The points that have a name."""


def crossed(dimensions: Sequence[int]) -> str:
    """How a point without a name is called.

    >>> crossed((64, 1, 32, 256))
    '64x1x32x256'
    """
    return "x".join(map(str, dimensions))


def split_grid(text: str) -> tuple[str, ...]:
    """The points of a list that is written with commas, `T=..,B=..,D=..,H=..` included.

    >>> split_grid("small,64x1x32x256,T=5,B=1,D=2,H=3,med")
    ('small', '64x1x32x256', 'T=5,B=1,D=2,H=3', 'med')
    """
    found: list[str] = []
    for part in text.split(","):
        name = part.partition("=")[0].strip()
        # A second T begins another point only where the first one has all four.
        whole = bool(found) and all(_gives(found[-1], d) for d in _DIMENSIONS)
        if "=" in part and found and "=" in found[-1] and not (whole and _gives(found[-1], name)):
            found[-1] += f",{part.strip()}"
        else:
            found.append(part.strip())
    return tuple(p for p in found if p)


def read_point(text: str) -> Point:
    """A point by name, as `64x1x32x256`, or as `T=64,B=1,D=32,H=256`.

    Raises InputError with the nearest name, or with what is wrong about a number.

    >>> read_point("T=64,B=1,D=32,H=256").name
    '64x1x32x256'
    """
    if text in GRID:
        return GRID[text]
    if "=" in text:
        values = _assigned(text)
    elif re.fullmatch(r"[+-]?\d+(\s*[x×]\s*[+-]?\d+)*", text, re.ASCII | re.IGNORECASE):
        values = re.split(r"\s*[x×]\s*", text, flags=re.IGNORECASE)
        if len(values) != len(_DIMENSIONS):
            raise InputError(
                f"the point `{text}` has {len(values)} numbers: four are expected, TxBxDxH"
            )
    else:
        near = nearest(text, GRID)
        raise InputError(
            f"there is no point `{text}` on the grid"
            + (f"\n{near}\n" if near else "\n")
            + f"points are {', '.join(GRID)}, all, or of your own: 64x1x32x256 for TxBxDxH"
        )
    numbers = [_number(text, d, v) for d, v in zip(_DIMENSIONS, values, strict=True)]
    name = crossed(numbers)
    return next((p for p in GRID.values() if crossed(p.dimensions) == name), Point(name, *numbers))


def read_grid(names: Iterable[str]) -> tuple[list[Point], list[str]]:
    """Points, each once, and a message for everything that is none; `all` is the whole grid."""
    points: dict[Point, None] = {}
    problems: list[str] = []
    for name in names:
        try:
            points |= dict.fromkeys(GRID.values() if name == "all" else [read_point(name)])
        except InputError as error:
            problems.append(str(error))
    return list(points), problems


def _gives(text: str, name: str) -> bool:
    return any(part.partition("=")[0].strip() == name for part in text.split(","))


def _assigned(text: str) -> list[str]:
    given: dict[str, str] = {}
    for part in text.split(","):
        name, _, value = (s.strip() for s in part.partition("="))
        if name not in _DIMENSIONS or len(name) != 1:
            raise InputError(f"the point `{text}`: `{name}` is not among T, B, D and H")
        if name in given:
            raise InputError(
                f"the point `{text}` gives {name} twice: write T=..,B=..,D=..,H=.., each once"
            )
        given[name] = value
    if missing := [d for d in _DIMENSIONS if d not in given]:
        raise InputError(
            f"the point `{text}` lacks {' and '.join(missing)}: write T=..,B=..,D=..,H=.."
        )
    return [given[d] for d in _DIMENSIONS]


def _number(text: str, dimension: str, value: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", value, re.ASCII) or int(value) < 1:
        raise InputError(
            f"the point `{text}` is impossible: {dimension} = {value or 'nothing'}, and a whole "
            "number of at least 1 is expected"
        )
    if int(value) > LARGEST:
        raise InputError(f"the point `{text}`: {dimension} can be {LARGEST:,} at most")
    return int(value)
