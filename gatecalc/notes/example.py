"""A run so small that it can be followed with pencil and paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gatecalc.calculus.statements import Derivation
from gatecalc.equations.describe import sizes_as_numbers
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import Reduce, walk
from gatecalc.errors import InputError
from gatecalc.evaluate.finite import first_not_finite, said_not_finite
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.problem import Problem, random_problem
from gatecalc.evaluate.run import Run, is_level, run_statements

LENGTH = 2
SIZE = 2
SPREAD = 3
"""Of a vector that is averaged or normalised: of two entries nothing but a sign would be left."""
LARGEST = 4
NUDGE = 1e-6
TRIES = 8
SMOOTH = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of a parameter moved a little either way: what the loss does, and the gradient."""

    parameter: str
    index: tuple[int, ...]
    quotient: float
    gradient: float


@dataclass(frozen=True, slots=True)
class Example:
    """A run of two steps for one sample.

    The loss is the sum of the last output; where no state leads there from earlier steps, it is
    the sum of all outputs. Where that sum is always the same (a softmax adds up to 1) its entries
    are `weighted`: 1, 2, ....
    """

    run: Run
    loss: float
    check: Check | None
    weighted: bool = False

    @property
    def problem(self) -> Problem:
        """What the run was given."""
        return self.run.problem


def example(derivation: Derivation, sizes: Mapping[str, int], seed: int) -> Example:
    """Runs a derivation on small numbers with one decimal, drawn from a seed."""
    problem, run = _problem(derivation, sizes, seed, positive=False)
    if first_not_finite(run) is not None:
        # A logarithm, say: numbers above zero give it something to work on.
        problem, run = _problem(derivation, sizes, seed, positive=True)
    weighted = is_level(run)
    if weighted:
        entries = problem.d_hs.shape[-1]
        problem = replace(problem, d_hs=problem.d_hs * np.arange(1, entries + 1))
        run = _run(derivation, problem)
    return Example(run, _loss(run), _check(derivation, problem, run), weighted)


def finite_example(derivation: Derivation, given: Mapping[str, int], seed: int) -> Example:
    """The example at the first sizes at which all its numbers are finite.

    Where the equations use sizes as numbers, those that are not `given` may be larger than usual:
    1 / (K - 2) has no value at 2. Raises InputError if none of them helps. Where no size is to
    blame, the example holds what is not a number: the log of what is below zero, say.
    """
    usual = example_sizes(derivation, given)
    if not sizes_as_numbers(derivation.cell):
        return example(derivation, usual, seed)
    for least in range(1, LARGEST + 1):
        sizes = {
            name: size if 1 <= given.get(name, 0) <= LARGEST else max(size, least)
            for name, size in usual.items()
        }
        found = example(derivation, sizes, seed)
        if first_not_finite(found.run) is None:
            return found
    first = example(derivation, usual, seed).run
    place = first_not_finite(first)
    assert place is not None
    raise InputError(
        "the worked example cannot be computed: "
        f"{said_not_finite(first, place)}\nchoose other sizes, up to {LARGEST}"
    )


def example_sizes(derivation: Derivation, given: Mapping[str, int]) -> dict[str, int]:
    """Two for every size, three where vectors are normalised, or a small one that is asked for."""
    cell = derivation.cell
    normalised = {
        name
        for equation in cell.equations
        for node in walk(equation.expression)
        if isinstance(node, Reduce) and node.kind != "sum"
        for size in shape_of(node.argument, cell.shapes)
        for name in size
    }
    return {
        name: given[name]
        if 1 <= given.get(name, 0) <= LARGEST
        else SPREAD
        if name in normalised
        else SIZE
        for name in cell.sizes
    }


def _problem(
    derivation: Derivation, sizes: Mapping[str, int], seed: int, positive: bool
) -> tuple[Problem, Run]:
    cell = derivation.cell
    drawn = random_problem(cell, sizes, length=LENGTH, batch=1, seed=seed, positive=positive)
    d_hs = np.zeros_like(drawn.d_hs) if cell.states else np.ones_like(drawn.d_hs)
    d_hs[-1] = 1.0
    problem = replace(
        drawn,
        params={n: _rounded(drawn.params[n]) for n in cell.parameters}
        | {c.name: drawn.params[c.name] for c in cell.constants},
        xs={n: _rounded(a) for n, a in drawn.xs.items()},
        state={n: _rounded(a) for n, a in drawn.state.items()},
        d_hs=d_hs,
        d_state={n: np.zeros_like(a) for n, a in drawn.d_state.items()},
    )
    return problem, _run(derivation, problem)


def _rounded(values: Array) -> Array:
    """One decimal, and never zero: a zero hides what it is multiplied by."""
    rounded = np.round(values, 1)
    return np.where(rounded == 0, np.where(values < 0, -0.1, 0.1), rounded)


def _run(derivation: Derivation, problem: Problem) -> Run:
    with np.errstate(all="ignore"):
        return run_statements(derivation, problem)


def _loss(run: Run) -> float:
    with np.errstate(all="ignore"):
        return float((run.values[run.derivation.cell.output] * run.problem.d_hs).sum())


def _check(derivation: Derivation, problem: Problem, run: Run) -> Check | None:
    """The parameter entry with the largest gradient, so that the digits shown tell something.

    Entries that stand at a kink, where the loss changes differently to the left and to the right,
    are passed over: no quotient is the derivative there.
    """
    options = sorted(
        (-abs(float(gradient[index])), position, name, index)
        for position, (name, gradient) in enumerate(run.gradients.items())
        for index in np.ndindex(gradient.shape)
    )
    if first_not_finite(run) is not None:
        return None
    middle = _loss(run)
    for _, _, name, index in options[:TRIES]:
        right, left = (_nudged(derivation, problem, name, index, s) for s in (NUDGE, -NUDGE))
        if abs((right - middle) - (middle - left)) <= SMOOTH * abs(right - left):
            gradient = float(run.gradients[name][index])
            return Check(name, index, (right - left) / (2 * NUDGE), gradient)
    return None


def _nudged(
    derivation: Derivation, problem: Problem, name: str, index: tuple[int, ...], by: float
) -> float:
    """The loss after one entry of a parameter has moved."""
    moved = problem.params[name].copy()
    moved[index] += by
    nudged = replace(problem, params={**problem.params, name: moved})
    return _loss(_run(derivation, nudged))
