"""Cells in which numbers stand alone: functions of literals, and values that are 0 throughout."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gatecalc.checks import check
from gatecalc.checks.constants import residue
from gatecalc.checks.literals import Literals, is_short
from gatecalc.checks.modular import PRIME
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


# Long literals of the equations; the generated module has products and sums of them.

LONG_LITERALS = {
    "a product": "h[t] = {} * tanh(x[t] * 0.3 + h[t-1]) * 2.302585092994046",
    "a product of three": "h[t] = {} * (3 * x[t] * 2.302585092994046 + h[t-1]) * 1.09861228866811",
    "a quotient": "h[t] = (x[t] + h[t-1]) * {} / 2.302585092994046",
    "a square": "h[t] = ({} * x[t] + 0.044715)**2 * 0.797884560802 + h[t-1]",
    "1 less it": "h[t] = (1 - {}) * (x[t] * 2.302585092994046 + {} * h[t-1])",
    "a factor collected": "h[t] = {} * x[t] + 2.302585092994046 * x[t] + h[t-1]",
    "gelu by tanh": "h[t] = {} * (x[t] + 0.044715 * x[t]**3) * h[t-1]",
}


@pytest.mark.parametrize("name", LONG_LITERALS)
def test_long_literals_that_a_module_multiplies_beforehand_are_proved(name):
    report = check(LONG_LITERALS[name].replace("{}", "0.5772156649015329"))
    assert report, str(report)


@pytest.mark.parametrize("name", LONG_LITERALS)
@pytest.mark.parametrize("error", [1e-9, -1e-9, 1e-12])
def test_a_long_literal_with_a_wrong_digit_is_rejected(name, error):
    right = LONG_LITERALS[name].replace("{}", "0.5772156649015329")
    other = f"{0.5772156649015329 * (1 + error):.16g}"
    wrong = LONG_LITERALS[name].replace("{}", other)
    report = check(right, load(generate(wrong)))
    assert not report
    assert report.verdict("exact") != "proved"


def test_a_number_that_the_field_does_not_know_is_named_in_the_reason():
    right = "h[t] = 0.5772156649015329 * x[t] + h[t-1]"
    wrong = load(generate(right.replace("0.5772156649015329", "0.577215664902533")))
    reasons = {row.reason for row in check(right, wrong).rows if row.check == "exact"}
    assert any("0.577215664902533 in the module cannot be represented" in r for r in reasons)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=3, unique=True))
def test_products_and_sums_of_known_numbers_are_those_of_the_field(numbers):
    assume(not any(map(is_short, numbers)))
    literals = Literals({a: residue(a) for a in numbers})
    product = math.prod(numbers)
    assume(not is_short(product))
    expected = math.prod(map(residue, numbers)) % PRIME
    assert literals.residue(product) == expected
    assert literals.residue(product * (1 + 1e-9)) != expected
    assert literals.residue(-3 * product) == -3 * expected % PRIME
