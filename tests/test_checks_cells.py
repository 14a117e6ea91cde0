"""Every cell that the notation can say is checked in every way: the catalogue and odd ones."""

from __future__ import annotations

import re

import numpy as np
import pytest
from reference_module import ReferenceModule

from gatecalc.checks import check
from gatecalc.codegen import generate, load
from gatecalc.equations import catalogue, cell
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.evaluate.problem import random_problem


@pytest.mark.parametrize("name", catalogue.names())
def test_every_cell_of_the_catalogue_is_proved_by_every_check(name):
    report = check(name)
    assert report, str(report)
    errors = [row.error for row in report.rows if row.check == "complex step"]
    assert max(errors) < 1e-12  # far within the bound


@pytest.mark.parametrize("name", ["lstm", "gru_concat", "lstm_layer_norm", "dense"])
def test_statements_run_one_by_one_are_proved_too(name):
    assert check(name, ReferenceModule(name))


@pytest.mark.parametrize(
    ("length", "batch", "sizes"),
    [(1, 1, {"D": 1, "H": 1}), (1, 3, {}), (6, 1, {"D": 1}), (4, 2, {"D": 5, "H": 2})],
)
@pytest.mark.parametrize("name", ["lstm", "gru_reset_after", "lstm_projected"])
def test_lengths_batches_and_sizes_of_one_and_more(name, length, batch, sizes):
    report = check(name, sizes=sizes, length=length, batch=batch, seed=3)
    assert report, str(report)


CELLS = {
    "two inputs": "h[t] = tanh(W @ x[t] + V @ u[t] + U @ h[t-1])",
    "an input of one number": "s: scalar\nh[t] = tanh(s[t] * w + U @ h[t-1])",
    "a state of one number": """
        alpha: scalar
        s[t] = alpha * s[t-1] + mean(W @ x[t])
        h[t] = tanh(U @ h[t-1]) * s[t]""",
    "several states, one read late": """
        q[t] = s[t-1]
        s[t] = tanh(W @ x[t] + U @ q[t-1])
        h[t] = q[t] * s[t] + h[t-1]""",
    "what depends on parameters alone": """
        w = softplus(v)
        u = tanh(V @ p)
        h[t] = w * h[t-1] + u * tanh(W @ x[t])""",
    "a nonlinearity of one's own": """
        swish = lambda a, b: a * sigmoid(b * a)
        h[t] = swish(W @ x[t] + U @ h[t-1], beta)""",
    "a constant": "dt = 0.1\nh[t] = h[t-1] + dt * tanh(W @ x[t] + U @ h[t-1])",
    "softmax and norm": "a[t] = softmax(W @ x[t] + U @ h[t-1])\nh[t] = a[t] * h[t-1] + norm(a[t])",
    "a matrix and its transpose": "h[t] = tanh(W.T @ (W @ h[t-1]) + V @ x[t])",
    "a parameter in a concat": "h[t] = tanh(U @ concat(h[t-1], b, x[t]))",
    "an output that no state reaches": "h[t] = tanh(U @ h[t-1]) + x[t]\ny[t] = V @ x[t]",
    "an output of parameters alone": "h[t] = h[t-1] + W @ x[t]\ny[t] = a * b\noutput: y",
    "a state that nothing reads": "p[t] = x[t]\nh[t] = tanh(W @ x[t]) * sum(p[t-1]) * 0",
    "a gradient that cancels": "h[t] = tanh(W @ x[t] + b - mean(W @ x[t] + b)) + 0 * h[t-1]",
    "kinks that are always met": "h[t] = maximum(h[t-1], h[t-1]) + relu(relu(W @ x[t]))",
    "powers and quotients": "h[t] = W @ x[t] / (1 + h[t-1]**2) + (2 + h[t-1]**2)**-2",
    "a function of what relu gives": "h[t] = tanh(relu(W @ x[t] + U @ h[t-1]))",
    "positive numbers alone": "h[t] = log(W @ x[t] + U @ h[t-1]) * sqrt(x[t])",
}


@pytest.mark.parametrize("equations", CELLS.values(), ids=CELLS)
def test_odd_cells_are_proved(equations):
    lines = "\n".join(line.strip() for line in equations.strip().splitlines())
    report = check(lines)
    assert report, str(report)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_function_of_the_notation_is_proved(name):
    arguments = ["W @ x[t] + U @ h[t-1]", "h[t-1]"][: len(FUNCTIONS[name].arguments)]
    report = check(f"h[t] = {name}({', '.join(arguments)}) + 0.5 * x[t]", sizes={"H": 3})
    assert report, str(report)


@pytest.mark.parametrize("seed", range(10))
def test_kinks_near_the_point_do_no_harm(seed):
    source = "h[t] = hard_sigmoid(4 * (W @ x[t])) * abs(h[t-1]) + leaky_relu(U @ h[t-1])"
    report = check(source, seed=seed, sizes={"D": 6, "H": 8})
    assert report, str(report)


def test_a_cell_that_is_nowhere_finite_is_not_proved():
    report = check("a[t] = -exp(W @ x[t])\nh[t] = log(a[t]) + h[t-1]")
    assert not report
    assert {row.verdict for row in report.rows if row.check == "complex step"} == {"not proved"}
    assert "no point was found" in str(report)
    assert report.verdict("exact") == "proved"  # log and exp are opaque to it


def test_a_division_by_zero_in_the_field_is_said_and_numbers_are_shown():
    report = check("h[t] = sqrt(relu(W @ x[t])) + h[t-1]")
    assert report.verdict("complex step") == "proved"
    assert report.verdict("exact") == "not proved"
    assert report.verdict("step") == "not proved"
    assert "division by zero" in str(report)


def test_a_wrong_step_is_found_where_the_field_divides_by_zero():
    it = "h[t] = sqrt(relu(W @ x[t])) + h[t-1]"
    source, line = generate(it), '    _grads["W"] = d_W\n'
    assert line in source
    report = check(it, load(source.replace(line, '    _grads["W"] = 1.1 * d_W\n')))
    assert report.verdict("complex step") == "proved"
    assert report.verdict("step") == "failed"


def test_an_identity_that_the_field_does_not_know_is_not_proved():
    product = "h[t] = exp(W @ x[t]) * exp(U @ h[t-1])"
    of_sum = load(generate("h[t] = exp(W @ x[t] + U @ h[t-1])"))
    report = check(product, of_sum)
    assert report.verdict("complex step") == "proved"
    assert report.verdict("exact") == "not proved"
    assert not report


def test_large_cells_are_sampled_and_checked_exactly_in_small():
    report = check("dense", sizes={"D": 90, "H": 100}, batch=4)
    assert report, str(report)
    assert "256 entries" in str(report)
    assert "exact and step run at T=3, B=2, D=3, H=4" in str(report)


def test_another_seed_asks_other_questions():
    rows = [row.error for row in check("gru", seed=1).rows]
    assert rows != [row.error for row in check("gru", seed=2).rows]
    assert rows == [row.error for row in check("gru", seed=1).rows]


def test_float_arrays_given_are_not_changed():
    it = cell("lstm")
    problem = random_problem(it)
    before = {n: np.array(a) for n, a in problem.params.items()}
    check(it)
    assert all((before[n] == a).all() for n, a in problem.params.items())


LEVEL = [
    "s[t] = sum(softmax(x[t]))",
    "s[t] = mean(softmax(W @ x[t]))",
    "s[t] = mean(x[t] - mean(x[t]))",
    "s[t] = sum(softmax(softmax(x[t])))",
]


@pytest.mark.parametrize("equations", LEVEL)
def test_a_loss_that_nothing_changes_is_proved(equations):
    report = check(equations)
    assert report, str(report)


@pytest.mark.parametrize("equations", LEVEL)
def test_a_gradient_where_there_is_none_is_refused(equations):
    source = generate(equations)
    wrong = re.sub(r"tuple\((self\.)?d_xs\)", r"tuple(d + 1e-6 for d in \1d_xs)", source)
    assert wrong != source
    report = check(equations, load(wrong))
    assert {row.verdict for row in report.rows if row.check == "complex step"} >= {"failed"}
