"""Each row of the table of functions: its derivative, its definition, what the notation knows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gatecalc.equations import read
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.equations.rows import definition, derivative, is_analytic
from gatecalc.equations.tree import Call, Node, Ref
from gatecalc.evaluate.nodes import Context, evaluate

POINTS = np.array([[-3.7, -1.3, -0.6, -0.11, 0.08, 0.45, 1.7, 2.9]])
POSITIVE = ("log", "sqrt", "log1p", "reciprocal")


def value(node: Node, a: np.ndarray, b: np.ndarray | None = None, y: object = None) -> np.ndarray:
    table = {Ref("a"): a} | ({Ref("b"): b} if b is not None else {})
    return np.asarray(evaluate(node, Context(table | ({Ref("y"): y} if y is not None else {}), {})))


def points(name: str) -> np.ndarray:
    return np.abs(POINTS) if name in POSITIVE else POINTS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_derivative_of_a_row_is_that_of_its_function(name: str) -> None:
    row, a = FUNCTIONS[name], points(name)
    others = {1: (None,), 2: (np.full_like(a, 0.3),)}[len(row.arguments)]
    arguments = [Ref(n) for n in row.arguments]
    for b in others:
        y = value(Call(name, tuple(arguments)), a, b)
        for position in range(len(row.arguments)):
            step = 1e-6
            moved = [
                value(Call(name, tuple(arguments)), *_moved(a, b, position, s))
                for s in (step, -step)
            ]
            expected = (moved[0] - moved[1]) / (2 * step)
            found = value(derivative(name, position, arguments, Ref("y")), a, b, y)
            np.testing.assert_allclose(
                np.broadcast_to(found, a.shape), expected, rtol=1e-7, atol=1e-8
            )


def _moved(
    a: np.ndarray, b: np.ndarray | None, position: int, step: float
) -> tuple[np.ndarray, np.ndarray | None]:
    return (a + step, b) if position == 0 else (a, None if b is None else b + step)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("sigmoid", lambda a: 1 / (1 + math.exp(-a))),
        ("relu", lambda a: max(a, 0)),
        ("leaky_relu", lambda a: a if a > 0 else 0.01 * a),
        ("elu", lambda a: a if a > 0 else math.exp(a) - 1),
        ("gelu", lambda a: a / 2 * (1 + math.erf(a / math.sqrt(2)))),
        ("silu", lambda a: a / (1 + math.exp(-a))),
        ("softplus", lambda a: math.log(1 + math.exp(a))),
        ("softsign", lambda a: a / (1 + abs(a))),
        ("hard_sigmoid", lambda a: min(max(0.2 * a + 0.5, 0), 1)),
        ("hard_sigmoid_6", lambda a: min(max(a / 6 + 0.5, 0), 1)),
        ("hard_tanh", lambda a: min(max(a, -1), 1)),
        ("abs", abs),
        ("erf", math.erf),
    ],
)
def test_a_function_is_what_textbooks_say(name: str, formula: object) -> None:
    expected = [[formula(float(a)) for a in POINTS[0]]]  # type: ignore[operator]
    found = value(Call(name, (Ref("a"),)), POINTS)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", [n for n, row in FUNCTIONS.items() if row.definition])
def test_a_definition_uses_more_elementary_functions(name: str) -> None:
    body = definition(name, [Ref("a")])
    assert body is not None
    assert definition("tanh", [Ref("a")]) is None


def test_users_may_write_what_the_notation_promises() -> None:
    promised = (
        "sigmoid tanh relu leaky_relu elu gelu silu softplus softsign hard_sigmoid hard_sigmoid_6 "
        "hard_tanh erf exp log sqrt abs sin cos maximum minimum"
    )
    assert set(PUBLIC) == set(promised.split())
    for name in PUBLIC:
        second = ", b" if len(FUNCTIONS[name].arguments) == 2 else ""
        read(f"h[t] = {name}(x[t]{second})")


def test_kinked_functions_are_not_analytic() -> None:
    kinked = {"relu", "leaky_relu", "elu", "softplus", "softsign", "abs", "maximum", "minimum"}
    kinked |= {"hard_sigmoid", "hard_sigmoid_6", "hard_tanh"}
    assert {n for n in PUBLIC if not is_analytic(n)} == kinked


def test_functions_with_a_kink_say_what_their_derivative_is_there() -> None:
    for name, row in FUNCTIONS.items():
        if not is_analytic(name) and name not in ("elu", "softplus", "softsign"):
            assert row.kink, name


def test_the_table_says_what_numpy_has_and_what_compares() -> None:
    for name, row in FUNCTIONS.items():
        assert not (row.in_numpy or row.branches) or row.definition is None, name
        if row.in_numpy:
            assert getattr(np, name)(np.array([0.5j])).dtype.kind == "c"
        if row.branches:
            assert row.kink, name
