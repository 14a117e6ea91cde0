"""What `show` says of a cell is what the cell is."""

from __future__ import annotations

import re

import pytest

from gatecalc.equations import catalogue, cell
from gatecalc.equations.describe import cell_text, details, roles
from gatecalc.equations.gates import gates
from gatecalc.equations.wrapping import equation_lines


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rnn", ()),
        ("lstm", ("i", "f", "o")),
        ("lstm_1997", ("i", "o")),
        ("lstm_fgr", ("i", "f", "o")),
        ("lstm_layer_norm", ("i", "f", "o")),
        ("lstm_coupled", ("f", "o")),
        ("gru", ("r", "z")),
        ("gru_reset_after", ("r", "z")),
        ("mgu", ("f",)),
        ("dense", ()),
    ],
)
def test_gates_are_what_their_papers_call_gates(name: str, expected: tuple[str, ...]) -> None:
    assert gates(catalogue.load(name)) == expected


@pytest.mark.parametrize(
    ("gate", "is_one"),
    [
        ("sigmoid(a[t])", True),
        ("hard_sigmoid_6(a[t])", True),
        ("1 - sigmoid(a[t])", True),
        ("sigmoid(a[t]) * sigmoid(2 * a[t])", True),
        ("sigmoid(a[t])**2", True),
        ("maximum(sigmoid(a[t]), 0.5)", True),
        ("softmax(a[t])", True),
        ("squash(a[t])", True),
        ("tanh(a[t])", False),
        ("4 * sigmoid(a[t]) - 2", False),
        ("2 - sigmoid(a[t])", False),
        ("sigmoid(a[t])**-1", False),
    ],
)
def test_a_gate_provably_lies_between_0_and_1(gate: str, is_one: bool) -> None:
    own = "squash = lambda v: 0.5 * sigmoid(v)\n" if "squash" in gate else ""
    read = cell(f"{own}a[t] = W @ x[t] + U @ h[t-1]\ng[t] = {gate}\nh[t] = g[t] * h[t-1]")
    assert ("g" in gates(read)) is is_one


def test_a_sigmoid_that_multiplies_nothing_is_no_gate() -> None:
    assert gates(cell("h[t] = sigmoid(W @ x[t] + U @ h[t-1])")) == ()
    assert gates(cell("h[t] = 1 - h[t-1]\ny[t] = W @ x[t]")) == ()


@pytest.mark.parametrize("name", catalogue.names())
def test_every_name_has_a_role_and_stands_in_the_text(name: str) -> None:
    read = catalogue.load(name)
    text = cell_text(read).partition("Conventions and remarks")[0]
    for each in read.shapes:
        assert roles(read, each)
        assert re.search(rf"\b{each}\b", text.partition("\nNames")[2])


def test_everything_that_a_cell_may_have_is_shown() -> None:
    read = cell(
        "# A cell with everything\n# Nobody, nowhere\n#\n# Which way: forward.\n\n"
        "alpha: scalar  # how fast\n"
        "epsilon = 0.01  # keeps it safe\n"
        "bend = lambda a: a * sigmoid(a)  # a bend\n"
        "V = W_v * W_v\n"
        "m[t] = alpha * m[t-1] + bend(W @ x[t] + U @ y[t-1])\n"
        "y[t] = V * m[t] / (norm(m[t]) + epsilon)\n"
        "q[t] = sum(y[t])\n"
        "output: y\n"
    )
    text = cell_text(read)
    for line in (
        "  bend = lambda a: a * sigmoid(a)",
        "      # a bend",
        "  computed once  (H,)        V",
        "  state          (H,)        m",
        "  state, output  (H,)        y",
        "  computed       one number  q",
        "  parameter      one number  alpha",
        "                             how fast",
        "  constant       one number  epsilon = 0.01",
        "  Which way: forward.",
    ):
        assert f"\n{line}\n" in text
    facts = details(read)
    assert facts["nonlinearities"][0]["text"] == "bend = lambda a: a * sigmoid(a)"
    assert facts["constants"] == {"epsilon": 0.01}


def test_sizes_that_must_be_equal_are_named() -> None:
    text = cell_text(cell("h[t] = x[t] * h[t-1]"))
    assert "the equations force D = H" in text


def test_long_equations_break_before_a_summand() -> None:
    text = "h[t] = " + " + ".join(f"W_{k} @ x[t]" for k in range(20))
    lines = equation_lines(text, 60, "  ")
    assert len(lines) > 1
    assert all(len(line) <= 60 for line in lines)
    assert all(line.startswith("         + W_") for line in lines[1:])
    assert " ".join(line.strip() for line in lines) == text


PINNED = """\
bend = lambda a: a * sigmoid(a)          # a bend
epsilon = 1e-5                           # keeps it safe
W: (H, D)
V: (K, H)                                # the way out
alpha: scalar                            # how fast
c: H
c[t] = alpha * c[t-1] + bend(W @ x[t] + U @ c[t-1]) / (norm(c[t-1]) + epsilon)  # the past
y[t] = V @ c[t] / sqrt(K) - D
q[t] = sum(y[t])
output: y
"""


@pytest.mark.parametrize("source", [*catalogue.names(), PINNED])
def test_the_equations_that_are_shown_are_the_cell(source: str) -> None:
    read = cell(source)
    shown = cell_text(read).partition("\nEquations\n")[2].partition("\nNames,")[0]
    again = cell(shown)
    assert [(e.target, e.expression) for e in again.equations] == [
        (e.target, e.expression) for e in read.equations
    ]
    assert dict(again.shapes) == dict(read.shapes)
    assert again.sizes == read.sizes
    assert [(c.name, c.text) for c in again.constants] == [(c.name, c.text) for c in read.constants]
    assert (again.states, again.output) == (read.states, read.output)


@pytest.mark.parametrize("width", [40, 80])
def test_long_lines_that_are_shown_can_be_read_again(width: int) -> None:
    terms = " + ".join(f"W_{k} @ x[t]" for k in range(20))
    long = cell(f"bend = lambda a: {' + '.join(['a**2'] * 30)}\nh[t] = {terms}\ny[t] = bend(h[t])")
    for read in (long, cell("lstm_layer_norm"), cell(PINNED)):
        shown = cell_text(read, width).partition("\nEquations\n")[2].partition("\nNames,")[0]
        again = cell(shown)
        assert [e.expression for e in again.equations] == [e.expression for e in read.equations]
        assert [n.body for n in again.nonlinearities] == [n.body for n in read.nonlinearities]


def test_declarations_are_shown_with_the_equations() -> None:
    text = cell_text(cell(PINNED))
    assert "  V: (K, H)\n      # the way out\n  alpha: scalar\n      # how fast\n  c: H\n" in text
    assert "\n  epsilon = 1e-5\n" in text
    assert "\n  output: y\n" in text


def test_sizes_that_are_numbers_come_in_their_order():
    text = cell_text(cell("M: (N, K)\nh[t] = tanh(M @ x[t] + h[t-1]) * log(K + 1) / (N + 1)"))
    assert "\n  K, N; K*N parameters in all\n" in text
    assert "\n  in the equations K, N are the sizes, numbers\n" in text
    alone = cell_text(cell("M: (N, K)\nh[t] = tanh(M @ x[t] + h[t-1]) / N"))
    assert "\n  in the equations N is the size, a number\n" in alone


def test_sizes_that_are_forced_equal_have_one_name_in_what_is_shown():
    same = cell("a: Q\nb: R\nh[t] = (a * x[t] + b) / Q + R")
    text = cell_text(same)
    assert "\n  a: Q\n  b: Q\n  h[t] = (a * x[t] + b) / Q + Q\n" in text
    assert "\n  the equations force Q = R\n" in text
