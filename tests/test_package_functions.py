"""A row in the table of functions is all that a new function needs."""

from __future__ import annotations

import pytest

import gatecalc
from gatecalc.bench.loops import jax_text, torch_text
from gatecalc.calculus import derive
from gatecalc.calculus.worked import worked
from gatecalc.checks import check
from gatecalc.equations import functions
from gatecalc.equations.rows import derivative_row
from gatecalc.equations.text import to_text

ROWS = {
    "mish": (
        "tanh(softplus(a)) + a * sigmoid(a) * (1 - tanh(softplus(a))**2)",
        "a * tanh(softplus(a))",
    ),
    "tilt": (("b", "a + cos(b)"), "a * b + sin(b)"),
    "soft_step": ("y * (1 - y)", "1 / (1 + exp(-a))"),
}
CELL = """
h[t] = mish(W @ x[t] + U @ h[t-1])
y[t] = tilt(h[t], soft_step(x[t]))
"""


@pytest.fixture(autouse=True)
def _rows(monkeypatch):
    for name, (derivative, definition) in ROWS.items():
        row = functions._row(name, derivative, "", definition)
        monkeypatch.setitem(functions.FUNCTIONS, name, row)


def test_a_new_row_is_proved():
    assert check(CELL, gatecalc.load(gatecalc.generate(CELL)))


def test_the_notes_work_its_derivative_out():
    text = gatecalc.notes(CELL)
    assert r"\operatorname{mish}" in text
    assert "by the rules for sums, products and chains" in " ".join(text.split())
    assert r"\operatorname{soft\_step}" in text


def test_a_derivation_by_rules_ends_as_the_code_computes_it():
    for name in ROWS:
        for position, steps in enumerate(worked(name).steps):
            assert steps[-1].expression == derivative_row(name, position)
    first, last = worked("soft_step").steps[0]
    assert to_text(first.expression) == "exp(-a) / (1 + exp(-a))**2"
    assert to_text(last.expression) == "y * (1 - y)"


def test_others_are_timed_with_its_definition():
    assert "_torch.tanh(_F.softplus(" in torch_text(derive(CELL))
    assert "_np.tanh(_nn.softplus(" in jax_text(derive(CELL))


def test_a_primitive_without_steps_has_the_derivative_of_the_table(monkeypatch):
    monkeypatch.setitem(functions.FUNCTIONS, "sinh", functions._row("sinh", "cosh(a)"))
    monkeypatch.setitem(functions.FUNCTIONS, "cosh", functions._row("cosh", "sinh(a)"))
    ((only,),) = worked("sinh").steps
    assert to_text(only.expression) == "cosh(a)"
