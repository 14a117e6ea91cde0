"""What a user sees who types a name at the prompt: one line that says what it is."""

from __future__ import annotations

import pytest

import gatecalc
from gatecalc.cli.main import main
from gatecalc.equations import catalogue
from gatecalc.evaluate.problem import random_problem

SEVERAL = """\
swish = lambda a: a * sigmoid(a)
epsilon = 0.5
h[t] = swish(W @ x[t] + V @ u[t]) + epsilon * k * h[t-1]
c[t] = h[t] + c[t-1]
m[t] = mean(c[t])
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("gru", "<Cell gru: x (D) -> h (H); state h; 9 parameters>"),
        ("lstm", "<Cell lstm: x (D) -> h (H); states c, h; 12 parameters>"),
        ("y[t] = tanh(x[t])", "<Cell cell: x (D) -> y (D); no parameters>"),
        (
            SEVERAL,
            "<Cell cell: x (D), u (D_u) -> m (scalar); states h, c; 3 parameters; 1 constant>",
        ),
    ],
)
def test_a_cell_says_what_goes_in_and_comes_out(source: str, expected: str) -> None:
    assert repr(gatecalc.cell(source)) == expected


def test_parts_of_a_cell_are_shown_as_they_are_written() -> None:
    it = gatecalc.cell(SEVERAL)
    assert repr(it.nonlinearities) == "(<Nonlinearity swish = lambda a: a * sigmoid(a)>,)"
    assert repr(it.equations[1]) == "<Equation c[t] = h[t] + c[t-1]>"


def test_a_derivation_and_its_statements_are_shown_in_the_notation() -> None:
    d = gatecalc.derive("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    assert repr(d) == "<Derivation of cell: 2 statements forward, 6 backward>"
    assert repr(d.forward[0]) == "<Statement (1) a_h[t] = W @ x[t] + U @ h[t-1]>"
    assert repr(d.backward[-2]) == "<Statement (7) d_W += outer(d_a_h[t], x[t])>"
    assert repr(d.backward[0].terms) == "(<Term d_h_out[t]: output>, <Term d_h_next[t]: carried>)"


def test_a_trace_and_what_it_holds_say_how_large_they_are() -> None:
    run = gatecalc.trace("gru", length=2, seed=5)
    assert repr(run) == "<Trace of gru: T=2, B=1, D=3, H=4; gates r, z; seed 5>"
    assert repr(run.run) == "<Run of gru: T=2, B=1, D=3, H=4>"
    assert repr(run.problem) == "<Problem T=2, B=1, D=3, H=4; float64>"


def test_a_report_says_its_verdict() -> None:
    shown = repr(gatecalc.check("dense"))
    assert shown.startswith("<Report on dense: proved (central differences proved, complex step")
    assert shown.endswith("exact proved, step proved, ways proved)>")


@pytest.mark.parametrize("name", catalogue.names())
def test_nothing_at_the_prompt_fills_the_screen(name: str) -> None:
    it = gatecalc.cell(name)
    shown = (it, gatecalc.derive(it), gatecalc.trace(it), random_problem(it))
    for each in shown:
        assert len(repr(each)) < 160
        assert "\n" not in repr(each)


def test_a_cell_with_very_many_names_is_shown_in_short() -> None:
    lines = [f"s{k}[t] = s{k}[t-1] + W @ x{k}[t]" for k in range(100)]
    assert len(repr(gatecalc.cell("\n".join(lines)))) < 240


def test_printing_shows_what_the_commands_show(capsys: pytest.CaptureFixture[str]) -> None:
    it = gatecalc.cell("gru")
    for shown, command in ((it, "show"), (gatecalc.derive(it), "derive")):
        assert main([command, "gru"]) == 0
        assert capsys.readouterr().out == f"{shown}\n"
