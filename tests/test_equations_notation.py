"""What the notation means: roles, order, rank, explanations, constants, pins."""

from __future__ import annotations

import pytest

from gatecalc.equations import Cell, catalogue, cell, read
from gatecalc.equations.order import ordered
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Call, MatVec, Neg, Ref
from gatecalc.errors import CellNotFoundError, NotationError

GRU = catalogue.text("gru_chung")


def right_side(text: str, *declared: str) -> str:
    """How the equation of h is understood, printed with the brackets that it needs."""
    it = read("\n".join((*declared, f"h[t] = {text}")))
    return to_text(it.equation("h").expression)


# Roles


def test_names_have_the_roles_that_their_subscripts_say() -> None:
    it = read("""
        z[t] = sigmoid(W @ x[t] + U @ h[t-1] + b)
        h[t] = (1 - z[t]) * h[t-1] + z[t] * u[t]
    """)
    assert it.inputs == ("x", "u")
    assert it.states == ("h",)
    assert it.computed == ("z", "h")
    assert it.parameters == ("W", "U", "b")
    assert it.matrices == ("W", "U")
    assert it.output == "h"


def test_an_old_input_is_kept_by_a_state() -> None:
    it = read("p[t] = x[t]\nh[t] = W @ x[t] + V @ p[t-1]")
    assert it.states == ("p",)
    assert it.inputs == ("x",)


def test_any_computed_name_may_be_kept_from_the_step_before() -> None:
    it = read("i[t] = sigmoid(W @ x[t] + U @ h[t-1] + p * i[t-1])\nh[t] = i[t] * tanh(V @ x[t])")
    assert it.states == ("i", "h")


def test_states_stand_in_the_order_of_their_equations() -> None:
    assert cell("lstm_fgr").states == ("i", "f", "c", "o", "h")
    assert cell("lstm").states == ("c", "h")


def test_a_cell_without_a_state_is_a_layer() -> None:
    it = read("y[t] = W @ h[t] + b")
    assert it.states == ()
    assert it.inputs == ("h",)
    assert it.shapes["W"] == (("H",), ("D",))
    assert it.shapes["b"] == (("H",),)


def test_what_depends_on_parameters_alone_has_no_time() -> None:
    it = read("w = exp(v)\nh[t] = w * x[t]")
    assert it.parameters == ("v",)
    assert it.equation("w").target == Ref("w", None)
    assert it.computed == ("h",)


def test_names_of_python_numpy_and_ours_are_as_good_as_any() -> None:
    it = read("""
        T[t] = sigmoid(B @ np[t] + P @ one[t-1] + D)
        n[t] = tanh(H @ np[t] + K @ (T[t] * one[t-1]) + w)
        one[t] = (1 - T[t]) * one[t-1] + T[t] * n[t] + dt * x
        dt = 0.5
    """)
    assert it.parameters == ("B", "P", "D", "H", "K", "w", "x")
    assert it.states == ("one",)


# Order and output


GRU = """
h[t] = (1 - z[t]) * h[t-1] + z[t] * n[t]
z[t] = sigmoid(W_z @ x[t] + U_z @ h[t-1])
n[t] = tanh(W @ x[t] + U @ (r[t] * h[t-1]))
r[t] = sigmoid(W_r @ x[t] + U_r @ h[t-1])"""


def test_the_output_is_the_last_equation_that_no_other_uses() -> None:
    assert read("c[t] = W @ x[t]\nh[t] = tanh(c[t])").output == "h"
    assert read("h[t] = tanh(c[t])\nc[t] = W @ x[t]").output == "h"
    assert read("h[t] = W @ x[t] + h[t-1]\ny[t] = V @ x[t]").output == "y"
    assert read("y[t] = V @ h[t]\nh[t] = W @ x[t] + h[t-1]").output == "y"


@pytest.mark.parametrize("first", range(4))
def test_a_paper_may_print_its_equations_in_any_order(first: int) -> None:
    lines = GRU.strip().split("\n")
    assert read("\n".join([*lines[first:], *lines[:first]])).output == "h"


def test_the_output_may_be_any_computed_name() -> None:
    assert read("output: c\nc[t] = W @ x[t]\nh[t] = tanh(c[t])").output == "c"
    assert read("c[t] = W @ x[t]\nh[t] = tanh(c[t])\noutput: c  # a remark").output == "c"


def test_a_static_equation_at_the_end_is_not_the_output() -> None:
    assert read("h[t] = w * x[t]\nw = exp(v)").output == "h"


def test_equations_are_computed_in_an_order_that_works_and_shown_as_written() -> None:
    it = read("h[t] = o[t] * tanh(c[t])\nc[t] = W @ x[t]\no[t] = sigmoid(V @ x[t])")
    assert [e.target.name for e in it.equations] == ["h", "c", "o"]
    assert [e.target.name for e in ordered(it.equations)] == ["o", "c", "h"]


def test_equations_that_are_in_order_stay_as_they_are() -> None:
    for name in catalogue.names():
        it = catalogue.load(name)
        assert ordered(it.equations) == it.equations, name


# Rank of * and @


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("-W @ x[t]", "-W @ x[t]"),
        ("+W @ x[t]", "W @ x[t]"),
        ("2 * W @ x[t]", "2 * (W @ x[t])"),
        ("-2 * W @ x[t]", "-2 * (W @ x[t])"),
        ("epsilon * W @ x[t]", "epsilon * (W @ x[t])"),
        ("alpha * W @ x[t]", "alpha * (W @ x[t])"),
        ("-alpha / 2 * W @ x[t]", "-alpha / 2 * (W @ x[t])"),
        ("exp(alpha) * W @ x[t]", "exp(alpha) * (W @ x[t])"),
        ("mean(x[t]) * W @ x[t]", "mean(x[t]) * (W @ x[t])"),
        ("W @ V @ x[t]", "W @ (V @ x[t])"),
        ("W @ V @ U @ x[t]", "W @ (V @ (U @ x[t]))"),
        ("2 * W @ V @ x[t]", "2 * (W @ (V @ x[t]))"),
        ("W.T @ V @ x[t]", "W.T @ (V @ x[t])"),
        ("(W @ V) @ x[t]", "W @ (V @ x[t])"),
        ("W @ -x[t]", "W @ (-x[t])"),
        ("W @ x[t] * b", "(W @ x[t]) * b"),
        ("W @ x[t] / 2", "(W @ x[t]) / 2"),
        ("b * (W @ x[t])", "b * (W @ x[t])"),
        ("W @ (b * x[t])", "W @ (b * x[t])"),
        ("W @ x[t]**2", "W @ x[t]**2"),
        ("-b * x[t]", "-b * x[t]"),
        ("(-b) * x[t]", "-b * x[t]"),
        ("-(b * x[t])", "-b * x[t]"),
        ("-(b + x[t])", "-(b + x[t])"),
        ("-b**2 + x[t]", "-b**2 + x[t]"),
        ("(-b)**2 + x[t]", "(-b)**2 + x[t]"),
        ("x[t] - (b - x[t])", "x[t] - (b - x[t])"),
        ("x[t] / (b * x[t])", "x[t] / (b * x[t])"),
        ("x[t] / b * x[t]", "x[t] / b * x[t]"),
        ("x[t] - -b", "x[t] - (-b)"),
        ("b**-2 * x[t]", "b**-2 * x[t]"),
    ],
)
def test_signs_and_numbers_before_a_map_move_in_front_of_it(typed: str, understood: str) -> None:
    declared = (
        "epsilon = 0.5" if "epsilon" in typed else "alpha: scalar" if "alpha" in typed else ""
    )
    assert right_side(typed, declared) == understood


def test_a_sign_before_a_map_is_a_sign_of_the_whole() -> None:
    expression = read("h[t] = -W @ x[t]").equation("h").expression
    assert isinstance(expression, Neg)
    assert isinstance(expression.argument, MatVec)


@pytest.mark.parametrize("left", ["r[t]", "b", "(1 - r[t])", "tanh(b)", "(2 * r[t])", "softmax(b)"])
def test_a_vector_before_a_map_is_refused(left: str) -> None:
    with pytest.raises(NotationError, match="a vector before a matrix product") as caught:
        read(f"r[t] = W @ x[t]\nh[t] = {left} * U @ h[t-1]")
    assert f"write {left} * (U @ ...)" in str(caught.value)


@pytest.mark.parametrize("pin", ["H", "(H,)"])
def test_one_number_that_is_pinned_to_a_vector_does_not_stand_before_a_map(pin: str) -> None:
    with pytest.raises(NotationError, match="a vector before a matrix product"):
        read(f"b: {pin}\nalpha: scalar\nb = alpha * 2\nh[t] = b * W @ x[t]")


def test_concat_within_concat_is_one() -> None:
    assert right_side("W @ concat(concat(x[t], b), x[t])") == "W @ concat(x[t], b, x[t])"


# Own nonlinearities


def test_a_nonlinearity_of_ones_own_is_called_like_a_ready_made_one() -> None:
    it = read("swish = lambda a: a * sigmoid(a)  # smooth\nh[t] = swish(W @ x[t])")
    own = it.nonlinearity("swish")
    assert own is not None
    assert (own.arguments, to_text(own.body), own.explanation) == (
        ("a",),
        "a * sigmoid(a)",
        "smooth",
    )
    assert isinstance(it.equation("h").expression, Call)


def test_a_ready_made_function_may_be_replaced_by_ones_own() -> None:
    it = read("silu = lambda a: a * sigmoid(a)\nh[t] = silu(x[t])")
    assert it.nonlinearity("silu") is not None
    it = read("hard_sigmoid = lambda a: maximum(0, minimum(1, a))\nh[t] = hard_sigmoid(x[t])")
    assert it.nonlinearity("hard_sigmoid") is not None


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "exp", "maximum", "abs", "sqrt", "erf"])
def test_functions_that_others_are_made_of_stay_what_they_are(name: str) -> None:
    with pytest.raises(NotationError, match="a function of the notation already"):
        read(f"{name} = lambda a: a\nh[t] = {name}(x[t])")


def test_an_equation_may_use_a_nonlinearity_that_stands_below_it() -> None:
    assert read("h[t] = f(x[t])\nf = lambda a: 2 * a").nonlinearity("f")


def test_a_nonlinearity_knows_constants_and_pinned_numbers() -> None:
    it = read("slope: scalar\nf = lambda a: epsilon * a + slope\nepsilon = 0.5\nh[t] = f(x[t])")
    assert it.parameters == ("slope",)
    assert it.shapes["slope"] == ()


def test_arguments_of_a_nonlinearity_are_its_own_affair() -> None:
    it = read("f = lambda x, h: x * h\nh[t] = f(x[t], tanh(x[t]))")
    assert it.inputs == ("x",)
    assert it.states == ()


# Constants, pins, explanations


@pytest.mark.parametrize(
    ("typed", "value"), [("0.01", 0.01), ("-1", -1.0), ("+2", 2.0), ("1e-5", 1e-5), (".5", 0.5)]
)
def test_a_constant_has_a_default(typed: str, value: float) -> None:
    it = read(f"a = {typed}  # how far\nh[t] = a * x[t]")
    (constant,) = it.constants
    assert (constant.name, constant.value, constant.explanation) == ("a", value, "how far")
    assert it.parameters == ()
    assert it.shapes["a"] == ()


def test_a_pin_gives_a_shape_and_its_comment_a_remark() -> None:
    it = read("W: (P, D)  # onto P\nb: P\nalpha: scalar\nh[t] = alpha * W @ x[t] + b")
    assert it.shapes["W"] == (("P",), ("D",))
    assert it.shapes["b"] == (("P",),)
    assert it.shapes["alpha"] == ()
    assert it.remarks == {"W": "onto P"}
    assert it.sizes == ("D", "P")


def test_title_source_and_notes_come_from_the_leading_comment() -> None:
    it = read("""
# A cell
# Somebody 1999, A paper,
# pages 1-2
#
# First note,
# over two lines.
#
# Second note.

h[t] = x[t]   # not a note
# nor this
""")
    assert it.title == "A cell"
    assert it.source == "Somebody 1999, A paper, pages 1-2"
    assert it.notes == ("First note, over two lines.", "Second note.")
    assert it.equations[0].explanation == "not a note"


def test_without_a_leading_comment_the_title_is_the_name() -> None:
    assert (read("h[t] = x[t]", "mine").title, read("h[t] = x[t]", "mine").source) == ("mine", "")


def test_an_equation_over_several_lines_joins_its_comments() -> None:
    it = read("h[t] = tanh(W @ x[t]   # the input\n            + b)   # and a bias")
    assert it.equations[0].explanation == "the input and a bias"
    assert to_text(it.equations[0].expression) == "tanh(W @ x[t] + b)"


def test_an_equation_over_several_lines_quotes_the_line_that_is_wrong() -> None:
    with pytest.raises(NotationError) as caught:
        read("h[t] = tanh(W @ x[t]\n\n            # a comment\n            + foo(b))")
    assert str(caught.value).startswith(
        "line 4: there is no function `foo`\n                + foo(b))"
    )


# Sources


def test_a_cell_is_found_by_name_text_or_path(tmp_path: pytest.TempPathFactory) -> None:
    path = tmp_path / "my cell.v2.txt"  # type: ignore[operator]
    path.write_text(GRU)
    assert cell("gru_chung").name == "gru_chung"
    assert cell(GRU).name == "cell"
    assert cell(path).name == cell(str(path)).name == "my_cell_v2"
    assert cell("y[ t ] = x[ t ]").output == "y"
    it = cell("gru")
    assert cell(it) is it


def test_a_file_that_is_called_like_a_cell_needs_its_path(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gru").write_text("h[t] = x[t]")  # type: ignore[operator]
    monkeypatch.chdir(tmp_path)  # type: ignore[arg-type]
    assert cell("gru").title.startswith("Gated")
    assert cell("./gru").title == "gru"


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(CellNotFoundError, match=r"did you mean lstm\?"):
        cell("lsmt")


def test_an_equation_without_brackets_is_not_taken_for_a_path() -> None:
    with pytest.raises(NotationError, match="`h_t`"):
        cell("h_t = tanh(W @ x_t)")


@pytest.mark.parametrize("text", ["", " ", "\n", "# a comment", "\n# a\n# b\n", "a = 0.5\n"])
def test_a_text_without_an_equation_says_so(text: str) -> None:
    with pytest.raises(NotationError, match="there is no equation in the text"):
        cell(text)


def test_a_cell_is_data_that_cannot_be_changed() -> None:
    it = cell("gru")
    assert isinstance(it, Cell)
    with pytest.raises(AttributeError):
        it.output = "z"  # type: ignore[misc]
