"""The backward loop that the notes print is the derivation's, with fewer names."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc.calculus import derive
from gatecalc.calculus.algebra import Algebra
from gatecalc.codegen.schedule.composition import compose_adjoints
from gatecalc.codegen.schedule.linear import linear_form
from gatecalc.equations import catalogue
from gatecalc.equations.tree import Ref
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.evaluate.problem import random_problem
from gatecalc.evaluate.run import run_statements
from gatecalc.notes import notes


def values_at(run, t):
    """Every value of a step by reference, states of the step before and parameters too."""
    cell, problem = run.derivation.cell, run.problem
    table = {Ref(n): a for n, a in (*problem.params.items(), *run.static.items())}
    table |= {Ref(n, 0): a[t] for n, a in (*run.values.items(), *problem.xs.items())}
    for n in cell.states:
        table[Ref(n, 1)] = run.values[n][t - 1] if t else run.initial[n]
    return table


@pytest.mark.parametrize("name", catalogue.names())
def test_each_adjoint_is_its_coefficient_times_its_node(name):
    d = derive(name)
    algebra = Algebra()
    form = compose_adjoints(linear_form(d, algebra))
    run = run_statements(d, random_problem(d.cell))
    table = values_at(run, 1)
    context = Context(table, run.problem.sizes, d.cell.nonlinearities)
    for adjoint in form.adjoints.values():
        if adjoint.is_node:
            continue
        coefficient = evaluate(algebra.to_tree(adjoint.coefficient), context)
        if adjoint.name in form.materialised:
            table[Ref(f"{adjoint.name}%", 0)] = coefficient
        found = np.broadcast_to(
            coefficient * table[Ref(adjoint.root, 0)], table[Ref(adjoint.name, 0)].shape
        )
        np.testing.assert_allclose(found, table[Ref(adjoint.name, 0)], rtol=1e-12, atol=1e-14)


def test_the_lstm_has_two_nodes_and_four_coefficients():
    text = notes("lstm")
    section = text.split("as it is run}")[1].split(r"\section{Counts}")[0]
    assert section.count(r"K_{a_{") == 8  # each defined once, used once
    assert r"\delta c_{t}^{\mathrm{prev}} & = f_{t} \odot \delta c_{t}" in section


def test_a_cell_without_a_state_has_no_loop():
    assert "as it is run" not in notes("dense")
