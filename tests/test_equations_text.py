"""Trees as text, and the text read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import cell_texts, examples

from gatecalc.calculus import derive
from gatecalc.equations import Cell, catalogue, read
from gatecalc.equations.text import matrix_text, size_text, to_text
from gatecalc.equations.tree import (
    Add,
    Div,
    Matrix,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Outer,
    Pow,
    Ref,
    Sub,
    children,
    rebuild,
    substitute,
    walk,
)

A, B, X = Ref("a"), Ref("b"), Ref("x", 0)


def rewritten(it: Cell) -> str:
    """The cell as its trees print."""
    lines = [f"{c.name} = {c.text}" for c in it.constants]
    for own in it.nonlinearities:
        lines.append(f"{own.name} = lambda {', '.join(own.arguments)}: {to_text(own.body)}")
    for name, shape in it.pins.items():
        sizes = "".join(f"{size}, " for (size,) in shape)
        lines.append(f"{name}: ({sizes})" if shape else f"{name}: scalar")
    lines += [f"{to_text(e.target)} = {to_text(e.expression)}" for e in it.equations]
    return "\n".join([*lines, f"output: {it.output}"])


@pytest.mark.parametrize("name", catalogue.names())
def test_the_catalogue_printed_and_read_again_is_the_same(name: str) -> None:
    it = catalogue.load(name)
    assert [e.expression for e in read(rewritten(it)).equations] == [
        e.expression for e in it.equations
    ]


@pytest.mark.slow
@examples(150)
@given(cell_texts(smooth=False))
def test_any_cell_printed_and_read_again_is_the_same(text: str) -> None:
    it = read(text)
    again = read(rewritten(it))
    assert [(e.target, e.expression) for e in again.equations] == [
        (e.target, e.expression) for e in it.equations
    ]
    assert (again.inputs, again.states, again.output) == (it.inputs, it.states, it.output)
    assert dict(again.shapes) == dict(it.shapes)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Neg(Neg(A)), "-(-a)"),
        (Neg(Mul(A, B)), "-a * b"),
        (Mul(Neg(A), B), "(-a) * b"),
        (Mul(A, Neg(B)), "a * (-b)"),
        (Neg(Add(A, B)), "-(a + b)"),
        (Sub(A, Sub(B, X)), "a - (b - x[t])"),
        (Sub(A, Neg(B)), "a - (-b)"),
        (Add(Neg(A), B), "-a + b"),
        (Div(A, Div(B, X)), "a / (b / x[t])"),
        (Div(Mul(A, B), X), "a * b / x[t]"),
        (Mul(A, Div(B, X)), "a * (b / x[t])"),
        (Pow(Neg(A), 2), "(-a)**2"),
        (Neg(Pow(A, 2)), "-a**2"),
        (Pow(Pow(A, 2), -3), "(a**2)**-3"),
        (Mul(MatVec(Matrix("W"), X), B), "(W @ x[t]) * b"),
        (Mul(B, MatVec(Matrix("W"), X)), "b * (W @ x[t])"),
        (MatVec(Matrix("W", transposed=True), Add(A, X)), "W.T @ (a + x[t])"),
        (MatVec(Matrix("W", columns=((), ("H",))), X), "W[:H] @ x[t]"),
        (MatVec(Matrix("W", True, (("H",), ("H", "D"))), X), "W[:, H:H+D].T @ x[t]"),
        (Outer(A, Add(B, X)), "outer(a, b + x[t])"),
        (Number("1e-5"), "1e-5"),
    ],
)
def test_brackets_stand_where_they_are_needed(tree: Node, text: str) -> None:
    assert to_text(tree) == text


def test_sizes_and_matrices_print_as_sums_and_stretches() -> None:
    assert size_text(()) == "0"
    assert size_text(("H", "D")) == "H+D"
    assert matrix_text(Matrix("W", transposed=True)) == "W.T"


@pytest.mark.parametrize("name", ["gru", "lstm_layer_norm", "gru_concat"])
def test_every_derived_statement_prints_on_one_line(name: str) -> None:
    derivation = derive(name)
    for statement in (*derivation.forward, *derivation.backward):
        assert "\n" not in to_text(statement.expression)


def test_a_node_without_a_text_fails_loudly() -> None:
    with pytest.raises(TypeError, match="no text for Node"):
        to_text(Node())


def test_where_a_node_stands_does_not_count() -> None:
    first, second = (read(f"{' ' * k}h[t] = x[t] * b").equations[0].expression for k in (0, 3))
    assert first == second
    assert hash(first) == hash(second)
    assert first.place != second.place


def test_trees_are_walked_rebuilt_and_changed_from_left_to_right() -> None:
    tree = Sub(Mul(A, X), Neg(B))
    assert [type(n).__name__ for n in walk(tree)] == ["Sub", "Mul", "Ref", "Ref", "Neg", "Ref"]
    assert rebuild(tree, children(tree)) == tree
    swapped = substitute(tree, {A: B, B: A})
    assert to_text(swapped) == "b * x[t] - (-a)"
    assert substitute(tree, {Ref("c"): A}) is tree
