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


def test_what_multiplies_in_the_loop_has_the_kind_of_the_parameters():
    cell = load(generate("h[t] = tanh(A @ x[t] + mean(h[t-1]) * b)"))
    params = cell.init(D=2, H=3, rng=0, dtype=np.float32)
    space = cell.workspace(params, 3, 2)
    hs, _, tape = cell.forward(params, np.ones((3, 2, 2), np.float32), workspace=space)
    cell.backward(params, tape, hs)
    assert [np.asarray(f).dtype for f in space._inner.factors] == [np.float32]


LARGE_FACTORS = {
    "a parameter": "h: (H)\nx: (H)\np: (H)\nh[t] = p * tanh(h[t-1]) + h[t-1] * x[t]",
    "a constant": "x: (H)\nk = 1e6\nh[t] = k * tanh(h[t-1]) + h[t-1] * x[t]",
    "a value, beside a gate": (
        "x: (H)\np: (H)\nz[t] = sigmoid(20 * x[t])\nv[t] = p * x[t]\n"
        "h[t] = (1 - z[t]) * v[t] + z[t] * h[t-1]"
    ),
}


@pytest.mark.parametrize("large", LARGE_FACTORS)
def test_what_stands_beside_a_large_factor_keeps_its_digits(large):
    # p (1 - tanh²) + x, not (p + x) - p tanh².
    cell = load(generate(LARGE_FACTORS[large]))
    rng = np.random.default_rng(0)
    xs = 2 + rng.random((1, 3, 5)).astype(np.float32)
    start = 30 + rng.random((3, 5)).astype(np.float32)
    results = []
    for dtype in (np.float32, np.float64):
        params = cell.init(H=5, rng=1, dtype=dtype)
        if "p" in params:
            params["p"][...] = 1e6
        hs, _, tape = cell.forward(params, xs.astype(dtype), cell.State(start.astype(dtype)))
        grads, d_xs, (d_h,) = cell.backward(params, tape, np.ones_like(hs))
        results.append([hs, d_xs, d_h, *grads.values()])
    for single, double in zip(*results, strict=True):
        assert np.abs(single - double).max() <= 1e-5 * np.abs(double).max()


SMALL_GATES = {
    "computed once, below": ("k = sigmoid(b)\nh[t] = x[t] / k", lambda g, c: 1 / g),
    "of a number, below": ("k = sigmoid(-40)\nh[t] = x[t] / k", lambda g, c: 1 / g),
    "computed once, a factor of a log's argument": (
        "k = sigmoid(b)\np = k * c\nh[t] = log(p) * x[t]",
        lambda g, c: np.log(g * c),
    ),
    "a factor of a log's argument": (
        "g[t] = sigmoid(b * x[t])\np[t] = g[t] * (c * x[t])\nh[t] = log(p[t])",
        lambda g, c: np.log(g * c),
    ),
    "a factor of a factor, below": (
        "g[t] = sigmoid(b * x[t])\np[t] = -g[t] * c\nq[t] = p[t]**2 / 3\nh[t] = x[t] / q[t]",
        lambda g, c: 3 / (g * c) ** 2,
    ),
    "a share": ("g[t] = sigmoid(b * x[t])\nh[t] = g[t] / sum(g[t])", lambda g, c: 1 / 3),
    "a share of a sum with a name": (
        "g[t] = sigmoid(b * x[t])\ns[t] = g[t] + sigmoid(b * x[t])\nh[t] = g[t] / s[t]",
        lambda g, c: 1 / 2,
    ),
    "beside another": ("h[t] = sigmoid(b * x[t]) / sigmoid(b * x[t])", lambda g, c: 1),
    "with a tiny number": (
        "epsilon = 1e-30\nh[t] = log(sigmoid(b * x[t]) + epsilon)",
        lambda g, c: np.log(g),
    ),
    "as an argument": ("h[t] = log(tanh(sigmoid(b * x[t])))", lambda g, c: np.log(g)),
    "behind a matrix": (
        "W: (D, D)\nh[t] = log(W @ sigmoid(b * x[t]))",
        lambda g, c: np.log(3 * c * g),
    ),
    "the derivative of a softplus": ("h[t] = log(softplus(b * x[t]))", lambda g, c: np.log(g)),
    "below a root": ("g[t] = sigmoid(b * x[t])\nh[t] = sqrt(g[t])", lambda g, c: np.sqrt(g)),
}


@pytest.mark.parametrize("where", SMALL_GATES)
def test_small_sigmoids_keep_their_digits_where_they_divide(where):
    equations, wanted = SMALL_GATES[where]
    cell = load(generate("x: (D)\n" + equations))
    params = cell.init(D=3, rng=1)
    for name, value in (("b", -40.0), ("c", 0.5), ("W", 0.5)):
        if name in params:
            params[name][...] = value
    hs, _, tape = cell.forward(params, np.ones((1, 1, 3)))
    np.testing.assert_allclose(hs[0, 0], wanted(1 / (1 + np.exp(40.0)), 0.5) * np.ones(3))
    np.testing.assert_allclose(hs[0], cell.step(params, np.ones((1, 3)))[0])
    grads, d_xs, _ = cell.backward(params, tape, np.ones((1, 1, 3)))
    assert all(np.isfinite(a).all() for a in (d_xs, *grads.values()))
    values, cache = cell.step(params, np.ones((1, 3)))[::2]
    stepped = cell.step_backward(params, cache, np.ones_like(values))
    np.testing.assert_allclose(stepped[1], d_xs[0], rtol=1e-9)
