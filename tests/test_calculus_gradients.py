"""Gradients of random cells against derivatives that know nothing of statements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from strategies import cell_texts, examples

from gatecalc.calculus import derive
from gatecalc.equations import Cell, catalogue, cell, read
from gatecalc.evaluate.problem import Problem, random_problem
from gatecalc.evaluate.run import run_equations, run_statements

FAST = examples(60)
LONG = examples(600)
LARGEST = 1e30

Groups = dict[str, dict[str, np.ndarray]]


def loss(it: Cell, problem: Problem) -> complex:
    """What the cotangents weigh: outputs at every step and the last states."""
    values, last = run_equations(it, problem)
    total = np.sum(problem.d_hs * values[it.output])
    return complex(total + sum(np.sum(problem.d_state[s] * last[s]) for s in it.states))


def groups(problem: Problem, it: Cell) -> Groups:
    """What the loss is differentiated by."""
    params = {n: problem.params[n] for n in it.parameters}
    return {"params": params, "xs": dict(problem.xs), "state": dict(problem.state)}


def moved(problem: Problem, group: str, name: str, by: np.ndarray) -> Problem:
    """The problem with one array moved, everything else complex as well."""
    changed = dict(getattr(problem, group))
    changed[name] = changed[name] + by
    return replace(problem, **{group: changed})


def slope(it: Cell, problem: Problem, group: str, name: str, way: np.ndarray) -> float:
    """The derivative of the loss along `way`, by a step into the complex plane."""
    step = 1e-30
    return loss(it, moved(problem, group, name, 1j * step * way)).imag / step


def central_slope(it: Cell, problem: Problem, group: str, name: str, way: np.ndarray) -> float:
    """The same by differences of fourth order."""
    step = 1e-3
    near, far = (
        (
            loss(it, moved(problem, group, name, h * way))
            - loss(it, moved(problem, group, name, -h * way))
        ).real
        / (2 * h)
        for h in (step, 2 * step)
    )
    return (4 * near - far) / 3


def drawn(text: str) -> Cell:
    """A cell with room for a step into the complex plane: none of its values is very large."""
    it = read(text)
    values, _ = run_equations(it, random_problem(it, length=3, batch=2, seed=0))
    assume(all(np.abs(v).max() < LARGEST for v in values.values()))
    return it


def assert_gradients_are_right(it: Cell, seed: int = 0, tolerance: float = 1e-9, by=slope) -> None:
    derivation = derive(it)
    problem = random_problem(it, length=3, batch=2, seed=seed)
    run = run_statements(derivation, problem)
    values, last = run_equations(it, problem)
    for name in it.computed:
        np.testing.assert_allclose(run.values[name], values[name], rtol=1e-12, atol=1e-12)
    for name in it.states:
        np.testing.assert_allclose(run.final[name], last[name], rtol=1e-12, atol=1e-12)
    rng = np.random.default_rng(seed + 1)
    for group, arrays in groups(problem, it).items():
        for name, array in arrays.items():
            way = rng.normal(size=array.shape)
            expected = by(it, problem, group, name, way)
            if group == "params":
                found = run.gradients[name]
            elif group == "xs":
                adjoint = derivation.adjoints[name]
                found = run.values.get(adjoint, np.zeros_like(array))
            else:
                found = run.d_initial[name]
            terms = np.abs(np.asarray(found) * way).sum()
            assert np.sum(found * way) == pytest.approx(
                expected, rel=tolerance, abs=tolerance * (1 + terms)
            ), f"{group} {name}\n{it.text}"


@FAST
@given(cell_texts())
def test_gradients_of_random_cells_equal_the_complex_step(text: str) -> None:
    assert_gradients_are_right(drawn(text))


@pytest.mark.slow
@LONG
@given(cell_texts(max_values=8))
def test_gradients_of_very_many_random_cells_equal_the_complex_step(text: str) -> None:
    assert_gradients_are_right(drawn(text))


@FAST
@given(cell_texts(smooth=False))
def test_gradients_of_random_cells_with_kinks_equal_the_complex_step(text: str) -> None:
    assert_gradients_are_right(drawn(text))


@pytest.mark.slow
@LONG
@given(cell_texts(smooth=False, max_values=8))
def test_gradients_of_very_many_cells_with_kinks_equal_the_complex_step(text: str) -> None:
    assert_gradients_are_right(drawn(text))


@pytest.mark.parametrize("name", catalogue.names())
def test_gradients_of_the_catalogue_equal_differences(name: str) -> None:
    assert_gradients_are_right(cell(name), seed=3, tolerance=1e-6, by=central_slope)
