"""What float32 costs in digits, at the sizes that the benchmark uses."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from gatecalc.bench.points import GRID
from gatecalc.codegen import generate, load
from gatecalc.equations import catalogue

CELLS = ("lstm", "lstm_peephole", "gru", "gru_reset_after", "mgu", "rnn")
SMALL = ("small", "s64")


@cache
def module(name):
    return load(generate(name))


def gradients(name, point, dtype):
    T, B, D, H = point.T, point.B, point.D, point.H
    params = module(name).init(D=D, H=H, rng=1, dtype=np.float32)
    rng = np.random.default_rng(0)
    xs, d_hs = (rng.normal(size=(T, B, n)).astype(np.float32) for n in (D, H))
    params = {n: a.astype(dtype) for n, a in params.items()}
    hs, _, tape = module(name).forward(params, xs.astype(dtype))
    grads, d_xs, d_state = module(name).backward(params, tape, d_hs.astype(dtype))
    states = {f"first {n}": a for n, a in d_state._asdict().items()}
    return {"hs": hs, "d_xs": d_xs, **states, **grads}


def worst(name, point):
    """The worst error of float32, relative to the largest entry of each array."""
    single, double = (gradients(name, point, dtype) for dtype in (np.float32, np.float64))
    return max(np.abs(single[n] - double[n]).max() / np.abs(double[n]).max() for n in double)


@pytest.mark.parametrize("point", SMALL)
@pytest.mark.parametrize("name", CELLS)
def test_float32_keeps_its_digits(name, point):
    assert 0 < worst(name, GRID[point]) < 3e-6


@pytest.mark.slow
@pytest.mark.parametrize("point", [p for p in GRID if p not in SMALL])
@pytest.mark.parametrize("name", CELLS)
def test_float32_keeps_its_digits_where_much_is_summed(name, point):
    assert 0 < worst(name, GRID[point]) < 3e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", catalogue.names())
def test_pre_activations_of_ten_thousand_give_no_warning_and_no_nan(name, dtype):
    # pytest makes errors of warnings.
    params = module(name).init(D=3, H=24, rng=1, dtype=dtype)
    xs = 1e5 * np.random.default_rng(0).normal(size=(4, 6, 3)).astype(dtype)
    hs, state, tape = module(name).forward(params, xs)
    grads, d_xs, d_state = module(name).backward(params, tape, np.ones_like(hs))
    for array in (hs, *state, grads.flat, d_xs, *d_state):
        assert np.all(np.isfinite(array))
