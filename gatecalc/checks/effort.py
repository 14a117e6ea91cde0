"""How much work a check is: how many entries it can move, and what would take it too long."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gatecalc.checks.quantities import arguments
from gatecalc.equations.cell import Cell
from gatecalc.errors import InputError
from gatecalc.evaluate.problem import dimensions, width

ENTRIES = 256
"""Of a larger array, at most this many entries are moved, drawn at random."""

LONGEST_FOR_AUTOGRAD = 500
"""Steps: what HIPS autograd does at each step takes the longer the more steps there are."""

FLOATS_AT_ONCE = 2_000_000
"""How much memory the moved copies of a problem may take together."""

# All below is counted in multiplications; a numeric check does about a billion in a second.
_MOST = 5_000_000_000
_TOO_MANY = 2 * _MOST
_LONG = _MOST // 64
_RUNS = 5  # of the cell for each entry: four differences, or one of complex numbers, which are slow
_VALUE = 10
_STEP = 60_000  # Python's share in a step, which all copies that run at once have in common


def entries_moved(cell: Cell, sizes: Mapping[str, int], length: int, batch: int) -> int:
    """Of a larger array, how many entries are moved: fewer where each run takes long.

    >>> from gatecalc.equations import cell
    >>> [entries_moved(cell("lstm"), {"D": 3, "H": n}, 3, 2) for n in (4, 400)]
    [256, 16]
    """
    return max(1, min(ENTRIES, int(_MOST / _of_one_entry(cell, sizes, length, batch))))


def copies_at_once(
    cell: Cell, sizes: Mapping[str, int], length: int, batch: int, *, copies: int, entries: int
) -> int:
    """How many entries are moved in one run: `copies` of an array of `entries` for each of them."""
    each = copies * (entries + length * batch * _values(cell, sizes))
    return max(1, FLOATS_AT_ONCE // each)


def takes_long(cell: Cell, sizes: Mapping[str, int], length: int, batch: int) -> bool:
    """Whether somebody who waits should be told; not of what is refused."""
    return _LONG < _of_one_entry(cell, sizes, length, batch) <= _TOO_MANY


def refuse_too_much(cell: Cell, sizes: Mapping[str, int], length: int, batch: int) -> None:
    """Raises InputError where moving a single entry of each array would take minutes."""
    if _of_one_entry(cell, sizes, length, batch) <= _TOO_MANY:
        return
    listed = ", ".join(f"{n}={v}" for n, v in {"T": length, "B": batch, **sizes}.items())
    raise InputError(
        f"a check at {listed} would take many minutes: {_weights(cell, sizes):,} parameters, each "
        f"used at {length * batch:,} steps and samples, once for every entry that is moved\n"
        "the module is the same text at every size: check it at smaller ones"
    )


def _of_one_entry(cell: Cell, sizes: Mapping[str, int], length: int, batch: int) -> float:
    """What it costs to move one entry of each array."""
    weights, values = _weights(cell, sizes), _values(cell, sizes)
    together = copies_at_once(cell, sizes, length, batch, copies=4, entries=0)
    run = length * (batch * (weights + _VALUE * values) + _STEP / min(together, ENTRIES))
    return _RUNS * len(arguments(cell)) * run


def _weights(cell: Cell, sizes: Mapping[str, int]) -> int:
    return sum(math.prod(dimensions(cell.shapes[n], sizes)) for n in cell.parameters)


def _values(cell: Cell, sizes: Mapping[str, int]) -> int:
    return sum(width(cell.shapes[n], sizes) for n in (*cell.inputs, *cell.computed))
