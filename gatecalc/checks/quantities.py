"""What a check compares: the outcomes of a run, and a gradient for each of its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from gatecalc.equations.cell import Cell
from gatecalc.evaluate.functions import NUMPY, Arithmetic, Array
from gatecalc.evaluate.problem import Problem
from gatecalc.evaluate.run import run_equations

Kind: TypeAlias = Literal["output", "last state", "input", "parameter", "first state"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One array that goes into a run (with a gradient) or comes out of it."""

    kind: Kind
    name: str

    @property
    def is_outcome(self) -> bool:
        """Whether it comes out of the forward pass."""
        return self.kind in ("output", "last state")


Results: TypeAlias = Mapping[Quantity, Array]
"""Outcomes under their quantities, gradients under those of the arguments."""


def outcomes(cell: Cell) -> tuple[Quantity, ...]:
    """The output at every step, `(T, B, n)`, and every last state, `(B, n)`."""
    states = (Quantity("last state", n) for n in cell.states)
    return (Quantity("output", cell.output), *states)


def arguments(cell: Cell) -> tuple[Quantity, ...]:
    """What a loss is differentiated by: inputs, parameters, first states; no constants."""
    return (
        *(Quantity("input", n) for n in cell.inputs),
        *(Quantity("parameter", n) for n in cell.parameters),
        *(Quantity("first state", n) for n in cell.states),
    )


def value(problem: Problem, argument: Quantity) -> Array:
    """The array of an argument."""
    return _table(problem, argument.kind)[argument.name]


def with_values(problem: Problem, values: Mapping[Quantity, Any]) -> Problem:
    """The problem with other arrays for some arguments."""
    xs, params, state = dict(problem.xs), dict(problem.params), dict(problem.state)
    tables = {"input": xs, "parameter": params, "first state": state}
    for argument, array in values.items():
        tables[argument.kind][argument.name] = array
    return replace(problem, xs=xs, params=params, state=state)


def cotangent(problem: Problem, outcome: Quantity) -> Array:
    """What the loss is per unit of an outcome: the loss is the sum of these products."""
    return problem.d_hs if outcome.kind == "output" else problem.d_state[outcome.name]


def equations_outcomes(
    cell: Cell, problem: Problem, arithmetic: Arithmetic = NUMPY
) -> dict[Quantity, Array]:
    """The outcomes according to the parsed equations.

    >>> from gatecalc.equations import cell
    >>> from gatecalc.evaluate.problem import random_problem
    >>> gru = cell("gru")
    >>> [array.shape for array in equations_outcomes(gru, random_problem(gru)).values()]
    [(3, 2, 4), (2, 4)]
    """
    with np.errstate(all="ignore"):
        values, final = run_equations(cell, problem, arithmetic)
    last = {Quantity("last state", n): array for n, array in final.items()}
    return {Quantity("output", cell.output): values[cell.output], **last}


def _table(problem: Problem, kind: Kind) -> Mapping[str, Array]:
    match kind:
        case "input":
            return problem.xs
        case "parameter":
            return problem.params
        case "first state":
            return problem.state
    raise KeyError(kind)
