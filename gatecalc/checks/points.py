"""Where to check: a random point at which the cell and its derivative are finite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gatecalc.calculus.statements import Derivation
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.problem import Problem, random_problem
from gatecalc.evaluate.run import Run, run_statements

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """A problem, and how it was found: an empty `remark` means by the first draw."""

    problem: Problem
    remark: str
    finite: bool


def draw_point(
    derivation: Derivation, sizes: Mapping[str, int], *, length: int, batch: int, seed: int
) -> Point:
    """The first of a few random problems on which all values and adjoints are finite.

    Later draws come from other seeds, then with everything positive, for cells with log or sqrt.
    Constants differ from their defaults by up to a tenth: a module must read them from `params`.
    """
    for positive in (False, True):
        for attempt in range(_ATTEMPTS):
            drawn = random_problem(
                derivation.cell,
                sizes,
                length=length,
                batch=batch,
                seed=seed + attempt,
                positive=positive,
            )
            problem = _with_other_constants(derivation, drawn, seed + attempt)
            with np.errstate(all="ignore"):
                run = run_statements(derivation, problem)
            if _is_finite(run):
                remark = f"drawn with seed {seed + attempt}" if attempt or positive else ""
                if positive:
                    remark += ", all numbers positive"
                return Point(_read_only(problem), remark, finite=True)
    return Point(_read_only(problem), "", finite=False)


def _read_only(problem: Problem) -> Problem:
    """A module that writes into what it was given shall raise, and not spoil what it is held to."""
    tables = (problem.params, problem.xs, problem.state, problem.d_state)
    for array in (problem.d_hs, *(a for table in tables for a in table.values())):
        array.flags.writeable = False
    return problem


def _with_other_constants(derivation: Derivation, problem: Problem, seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    changed = {
        c.name: np.asarray(c.value * rng.uniform(0.9, 1.1)) for c in derivation.cell.constants
    }
    return replace(problem, params={**problem.params, **changed})


def _is_finite(run: Run) -> bool:
    arrays: list[Array] = [*run.values.values(), *run.gradients.values(), *run.d_initial.values()]
    return all(bool(np.isfinite(a).all()) for a in arrays)
