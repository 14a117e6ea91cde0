"""The products that no implementation can avoid, counted by hand."""

from __future__ import annotations

import pytest

from gatecalc import derive
from gatecalc.bench.calls import calls_per_step
from gatecalc.bench.floor import Product, unavoidable

SIZES = {"D": 3, "H": 4, "P": 2}


def products(source: str) -> set[Product]:
    return set(unavoidable(derive(source), SIZES))


@pytest.mark.parametrize(
    ("name", "gates"), [("rnn", 1), ("lstm", 4), ("gru_reset_after", 3), ("lstm_concat", 4)]
)
def test_gates_share_one_product_with_the_state_and_one_with_the_input(name: str, gates: int):
    assert products(name) == {Product(gates * 4, 3, False), Product(gates * 4, 4, True)}


def test_a_reset_before_the_matrix_costs_a_product_of_its_own():
    assert products("gru") == {
        Product(12, 3, False),
        Product(8, 4, True),
        Product(4, 4, True),
    }


def test_what_comes_back_to_no_state_leaves_the_loop():
    source = "h[t] = tanh(W @ x[t] + U @ h[t-1])\ny[t] = V @ h[t]\nV: (P, H)\n"
    assert products(source) == {
        Product(4, 3, False),
        Product(4, 4, True),
        Product(2, 4, False),
    }


def test_a_second_layer_is_fed_in_one_product_for_all_steps():
    source = "a[t] = tanh(W @ x[t] + U @ a[t-1])\nb[t] = tanh(V @ a[t] + R @ b[t-1])\n"
    found = unavoidable(derive(source), SIZES)
    assert [p.in_loop for p in found] == [False, True, False, True]


def test_an_old_input_is_still_an_input():
    source = "p[t] = x[t]\nh[t] = tanh(W @ p[t-1] + U @ h[t-1])\n"
    assert products(source) == {Product(4, 3, False), Product(4, 4, True)}


def test_maps_of_parameters_alone_do_not_count():
    assert products("h[t] = tanh(x[t] + U @ b)\n") == set()


def test_a_module_without_a_loop_over_time_makes_no_calls_in_it():
    assert (
        calls_per_step("class _Workspace:\n    def f(self):\n        for k in x:\n            g()")
        == {}
    )
    text = "def _forward(self):\n    for a, b in steps:\n        f(a)\n        g(h(b))\n"
    assert calls_per_step(text) == {"_forward": 3}
