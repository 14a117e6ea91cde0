"""The arrays of a task: the same numbers in every process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from gatecalc.bench.task import Task

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Arrays:
    """Parameters and constants by name; inputs (T, B, n), first states (B, n), d_hs (T, B, n)."""

    params: dict[str, Array]
    xs: list[Array]
    state: list[Array]
    d_hs: Array


def draw(task: Task) -> Arrays:
    """Arrays from the task's seed, in its dtype from the start: long sequences leave no room.

    Parameters are uniform within 1/sqrt(H), as libraries draw them.
    """
    rng = np.random.default_rng(task.seed)
    dtype: Any = np.dtype(task.dtype)

    def uniform(shape: tuple[int, ...], bound: float) -> Array:
        values = np.asarray(rng.random(shape, dtype=dtype))
        values *= dtype.type(bound if task.positive else 2 * bound)
        if not task.positive:
            values -= dtype.type(bound)
        return values

    def normal(*shape: int) -> Array:
        values = np.asarray(rng.standard_normal(shape, dtype=dtype))
        if task.positive:
            np.abs(values, out=values)
            values += dtype.type(0.1)
        return values

    bound = max(task.sizes.get("H", task.output), 1) ** -0.5
    params = {name: uniform(shape, bound) for name, shape in task.params.items()}
    params |= {name: np.asarray(value, dtype) for name, value in task.constants.items()}
    start = 0.5 if task.positive else 0.0
    return Arrays(
        params,
        [normal(task.T, task.B, n) for n in task.inputs.values()],
        [np.full((task.B, n), start, dtype) for n in task.states.values()],
        np.asarray(rng.standard_normal((task.T, task.B, task.output), dtype=dtype)),
    )
