"""Equations print in the author's order, with the signs and brackets of print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecalc.calculus import derive
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import walk
from gatecalc.notes import latex as latex_module
from gatecalc.notes.breaking import lines
from gatecalc.notes.display import Entry, Piece, display
from gatecalc.notes.equations import numbers_first
from gatecalc.notes.latex import Token, latex, text_of, tokens
from gatecalc.notes.style import style_of
from gatecalc.notes.width import width

CELL = """
alpha: scalar
k = 2.5e-3
s: scalar
act = lambda a: a * sigmoid(a)
{equation}
z[t] = sigmoid(W @ x[t])
h[t] = h[t-1] * z[t] + alpha * k
s[t] = mean(z[t])
"""


def printed(expression):
    it = derive(CELL.format(equation=f"y[t] = {expression}"))
    return latex(it.cell.equation("y").expression, style_of(it))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(1 - z[t]) * h[t-1] + z[t] * h[t]", r"(1 - z_{t}) \odot h_{t-1} + z_{t} \odot h_{t}"),
        ("W @ x[t]", "W x_{t}"),
        ("W.T @ z[t]", r"W^{\top} z_{t}"),
        ("W @ V @ z[t]", "W V z_{t}"),
        ("z[t] * (U @ h[t-1])", r"z_{t} \odot (U h_{t-1})"),
        ("U @ (z[t] * h[t-1])", r"U (z_{t} \odot h_{t-1})"),
        ("U @ tanh(h[t-1])", r"U \tanh(h_{t-1})"),
        ("2 * z[t]", "2 z_{t}"),
        ("z[t] * 2", r"z_{t} \cdot 2"),
        ("2 * 3 * z[t]", r"2 \cdot 3 z_{t}"),
        ("alpha * z[t]", r"\alpha\,z_{t}"),
        ("alpha * (U @ h[t-1])", r"\alpha\,U h_{t-1}"),
        ("s[t] * z[t]", r"s_{t}\,z_{t}"),
        ("k * z[t]", r"k\,z_{t}"),
        ("1e-5 + z[t]", "10^{-5} + z_{t}"),
        ("2.5e3 * z[t]", r"2.5 \cdot 10^{3}\,z_{t}"),
        ("z[t] / (1 + h[t])", r"\frac{z_{t}}{1 + h_{t}}"),
        ("1 / 3 * z[t]", r"\tfrac{1}{3}\,z_{t}"),
        ("z[t]**2", "z_{t}^{2}"),
        ("(1 - z[t])**-2", "(1 - z_{t})^{-2}"),
        ("abs(z[t])**2", r"\lvert z_{t} \rvert^{2}"),
        ("tanh(z[t])**2", r"\bigl(\tanh(z_{t})\bigr)^{2}"),
        ("sqrt(z[t] + 1)", r"\sqrt{z_{t} + 1}"),
        ("exp(-z[t])", "e^{-z_{t}}"),
        ("exp(-z[t] / 2 - z[t]**2)", r"\exp\Bigl(-\frac{z_{t}}{2} - z_{t}^{2}\Bigr)"),
        ("maximum(z[t], 0)", r"\max(z_{t}, 0)"),
        ("norm(z[t]) * z[t]", r"\lVert z_{t} \rVert\,z_{t}"),
        ("softmax(z[t])", r"\operatorname{softmax}(z_{t})"),
        ("act(z[t])", r"\operatorname{act}(z_{t})"),
        ("hard_sigmoid(z[t])", r"\operatorname{hard\_sigmoid}(z_{t})"),
        ("-z[t] - (h[t] - z[t])", r"-z_{t} - (h_{t} - z_{t})"),
        ("z[t] * -h[t]", r"z_{t} \odot (-h_{t})"),
        ("--z[t]", "-(-z_{t})"),
        (
            "V @ concat(h[t-1], x[t])",
            r"V \begin{bmatrix} h_{t-1} \\ x_{t} \end{bmatrix}",
        ),
        (
            "tanh(V @ concat(h[t-1], x[t]))",
            r"\tanh\biggl(V \begin{bmatrix} h_{t-1} \\ x_{t} \end{bmatrix}\biggr)",
        ),
    ],
)
def test_an_expression_prints_as_in_a_textbook(expression, expected):
    assert printed(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("relu(z[t])", r"\delta y_{t} \odot [z_{t} > 0]"),
        ("maximum(z[t], h[t])", r"\delta y_{t} \odot [z_{t} > h_{t}]"),
        ("maximum(0.5, z[t])", r"\delta y_{t} \odot (1 - [z_{t} < 0.5])"),
        ("maximum(z[t], 0)", r"\delta y_{t} \odot [z_{t} > 0]"),
        ("minimum(z[t], 0)", r"\delta y_{t} \odot [z_{t} < 0]"),
        ("hard_tanh(z[t])", r"\delta y_{t} \odot [y_{t} > -1] \odot [y_{t} < 1]"),
    ],
)
def test_a_slope_with_a_kink_is_a_condition(expression, expected):
    d = derive(CELL.format(equation=f"y[t] = {expression}") + "output: y")
    (term,) = [
        t
        for s in d.backward
        if s.of == "z" and s.role == "adjoint"
        for t in s.terms
        if t.source == d.defining("y").number
    ]
    assert latex(term.expression, style_of(d)) == expected


def test_literals_stand_in_front_of_a_product():
    d = derive("g[t] = 4 * sigmoid(x[t]) - 2\nh[t] = g[t] * x[t] * 2")
    (statement,) = [s for s in d.backward if s.target.name == "d_sigmoid_x"]
    assert to_text(statement.expression) == "d_g[t] * 4"
    assert latex(numbers_first(statement.expression), style_of(d)) == r"4 \delta g_{t}"


pieces = st.lists(
    st.tuples(st.sampled_from(["b", "W_{i} x_{t}", r"\sigma(a_{t})"]), st.integers(0, 3)),
    min_size=1,
    max_size=30,
).map(lambda parts: tuple(Token(f" + {text}", level) for text, level in parts))


@given(pieces, st.floats(8, 30))
def test_no_line_is_wider_than_its_room(parts, room):
    for line in lines(parts, room):
        assert width(line) <= room + 0.01


@given(pieces, st.floats(8, 30))
def test_breaking_loses_nothing(parts, room):
    joined = "".join(line.removeprefix("{}") for line in lines(parts, room))
    assert joined == text_of(parts)


@given(pieces)
def test_what_finds_room_is_not_broken(parts):
    assert lines(parts, width(text_of(parts)) + 0.1) == (text_of(parts),)


def test_a_line_breaks_at_a_sum_rather_than_inside_brackets():
    d = derive(
        "h[t] = (a + b + c) * x[t] * tanh(x[t]) + (d + e + f) * x[t] * sigmoid(x[t]) - g * x[t]"
    )
    broken = lines(tokens(d.cell.equations[0].expression, style_of(d)), 14.0)
    assert broken == (
        r"(a + b + c) \odot x_{t} \odot \tanh(x_{t})",
        r"{} + (d + e + f) \odot x_{t} \odot \sigma(x_{t})",
        r"{} - g \odot x_{t}",
    )


@pytest.mark.parametrize(
    ("nested", "inmost"),
    [
        ("sin({})", "1000"),
        ("sqrt({})", "2"),
        ("3 / ({})", "x[t]"),
        ("3 / (k * x[t] * z[t] + {})", "x[t]"),
        ("abs({}) * x[t]", "x[t]"),
    ],
)
def test_every_node_is_put_into_latex_once(nested, inmost, monkeypatch):
    expression = inmost
    for _ in range(18):
        expression = nested.format(expression)
    it = derive(CELL.format(equation=f"y[t] = {expression} * x[t]"))
    equation, style = it.cell.equation("y").expression, style_of(it)
    seen = []
    once = latex_module.tokens

    def counted(node, style):
        seen.append(node)
        return once(node, style)

    monkeypatch.setattr(latex_module, "tokens", counted)
    latex(equation, style)
    assert len(seen) == sum(1 for _ in walk(equation))


def test_a_fraction_that_is_too_wide_becomes_a_quotient_that_can_break():
    terms = " + ".join(f"b_{k} * x[t]" for k in range(12))
    d = derive(f"h[t] = ({terms}) / (1 + x[t]**2)")
    text = latex(d.cell.equations[0].expression, style_of(d))
    assert r"\frac" not in text
    assert r"\mathbin{/}" in text


def test_notes_stand_beside_equations_or_below_if_there_is_no_room():
    short = Entry("h", (Piece((Token("x"),), "a note"),), 1)
    long = Entry("h", (Piece((Token("x" * 40),), "a note that is long indeed"),), 2)
    assert display([short]).noted
    below = display([short, long])
    assert not below.noted
    assert [r.number for r in below.rows] == [None, 1, None, 2]


def test_a_wide_left_side_has_a_line_of_its_own():
    entry = Entry(r"\mathrm{theHiddenStateOfTheCell}", (Piece((Token("x"),)),), 1)
    rows = display([entry]).rows
    assert [(r.left, r.right) for r in rows] == [
        ("", r"\mathrm{theHiddenStateOfTheCell}"),
        ("", r"\quad = x"),
    ]
