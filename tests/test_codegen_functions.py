"""The functions that a generated module brings along, at ordinary and at extreme arguments."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from generated import module

from gatecalc.equations.functions import FUNCTIONS, PUBLIC

ERF = module("h[t] = erf(W @ x[t])", plain=True)._erf
SIGMOID = module("lstm", plain=True)._sigmoid


def test_erf_is_right_to_the_last_digits():
    x = np.concatenate([np.linspace(-7, 7, 20001), 10.0 ** np.linspace(-300, 0, 601)])
    wanted = np.array([math.erf(v) for v in x])
    assert np.abs(ERF(x) - wanted).max() <= 2.3e-16
    assert (np.abs(ERF(x) - wanted) <= 4e-16 * np.abs(wanted)).all()


def test_erf_at_its_ends():
    ends = np.array([-np.inf, -1e300, -0.0, 0.0, 1e300, np.inf])
    assert ERF(ends).tolist() == [-1, -1, 0, 0, 1, 1]
    assert np.signbit(ERF(ends)).tolist() == [True, True, True, False, False, False]
    assert np.isnan(ERF(np.array([np.nan]))).all()


def test_erf_keeps_single_precision():
    x = np.linspace(-5, 5, 1001).astype(np.float32)
    found = ERF(x)
    assert found.dtype == np.float32
    assert np.abs(found - [math.erf(v) for v in x]).max() <= 3e-7


def test_a_complex_step_through_erf_is_its_derivative():
    x = np.linspace(-5, 5, 101)
    slope = ERF(x + 1e-30j).imag / 1e-30
    assert np.allclose(slope, 2 / math.sqrt(math.pi) * np.exp(-x * x), rtol=1e-14, atol=0)


def test_sigmoid_is_right_and_never_overflows():
    x = np.linspace(-700, 700, 4001)
    with np.errstate(all="raise", under="ignore"):
        found = SIGMOID(x)
        ends = SIGMOID(np.array([-np.inf, -1e4, 0.0, 1e4, np.inf]))
    assert np.abs(found - 1 / (1 + np.exp(-x))).max() <= 2.3e-16
    assert ends.tolist() == [0, 0, 0.5, 1, 1]


def test_a_sigmoid_under_a_logarithm_keeps_its_digits():
    m = module("h[t] = log(sigmoid(x[t] + h[t-1]))", plain=True)
    x = np.array([[-700.0, -40.0, 0.0, 40.0]])
    h, *_ = m.step({}, x)
    assert np.allclose(h, -np.logaddexp(0, -x), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "fast"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name",
    [n for n in PUBLIC if len(FUNCTIONS[n].arguments) == 1 and n not in ("exp", "log", "sqrt")],
)
def test_saturated_values_give_no_warning(name, dtype, plain):
    m = module(f"h[t] = {name}(w * x[t] + b) + 0 * h[t-1]", plain)
    params = m.init(H=6, rng=0, dtype=dtype, values={"w": 1, "b": 0})
    xs = np.array([[[-1e4, -90.0, 0.0, 1e-30, 90.0, 1e4]]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hs, _, tape = m.forward(params, xs)
        grads, d_xs, _ = m.backward(params, tape, np.ones((1, 1, 6)))
        h, _, cache = m.step(params, xs[0])
        _, d_x, _ = m.step_backward(params, cache, np.ones((1, 6)))
    assert np.isfinite(hs).all()
    assert np.isfinite(grads.flat).all()
    assert np.allclose(hs[0], h, rtol=1e-6)
    assert np.allclose(d_xs[0], d_x, rtol=1e-5, atol=1e-6)


def test_softmax_of_large_numbers_is_finite():
    m = module("h[t] = softmax(1000 * x[t]) + 0 * h[t-1]", plain=True)
    h, *_ = m.step({}, np.array([[1.0, 2.0, 3.0]]))
    assert h.tolist() == [[0.0, 0.0, 1.0]]


def test_the_norm_of_nothing_has_the_derivative_zero():
    m = module("h[t] = x[t] * norm(x[t]) + h[t-1]", plain=True)
    _, _, cache = m.step({}, np.zeros((2, 3)))
    _, d_x, _ = m.step_backward({}, cache, np.ones((2, 3)))
    assert not d_x.any()
