"""Passes over the statements of a step: what values are stored as, and how calls are chosen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gatecalc.calculus.statements import Statement
from gatecalc.codegen.schedule.step import Step
from gatecalc.equations.tree import Call, MatVec, Ref, walk


def tanh_sigmoids(step: Step) -> Step:
    """A sigmoid is a tanh of half its argument; the halves go into the weights.

    Before: `dot(to_i, x, i)`, `multiply(i, half, i)`, `tanh(i, i)`, `multiply(i, half, i)`,
    `add(i, half, i)`.
    After: `dot(to_i, x, i)` with half the matrix, `tanh(i, i)`, `add(i, one, i)`: a_i/2 is stored,
    and 2 i = 1 + tanh(a_i/2).

    The half costs nothing: it goes into the copies of matrices and biases. A gate is stored
    doubled unless the next step reads it elementwise.
    """
    cell = step.derivation.cell
    scale = dict(step.scale)
    for statement in step.live:
        expression, name = statement.expression, statement.target.name
        if step.stable or not (isinstance(expression, Call) and expression.function == "sigmoid"):
            continue
        (argument,) = expression.arguments
        if isinstance(argument, Ref) and argument.lag == 0 and argument.name not in cell.states:
            source = next((s for s in step.live if s.target == argument), None)
            once = len(step.uses_of(argument.name)) == 1 and argument.name != cell.output
            if source is not None and once and _has_map(source):
                scale[argument.name] = Fraction(1, 2)
        previous = step.uses_of(name, 1) if name in cell.states else ()
        if all(only_maps for _, only_maps in previous):
            scale[name] = Fraction(2)
    return replace(step, scale=scale)


def scale_values(step: Step) -> Step:
    """What only matrices read is stored as a multiple that needs no number.

    Before: `multiply(p, half, h)`, `dot(to_a, h, a)`.
    After: `dot(to_a, h, a)` with half the matrix, and h in the rows is twice the h of the cell.

    Which multiple that is shows when a value is lowered; the pass says which values are free: those
    that matrix products alone read, beside the copy to the output, and those with one reader, whose
    number the product that computes them can take. See `_assign` in `forward.py`.
    """
    cell = step.derivation.cell
    names = [s.target.name for s in step.live]
    free = {n for n in names if all(maps for _, maps in (*step.uses_of(n), *step.uses_of(n, 1)))}
    once = {n for n in names if len(step.uses_of(n)) == 1}
    kept = {cell.output, *cell.states}
    return replace(step, free=frozenset(free), absorbing=frozenset(once - kept))


def reuse_products(step: Step) -> Step:
    """Each expression in the form with the fewest calls; products that are there are reused.

    Before: `multiply(n, z, h)`, `subtract(one, z, part)`, `multiply(part, h_prev, part)`,
    `add(h, part, h)`.
    After: `subtract(n, h_prev, h)`, `multiply(h, z, h)`, `add(h, h_prev, h)`.

    It cannot be seen from finished calls that both are one value, so the choice is made as each
    expression is lowered: `Lowering.cheapest` compares its forms.
    """
    return replace(step, reuse=True)


def _has_map(statement: Statement) -> bool:
    return any(isinstance(n, MatVec) for n in walk(statement.expression))
