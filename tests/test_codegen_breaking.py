"""Long lines of generated code: where they are broken, and what is left as it is."""

from __future__ import annotations

import ast

import pytest

from gatecalc.codegen import generate
from gatecalc.codegen.breaking import assigned, broken, items_of

UNPAIRED = ["(" * 39, "(a))) + b + c", "f(a, b", "]", "(a] + b", "a, b)", "f(a) + g[b"]


@pytest.mark.parametrize("text", UNPAIRED)
def test_what_is_no_expression_is_left_as_it_is(text):
    assert list(broken(text, 4)) == [text]
    assert assigned("y", text, 4) == [f"y = {text}"]


@pytest.mark.parametrize("depth", [3, 39, 2000])
def test_deep_nesting_is_opened_as_far_as_there_are_columns(depth):
    text = "f(" * depth + "a" + ")" * depth
    lines = assigned("y", text, 24)
    assert "".join(line.strip() for line in lines) == f"y = {text}"
    assert len(lines) <= 2 * 24 // 4 + 1
    if depth < 100:
        assert ast.unparse(ast.parse("\n".join(lines))) == f"y = {text}"


@pytest.mark.parametrize(
    "text",
    [
        "alpha * (beta + gamma) - delta @ (epsilon + zeta)",
        "tanh(alpha + beta) * (1 - tanh(gamma + delta) ** 2)",
        "f(alpha, g(beta, gamma * delta), -epsilon) / (1 + zeta[0, 1])",
        "(alpha)",
        "alpha_beta_gamma_delta_epsilon",
    ],
)
@pytest.mark.parametrize("room", range(1, 60, 7))
def test_breaking_changes_no_meaning(text, room):
    lines = assigned("y", text, room)
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(f"y = {text}"))


def test_brackets_nested_to_the_bound_are_generated():
    source = "h[t] = W @ x[t] + " + "(" * 39 + "h[t-1]" + " + x[t])" * 39
    ast.parse(generate(source + "\n"))


def test_items_of_nothing_are_none():
    assert items_of("") == []
