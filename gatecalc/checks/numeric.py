"""Derivatives of the equations by numbers alone: central differences and the complex step.

Every entry of every argument is moved on its own. All moved problems run at once, along a leading
axis of the arrays, and it is the parsed equations that run: a module is judged by what its author
was given, not by its own forward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatecalc.checks import effort
from gatecalc.checks.quantities import (
    Quantity,
    Results,
    arguments,
    cotangent,
    equations_outcomes,
    value,
    with_values,
)
from gatecalc.equations.cell import Cell
from gatecalc.evaluate.functions import NUMPY, Arithmetic, Array, above_zero
from gatecalc.evaluate.problem import Problem

COMPLEX_BOUND = 1e-10
CENTRAL_BOUND = 1e-6

_STEPS = (1e-4, 1e-6, 1e-8)
_DOUBTFUL = 1e-4
_IMAGINARY = 1e-30


def complex_step(cell: Cell, problem: Problem) -> dict[Quantity, Array]:
    """Gradients as imaginary parts: f(a + iε) = f(a) + iε f'(a), with nothing to cancel.

    Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions".
    Functions with branches take them by the real part. Entries that were not drawn are NaN, those
    without a finite derivative infinite.
    """

    def derivatives(argument: Quantity, entries: Array) -> Array:
        moved = _copies(value(problem, argument), len(entries), complex)
        moved.reshape(len(entries), -1)[np.arange(len(entries)), entries] += 1j * _IMAGINARY
        results = _run(cell, problem, argument, moved)
        slopes = sum(_loss(array.imag, problem, q) for q, array in results.items())
        return np.nan_to_num(np.asarray(slopes) / _IMAGINARY, nan=np.inf)

    return _gradients(cell, problem, 1, derivatives)


def central_differences(cell: Cell, problem: Problem) -> dict[Quantity, Array]:
    """Gradients as differences of the loss to both sides.

    Where a branch (of relu, say) is taken differently on the way, a value is not finite, or the
    loss bends too much, the step is made smaller. An entry that no step helps lies on a kink and
    is NaN, as are entries that were not drawn.
    """

    def derivatives(argument: Quantity, entries: Array) -> Array:
        found = np.full(len(entries), np.nan)
        doubts = np.full(len(entries), np.inf)
        pending = np.arange(len(entries))
        for step in _STEPS:
            slopes, doubt = _differences(cell, problem, argument, entries[pending], step)
            better = doubt < doubts[pending]
            found[pending[better]] = slopes[better]
            doubts[pending[better]] = doubt[better]
            scale = np.abs(found, where=np.isfinite(found), out=np.zeros(len(found))).max()
            pending = np.flatnonzero(doubts > _DOUBTFUL * scale)
            if not len(pending):
                break
        return found

    return _gradients(cell, problem, 4, derivatives)


def _differences(
    cell: Cell, problem: Problem, argument: Quantity, entries: Array, step: float
) -> tuple[Array, Array]:
    """The slope at each entry, and how far it is from that of a simpler formula.

    (f(a + s) - f(a - s)) / 2s is off by a multiple of s**2 to begin with; so is the same with 2s,
    by four times as much, and the two together cancel it (Richardson). What is cancelled is the
    doubt; it is infinite where something stands in the way.
    """
    count = len(entries)
    start = value(problem, argument)
    steps = step * np.maximum(1.0, np.abs(start.reshape(-1)[entries]))
    # Four copies for each entry, and a last one that stays, whose branches all others shall take.
    moved = _copies(start, 4 * count + 1, float)
    moves = np.concatenate([steps, -steps, 2 * steps, -2 * steps])
    moved.reshape(len(moved), -1)[np.arange(4 * count), np.tile(entries, 4)] += moves
    branches = _Branches(len(moved))
    results = _run(cell, problem, argument, moved, Arithmetic(positive=branches))
    near, far = np.zeros(count), np.zeros(count)
    with np.errstate(invalid="ignore"):
        for q, array in results.items():
            forth, back, far_forth, far_back = array[:-1].reshape(4, count, *array.shape[1:])
            # Differences first, then the sum: outcomes that did not change add no rounding error.
            near += _loss(forth - back, problem, q) / (2 * steps)
            far += _loss(far_forth - far_back, problem, q) / (4 * steps)
        slopes = near + (near - far) / 3
        doubts = np.abs(near - far)
    same = ~branches.changed[:-1].reshape(4, count).any(axis=0)
    return slopes, np.where(same & np.isfinite(slopes), doubts, np.inf)


@dataclass(slots=True)
class _Branches:
    """Takes branches as NumPy does and remembers which copies take others than the last one."""

    copies: int
    changed: Array = field(init=False)

    def __post_init__(self) -> None:
        self.changed = np.zeros(self.copies, dtype=bool)

    def __call__(self, a: Any) -> Any:
        positive = above_zero(a)
        if positive.ndim > 2 and len(positive) == self.copies:
            self.changed |= (positive != positive[-1]).reshape(self.copies, -1).any(axis=1)
        return positive


def _gradients(
    cell: Cell,
    problem: Problem,
    copies: int,
    derivatives: Callable[[Quantity, Array], Array],
) -> dict[Quantity, Array]:
    found = {}
    for argument in arguments(cell):
        array = value(problem, argument)
        gradient = np.full(array.size, np.nan)
        for entries in _portions(cell, problem, array.size, copies):
            gradient[entries] = derivatives(argument, entries)
        found[argument] = gradient.reshape(array.shape)
    return found


def _portions(cell: Cell, problem: Problem, size: int, copies: int) -> Iterator[Array]:
    """The entries to check, so many at once that memory holds them."""
    extent = (cell, problem.sizes, problem.length, problem.batch)
    entries, most = np.arange(size), effort.entries_moved(*extent)
    if size > most:
        entries = np.sort(np.random.default_rng(size).choice(size, most, replace=False))
    at_once = effort.copies_at_once(*extent, copies=copies, entries=size)
    for start in range(0, len(entries), at_once):
        yield entries[start : start + at_once]


def _copies(array: Array, count: int, dtype: type) -> Array:
    return np.array(np.broadcast_to(array, (count, *array.shape)), dtype=dtype)


def _run(
    cell: Cell, problem: Problem, argument: Quantity, moved: Array, using: Arithmetic = NUMPY
) -> Results:
    """The outcomes of all copies: `moved` stands for the argument, one copy along its first axis.

    Copies come first in the outcomes too: `(K, T, B, n)` and `(K, B, n)`.
    """
    count = len(moved)
    ready: dict[Quantity, Array] = {}
    for other in arguments(cell):
        array = moved if other == argument else value(problem, other)[None]
        if other.kind == "parameter":
            # A vector is one row, which stands for every sample.
            ready[other] = array if array.ndim > 2 else array.reshape(len(array), 1, -1)
        else:
            array = np.broadcast_to(array, (count, *array.shape[1:]))
            ready[other] = np.moveaxis(array, 0, 1) if other.kind == "input" else array
    results = equations_outcomes(cell, with_values(problem, ready), using)
    return {q: _copies_first(array, count, q) for q, array in results.items()}


def _copies_first(array: Array, count: int, outcome: Quantity) -> Array:
    """An outcome that no argument with copies reaches has none, or one for all."""
    axis = 1 if outcome.kind == "output" else 0
    full = array if array.ndim == axis + 3 else np.expand_dims(array, axis)
    full = np.moveaxis(full, axis, 0)
    return np.broadcast_to(full, (count, *full.shape[1:]))


def _loss(changes: Array, problem: Problem, outcome: Quantity) -> Array:
    """What an outcome adds to the loss of each copy."""
    weighted = changes * cotangent(problem, outcome)
    total: Array = weighted.reshape(len(weighted), -1).sum(axis=1)
    return total
