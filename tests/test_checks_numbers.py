"""Cells in which numbers stand alone: functions of literals, and values that are 0 throughout."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc.checks import check
from gatecalc.codegen import generate, load

FUNCTIONS_OF_LITERALS = {
    "a quotient": ("h[t] = x[t] / sqrt({})", "2"),
    "a value of its own": ("k = sqrt({})\nh[t] = k * x[t]", "2"),
    "a base": ("k = exp({})\nh[t] = k * x[t]", "1"),
    "a logarithm": ("h[t] = x[t] * log({})", "2"),
    "a gate that stands still": ("h[t] = x[t] * tanh({})", "3"),
    "sigmoid": ("h[t] = h[t-1] + x[t] * sigmoid({})", "1"),
    "an error function": ("h[t] = h[t-1] * erf({}) + x[t]", "1"),
    "a negative argument": ("h[t] = x[t] * exp(-{}) + h[t-1]", "2"),
    "a sum of literals": ("h[t] = x[t] * sin({} + 0.5) + h[t-1]", "1"),
    "an output that is one number": ("h[t] = x[t]\ny[t] = tanh({}) + 0 * h[t]", "0.5"),
    "beside a parameter": ("h[t] = tanh(W @ h[t-1]) * exp(-{}) + x[t]", "2"),
}


@pytest.mark.parametrize("name", FUNCTIONS_OF_LITERALS)
def test_functions_of_literals_are_proved(name):
    equations, literal = FUNCTIONS_OF_LITERALS[name]
    report = check(equations.format(literal))
    assert report, str(report)


@pytest.mark.parametrize("name", FUNCTIONS_OF_LITERALS)
def test_functions_of_a_literal_off_by_one_in_a_billion_are_rejected(name):
    equations, literal = FUNCTIONS_OF_LITERALS[name]
    wrong = load(generate(equations.format(f"{float(literal) * (1 + 1e-9):.12g}")))
    report = check(equations.format(literal), wrong)
    assert not report
    assert report.verdict("exact") != "proved"


ZEROS = [
    "h[t] = exp(x[t] - x[t])",
    "h[t] = tanh(0 * x[t])",
    "h[t] = softmax(x[t] - x[t])",
    "h[t] = sigmoid(0 * x[t]) + h[t-1]",
    "h[t] = gelu(x[t] - x[t]) + erf(h[t-1] - h[t-1]) * x[t]",
    "h[t] = log(1 + 0 * x[t]) + cos(x[t] - x[t]) * h[t-1]",
]


@pytest.mark.parametrize("equations", ZEROS)
def test_values_that_are_zero_throughout_are_proved(equations):
    report = check(equations)
    assert report, str(report)


@pytest.mark.parametrize("equations", ZEROS)
def test_values_that_are_nearly_zero_throughout_are_rejected(equations):
    wrong = equations.replace("0 * x[t]", "1e-9 * x[t]").replace("- x[t]", "- 1.000000001 * x[t]")
    report = check(equations, load(generate(wrong)))
    assert not report
    assert report.verdict("exact") != "proved"


@pytest.mark.parametrize("argument", ["2", "-2"])
def test_functions_of_literals_keep_single_precision(argument):
    module = load(generate(f"h[t] = x[t] * exp({argument}) + h[t-1]"))
    params = module.init(H=3, dtype=np.float32)
    x = np.ones((2, 1, 3), dtype=np.float32)
    assert module.step(params, x[0])[0].dtype == module.forward(params, x)[0].dtype == np.float32


def test_numbers_that_reach_no_output_have_no_adjoint():
    report = check("j[t] = maximum(x[t], relu(1))\ny[t] = y[t-1] + 1")
    assert report, str(report)
