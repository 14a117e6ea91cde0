"""The optimisers find minima, agree with PyTorch's, and train what gatecalc generates."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import gatecalc
from gatecalc import InputError
from gatecalc.training import Adam, Sgd, clip, softmax_cross_entropy


@dataclass
class Vector:
    """All that optimisers see of `Params`."""

    flat: np.ndarray


OPTIMISERS = [
    lambda *p: Sgd(*p, rate=0.05),
    lambda *p: Sgd(*p, rate=0.02, momentum=0.8),
    lambda *p: Adam(*p, rate=0.05),
]


@pytest.mark.parametrize("make", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_lowest_point_of_a_bowl_is_found(make: Callable[..., Adam | Sgd], dtype: type) -> None:
    steep, lowest = np.array([1, 5, 20], dtype), np.array([3, -2, 0.5], dtype)
    place = Vector(np.zeros(3, dtype))
    optimiser = make(place)
    for _ in range(1000):
        optimiser.update(Vector(steep * (place.flat - lowest)))
    assert place.flat.dtype == dtype
    np.testing.assert_allclose(place.flat, lowest, atol=2e-3)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_the_first_step_of_adam_has_the_length_of_the_rate(scale: float) -> None:
    place = Vector(np.zeros(2))
    Adam(place, rate=0.1).update(Vector(scale * np.array([2.0, -3.0])))
    np.testing.assert_allclose(place.flat, [-0.1, 0.1], rtol=1e-3)


def test_a_rate_of_its_own_holds_for_one_update() -> None:
    place = Vector(np.zeros(1))
    descent = Sgd(place, rate=0.5)
    descent.update(Vector(np.ones(1)), rate=0.1)
    assert place.flat == pytest.approx([-0.1])
    descent.update(Vector(np.ones(1)))
    assert place.flat == pytest.approx([-0.6])


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_pytorch_takes_the_same_steps(name: str) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    ours = [Vector(rng.normal(size=n)) for n in (4, 3)]
    theirs = [torch.tensor(p.flat.copy(), requires_grad=True) for p in ours]
    mine, other = {
        "sgd": (Sgd(*ours, rate=0.1), torch.optim.SGD(theirs, lr=0.1)),
        "momentum": (
            Sgd(*ours, rate=0.1, momentum=0.9),
            torch.optim.SGD(theirs, lr=0.1, momentum=0.9),
        ),
        "adam": (Adam(*ours, rate=0.01), torch.optim.Adam(theirs, lr=0.01)),
    }[name]
    for _ in range(20):
        grads = [Vector(3 * rng.normal(size=p.flat.size)) for p in ours]
        for p, g in zip(theirs, grads, strict=True):
            p.grad = torch.tensor(g.flat.copy())
        norm = clip(*grads, norm=1.0)
        assert norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(theirs, 1.0)))
        mine.update(*grads)
        other.step()
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.flat, q.detach().numpy(), rtol=1e-4, atol=1e-7)


def test_clipping_keeps_the_direction_and_bounds_the_length() -> None:
    a, b = Vector(np.array([3.0, 0.0])), Vector(np.array([4.0]))
    assert clip(a, b, norm=1.0) == pytest.approx(5)
    np.testing.assert_allclose([*a.flat, *b.flat], [0.6, 0, 0.8])


def test_short_gradients_are_not_clipped() -> None:
    a = Vector(np.array([0.3, 0.4]))
    assert clip(a, norm=1.0) == pytest.approx(0.5)
    np.testing.assert_array_equal(a.flat, [0.3, 0.4])


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_a_gradient_that_is_no_number_is_reported_by_its_norm(wrong: float) -> None:
    assert not math.isfinite(clip(Vector(np.array([1.0, wrong])), norm=1.0))


@pytest.mark.parametrize("make", OPTIMISERS)
def test_an_update_leaves_the_gradients_alone(make: Callable[..., Adam | Sgd]) -> None:
    gradient = Vector(np.array([1.0, -2.0]))
    make(Vector(np.zeros(2))).update(gradient)
    np.testing.assert_array_equal(gradient.flat, [1, -2])


@pytest.mark.parametrize(
    "make",
    [
        lambda *p: Sgd(*p, rate=1.0),
        lambda *p: Sgd(*p, rate=0.3, momentum=0.8),
        lambda *p: Adam(*p, rate=0.03),
    ],
)
def test_a_generated_cell_learns_to_remember(make: Callable[..., Adam | Sgd]) -> None:
    """The first input of five is asked for at the end."""
    cell = gatecalc.load(gatecalc.generate("gru"))
    head = gatecalc.load(gatecalc.generate("dense"))
    params = cell.init(D=2, H=6, rng=1, dtype=np.float32)
    head_params = head.init(D=6, H=2, rng=2, dtype=np.float32)
    optimiser = make(params, head_params)
    rng = np.random.default_rng(4)
    losses = []
    for _ in range(80):
        targets = rng.integers(2, size=16)
        xs = np.zeros((5, 16, 2), np.float32)
        xs[0, np.arange(16), targets] = 1
        hs, _, tape = cell.forward(params, xs)
        ys, _, head_tape = head.forward(head_params, hs[-1:])
        loss, d_ys = softmax_cross_entropy(ys, targets[None])
        head_grads, d_last, _ = head.backward(head_params, head_tape, d_ys)
        d_hs = np.zeros_like(hs)
        d_hs[-1:] = d_last
        grads, _, _ = cell.backward(params, tape, d_hs)
        clip(grads, head_grads, norm=1.0)
        optimiser.update(grads, head_grads)
        losses.append(loss)
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (Adam, "params: none given"),
        (lambda: Adam(np.zeros(3)), "params: Params of a generated module expected, ndarray"),
        (lambda: Sgd({"W": np.zeros(3)}), "params: Params of a generated module expected, dict"),
        (lambda: Sgd(Vector(np.zeros(3, complex))), "params: float32 or float64 expected"),
        (lambda: Adam(Vector(np.zeros(3)), rate=0), "rate: a positive number expected, 0 given"),
        (lambda: Adam(Vector(np.zeros(3)), rate=math.nan), "rate: a positive number expected"),
        (lambda: Adam(Vector(np.zeros(3)), decays=(0.9, 1.0)), r"decays\[1\]: .* 1.0 given"),
        (lambda: Sgd(Vector(np.zeros(3)), momentum=-0.1), "momentum: .* -0.1 given"),
        (lambda: clip(norm=1.0), "grads: none given"),
        (lambda: clip(Vector(np.zeros(3)), norm=-1.0), "norm: a positive number expected"),
        (
            lambda: Adam(Vector(np.zeros(3))).update(Vector(np.zeros(4))),
            r"grads: sizes \[4\] given, the parameters have \[3\]",
        ),
        (
            lambda: Sgd(Vector(np.zeros(3)), Vector(np.zeros(1))).update(Vector(np.zeros(3))),
            r"grads: sizes \[3\] given, the parameters have \[3, 1\]",
        ),
    ],
)
def test_what_does_not_fit_is_named(attempt: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        attempt()
