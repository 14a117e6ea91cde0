"""Which cells say the same thing, and which are layers of PyTorch."""

from __future__ import annotations

import textwrap

import pytest

from gatecalc.bench.structure import correspondence
from gatecalc.bench.torch_layers import LAYERS, layer_for
from gatecalc.equations import catalogue, cell

LSTM_OF_ONES_OWN = """
    s[t] = q[t] * tanh(m[t])
    m[t] = a[t] * k[t] + m[t-1] * e[t]
    q[t] = sigmoid(beta_q + R_q @ s[t-1] + V_q @ u[t])
    k[t] = tanh(V_k @ u[t] + beta_k + R_k @ s[t-1])
    e[t] = sigmoid(V_e @ u[t] + R_e @ s[t-1] + beta_e)
    a[t] = sigmoid(V_a @ u[t] + R_a @ s[t-1] + beta_a)
    output: s
"""


def test_names_and_order_do_not_make_another_cell():
    layer = layer_for(cell(textwrap.dedent(LSTM_OF_ONES_OWN)))
    assert layer is not None
    assert layer.kind == "LSTM"
    assert layer.weights["weight_ih_l0"] == ("V_a", "V_e", "V_k", "V_q")
    assert layer.weights["bias_ih_l0"] == ("beta_a", "beta_e", "beta_k", "beta_q")


@pytest.mark.parametrize("row", LAYERS, ids=lambda row: row.cell)
def test_every_row_of_the_table_finds_its_own_cell(row):
    found = layer_for(catalogue.load(row.cell))
    assert found is not None
    assert found.kind == row.kind
    assert {b for blocks in found.weights.values() for b in blocks} == {
        b for blocks in row.weights.values() for b in blocks
    }


@pytest.mark.parametrize(
    "name", ["gru", "gru_chung", "gru_concat", "mgu", "lstm_peephole", "lstm_coupled", "lstm_nog"]
)
def test_a_cell_that_pytorch_lacks_is_no_layer(name: str):
    assert layer_for(catalogue.load(name)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("h[t] = tanh(W @ x[t] + U @ h[t-1])", "h[t] = sigmoid(W @ x[t] + U @ h[t-1])"),
        ("h[t] = tanh(W @ x[t] + U @ h[t-1])", "h[t] = tanh(W @ x[t] + U.T @ h[t-1])"),
        ("h[t] = tanh(W @ x[t] + U @ h[t-1])", "h[t] = tanh(W @ x[t] - U @ h[t-1])"),
        ("h[t] = 0.5 * x[t] * h[t-1]", "h[t] = 0.25 * x[t] * h[t-1]"),
        ("h[t] = x[t] + h[t-1]**2", "h[t] = x[t] + h[t-1]**3"),
        ("h[t] = a * x[t] + b * h[t-1]", "h[t] = a * x[t] + a * h[t-1]"),
        ("k = 0.5\nh[t] = k * x[t] + h[t-1]", "k = 0.6\nh[t] = k * x[t] + h[t-1]"),
        ("h[t] = x[t] * sum(h[t-1])", "h[t] = x[t] * mean(h[t-1])"),
        ("h[t] = tanh(W @ x[t])", "W: (H, H)\nh[t] = tanh(W @ x[t])"),
        ("m[t] = x[t] + h[t-1]\nh[t] = tanh(m[t])", "h[t] = tanh(x[t] + h[t-1])"),
        ("m[t] = x[t] + h[t-1]\nh[t] = m[t]", "m[t] = x[t] + h[t-1]\nh[t] = m[t]\noutput: m"),
    ],
)
def test_one_difference_makes_another_cell(one: str, other: str):
    assert correspondence(cell(one + "\n"), cell(one + "\n")) is not None
    assert correspondence(cell(one + "\n"), cell(other + "\n")) is None


def test_a_number_may_be_written_in_two_ways():
    assert correspondence(cell("h[t] = 0.5 * x[t]\n"), cell("h[t] = x[t] * 0.50\n")) is not None
