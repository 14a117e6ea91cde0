"""Elementwise expressions as scalar algebra, and back in one stated order."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from gatecalc.calculus.algebra import (
    Algebra,
    expanded,
    most_terms,
    negated,
    number,
    partial,
    power,
    product,
)
from gatecalc.codegen.schedule.forms import forms
from gatecalc.equations import read
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Call, Matrix, MatVec, Mul, Neg, Node, Number, Ref

SYMBOLS = sympy.symbols("x y z")


def expressions() -> st.SearchStrategy[sympy.Expr]:
    leaves = st.sampled_from(SYMBOLS) | st.integers(-3, 3).map(sympy.Integer)
    return st.recursive(
        leaves,
        lambda below: st.one_of(
            st.tuples(below, below).map(lambda p: p[0] + p[1]),
            st.tuples(below, below).map(lambda p: p[0] * p[1]),
            st.tuples(below, st.integers(2, 4)).map(lambda p: p[0] ** p[1]),
            below.map(lambda e: 1 / (2 + e**2)),
        ),
        max_leaves=8,
    )


@examples(100)
@given(expressions(), st.sampled_from(SYMBOLS))
def test_a_partial_derivative_is_that_of_sympy(expr: sympy.Expr, symbol: sympy.Symbol) -> None:
    at = dict(zip(SYMBOLS, (sympy.Rational(3, 7), sympy.Rational(-5, 3), 2), strict=True))
    assert partial(expr, symbol).xreplace(at) == sympy.diff(expr, symbol).xreplace(at)


@examples(100)
@given(expressions())
def test_a_sum_of_products_is_that_of_sympy(expr: sympy.Expr) -> None:
    if most_terms(expr) <= 100:
        assert sympy.expand(expanded(expr) - expr) == 0
        assert expanded(expanded(expr)) == expanded(expr)


@examples(100)
@given(expressions())
def test_all_forms_of_an_expression_mean_the_same(expr: sympy.Expr) -> None:
    at = dict(zip(SYMBOLS, (sympy.Rational(3, 7), sympy.Rational(-5, 3), 2), strict=True))
    assert {sympy.expand(form.xreplace(at)) for form in forms(expr)} == {expr.xreplace(at)}


def test_a_power_of_a_sum_is_multiplied_out_without_its_many_products() -> None:
    x, y, z = SYMBOLS
    assert len(expanded((x + y + z) ** 12).args) == 91  # 531441 products, of which many are equal


def slopes(right: str, *names: str) -> list[str]:
    """The partial derivatives of a right side by some of its names, as they print."""
    it = read(f"h[t] = {right} + W @ x[t]\nstates[t] = z[t-1] + n[t-1]\nz[t] = x[t]\nn[t] = x[t]")
    tree = it.equation("h").expression
    algebra = Algebra()
    whole = algebra.to_sympy(tree)
    found = []
    for name in names:
        plain, _, lag = name.partition("[t")
        ref = Ref(plain, {"": None, "]": 0, "-1]": 1}[lag])
        found.append(to_text(algebra.to_tree(partial(whole, algebra.symbol(ref)))))
    return found


@pytest.mark.parametrize(
    ("right", "by", "slope"),
    [
        ("(1 - z[t]) * h[t-1] + z[t] * n[t]", "z[t]", "n[t] - h[t-1]"),
        ("(1 - z[t]) * h[t-1] + z[t] * n[t]", "h[t-1]", "1 - z[t]"),
        ("z[t] * n[t] * b", "n[t]", "z[t] * b"),
        ("b * n[t] * z[t]", "n[t]", "b * z[t]"),
        ("b / (1 + z[t])", "z[t]", "-b / (1 + z[t])**2"),
        ("b / z[t] / n[t]", "b", "1 / (z[t] * n[t])"),
        ("b * (1 - z[t])**2", "z[t]", "-2 * b * (1 - z[t])"),
        ("z[t]**3 / 3", "z[t]", "z[t]**2"),
        ("0.25 * z[t]**2", "z[t]", "0.5 * z[t]"),
        ("z[t] / 3", "z[t]", "1 / 3"),
        ("2 * z[t] / 3", "z[t]", "2 / 3"),
        ("b * z[t] / 3", "z[t]", "b / 3"),
        ("b - 3 * z[t]", "z[t]", "-3"),
        ("-b * z[t]", "z[t]", "-b"),
        ("0.1 * z[t] + 0.2 * z[t]", "z[t]", "0.3"),
        ("b**-2 * z[t]", "z[t]", "1 / b**2"),
        ("z[t] * 1e-5", "z[t]", "1e-05"),
    ],
)
def test_a_slope_prints_as_people_write_it(right: str, by: str, slope: str) -> None:
    assert slopes(right, by) == [slope]


def test_terms_stand_in_the_order_in_which_names_appear_first() -> None:
    assert slopes("n[t] * (z[t] + b + c + a)", "n[t]") == ["z[t] + b + c + a"]
    assert slopes("n[t] * (z[t] - b - c + a)", "n[t]") == ["z[t] + a - b - c"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-3), "-3"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 3), "1 / 3"),
        (Fraction(22, 7), "22 / 7"),
        (Fraction(1, 10**7), "1e-07"),
        (Fraction("123456789.25"), "123456789.25"),
        (Fraction("0.7071067811865476"), "0.7071067811865476"),
        (Fraction("0.7071067811865476") * Fraction("0.3989422804014327"), "0.2820947917738782"),
        (Fraction(10**40), "1" + "0" * 40),
    ],
)
def test_numbers_are_decimals_where_a_short_one_is_exact(value: Fraction, text: str) -> None:
    assert to_text(number(value)) == text


@examples(200)
@given(st.fractions(-(10**6), 10**6, max_denominator=10**6))
def test_a_number_means_what_it_was_made_from(value: Fraction) -> None:
    tree = number(abs(value))
    above, below = (tree.left, tree.right) if hasattr(tree, "left") else (tree, Number("1"))
    assert above.value / below.value == abs(value)


def test_a_map_and_a_function_of_names_are_atoms_and_come_back() -> None:
    algebra = Algebra()
    mapped = MatVec(Matrix("W"), Ref("x", 0))
    tree: Node = Mul(mapped, Call("tanh", (Ref("a"),)))
    assert algebra.to_tree(algebra.to_sympy(tree)) in (tree, Mul(tree.right, tree.left))
    assert algebra.node(algebra.symbol(mapped)) == mapped


def test_functions_do_not_evaluate_by_themselves() -> None:
    algebra = Algebra()
    for text in ("tanh(0)", "exp(0)", "abs(-2)", "maximum(1, 2)", "sigmoid(-x[t])"):
        tree = read(f"h[t] = {text} + x[t]").equation("h").expression.left  # type: ignore[attr-defined]
        back = algebra.to_tree(algebra.to_sympy(tree))
        assert isinstance(back, Call)


def test_functions_are_differentiated_by_their_rows() -> None:
    algebra = Algebra()
    a, y = algebra.symbol(Ref("a")), algebra.to_sympy(Call("tanh", (Ref("a"),)))
    assert to_text(algebra.to_tree(partial(y, a))) == "1 - tanh(a)**2"


def test_an_expression_that_is_not_ours_fails_loudly() -> None:
    with pytest.raises(TypeError, match="no tree for"):
        Algebra().to_tree(sympy.Integral(SYMBOLS[0], SYMBOLS[0]))


def test_small_helpers_keep_trees_small() -> None:
    assert product([]) == Number("1")
    assert power(Ref("a"), 1) == Ref("a")
    assert negated(Neg(Ref("a"))) == Ref("a")
