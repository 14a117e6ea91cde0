"""What each step adds to each gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatecalc.calculus.statements import Statement
from gatecalc.equations.tree import Neg, Outer, Ref
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.evaluate.run import Run


def every_reference(run: Run) -> dict[Ref, Array]:
    """What the references of statements mean, at all steps at once.

    Values at t and t-1 are `(T, B, n)`; parameters and what is computed once are as they are.
    """
    found = {Ref(n): a for n, a in (*run.problem.params.items(), *run.static.items())}
    found |= {Ref(n, 0): a for n, a in (*run.problem.xs.items(), *run.values.items())}
    for state, first in run.initial.items():
        found[Ref(state, 1)] = np.concatenate([first[None], run.values[state][:-1]])
    return found


def shares_of(run: Run, everything: Mapping[Ref, Array]) -> dict[str, Array]:
    """What each step adds, `(T, *shape)`, for each adjoint that is summed over time."""
    return {
        s.target.name: _share(s, run, everything)
        for s in run.derivation.backward
        if s.role == "parameter"
    }


def totals_of(
    run: Run, everything: Mapping[Ref, Array], shares: Mapping[str, Array]
) -> dict[str, Array]:
    """The adjoints of parameters and of what is computed once, after all steps."""
    totals = {name: share.sum(axis=0) for name, share in shares.items()}
    for statement in run.derivation.backward:
        if statement.role == "static":
            table = {**everything, **{Ref(n): a for n, a in totals.items()}}
            context = Context(table, run.problem.sizes, run.derivation.cell.nonlinearities)
            added = np.asarray(evaluate(statement.expression, context))
            name = statement.target.name
            zero = np.zeros(everything[Ref(statement.of)].shape, added.dtype)
            totals[name] = totals.get(name, zero) + added
    adjoints = run.derivation.adjoints
    return totals | {adjoints[p]: gradient for p, gradient in run.gradients.items()}


def _share(statement: Statement, run: Run, everything: Mapping[Ref, Array]) -> Array:
    """What each step adds to a gradient, `(T, *shape)`, summed over the samples."""
    context = Context(everything, run.problem.sizes, run.derivation.cell.nonlinearities)
    shape = everything[Ref(statement.of)].shape
    steps, samples = run.problem.length, run.problem.batch
    share = np.zeros((steps, *shape), dtype=run.problem.d_hs.dtype)
    for term in statement.terms:
        node = term.expression
        sign = -1 if isinstance(node, Neg) else 1
        if isinstance(node, Neg):
            node = node.argument
        if isinstance(node, Outer):
            left, right = (
                np.broadcast_to(a, (steps, samples, a.shape[-1]))
                for a in (evaluate(n, context) for n in (node.left, node.right))
            )
            share += sign * np.einsum("tbi,tbj->tij", left, right)
        else:
            values = np.asarray(evaluate(node, context))
            spread = np.broadcast_to(values, (steps, samples, *(shape or (1,))))
            share += sign * spread.sum(axis=1).reshape(share.shape)
    return share
