"""Names print as mathematicians write them, and no two print alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecalc.calculus import derive
from gatecalc.equations.tree import Matrix, Ref
from gatecalc.notes.latex import matrix_latex
from gatecalc.notes.style import style_of
from gatecalc.notes.symbols import distinct, symbol


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("h", "h"),
        ("W_i", "W_{i}"),
        ("W_1", "W_{1}"),
        ("W12", "W_{12}"),
        ("c_tilde", r"\tilde{c}"),
        ("x_hat", r"\hat{x}"),
        ("h_bar_2", r"\bar{h}_{2}"),
        ("W_c_tilde", r"W_{\tilde{c}}"),
        ("i_tilde", r"\tilde{\imath}"),
        ("j_hat_2", r"\hat{\jmath}_{2}"),
        ("W_i_bar", r"W_{\bar{\imath}}"),
        ("i_bar_hat", r"\hat{\bar{\imath}}"),
        ("alpha", r"\alpha"),
        ("zeta_f", r"\zeta_{f}"),
        ("W_Gamma", r"W_{\Gamma}"),
        ("lambda_", r"\lambda"),
        ("omicron", "o"),
        ("dt", r"\mathrm{dt}"),
        ("np", r"\mathrm{np}"),
        ("W_out", r"W_{\mathrm{out}}"),
        ("W_in_x", r"W_{\mathrm{in},x}"),
        ("hat", r"\mathrm{hat}"),
        ("tanh_h", r"\mathrm{tanh}_{h}"),
        ("hard_sigmoid_q_prev", r"\mathrm{hard\_sigmoid}_{q,\mathrm{prev}}"),
        ("hard_sigmoid_6_c", r"\mathrm{hard\_sigmoid}_{6,c}"),
        ("leaky_relu_h_2", r"\mathrm{leaky\_relu}_{h,2}"),
        ("hard_c", r"\mathrm{hard}_{c}"),
        ("T", "T"),
    ],
)
def test_a_name_prints_as_a_mathematician_writes_it(name, printed):
    assert symbol(name).at() == printed


def test_the_time_step_is_the_last_subscript():
    assert symbol("a_i").at("t-1") == "a_{i,t-1}"


def test_a_power_and_a_name_of_its_own_share_the_superscript():
    style = style_of(derive("h[t] = tanh(W @ x[t] + U @ h[t-1])"))
    assert style.ref(Ref("d_h_next", 0), "2") == r"\delta h_{t}^{\mathrm{next},2}"


def test_f_and_i_do_not_melt_into_one_letter():
    assert symbol("R_fi").at() == r"R_{\mathrm{f{}i}}"


def test_adjoints_carry_a_delta_and_say_where_they_come_from():
    style = style_of(derive("lstm"))
    assert style.ref(Ref("d_a_i", 0)) == r"\delta a_{i,t}"
    assert style.ref(Ref("d_h_out", 0)) == r"\delta h_{t}^{\mathrm{out}}"
    assert style.ref(Ref("d_c_prev", 0)) == r"\delta c_{t}^{\mathrm{prev}}"
    assert style.ref(Ref("d_W_i")) == r"\delta W_{i}"


def test_a_users_d_c_is_no_adjoint():
    style = style_of(derive("d_c[t] = W @ x[t]\nc[t] = d_c[t] + c[t-1]"))
    assert style.ref(Ref("d_c", 0)) == "d_{c,t}"
    assert style.ref(Ref("d_c_", 0)) == r"\delta c_{t}"


def test_a_users_delta_leaves_another_sign_for_adjoints():
    style = style_of(derive("delta[t] = W @ x[t]"))
    assert style.ref(Ref("d_delta", 0)) == r"\nabla \delta_{t}"


def test_names_that_would_look_alike_are_printed_as_typed():
    style = style_of(derive("h_1[t] = W @ x[t] + h1 + b"))
    assert style.ref(Ref("h_1", 0)) == r"\mathtt{h\_1}_{t}"
    assert style.ref(Ref("h1")) == r"\mathtt{h1}"
    assert style.ref(Ref("b")) == "b"


def test_a_parameter_called_H_does_not_look_like_the_size():
    style = style_of(derive("h[t] = H @ x[t]"))
    assert style.ref(Ref("H")) == "H"
    assert style.size(("H", "D")) == r"\mathsf{H} + \mathsf{D}"


def test_a_parameter_called_sigma_does_not_look_like_the_sigmoid():
    style = style_of(derive("h[t] = sigmoid(sigma * x[t] + e) + exp(W @ x[t])"))
    assert style.ref(Ref("sigma")) == r"\mathtt{sigma}"
    assert style.ref(Ref("e")) == r"\mathtt{e}"
    style = style_of(derive("sigma[t] = sqrt(mean(x[t]**2))\nh[t] = sigmoid(x[t] / sigma[t]) + e"))
    assert style.ref(Ref("sigma", 0)) == r"\sigma_{t}"
    assert style.ref(Ref("e")) == "e"


def test_a_size_called_t_does_not_look_like_the_time_step():
    style = style_of(derive("V: (t, H)\ny[t] = V @ tanh(W @ x[t])"))
    assert style.size(("t", "H")) == r"\mathsf{t} + \mathsf{H}"


def test_blocks_of_a_matrix_are_called_after_what_they_multiply():
    style = style_of(derive("lstm_concat"))
    block = Matrix("W_f", True, (("H",), ("H", "D")))
    assert matrix_latex(block, style) == r"W_{f}^{[x]\top}"


def test_blocks_are_numbered_where_one_name_stands_twice():
    style = style_of(derive("h[t] = W @ concat(h[t-1], x[t], h[t-1])"))
    assert sorted(style.blocks.values()) == ["1", "2", "3"]


identifiers = st.from_regex(r"[A-Za-z](_?[A-Za-z0-9]){0,8}_?", fullmatch=True)


@given(st.lists(identifiers, unique=True, min_size=1, max_size=12))
def test_no_two_names_print_alike(names):
    printed = [s.at() for s in distinct({n: symbol(n) for n in names}).values()]
    assert len(set(printed)) == len(names)


@given(identifiers)
def test_every_name_has_balanced_braces(name):
    text = symbol(name).at("t", "2")
    assert text.count("{") == text.count("}")
