"""Derivatives by numbers alone: what they find, where they find none, and in what portions."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc.calculus import derive
from gatecalc.checks import effort
from gatecalc.checks.comparison import compare
from gatecalc.checks.independent import by_autograd, by_pytorch
from gatecalc.checks.numeric import central_differences, complex_step
from gatecalc.checks.points import draw_point
from gatecalc.checks.quantities import Quantity, arguments, value, with_values
from gatecalc.equations import cell
from gatecalc.evaluate.problem import random_problem, resolve_sizes

SQUARES = "h[t] = w * x[t]**2 + h[t-1]"
X, W, H0 = Quantity("input", "x"), Quantity("parameter", "w"), Quantity("first state", "h")


def squares():
    it = cell(SQUARES)
    problem = random_problem(it, {"H": 3}, length=2, batch=2)
    x, w = problem.xs["x"], problem.params["w"]
    # h[1] hears of both inputs, h[0] of the first.
    d_h1 = problem.d_hs[1] + problem.d_state["h"]
    d_h = np.stack([problem.d_hs[0] + d_h1, d_h1])
    return it, problem, {X: 2 * w * x * d_h, W: (d_h * x**2).sum((0, 1)), H0: d_h[0]}


@pytest.mark.parametrize(
    ("differentiate", "bound"),
    [(central_differences, 1e-9), (complex_step, 1e-15), (by_autograd, 1e-15), (by_pytorch, 1e-15)],
)
def test_every_way_gives_the_derivative_worked_out_by_hand(differentiate, bound):
    if differentiate in (by_autograd, by_pytorch):
        pytest.importorskip("autograd" if differentiate is by_autograd else "torch")
    it, problem, by_hand = squares()
    found = differentiate(it, problem)
    for argument, expected in by_hand.items():
        np.testing.assert_allclose(found[argument], expected, rtol=bound, atol=bound)


def test_portions_do_not_change_the_result(monkeypatch):
    it, problem, _ = squares()
    whole = central_differences(it, problem), complex_step(it, problem)
    monkeypatch.setattr(effort, "FLOATS_AT_ONCE", 1)
    portions = central_differences(it, problem), complex_step(it, problem)
    for one, other in zip(whole, portions, strict=True):
        for argument in arguments(it):
            np.testing.assert_array_equal(one[argument], other[argument])


def test_of_a_large_array_so_many_entries_are_moved(monkeypatch):
    monkeypatch.setattr(effort, "ENTRIES", 4)
    it, problem, by_hand = squares()
    for found in (central_differences(it, problem), complex_step(it, problem)):
        moved = ~np.isnan(found[X])
        assert moved.sum() == 4
        np.testing.assert_allclose(found[X][moved], by_hand[X][moved], rtol=1e-8)
        assert not np.isnan(found[W]).any()


def test_no_difference_is_taken_across_a_kink():
    it = cell("h[t] = relu(w * x[t]) + 0.1 * h[t-1]")
    problem = random_problem(it, {"H": 2}, length=1, batch=1)
    on_kink = with_values(problem, {X: np.array([[[0.0, 0.5]]])})
    central, by_complex = central_differences(it, on_kink), complex_step(it, on_kink)
    assert np.isnan(central[X]).tolist() == [[[True, False]]]
    assert by_complex[X][0, 0, 0] == 0.0  # the tie rule: relu'(0) = 0
    assert not np.isnan(central[W]).any()


def test_near_a_kink_the_step_is_made_smaller():
    it = cell("h[t] = relu(w * x[t]) + 0.1 * h[t-1]")
    problem = random_problem(it, {"H": 2}, length=1, batch=1)
    near = with_values(problem, {X: np.array([[[1e-5, -1e-7]]]), W: np.array([1.0, 1.0])})
    central, by_complex = central_differences(it, near), complex_step(it, near)
    np.testing.assert_allclose(central[X], by_complex[X], atol=1e-6)


def test_a_step_that_leaves_the_domain_is_made_smaller():
    it = cell("h[t] = sqrt(x[t]) + 0.1 * h[t-1]")
    problem = random_problem(it, {"H": 1}, length=1, batch=1)
    near = with_values(problem, {X: np.array([[[1e-5]]])})
    found = central_differences(it, near)[X] / complex_step(it, near)[X]
    np.testing.assert_allclose(found, 1, atol=1e-6)


def test_where_the_loss_bends_sharply_the_step_is_made_smaller():
    it = cell("h[t] = 1 / x[t] + h[t-1]")
    problem = random_problem(it, {"H": 3}, length=1, batch=1)
    bent = with_values(problem, {X: np.array([[[1e-3, 0.5, -2e-4]]])})
    found = central_differences(it, bent)[X] / complex_step(it, bent)[X]
    np.testing.assert_allclose(found, 1, atol=1e-6)


def test_an_entry_that_does_not_matter_has_the_slope_zero():
    it = cell("h[t] = 0 * w + x[t] + h[t-1]")
    problem = random_problem(it, {"H": 1}, length=1, batch=1)
    assert central_differences(it, problem)[W].tolist() == [0.0]


def test_a_reference_that_is_not_finite_proves_nothing():
    (row,) = compare("demo", {W: np.ones(2)}, {W: np.array([1.0, np.inf])}, 1e-10, [W])
    assert row.verdict == "not proved"


def test_errors_are_relative_to_the_largest_entry_of_the_array():
    expected = {W: np.array([100.0, 1.0])}
    (row,) = compare("demo", {W: np.array([100.0, 1.5])}, expected, 1e-6, [W])
    assert (row.error, row.index) == (0.005, (1,))


def test_a_gradient_that_cancels_to_zero_is_measured_by_the_others():
    expected = {W: np.array([2.0]), H0: np.array([0.0])}
    rows = compare("demo", {W: np.array([2.0]), H0: np.array([1e-16])}, expected, 1e-10, [W, H0])
    assert [row.verdict for row in rows] == ["proved", "proved"]
    rows = compare("demo", {W: np.array([2.0]), H0: np.array([1e-6])}, expected, 1e-10, [W, H0])
    assert [row.verdict for row in rows] == ["proved", "failed"]


def test_a_point_is_drawn_again_until_everything_is_finite():
    derivation = derive("h[t] = log(x[t]) + h[t-1]")
    sizes = resolve_sizes(derivation.cell, None)
    point = draw_point(derivation, sizes, length=3, batch=2, seed=0)
    assert point.finite
    assert "positive" in point.remark
    assert (value(point.problem, X) > 0).all()


def test_constants_are_not_at_their_defaults():
    derivation = derive("dt = 0.1\nh[t] = h[t-1] + dt * x[t]")
    point = draw_point(derivation, {"H": 2}, length=1, batch=1, seed=0)
    assert 0.09 <= point.problem.params["dt"] <= 0.11
    assert point.problem.params["dt"] != 0.1
