"""Losses, each with its adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatecalc.errors import InputError


def softmax_cross_entropy(
    scores: NDArray[Any], targets: ArrayLike
) -> tuple[float, NDArray[np.floating[Any]]]:
    """The mean of -log softmax(scores)[target], and the adjoint of the scores.

    scores: (..., K), float32 or float64; what the last layer says of K classes, of any size and
        sign. For a sequence (T, B, K).
    targets: (...), whole numbers from 0 to K - 1.

    Returns the loss in nats (divide by log 2 for bits), and (softmax - onehot) / N, shaped as the
    scores, where N is the number of targets: what `backward` takes as `d_hs`.
    Source: Bishop 2006, Pattern Recognition and Machine Learning, equations 4.108 and 4.109.
    Raises InputError where shapes, dtypes or targets do not fit.

    >>> loss, d_scores = softmax_cross_entropy(np.zeros((1, 4)), [2])
    >>> print(f"{loss:.4f} is log 4")
    1.3863 is log 4
    >>> print(d_scores)
    [[ 0.25  0.25 -0.75  0.25]]
    """
    scores, targets = np.asarray(scores), np.asarray(targets)
    _check(scores, targets)
    classes, count = scores.shape[-1], targets.size
    # The largest score becomes 0, so that exp cannot overflow; the softmax stays what it is.
    shifted = scores.reshape(count, classes)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    rows, columns = np.arange(count), targets.reshape(count)
    of_targets = shifted[rows, columns]
    softmax = np.exp(shifted, out=shifted)
    totals = softmax.sum(axis=1, keepdims=True)
    # In float64, because a mean of many float32 numbers is to keep their digits.
    loss = float(np.mean(np.log(totals[:, 0]) - of_targets, dtype=np.float64))
    softmax /= totals * count
    softmax[rows, columns] -= 1 / count
    return loss, softmax.reshape(scores.shape)


def _check(scores: NDArray[Any], targets: NDArray[Any]) -> None:
    if scores.dtype not in (np.float32, np.float64):
        raise InputError(f"scores: float32 or float64 expected, {scores.dtype} given")
    if targets.size and targets.dtype.kind not in "iu":
        raise InputError(f"targets: whole numbers expected, {targets.dtype} given")
    if not scores.ndim or targets.shape != scores.shape[:-1]:
        wanted = scores.shape[:-1] if scores.ndim else "(...) beside scores (..., K)"
        raise InputError(f"targets: {targets.shape} given; scores {scores.shape} need {wanted}")
    if not targets.size:
        raise InputError(f"targets: none given, {targets.shape}; a mean needs at least one")
    low, high, classes = targets.min(), targets.max(), scores.shape[-1]
    if low < 0 or high >= classes:
        wrong = low if low < 0 else high
        raise InputError(f"targets: {wrong} given; {classes} scores are numbered from 0")
