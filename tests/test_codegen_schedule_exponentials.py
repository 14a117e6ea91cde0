"""Sigmoids by way of exp: when, and that they are the same sigmoids."""

from __future__ import annotations

import numpy as np
import pytest
from generated import derivation

from gatecalc.bench.subjects import generated
from gatecalc.checks import check
from gatecalc.codegen import generate, load
from gatecalc.codegen.schedule.passes import PASSES
from gatecalc.equations import cell

OTHERS = ("lstm_peephole", "lstm_layer_norm", "gru_reset_after", "mgu")
GATED = ("lstm", "gru", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS))


def with_exp_from(name, entries):
    """The module with another number of entries from which on exp is used."""
    source = generate(name)
    limits = '_EXP_ENTRIES = {"float32": 2048, "float64": 256}'
    assert limits in source
    changed = f'_EXP_ENTRIES = {{"float32": {entries}, "float64": {entries}}}'
    return load(source.replace(limits, changed))


def results(module, dtype=np.float64, scale=1.0):
    params = module.init(D=3, H=8, rng=1, dtype=dtype)
    xs = scale * np.random.default_rng(0).normal(size=(6, 5, 3)).astype(dtype)
    space = module.workspace(params, 6, 5)
    hs, state, tape = module.forward(params, xs, workspace=space)
    grads, d_xs, d_state = module.backward(params, tape, np.ones_like(hs))
    return space, [hs, *state, grads.flat, d_xs, *d_state]


@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-14), (np.float32, 5e-6)])
@pytest.mark.parametrize("name", GATED)
def test_both_ways_agree_to_rounding(name, dtype, bound):
    space, by_exp = results(with_exp_from(name, 1), dtype)
    other, by_tanh = results(with_exp_from(name, 10**9), dtype)
    assert space._inner.by_exp
    assert not other._inner.by_exp
    assert any(np.any(a != b) for a, b in zip(by_exp, by_tanh, strict=True))
    for a, b in zip(by_exp, by_tanh, strict=True):
        assert np.abs(a - b).max() <= bound * np.abs(b).max()


@pytest.mark.parametrize("name", GATED)
def test_the_exact_check_proves_both_ways(name):
    assert check(name)
    source = generate(name)
    both = 'self.by_exp = dtype.kind == "O" or '
    assert both in source
    assert check(name, load(source.replace(both, "self.by_exp = ")))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", GATED)
def test_gates_far_open_and_far_shut_give_no_warning(name, dtype):
    # pytest makes errors of warnings.
    for result in results(with_exp_from(name, 1), dtype, scale=1e4)[1]:
        assert np.all(np.isfinite(result))


def test_only_many_sigmoids_go_by_exp():
    lstm = load(generate("lstm"))
    points = (4, "f8", False), (64, "f8", True), (64, "f4", False), (400, "f4", True)
    for H, dtype, expected in points:
        params = lstm.init(D=3, H=H, dtype=dtype)
        assert lstm.workspace(params, T=2, B=2)._inner.by_exp is expected


def test_without_the_pass_there_is_one_way():
    text = generated(derivation("lstm"), [name for name in PASSES if name != "exp_sigmoids"])
    assert "by_exp" not in text
    assert check("lstm", load(text))


def test_a_sigmoid_that_the_next_step_reads_elementwise_is_left_to_tanh():
    it = cell("i[t] = sigmoid(W @ x[t] + i[t-1] * p + b)\nh[t] = i[t] * x[t]\n")
    assert "by_exp" not in generate(it)
    assert check(it)
