"""Optimisers: each moves the flat vectors of one or more `Params`, in place.

A model of several modules (a cell and its head) is trained by one optimiser, which is given the
parameters of each, and at every update their gradients in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gatecalc.errors import InputError

Vector = NDArray[np.floating[Any]]


class Flat(Protocol):
    """What the `Params` of a generated module are here: all their numbers in one vector."""

    @property
    def flat(self) -> Any:
        """The vector, (n,); float32 or float64."""


class Sgd:
    """Gradient descent: each parameter moves against its gradient, or against a running sum of it.

    `momentum` is what remains of that sum at each update (0: nothing does), as in
    torch.optim.SGD: v ← momentum·v + g, then p ← p - rate·v.
    Source: Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization and
    momentum in deep learning".

    >>> import gatecalc
    >>> dense = gatecalc.load(gatecalc.generate("dense"))
    >>> params = dense.init(D=1, H=1, values={"W_y": 1.0, "b_y": 0.0})
    >>> ys, _, tape = dense.forward(params, [[[2.0]]])
    >>> grads, _, _ = dense.backward(params, tape, ys)  # the loss is y²/2
    >>> Sgd(params, rate=0.1).update(grads)
    >>> params["W_y"].item(), params["b_y"].item()
    (0.6, -0.2)
    """

    def __init__(self, *params: Flat, rate: float = 0.01, momentum: float = 0.0) -> None:
        self.rate = _positive("rate", rate)
        self.momentum = _fraction("momentum", momentum)
        self._params = _vectors("params", params)
        self._velocities = [np.zeros_like(p) for p in self._params] if momentum else []

    def update(self, *grads: Flat, rate: float | None = None) -> None:
        """One step; `rate` holds for this one alone, which is how a schedule is followed.

        Raises InputError where the gradients do not fit the parameters.
        """
        rate = self.rate if rate is None else rate
        gradients = _matching(self._params, grads)
        for velocity, gradient in zip(self._velocities, gradients, strict=False):
            velocity *= self.momentum
            velocity += gradient
        for vector, direction in zip(self._params, self._velocities or gradients, strict=True):
            vector -= rate * direction


class Adam:
    """Adam: steps of about `rate` for every parameter, whatever the size of its gradients.

    Keeps running means of the gradient (m) and of its square (v), corrects both for having begun
    at zero, and moves by -rate·m/(√v + epsilon). `decays` say what the two means keep of the past.
    Source: Kingma and Ba 2015, algorithm 1, arXiv:1412.6980.

    >>> import gatecalc
    >>> dense = gatecalc.load(gatecalc.generate("dense"))
    >>> params = dense.init(D=1, H=1, values={"W_y": 1.0, "b_y": 0.0})
    >>> ys, _, tape = dense.forward(params, [[[2.0]]])
    >>> grads, _, _ = dense.backward(params, tape, ys)
    >>> Adam(params, rate=0.1).update(grads)
    >>> print(f"{params['W_y'].item():.3f} {params['b_y'].item():.3f}")
    0.900 -0.100
    """

    def __init__(
        self,
        *params: Flat,
        rate: float = 1e-3,
        decays: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self.rate = _positive("rate", rate)
        self.decays = (_fraction("decays[0]", decays[0]), _fraction("decays[1]", decays[1]))
        self.epsilon = _positive("epsilon", epsilon)
        self.updates = 0
        self._params = _vectors("params", params)
        self._means = [np.zeros_like(p) for p in self._params]
        self._squares = [np.zeros_like(p) for p in self._params]

    def update(self, *grads: Flat, rate: float | None = None) -> None:
        """One step; `rate` holds for this one alone, which is how a schedule is followed.

        Raises InputError where the gradients do not fit the parameters.
        """
        rate = self.rate if rate is None else rate
        gradients = _matching(self._params, grads)
        self.updates += 1
        keep, keep_square = self.decays
        step = rate / (1 - keep**self.updates)
        shrink = 1 / math.sqrt(1 - keep_square**self.updates)
        for vector, gradient, mean, square in zip(
            self._params, gradients, self._means, self._squares, strict=True
        ):
            mean *= keep
            mean += (1 - keep) * gradient
            square *= keep_square
            square += (1 - keep_square) * gradient**2
            vector -= step * mean / (shrink * np.sqrt(square) + self.epsilon)


def clip(*grads: Flat, norm: float) -> float:
    """Shortens gradients, in place, to a Euclidean norm over all of them, where they are longer.

    Gradients through time can explode; this keeps the direction and bounds the step.
    Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
    Returns the norm before, which is inf or nan where a gradient is: they are then left alone.

    >>> import gatecalc
    >>> dense = gatecalc.load(gatecalc.generate("dense"))
    >>> grads = dense.init(D=1, H=1, values={"W_y": 3.0, "b_y": 4.0})
    >>> clip(grads, norm=1.0)
    5.0
    >>> print(f"{grads['W_y'].item():.2f} {grads['b_y'].item():.2f}")
    0.60 0.80
    """
    _positive("norm", norm)
    vectors = _vectors("grads", grads)
    with np.errstate(over="ignore"):
        length = math.hypot(*(float(np.linalg.norm(v)) for v in vectors))
    if norm < length < math.inf:
        for vector in vectors:
            vector *= norm / length
    return length


def _vectors(name: str, given: Sequence[Flat]) -> list[Vector]:
    if not given:
        raise InputError(f"{name}: none given")
    found = []
    for each in given:
        vector = getattr(each, "flat", None)
        # An array has a `flat` as well, which is an iterator.
        if not isinstance(vector, np.ndarray):
            kind = type(each).__name__
            raise InputError(f"{name}: Params of a generated module expected, {kind} given")
        if vector.dtype not in (np.float32, np.float64):
            raise InputError(f"{name}: float32 or float64 expected, {vector.dtype} given")
        found.append(vector)
    return found


def _matching(vectors: Sequence[Vector], grads: Sequence[Flat]) -> list[Vector]:
    gradients = _vectors("grads", grads)
    wanted, came = [v.size for v in vectors], [g.size for g in gradients]
    if wanted != came:
        raise InputError(f"grads: sizes {came} given, the parameters have {wanted}")
    return gradients


def _positive(name: str, value: float) -> float:
    if not 0 < value < math.inf:
        raise InputError(f"{name}: a positive number expected, {value} given")
    return value


def _fraction(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise InputError(f"{name}: a number from 0 to below 1 expected, {value} given")
    return value
