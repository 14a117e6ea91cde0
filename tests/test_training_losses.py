"""The loss: what it is worth, and that its adjoint is its derivative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecalc import InputError
from gatecalc.training import softmax_cross_entropy


@pytest.mark.parametrize("shape", [(5,), (3, 5), (4, 2, 5), (1, 1, 1)])
def test_the_adjoint_is_what_differences_say(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(scale=2, size=shape)
    targets = rng.integers(shape[-1], size=shape[:-1])
    _, d_scores = softmax_cross_entropy(scores, targets)
    step = 1e-6
    for index in np.ndindex(shape):
        losses = []
        for sign in (1, -1):
            moved = scores.copy()
            moved[index] += sign * step
            losses.append(softmax_cross_entropy(moved, targets)[0])
        assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(d_scores[index], abs=1e-9)


def test_whoever_knows_nothing_pays_the_logarithm_of_the_choices() -> None:
    loss, _ = softmax_cross_entropy(np.zeros((7, 3, 102)), np.full((7, 3), 5))
    assert loss == pytest.approx(np.log(102))


def test_a_sure_and_right_answer_costs_nothing_and_teaches_nothing() -> None:
    loss, d_scores = softmax_cross_entropy(np.array([[0.0, 1000.0, 0.0]]), [1])
    assert loss == 0
    assert not d_scores.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_of_any_size_give_finite_numbers(dtype: type) -> None:
    scores = np.array([[1e30, -1e30, 0.0], [-1e4, -1e4, -1e4]], dtype)
    loss, d_scores = softmax_cross_entropy(scores, [0, 2])
    assert loss == pytest.approx(np.log(3) / 2)
    assert d_scores.dtype == dtype
    assert np.isfinite(d_scores).all()


@given(st.floats(-100, 100), st.integers(0, 2**32 - 1))
def test_only_differences_of_scores_count(shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, targets = rng.normal(size=(4, 6)), rng.integers(6, size=4)
    loss, d_scores = softmax_cross_entropy(scores, targets)
    shifted, d_shifted = softmax_cross_entropy(scores + shift, targets)
    assert shifted == pytest.approx(loss, abs=1e-12)
    np.testing.assert_allclose(d_shifted, d_scores, atol=1e-12)
    np.testing.assert_allclose(d_scores.sum(axis=-1), 0, atol=1e-15)


def test_the_mean_of_a_batch_is_that_of_its_samples() -> None:
    rng = np.random.default_rng(2)
    scores, targets = rng.normal(size=(3, 4, 5)), rng.integers(5, size=(3, 4))
    whole, _ = softmax_cross_entropy(scores, targets)
    each = [softmax_cross_entropy(scores[t], targets[t])[0] for t in range(3)]
    assert whole == pytest.approx(np.mean(each))


def test_the_scores_stay_as_they_were() -> None:
    scores = np.arange(6.0).reshape(2, 3)
    softmax_cross_entropy(scores, [0, 1])
    np.testing.assert_array_equal(scores, np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(
    ("scores", "targets", "message"),
    [
        (np.zeros((2, 3)), [0], r"targets: \(1,\) given; scores \(2, 3\) need \(2,\)"),
        (np.zeros((2, 3)), [0, 3], "targets: 3 given; 3 scores are numbered from 0"),
        (np.zeros((2, 3)), [-1, 0], "targets: -1 given"),
        (np.zeros((2, 3)), [0.0, 1.0], "targets: whole numbers expected, float64 given"),
        (np.zeros((2, 3), int), [0, 1], "scores: float32 or float64 expected, int64 given"),
        (np.zeros(()), 0, r"targets: \(\) given; scores \(\) need"),
        (np.zeros((0, 3)), [], "targets: none given"),
        (np.zeros((2, 0)), [0, 0], "targets: 0 given; 0 scores"),
    ],
)
def test_what_does_not_fit_is_named(scores: np.ndarray, targets: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        softmax_cross_entropy(scores, targets)
