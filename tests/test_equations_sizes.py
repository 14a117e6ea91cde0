"""Sizes of pins that stand in equations: there they are numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc import generate, load
from gatecalc.bench.structure import correspondence
from gatecalc.equations import read
from gatecalc.equations.describe import cell_text
from gatecalc.equations.listing import listing
from gatecalc.equations.ranges import ranges
from gatecalc.equations.tree import Add, Call, Dim, Div, Number, Ref, walk
from gatecalc.errors import NotationError

ATTENTION = """
    M: (N, K)
    q[t] = W @ x[t] + U @ h[t-1]
    a[t] = softmax(M @ q[t] / sqrt(K))
    h[t] = tanh(V @ (M.T @ a[t]))
"""


def numbers(text: str) -> list[tuple[str, ...]]:
    """The sizes that stand for numbers, in order of appearance."""
    it = read(text)
    trees = [*(e.expression for e in it.equations), *(n.body for n in it.nonlinearities)]
    return [n.size for tree in trees for n in walk(tree) if isinstance(n, Dim)]


def test_a_size_of_a_pin_is_a_number_in_equations() -> None:
    it = read(ATTENTION)
    assert it.parameters == ("W", "U", "M", "V")
    assert numbers(ATTENTION) == [("K",)]
    assert it.sizes == ("D", "H", "K", "N")


def test_its_value_is_the_size_in_every_module() -> None:
    m = load(generate("W: (H, D)\nh[t] = W @ x[t] / H + (D + H) * h[t-1] / (1 + D)"))
    for D, H in ((3, 4), (5, 2)):
        params = m.init(D=D, H=H, rng=0)
        xs, start = np.ones((1, 2, D)), np.full((2, H), 0.5)
        hs = m.forward(params, xs, (start,))[0]
        wanted = xs[0] @ params["W"].T / H + (D + H) * start / (1 + D)
        assert np.allclose(hs[0], wanted, rtol=1e-14, atol=0)
        assert np.allclose(m.step(params, xs[0], (start,))[0], wanted, rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    "text",
    [  # without a pin; pinned itself; a matrix; a value; a constant; an argument; one number
        "h[t] = W @ x[t] + H * h[t-1] + D",
        "W: (H, D)\ny[t] = C @ h[t] + D * x[t]\nh[t] = a * h[t-1] + W @ x[t]\nD: D",
        "W: (P, Q)\nh[t] = W @ x[t] + P @ h[t-1]",
        "W: (P, Q)\nh[t] = W @ x[t] + 2 * Q.T @ h[t-1]",
        "W: (P, Q)\nP[t] = W @ x[t] + P[t-1]",
        "W: (P, Q)\nQ = 2 * b\nh[t] = W @ x[t] + Q",
        "W: (P, Q)\nQ = 0.5\nh[t] = W @ x[t] + Q * h[t-1]",
        "W: (P, Q)\nown = lambda P: P * 2\nh[t] = own(W @ x[t]) + h[t-1]",
        "alpha: scalar\nh[t] = alpha * h[t-1] + x[t]",
    ],
)
def test_what_is_something_else_stays_that(text: str) -> None:
    assert numbers(text) == []


def test_a_size_may_stand_in_a_function_of_ones_own() -> None:
    assert numbers("W: (P, D)\nown = lambda a: a / P\nh[t] = own(W @ x[t]) + h[t-1]") == [("P",)]


def test_sizes_that_are_forced_to_be_one_are_one_number() -> None:
    assert numbers("h: P\nv: Q\nh[t] = x[t] * v / Q + h[t-1] / P") == [("P",), ("P",)]


def test_a_sum_of_sizes_has_no_name_that_could_be_read_again() -> None:
    with pytest.raises(NotationError, match="the size P \\+ D here") as caught:
        read("W: (P, Q)\nh[t] = W @ concat(h[t-1], x[t]) * log(Q)")
    assert "write (P + D), with pins that name each of them" in str(caught.value)
    fixed = "W: (P, Q)\nV: (P, D)\nh[t] = W @ concat(h[t-1], x[t]) * log((P + D)) + V @ x[t]"
    assert numbers(fixed) == [("P",), ("D",)]


def test_what_is_shown_is_the_same_cell() -> None:
    shown = "\n".join(line for line, _ in listing(read(ATTENTION)))
    assert correspondence(read(ATTENTION), read(shown)) is not None
    other = shown.replace("sqrt(K)", "sqrt(N)")
    assert correspondence(read(ATTENTION), read(other)) is None


def test_sizes_are_positive_and_may_differ() -> None:
    assert ranges([(Ref("h", 0), Div(Number("1"), Dim(("H",))))]) == {"h": (0.0, 1.0)}
    gate = Call("sigmoid", (Ref("a", 0),))
    assert ranges([(Ref("h", 0), Add(gate, Dim(("H",))))])["h"][0] == 1.0
    read("W: (H, D)\nh[t] = W @ x[t] / (H - D) + h[t-1]")
    with pytest.raises(NotationError, match="division by zero"):
        read("W: (H, D)\nh[t] = W @ x[t] / (H - H) + h[t-1]")


def test_a_parameter_that_is_called_like_a_size_is_pointed_out() -> None:
    text = "h[t] = tanh((W @ x[t] + U @ h[t-1]) * H)"
    remark = "H is a parameter here; with a line W: (H, D) it would be the size, a number"
    assert remark in cell_text(read(text))
    for other in (f"W: (H, D)\n{text}", f"H: scalar\n{text}"):
        assert "is a parameter here" not in cell_text(read(other))


@pytest.mark.parametrize("divisor", ["sqrt(H)", "H", "(1 + H)", "sqrt(2 * H)"])
def test_a_parameter_that_stands_where_a_size_is_meant_is_refused(divisor: str) -> None:
    text = f"h[t] = tanh((W @ x[t] + U @ h[t-1]) / {divisor})"
    with pytest.raises(NotationError, match="`H` is a parameter here") as caught:
        read(text)
    assert "add the line W: (H, D)" in str(caught.value)
    assert "pin it: H: H" in str(caught.value)
    assert read(f"W: (H, D)\n{text}").parameters == ("W", "U")
    assert read(f"H: H\n{text}").parameters == ("W", "U", "H")


@pytest.mark.parametrize(
    ("pin", "advice"), [("W: (H, D)\n", "remove the line: "), ("", "and add the line W: (H, D)")]
)
def test_a_constant_is_no_size(pin: str, advice: str) -> None:
    text = "h[t] = tanh(W @ x[t] + U @ h[t-1]) / sqrt(H)"
    with pytest.raises(NotationError, match="the constant `H` is called like a size") as caught:
        read(f"H = 4\n{pin}{text}")
    assert advice in str(caught.value)
    assert read(f"W: (H, D)\n{text}").parameters == ("W", "U")
    # Nobody takes a half for a size, nor a name that no size has.
    assert read(f"D = 0.5\nk = 4\n{pin}h[t] = D * tanh(W @ x[t] + U @ h[t-1]) * k").constants
