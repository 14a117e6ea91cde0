"""Where the numbers of a run stop being numbers."""

from __future__ import annotations

import numpy as np

from gatecalc.calculus.statements import Statement
from gatecalc.equations.text import to_text
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.run import Run


def first_not_finite(run: Run, *, backward: bool = True) -> tuple[Statement, str] | None:
    """The first statement whose value is infinite or not a number, and the value as text.

    What is computed once comes first, then step after step, then what goes back.

    >>> from gatecalc.calculus import derive
    >>> from gatecalc.evaluate.problem import random_problem
    >>> from gatecalc.evaluate.run import run_statements
    >>> d = derive("y[t] = exp(1000 * x[t]**2)")
    >>> with np.errstate(all="ignore"):
    ...     found = first_not_finite(run_statements(d, random_problem(d.cell)))
    >>> found[0].target.name, found[1]
    ('y', 'inf')
    """
    d = run.derivation
    once = [(s, run.static[s.target.name]) for s in d.forward if s.target.name in run.static]
    steps = [
        (s, run.values[s.target.name][t])
        for t in range(run.problem.length)
        for s in d.forward
        if s.target.name in run.values
    ]
    back = [
        (s, a)
        for s in d.backward
        for a in (run.values.get(s.target.name), run.gradients.get(s.of))
        if a is not None
    ]
    for statement, array in (*once, *steps, *(back if backward else ())):
        if not np.isfinite(array).all():
            return statement, _worst(array)
    return None


def said_not_finite(run: Run, found: tuple[Statement, str]) -> str:
    """What is said of it: the statement, its value, and the sizes of the run."""
    statement, value = found
    text = f"{to_text(statement.target)} {statement.operation} {to_text(statement.expression)}"
    sizes = ", ".join(f"{name}={size}" for name, size in run.problem.sizes.items())
    at = f" at {sizes}" if sizes else ""
    return f"({statement.number}) {text} gives {value}{at}"


def _worst(array: Array) -> str:
    """The first entry that is not finite."""
    values = np.asarray(array)
    return str(float(values[~np.isfinite(values)][0]))
