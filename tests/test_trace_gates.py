"""A gate is a value in [0, 1] that multiplies something, whatever it is called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from gatecalc.calculus import Derivation, derive
from gatecalc.equations import catalogue
from gatecalc.equations.gates import gates_among
from gatecalc.equations.ranges import Range, ranges
from gatecalc.trace import trace


def gates(derivation: Derivation) -> tuple[str, ...]:
    return gates_among((s.target, s.expression) for s in derivation.forward)


def ranges_of(derivation: Derivation) -> dict[str, Range]:
    return ranges((s.target, s.expression) for s in derivation.forward)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rnn", ()),
        ("dense", ()),
        ("lstm", ("i", "f", "o")),
        ("lstm_1997", ("i", "o")),
        ("lstm_coupled", ("f", "o")),
        ("lstm_peephole", ("i", "f", "o")),
        ("lstm_layer_norm", ("i", "f", "o")),
        ("lstm_cifg", ("i", "f", "o")),
        ("lstm_nig", ("f", "o")),
        ("lstm_nog", ("i", "f")),
        ("gru", ("r", "z")),
        ("gru_reset_after", ("r", "z")),
        ("mgu", ("f",)),
    ],
)
def test_gates_of_the_catalogue_are_those_of_the_papers(name, expected):
    assert gates(derive(name)) == expected


@pytest.mark.parametrize(
    ("equations", "expected"),
    [
        ("q[t] = hard_sigmoid(W @ x[t])\nh[t] = q[t] * h[t-1] + x[t]", ("q",)),
        ("q[t] = hard_sigmoid_6(W @ x[t])\nh[t] = q[t] * h[t-1] + x[t]", ("q",)),
        ("p[t] = softmax(W @ x[t])\ny[t] = p[t] * x[t]", ("p",)),
        ("q[t] = 0.5 + 0.5 * tanh(W @ x[t])\ny[t] = q[t] * x[t]", ("q",)),
        ("q[t] = exp(-relu(W @ x[t] + b))\nh[t] = q[t] * h[t-1] + x[t]", ("q",)),
        ("q[t] = sigmoid(W @ x[t])\nk[t] = 1 - q[t]\ny[t] = k[t] * x[t]", ("k",)),
        ("q[t] = sigmoid(W @ x[t])\ny[t] = (1 - q[t]) * x[t]", ("q",)),
        ("q[t] = sigmoid(W @ x[t])\ny[t] = U @ (q[t] * x[t])", ("q",)),
        ("q[t] = sigmoid(W @ x[t])\nh[t] = q[t-1] * x[t] + h[t-1]", ("q",)),
        ("q[t] = abs(tanh(W @ x[t]))\ny[t] = q[t] * x[t]", ("q",)),
        ("q[t] = sqrt(sigmoid(W @ x[t]))\ny[t] = q[t] * x[t]", ("q",)),
        ("s = sigmoid(a)\nh[t] = s * h[t-1] + (1 - s) * x[t]", ("s",)),
        ("swish = lambda a: a * sigmoid(a)\ny[t] = swish(W @ x[t])", ("sigmoid_a_y",)),
    ],
)
def test_any_value_in_0_to_1_that_multiplies_is_a_gate(equations, expected):
    assert gates(derive(equations)) == expected


@pytest.mark.parametrize(
    "equations",
    [
        "y[t] = 4 * sigmoid(W @ x[t]) - 2",
        "q[t] = 4 * sigmoid(W @ x[t]) - 2\ny[t] = q[t] * x[t]",
        "y[t] = g * sigmoid(W @ x[t])",
        "y[t] = W @ sigmoid(x[t])",
        "y[t] = sigmoid(W @ x[t]) + x[t]",
        "q[t] = tanh(W @ x[t])\ny[t] = q[t] * x[t]",
        "q[t] = relu(W @ x[t])\ny[t] = q[t] * x[t]",
        "i[t] = W @ x[t]\nf[t] = tanh(x[t])\nh[t] = f[t] * h[t-1] + i[t]",
        "q[t] = abs(W @ x[t])\ny[t] = q[t] * x[t]",
        "q[t] = sqrt(exp(W @ x[t]))\ny[t] = q[t] * x[t]",
        "y[t] = x[t] / sigmoid(W @ x[t])",
    ],
)
def test_what_leaves_0_to_1_or_multiplies_nothing_is_no_gate(equations):
    assert gates(derive(equations)) == ()


@given(st.sampled_from(catalogue.names()), st.integers(0, 10**6), st.floats(0.1, 30))
@examples(60)
def test_values_stay_within_the_ranges_that_gates_are_judged_by(name, seed, scale):
    drawn = trace(name, seed=seed)
    params = {n: a * scale for n, a in drawn.problem.params.items()}
    run = trace(name, params=params, xs=drawn.problem.xs)
    for value, (low, high) in ranges_of(run.derivation).items():
        assert np.all(run[value] >= low - 1e-12), value
        assert np.all(run[value] <= high + 1e-12), value
