"""Equations on arrays of other kinds: many problems at once, single precision, other libraries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gatecalc.calculus import derive
from gatecalc.equations import cell
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.evaluate.problem import random_problem
from gatecalc.evaluate.run import run_equations, run_statements


def test_a_nonlinearity_that_ignores_an_argument_is_as_large_as_its_arguments():
    it = cell("""
        one = lambda a: 1
        second = lambda a, v: v
        s: scalar
        ones = sum(one(b))
        h[t] = tanh(W @ x[t] + b) * sum(one(x[t]))
        q[t] = sum(second(x[t], s[t])) * ones + 0 * h[t]""")
    problem = random_problem(it, sizes={"D": 3, "H": 5}, dtype="float32")
    values, _ = run_equations(it, problem)
    assert {a.dtype for a in values.values()} == {np.dtype("float32")}
    inner = problem.xs["x"] @ problem.params["W"].T + problem.params["b"]
    np.testing.assert_allclose(values["h"], 3 * np.tanh(inner), rtol=1e-5)
    wanted = np.broadcast_to(15 * problem.xs["s"], values["q"].shape)
    np.testing.assert_allclose(values["q"], wanted, rtol=1e-5)
    run = run_statements(derive(it), problem)
    np.testing.assert_allclose(run.values["q"], wanted, rtol=1e-5)
    assert run.static["ones"] == 5


def test_one_number_that_fills_vectors_of_two_sizes_is_two_values():
    it = cell("""
        none = lambda a: 0
        h[t] = tanh(W @ x[t]) + sum(none(x[t])) + none(h[t-1])""")
    problem = random_problem(it, sizes={"D": 3, "H": 5})
    run = run_statements(derive(it), problem)
    np.testing.assert_allclose(run.values["h"], run_equations(it, problem)[0]["h"])


@pytest.mark.parametrize("name", PUBLIC)
def test_single_precision_stays_single(name):
    arguments = ["W @ x[t]", "h[t-1]"][: len(FUNCTIONS[name].arguments)]
    derivation = derive(f"h[t] = {name}({', '.join(arguments)}) + mean(h[t-1])")
    problem = random_problem(derivation.cell, dtype="float32", positive=True)
    run = run_statements(derivation, problem)
    for array in (*run.values.values(), *run.gradients.values(), *run.d_initial.values()):
        assert array.dtype == np.float32


@pytest.mark.parametrize(
    "source", ["lstm_concat", "lstm_layer_norm", "h[t] = tanh(U @ concat(h[t-1], b, x[t]))"]
)
def test_problems_side_by_side_are_computed_as_one_by_one(source):
    it = cell(source)
    problems = [random_problem(it, seed=seed) for seed in range(3)]

    def joined(table, axis):
        arrays = [getattr(p, table) for p in problems]
        return {n: np.stack([a[n] for a in arrays], axis) for n in arrays[0]}

    params = {
        n: a if a.ndim == 3 else a.reshape(len(problems), 1, -1)
        for n, a in joined("params", 0).items()
    }
    together = replace(problems[0], params=params, xs=joined("xs", 1), state=joined("state", 0))
    values, final = run_equations(it, together)
    for k, problem in enumerate(problems):
        values_alone, final_alone = run_equations(it, problem)
        for name, array in values_alone.items():
            np.testing.assert_allclose(values[name][:, k], array, rtol=1e-13, atol=1e-13)
        for name, array in final_alone.items():
            np.testing.assert_allclose(final[name][k], array, rtol=1e-13, atol=1e-13)


def test_a_parameter_of_one_number_is_drawn_as_an_array():
    problem = random_problem(cell("alpha: scalar\nh[t] = alpha * h[t-1] + x[t]"))
    assert isinstance(problem.params["alpha"], np.ndarray)
