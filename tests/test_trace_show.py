"""The trace on a terminal: each name above its numbers, each number as it was recorded."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from strategies import examples

from gatecalc.calculus.show import SEVERAL_PATHS, reason
from gatecalc.equations import catalogue, cell
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Ref
from gatecalc.errors import InputError
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.trace import trace
from gatecalc.trace.numerals import numeral
from gatecalc.trace.pieces import pieces

GOLDEN = Path(__file__).parent / "golden"

LEAK = """\
# A leaky unit with two inputs
s = sigmoid(a)                                         # a leak that is learned
g[t] = sigmoid(W_g @ x[t] + V_g @ u[t] + b_g)          # how much of the new is taken
m[t] = softmax(S @ h[t-1])
k[t] = mean(h[t-1]**2)                                 # one number for each sample
h[t] = (1 - s * g[t]) * h[t-1] + g[t] * tanh(W @ x[t] + V @ u[t]) * m[t] + k[t]
"""


def shown(run, *, width=80, encoding="utf-8", options=None, **view):
    """What a stream of an encoding gets."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(file=file, width=width, **(options or {}))
    run.render(console, **view)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("name", "source", "options"),
    [
        ("gru_reset_after", "gru_reset_after", {"length": 3}),
        ("leak", LEAK, {"length": 2, "batch": 2, "cotangent": "all"}),
    ],
)
def test_a_trace_reads_as_it_did(name, source, options):
    """To renew a golden file, write what this test shows and read it before it is committed."""
    text = shown(trace(source, **options), backward=True)
    assert text == (GOLDEN / f"trace_{name}.txt").read_text("utf-8")


def test_a_trace_gives_the_reasons_of_a_path_that_derive_gives():
    run = trace(LEAK, length=1)
    text = shown(run, backward=True)
    for statement in run.derivation.backward:
        for term in statement.terms:
            if len(statement.terms) == 1:
                assert reason(term, statement) in text
            elif term.source is not None:
                line = rf"through \({term.source}\) .* {reason(term, statement, source=False)}\n"
                assert re.search(line, text)


def test_why_code_adds_is_said_once_where_a_sum_of_paths_is_shown():
    def count(source, **view):
        return " ".join(shown(trace(source), backward=True, **view).split()).count(SEVERAL_PATHS)

    assert count("gru") == 1
    assert count("gru", only="d_h_prev") == 1
    assert count("gru", only="d_n") == 0
    assert count("dense") == 0


SHORT = ("dense", "gru", "lstm", "lstm_projected")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in SHORT else pytest.mark.slow) for n in catalogue.names()],
)
def test_every_line_fits_into_80_columns(name):
    text = shown(trace(name), backward=True, matrices=True)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", [*catalogue.names(), LEAK])
def test_pieces_of_an_expression_together_are_the_expression(name):
    run = trace(name)
    for statement in (*run.derivation.forward, *run.derivation.backward):
        assert "".join(p.text for p in pieces(statement.expression)) == to_text(
            statement.expression
        )


def numbers_under(lines, position, rows):
    """The first column of numbers under a header."""
    return [line.split()[0].strip("⎛⎜⎝") for line in lines[position + 1 : position + 1 + rows]]


@pytest.mark.slow
@given(st.sampled_from([*catalogue.names(), LEAK]), st.integers(0, 10**6), st.integers(0, 3))
@examples(40)
def test_the_result_that_is_shown_is_the_recorded_one(source, seed, t):
    run = trace(source, seed=seed)
    lines = shown(run, backward=True, at=t, width=200).splitlines()
    for statement in (*run.derivation.forward, *run.derivation.backward):
        if statement.role not in ("step", "adjoint", "input", "carried"):
            continue
        target = to_text(statement.target)
        start = re.compile(rf"^(\(\d+\))? *{re.escape(target)} +=")
        (position,) = (k for k, line in enumerate(lines) if start.match(line))
        recorded = [numeral(v) for v in run[statement.target.name, t][0]]
        assert numbers_under(lines, position, len(recorded)) == recorded


@pytest.mark.parametrize("name", ["lstm", "lstm_1997", "gru_reset_after", "mgu"])
def test_each_line_of_numbers_is_itself_an_equation_that_holds(name):
    text = shown(trace(name, length=2), backward=True, at=1)
    rows = re.findall(r"^ +(-?\d\S*) += +(.*?[*(+/][^█▏▎▍▌▋▊▉░\n]*)", text, re.MULTILINE)
    assert len(rows) > 60
    sums = [f"y_{k}[t] = 0 * x[t] + ({right})" for k, (_, right) in enumerate(rows)]
    x = Context({Ref("x", 0): np.zeros((1, 1))}, {})
    for equation, (left, right) in zip(cell("\n".join(sums)).equations, rows, strict=True):
        value = evaluate(equation.expression, x).item()
        assert value == pytest.approx(float(left), abs=2e-4, rel=4e-3), right


@pytest.mark.parametrize("sizes", [{"D": 1, "H": 2}, {"D": 2, "H": 1}, {"D": 20, "H": 5}])
def test_brackets_stand_close_to_their_numbers_on_both_sides(sizes):
    text = shown(trace("rnn", sizes=sizes, length=2), backward=True, matrices=True)
    # Numbers lie flush right; at the left at least one of them reaches its bracket.
    blocks = re.findall(
        r"(?:^ {6}⎛.*\n(?: {6}⎜.*\n)* {6}⎝.*\n)|(?:^ {6}\(.*@.*\n)", text, re.MULTILINE
    )
    assert len(blocks) >= 8
    for block in blocks:
        lines = block.splitlines()
        assert any(line[7] != " " for line in lines), block
        assert not any(re.search(r" [⎞⎟⎠)]", line) for line in lines), block


def test_a_gate_has_a_bar_as_long_as_it_is_open():
    bias = np.array([0.0, 100.0, -100.0, np.log(3)])
    run = trace("g[t] = sigmoid(x[t])\ny[t] = g[t] * x[t]", xs=bias[None, None])
    bars = re.findall(r"sigmoid\(.*\)  (\S+)", shown(run))
    assert bars == ["█" * 7 + "░" * 7, "█" * 14, "░" * 14, "█" * 10 + "▌" + "░" * 3]
    assert "█" not in shown(trace("rnn"))


def test_the_first_step_that_is_shown_explains_and_later_ones_are_brief():
    text = shown(trace("lstm", length=3))
    assert text.count("forget gate: 0 erases the memory, 1 keeps all of it") == 1
    assert "forget gate: 0 erases" in shown(trace("lstm"), at=2)


def test_an_exact_zero_can_be_told_from_a_small_number():
    run = trace("y[t] = x[t] * b", xs=np.array([[[0.0, 1e-9]]]), params={"b": [1.0, 1.0]})
    assert re.search(r" 0 = +0 \* 1.0000\n +1.00e-9 = 1.00e-9 \* 1.0000\n", shown(run))


def test_what_is_not_finite_is_shown_plainly():
    run = trace("y[t] = log(x[t])", xs=np.array([[[0.0, -1, np.inf]]]))
    text = shown(run, backward=True)
    assert re.search(r"-inf = log\( +0\)\n +nan = log\(-1.0000\)\n +inf = log\( +inf\)", text)


def test_at_narrows_to_steps():
    run = trace("gru", length=5)
    text = shown(run, backward=True, at=[-1, 1])
    assert re.findall(r"── (?:backward through )?t = (\d)", text) == ["1", "4", "4", "1"]
    assert "gates over time" not in text
    assert "the shares of t = 1, 4" in text


def numbered(run, **view):
    """The numbers of the statements that a view shows."""
    return re.findall(r"^\((\d+)\)", shown(run, **view), re.MULTILINE)


def test_only_narrows_to_a_value_and_its_adjoint():
    run = trace("lstm")
    assert numbered(run, backward=True, at=2, only="c") == ["9", "14", "24"]
    assert numbered(run, at=2, only=["i", "f"]) == ["2", "4"]


def test_only_narrows_to_an_adjoint_or_a_gradient_alone():
    run = trace("lstm")
    assert numbered(run, backward=True, at=2, only="d_c") == ["14"]
    assert numbered(run, backward=True, at=2, only="W_i") == ["26"]


@pytest.mark.parametrize("name", ["d_c", "d_W_i", "i,d_W_i"])
def test_an_adjoint_among_the_names_switches_the_way_back_on(name):
    run = trace("lstm")
    assert shown(run, only=name) == shown(run, only=name, backward=True)


def test_no_empty_steps_are_shown_on_the_way_to_an_adjoint():
    text = shown(trace("lstm"), only="d_h")
    assert text.startswith("lstm  Long short-term memory")
    assert re.findall(r"── (backward through )?t = (\d)", text) == [
        ("backward through ", t) for t in "3210"
    ]
    assert "t = " not in shown(trace("lstm"), only="d_b_i")


def test_a_gradient_of_the_steps_and_of_what_is_computed_once_is_shown_whole():
    run = trace("s = b * b\ny[t] = s * x[t] + b")
    last = re.split(r"total += of the steps \+ +once", shown(run, backward=True))[1].split()
    steps, once = run.shares["d_b"].sum(axis=0)[0], 2 * run["d_s"][0] * run["b"][0]
    assert [last[0], last[2], last[4]] == [numeral(v) for v in (run["d_b"][0], steps, once)]


def test_the_way_back_says_what_the_loss_is():
    assert "d_h_out is 1 there and 0 before" in shown(trace("gru"), backward=True)
    assert "d_h_out is 1 at every" in shown(trace("gru", cotangent="all"), backward=True)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ({"only": "cc"}, "there is no 'cc' in the trace of lstm; did you mean c"),
        ({"only": "c,nowhere_near"}, "there is no 'nowhere_near' .*its values are a_i, i, a_f"),
        ({"only": "W_i"}, "W_i is a parameter: .* -o run.json; its gradient is d_W_i"),
        ({"only": "h,b_f"}, "b_f is a parameter"),
        ({"only": "d_h_out"}, "d_h_out is one of the paths of d_h: ask for d_h"),
        ({"only": "d_c_next"}, "d_c_next is one of the paths of d_c"),
        ({"at": 4}, "there is no step 4: steps go from 0 to 3"),
        ({"at": [0, -5]}, "there is no step -5"),
        ({"sample": 1}, "there is no sample 1: samples go from 0 to 0"),
        ({"rows": 1}, "rows=1: at least 2"),
    ],
)
def test_views_of_what_is_not_there_are_refused(view, words):
    with pytest.raises(InputError, match=words):
        shown(trace("lstm"), **view)


def test_a_constant_and_a_gradient_that_is_zero_have_no_steps():
    run = trace("s = 0.5\nz[t] = b * x[t]\ny[t] = s * W @ x[t]\noutput: y")
    with pytest.raises(InputError, match=r"s is a constant: .* -o run.json$"):
        shown(run, only="s", backward=True)
    with pytest.raises(InputError, match="d_b is zero, as no path leads to it"):
        shown(run, only="d_b")


def test_pause_is_called_between_steps():
    calls = []
    shown(trace("gru", length=3), backward=True, pause=lambda: calls.append(1))
    assert len(calls) == 5
    calls.clear()
    shown(trace("gru", length=3), at=1, pause=lambda: calls.append(1))
    assert calls == []


def test_pause_is_called_before_a_statement_that_leaves_the_screen():
    whole = shown(trace("lstm", length=2), backward=True)
    parts, seen = [], []
    console = Console(file=io.StringIO(), width=80, color_system=None, force_terminal=False)
    run = trace("lstm", length=2)
    run.render(console, backward=True, height=23, pause=lambda: parts.append(console.file.tell()))
    text = console.file.getvalue()
    assert text == whole
    for start, end in itertools.pairwise([0, *parts, len(text)]):
        seen.append(text[start:end].count("\n"))
        assert text[max(0, start - 2) : start] in ("", "\n\n")
    assert max(seen) <= 23
    assert len(seen) > 10


def test_one_sample_is_shown_and_the_page_says_which():
    run = trace("gru", batch=3)
    text = shown(run, sample=2, at=1)
    assert "3 samples (shown: sample 2)" in text
    for value in run["z", 1][2]:
        assert numeral(value) in text


def test_long_vectors_are_cut_in_the_middle():
    text = shown(trace("rnn", sizes={"H": 50}), at=0, rows=4)
    assert text.count("⋮") > 4
    assert len(text.splitlines()) < 30


def test_products_are_written_out_on_demand():
    run = trace("dense", length=1)
    text = shown(run, matrices=True)
    assert "W_y @ x[t], entry by entry:" in text
    for entry in run["W_y"].ravel():
        assert numeral(entry) in text


def test_many_steps_are_drawn_with_one_character_each():
    text = shown(trace("gru", length=100, sizes={"H": 1, "D": 1}), backward=True, only="z,h")
    line = next(x for x in text.splitlines() if x.startswith("  z  "))
    assert len(line.split()[1]) > 70
    assert "t=0..." in text


def test_a_title_or_comment_cannot_steer_the_terminal():
    run = trace("# Evil \x9b31m title\ny[t] = W @ x[t]   # red \u202e and back")
    text = shown(run)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_streams_without_block_characters_get_ascii(encoding):
    run = trace("# Größe σ\n" + LEAK, batch=2)
    text = shown(run, encoding=encoding, backward=True, matrices=True)
    assert re.search(r"sigmoid\(.*\)  #+\.*\n", text)
    assert ("Größe ?" if encoding != "ascii" else "Gr??e ?") in text


def test_a_pipe_gets_plain_text_and_a_terminal_colours():
    run = trace("gru", length=1)
    terminal = {"force_terminal": True, "color_system": "truecolor", "legacy_windows": False}
    assert "\x1b" not in shown(run, backward=True)
    assert "\x1b[1;38;2;" in shown(run, backward=True, options=terminal)
    plain = shown(run, backward=True, options=terminal | {"no_color": True})
    assert plain == shown(run, backward=True)


def test_the_sign_of_a_number_has_its_colour():
    run = trace("y[t] = x[t] * b", xs=np.array([[[1.0, -1.0]]]), params={"b": [1.0, 1.0]})
    terminal = {"force_terminal": True, "color_system": "truecolor", "legacy_windows": False}
    text = shown(run, options=terminal)
    assert "\x1b[38;2;47;127;255m-1.0000" in text
    assert "\x1b[38;2;255;119;0m 1.0000" in text


def test_printing_a_trace_shows_the_way_forward():
    run = trace("gru", length=2)
    console = Console(file=io.StringIO(), width=80)
    console.print(run)
    assert console.file.getvalue() == str(run) == shown(run)
    assert "backward" not in str(run)


@pytest.mark.parametrize("width", [20, 40, 60, 200])
@pytest.mark.slow
def test_narrow_and_wide_pages_hold_the_same_numbers(width):
    run = trace("gru_reset_after", length=2)
    for value in (*run["a_n", 1][0], *run["d_a_r", 0][0]):
        assert numeral(value) in shown(run, backward=True, width=width)


def test_an_operand_that_is_negated_or_raised_keeps_its_sign_in_parentheses():
    run = trace("y[t] = -x[t] + x[t]**2", xs=np.array([[[-2.0, 3.0]]]))
    text = shown(run)
    assert "6.0000 = -(-2.0000) + (-2.0000)**2" in text
    assert "6.0000 = -  3.0000  +   3.0000 **2" in text


@pytest.mark.parametrize("options", [{}, {"at": 1}])
def test_a_value_that_is_computed_once_comes_without_empty_steps(options):
    run = trace("M: (Q, K)\nh[t] = tanh(M @ x[t] / sqrt(K) + h[t-1])")
    text = shown(run, only="sqrt_h", **options)
    assert "sqrt_h = sqrt(K)" in text
    assert "step 1 of 4" not in text
    assert "step 2 of 4" not in text
    assert "step 2 of 4" in shown(run, only="sqrt_h,h", **options)
