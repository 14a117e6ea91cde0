"""Whoever does what an error says, error by error, arrives at the cell that was meant."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from gatecalc.equations import read
from gatecalc.equations.text import to_text
from gatecalc.errors import NotationError


@dataclass(frozen=True)
class Path:
    """What was typed, one round for each error, and what the author means.

    A round is a part of the advice, and what the author who follows it writes for what.
    """

    typed: str
    rounds: tuple[tuple[str, str, str], ...]
    meant: str


def equations(text: str) -> list[str]:
    cell = read(text)
    return [f"{to_text(e.target)} = {to_text(e.expression)}" for e in cell.equations]


def advice(text: str) -> str:
    with pytest.raises(NotationError) as caught:
        read(text)
    return caught.value.write


PATHS = {
    "NumPy code, [t] forgotten on the left": Path(
        "c[t] = tanh(W @ x[t] + U @ h[t-1])\nh = tanh(c)",
        (
            ("write h[t] = ...", "h = tanh", "h[t] = tanh"),
            ("write c[t] or", "(c)", "(c[t])"),
        ),
        "c[t] = tanh(W @ x[t] + U @ h[t-1])\nh[t] = tanh(c[t])",
    ),
    "an LSTM in NumPy": Path(
        "f = sigmoid(W_f @ x + U_f @ h_prev + b_f)\n"
        "g = tanh(W_g @ x + U_g @ h_prev + b_g)\n"
        "c = f * c_prev + (1 - f) * g\n"
        "h = f * tanh(c)",
        (
            ("write h[t-1]", "h_prev", "h[t-1]"),
            ("write c[t-1]", "c_prev", "c[t-1]"),
            ("write f[t] = ...", "f = sig", "f[t] = sig"),
            ("write g[t] = ...", "g = tanh", "g[t] = tanh"),
            ("write c[t] = ...", "c = f", "c[t] = f"),
            ("write h[t] = ...", "h = f * tanh", "h[t] = f * tanh"),
            ("write f[t] or", "f * ", "f[t] * "),
            ("write f[t] or", "1 - f)", "1 - f[t])"),
            ("write g[t] or", " * g\n", " * g[t]\n"),
            ("write c[t] or", "(c)", "(c[t])"),
            ("write x[t] for x", "@ x", "@ x[t]"),
        ),
        "f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)\n"
        "g[t] = tanh(W_g @ x[t] + U_g @ h[t-1] + b_g)\n"
        "c[t] = f[t] * c[t-1] + (1 - f[t]) * g[t]\n"
        "h[t] = f[t] * tanh(c[t])",
    ),
    "the same, the state by way of another line": Path(
        "f[t] = sigmoid(W @ x[t] + U @ h[t-1])\nc[t] = f[t] * c[t-1]\nq = c\nh = tanh(q)",
        (
            ("write h[t] = ...", "h = ", "h[t] = "),
            ("write c[t] or", "q = c", "q = c[t]"),
            ("write q[t] = ...", "q = c", "q[t] = c"),
            ("write q[t] or", "(q)", "(q[t])"),
        ),
        "f[t] = sigmoid(W @ x[t] + U @ h[t-1])\nc[t] = f[t] * c[t-1]\nq[t] = c[t]\n"
        "h[t] = tanh(q[t])",
    ),
    "no input in sight": Path(
        "h = tanh(W @ x)\ny[t] = V @ h[t]",
        (
            ("write h[t] = ...", "h = ", "h[t] = "),
            ("write x[t] for x", "@ x", "@ x[t]"),
        ),
        "h[t] = tanh(W @ x[t])\ny[t] = V @ h[t]",
    ),
    "a difference": Path(
        "z[t] = sigmoid(W @ x[t])\nh[t] = (z_t - 1) * h[t-1]",
        (("write z[t] - 1; for the step before z[t-1]", "z_t - 1", "z[t] - 1"),),
        "z[t] = sigmoid(W @ x[t])\nh[t] = (z[t] - 1) * h[t-1]",
    ),
    "a difference, or a step that a PDF gave away": Path(
        "h[t] = tanh(W @ x[t] + U @ h_t-1)",
        (("write h[t-1]; for a difference h[t] - 1", "h_t-1", "h[t-1]"),),
        "h[t] = tanh(W @ x[t] + U @ h[t-1])",
    ),
    "a difference of a number that begins with 1": Path(
        "h[t] = (x_t - 1.5) * h[t-1]",
        (("write x[t]", "x_t", "x[t]"),),
        "h[t] = (x[t] - 1.5) * h[t-1]",
    ),
    "layers as upper indices": Path(
        "h_t^1 = tanh(W @ x_t + U @ h_{t-1}^1)\nh_t^2 = tanh(W_2 @ h_t^1 + U_2 @ h_{t-1}^2)",
        (
            ("write h_1[t], and h_1[t-1] for the step before", "h_t^1", "h_1[t]"),
            ("write h_1[t-1]", "h_{t-1}^1", "h_1[t-1]"),
            ("write h_2[t], and h_2[t-1] for the step before", "h_t^2", "h_2[t]"),
            ("write h_2[t-1]", "h_{t-1}^2", "h_2[t-1]"),
            ("write x[t]", "x_t", "x[t]"),
        ),
        "h_1[t] = tanh(W @ x[t] + U @ h_1[t-1])\nh_2[t] = tanh(W_2 @ h_1[t] + U_2 @ h_2[t-1])",
    ),
    "any layer": Path(
        "h^{(l)}_t = tanh(W^{(l)} @ h_t^{(l-1)} + U^{(l)} @ h^{(l)}_{t-1} + b^{(1)})",
        (
            ("write h_l[t], and", "h^{(l)}_t ", "h_l[t] "),
            ("write h_lm1[t]", "h_t^{(l-1)}", "h_lm1[t]"),
            ("write h_l[t-1]", "h^{(l)}_{t-1}", "h_l[t-1]"),
            ("write b_1", "b^{(1)}", "b_1"),
            ("write W_l", "W^{(l)}", "W_l"),
            ("write U_l", "U^{(l)}", "U_l"),
        ),
        "h_l[t] = tanh(W_l @ h_lm1[t] + U_l @ h_l[t-1] + b_1)",
    ),
    "a layer in brackets of its own": Path(
        "a^{[1]<t>} = tanh(W^1 @ x[t] + U @ a^{[1]<t-1>})",
        (
            ("write a_1[t], and", "a^{[1]<t>}", "a_1[t]"),
            ("write W_1", "W^1", "W_1"),
            ("write a_1[t-1]", "a^{[1]<t-1>}", "a_1[t-1]"),
        ),
        "a_1[t] = tanh(W_1 @ x[t] + U @ a_1[t-1])",
    ),
    "a layer before square brackets": Path(
        "h^1[t] = tanh(W @ x[t] + U @ h^1[t-1])",
        (
            ("write h_1[t], and h_1[t-1]", "h^1[t]", "h_1[t]"),
            ("write h_1[t-1]", "h^1[t-1]", "h_1[t-1]"),
        ),
        "h_1[t] = tanh(W @ x[t] + U @ h_1[t-1])",
    ),
    "an index that only one side has": Path(
        "c[t] = sigmoid(W @ x[t]) * c_{t-1}^l\nc_l[t] = c[t]",
        (("write c_l[t-1]", "c_{t-1}^l", "c_l[t-1]"),),
        "c[t] = sigmoid(W @ x[t]) * c_l[t-1]\nc_l[t] = c[t]",
    ),
    "the next step of a paper on the left": Path(
        "s_{t+1} = tanh(W @ s_t + U @ x_t)",
        (
            ("write s[t] = ..., and s[t-1] where you have s_t;", "s_{t+1}", "s[t]"),
            ("", "s_t", "s[t-1]"),
            ("write x[t]", "x_t", "x[t]"),
        ),
        "s[t] = tanh(W @ s[t-1] + U @ x[t])",
    ),
    "two steps back": Path(
        "h[t] = tanh(W @ x[t] + U @ h_{t-2})",
        (
            (
                "add h_2[t] = h[t-1] above, and write h_2[t-1] here",
                "h[t] = tanh(W @ x[t] + U @ h_{t-2})",
                "h_2[t] = h[t-1]\nh[t] = tanh(W @ x[t] + U @ h_2[t-1])",
            ),
        ),
        "h_2[t] = h[t-1]\nh[t] = tanh(W @ x[t] + U @ h_2[t-1])",
    ),
    "two old inputs": Path(
        "h[t] = W @ x_(t-2)",
        (
            (
                "add x_1[t] = x[t], x_2[t] = x_1[t-1] above, and write x_2[t-1] here",
                "h[t] = W @ x_(t-2)",
                "x_1[t] = x[t]\nx_2[t] = x_1[t-1]\nh[t] = W @ x_2[t-1]",
            ),
        ),
        "x_1[t] = x[t]\nx_2[t] = x_1[t-1]\nh[t] = W @ x_2[t-1]",
    ),
    "a matrix and a vector without a blank": Path(
        "z[t] = sigmoid(W_zx_t + U_zh_{t-1} + b_z)\nh[t] = (1 - z[t]) * h[t-1] + z[t] * W_hx_t",
        (
            ("write U_z @ h[t-1] for a matrix U_z", "U_zh_{t-1}", "U_z @ h[t-1]"),
            ("write W_z @ x[t] for a matrix W_z", "W_zx_t", "W_z @ x[t]"),
            ("write W_h @ x[t] for a matrix W_h", "W_hx_t", "W_h @ x[t]"),
            ("write z[t] * (W_h @ ...)", "z[t] * W_h @ x[t]", "z[t] * (W_h @ x[t])"),
        ),
        "z[t] = sigmoid(W_z @ x[t] + U_z @ h[t-1] + b_z)\n"
        "h[t] = (1 - z[t]) * h[t-1] + z[t] * (W_h @ x[t])",
    ),
    "the same in braces": Path(
        "h[t] = tanh(W_{h}x_t + U_{h}h_{t-1})",
        (
            ("write h[t-1]", "h_{t-1}", "h[t-1]"),
            ("write W_h @ x_t", "W_{h}x_t", "W_h @ x_t"),
            ("write U_h @ h[t-1]", "U_{h}h[t-1]", "U_h @ h[t-1]"),
            ("write x[t]", "x_t", "x[t]"),
        ),
        "h[t] = tanh(W_h @ x[t] + U_h @ h[t-1])",
    ),
    "upper indices in braces, no blank behind them": Path(
        "h[t] = tanh(W^{(1)}x[t] + U^{hh}h[t-1] + V^{T}h[t-1])",
        (
            ("write V.T @ h[t-1]", "V^{T}h[t-1]", "V.T @ h[t-1]"),
            ("write W_1 @ x[t]", "W^{(1)}x[t]", "W_1 @ x[t]"),
            ("write U_hh @ h[t-1]", "U^{hh}h[t-1]", "U_hh @ h[t-1]"),
        ),
        "h[t] = tanh(W_1 @ x[t] + U_hh @ h[t-1] + V.T @ h[t-1])",
    ),
    "upper steps": Path(
        "h^{t+1} = tanh(W @ x^{t+1} + U @ h^t)",
        (
            ("write h[t] = ..., and h[t-1] where you have h^t;", "h^{t+1}", "h[t]"),
            ("", "h^t", "h[t-1]"),
            ("for a step: x[t] or x[t-1]", "x^{t+1}", "x[t]"),
        ),
        "h[t] = tanh(W @ x[t] + U @ h[t-1])",
    ),
    "square brackets do not part them": Path(
        "h[t] = tanh(W @ x[t] + U_rh[t-1])",
        (("write U_r @ h[t-1] for a matrix U_r", "U_rh[t-1]", "U_r @ h[t-1]"),),
        "h[t] = tanh(W @ x[t] + U_r @ h[t-1])",
    ),
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_advice_leads_to_the_cell_that_was_meant(path: Path) -> None:
    text = path.typed
    for told, old, new in path.rounds:
        assert told in advice(text)
        assert old in text
        text = text.replace(old, new)
    assert equations(text) == equations(path.meant)


@pytest.mark.parametrize(
    "spelt", ["s_{t+1}", "s_{t + 1}", "s_(t+1)", "s(t+1)", "s_t+1", "s_t + 1", "s^{(t+1)}"]
)
def test_the_next_step_on_a_left_side_is_known_in_every_spelling(spelt: str) -> None:
    assert advice(f"{spelt} = tanh(W @ s[t-1] + U @ x[t])").startswith("write s[t] = ...")
    assert advice(f"h[t] = x[t]\n{spelt} = h[t]").startswith("write s[t] = ...")


@pytest.mark.parametrize("spelt", ["h_{t-2}", "h_{t - 2}", "h_(t-2)", "h(t-2)", "h^{(t-2)}"])
def test_two_steps_back_are_known_in_every_spelling(spelt: str) -> None:
    assert "add h_2[t] = h[t-1] above" in advice(f"h[t] = tanh(W @ x[t] + (U @ {spelt}))")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("h[t] = x_{t+1}", "write x[t] or x[t-1]"),
        ("h[t] = x[t] + U @ x^{t+1}", "write x[t] or x[t-1]"),
        ("h[t] = x_t+1", "write x[t] + 1 for a sum"),
        ("h[t] = x[t] + x_t+10", "write x[t]"),
        ("f = lambda x_t: x_t+1\nh[t] = f(x[t])", "write x[t]"),
        ("f = lambda a: a\nh[t] = f(t+1) * x[t]", "give the time as an input: tau[t], say"),
        ("h[t] = x[t] / (1 - beta^{t+1})", "write exp((tau[t] + 1) * log(beta)) for a power"),
        ("h[t] = h^l_t-1 + x[t]", "write h_l[t-1]; for a power exp(l * log(h[t-1]))"),
        ("h_l[t] = h^l_t-1 + x[t]", "write h_l[t-1]; for a difference h_l[t] - 1"),
        ("g = tanh(b)\nh[t] = g[t] * x[t]", "write g"),
        ("h[t] = x[t]^2", "write ** for a power: a**2"),
        ("f = lambda a: a^2\nh[t] = f(x[t])", "write ** for a power: a**2"),
        ("h[t] = tanh^2(x[t])", "write ** for a power: a**2"),
        ("n = 2\nh[t] = x[t]^n", "write ** for a power: a**2"),
        ("k[t] = x[t]\nh[t] = gamma^k[t]", "write ** for a power: a**2"),
        ("h[t] = x_t^2", "write x[t]**2 for a power; x_2[t] where 2 is part of the name"),
        ("h[t] = x_t^T", "write W.T @ v[t]; sum(a * b) for a dot product"),
        ("h[t] = e^x[t]", "write exp(...)"),
        ("h[t] = W^2 * x[t]", "write W_2; for a power W**2"),
        ("h[t] = gamma^{k-1} * x[t]", "for a power exp((k-1) * log(gamma))"),
        ("W ∈ R^{d-1}\nh[t] = W @ x[t]", "write a pin: W: (H, D) for a matrix, x: D for a vector"),
        ("h[t] = X_in_t", "write X_in[t], or X_i @ n[t] for a matrix X_i"),
        ("h[t] = Wx_t", "write Wx[t], or W @ x[t] for a matrix W"),
    ],
)
def test_what_looks_alike_is_told_as_before_or_both_are_named(text: str, told: str) -> None:
    assert told in advice(text)


@pytest.mark.parametrize(
    "text",
    [
        "h[t] = x^{a" + " " * 3_800 + "b",
        "h[t] = " + "a" * 3_900 + "^2",
        "h[t] = " + "a^2+" * 980 + "\n" + "b = 1\n" * 1_900,
        "f = lambda a: a\n" + ("y[t] = " + "f(t+1)+" * 8 + "1\n") * 1_500,
    ],
    ids=["blanks", "a long name", "many powers", "many calls"],
)
def test_long_texts_are_answered_soon(text: str) -> None:
    started = time.process_time()
    assert advice(text)
    assert time.process_time() - started < 1
