"""Shapes and sizes, inferred from how names are used."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gatecalc.equations import cell, read
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.sizes import CannotUnifyError, Sizes
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Shape
from gatecalc.errors import NotationError, ShapeError


def shapes(text: str) -> dict[str, Shape]:
    return dict(read(text).shapes)


def test_the_input_has_size_d_and_the_rest_h() -> None:
    found = shapes("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)")
    assert found == {
        "x": (("D",),),
        "W": (("H",), ("D",)),
        "U": (("H",), ("H",)),
        "b": (("H",),),
        "h": (("H",),),
    }


def test_further_inputs_have_sizes_of_their_own() -> None:
    it = read("h[t] = W @ x[t] + V @ u[t] + h[t-1]")
    assert it.shapes["u"] == (("D_u",),)
    assert it.sizes == ("D", "D_u", "H")


def test_an_input_that_meets_a_state_has_its_size() -> None:
    it = read("h[t] = 0.5 * h[t-1] + x[t]")
    assert it.shapes["x"] == (("H",),)
    assert it.sizes == ("H",)
    assert it.equal_sizes == ("D", "H")


def test_an_input_that_meets_an_output_without_state_keeps_d() -> None:
    it = read("y[t] = tanh(x[t] + b)")
    assert it.sizes == ("D",)
    assert it.equal_sizes == ()


def test_concat_adds_sizes_in_the_order_of_its_parts() -> None:
    found = shapes("h[t] = W @ concat(h[t-1], x[t]) + V @ concat(x[t], h[t-1], x[t])")
    assert found["W"] == (("H",), ("H", "D"))
    assert found["V"] == (("H",), ("D", "H", "D"))


def test_one_matrix_may_meet_the_same_parts_in_another_order() -> None:
    assert shapes("h[t] = W @ concat(h[t-1], x[t]) + W @ concat(x[t], h[t-1])")["W"] == (
        ("H",),
        ("H", "D"),
    )


def test_a_transpose_turns_rows_and_columns_around() -> None:
    found = shapes("h[t] = tanh(W @ x[t])\ny[t] = W.T @ h[t] + h[t-1] * 0\noutput: h")
    assert found["y"] == found["x"]


def test_a_transposed_concat_gives_the_sum_of_sizes() -> None:
    found = shapes("h[t] = tanh(W @ concat(h[t-1], x[t]))\ny[t] = W.T @ h[t]")
    assert found["y"] == (("H", "D"),)


def test_a_size_that_nothing_fixes_is_h_unless_a_pin_makes_it_its_own() -> None:
    text = "p[t] = W_p @ h[t]\nh[t] = tanh(W @ x[t] + U @ p[t-1])"
    assert shapes(text)["W_p"] == (("H",), ("H",))
    found = shapes("W_p: (P, H)\n" + text)
    assert found["W_p"] == (("P",), ("H",))
    assert found["U"] == (("H",), ("P",))
    assert found["p"] == (("P",),)


def test_pins_that_meet_are_said_to_be_equal() -> None:
    it = read("W: (P, D)\nb: Q\nh[t] = W @ x[t] + b")
    assert it.sizes == ("D", "P")
    assert it.equal_sizes == ("P", "Q")


def test_a_pin_may_rename_the_size_of_an_input() -> None:
    it = read("x: E\nh[t] = W @ x[t]")
    assert it.sizes == ("E", "H")
    it = read("W: (H, E)\nh[t] = W @ x[t] + h[t-1]")
    assert it.shapes["x"] == (("E",),)


def test_a_pin_may_speak_of_the_size_of_any_input() -> None:
    it = read("V: (H, D_u)\nb: D_u\nh[t] = W @ x[t] + V @ u[t] + V @ b + h[t-1]")
    assert it.shapes["u"] == it.shapes["b"] == (("D_u",),)
    it = read("h: D\nh[t] = W @ x[t] + h[t-1]")
    assert (it.sizes, it.equal_sizes) == (("H",), ("D", "H"))


@pytest.mark.parametrize(
    ("right", "shape"),
    [
        ("sum(x[t])", ()),
        ("mean(x[t])", ()),
        ("norm(x[t])", ()),
        ("softmax(x[t])", (("D",),)),
        ("mean(x[t]) * 2 + 1", ()),
        ("tanh(sum(x[t] * b))", ()),
        ("x[t] - mean(x[t])", (("D",),)),
        ("epsilon * sum(x[t])", ()),
        ("epsilon * x[t]", (("D",),)),
        ("maximum(x[t], 0)", (("D",),)),
        ("0.5", (("H",),)),
    ],
)
def test_sums_give_one_number_and_spread_again(right: str, shape: Shape) -> None:
    text = f"epsilon = 0.5\ny[t] = {right}\nh[t] = W @ x[t] + sum(x[t]) * h[t-1] * epsilon"
    assert shapes(text)["y"] == shape


def test_a_state_that_only_numbers_reach_is_a_number() -> None:
    found = shapes("m[t] = 0.9 * m[t-1] + 0.1 * mean(x[t])\nh[t] = m[t] * tanh(W @ x[t])")
    assert found["m"] == ()


def test_a_constant_alone_does_not_make_a_state_a_number() -> None:
    found = shapes("c[t] = 0.9 * c[t-1] + i[t]\ni[t] = 1 - c[t-1]\nh[t] = c[t] * (W @ x[t])")
    assert found["c"] == (("H",),)


def test_what_is_computed_from_constants_alone_is_a_number() -> None:
    found = shapes("a = 0.5\nb = 1 / 3\nc = a * b + 1\nh[t] = c * x[t]")
    assert found["b"] == found["c"] == ()


def test_a_pinned_value_may_be_spread_from_a_number() -> None:
    assert shapes("s: H\ns[t] = sum(x[t])\nh[t] = W @ s[t]")["s"] == (("H",),)


@pytest.mark.parametrize("spelling", ["scalar", "()", "1"])
def test_all_spellings_of_one_number_mean_the_same(spelling: str) -> None:
    it = read(f"alpha: {spelling}\nh[t] = tanh(alpha * W @ x[t])")
    assert it.shapes["alpha"] == ()
    bracketed = read("alpha: scalar\nh[t] = tanh(alpha * (W @ x[t]))")
    assert to_text(it.equations[0].expression) == to_text(bracketed.equations[0].expression)


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("True", "`True` is a keyword of Python"),
        ("1.0", r"`1\.0` is not a shape(.|\n)*write scalar for one number"),
    ],
)
def test_what_python_takes_for_1_is_no_shape(spelling: str, message: str) -> None:
    with pytest.raises(NotationError, match=message):
        read(f"alpha: {spelling}\nh[t] = alpha * x[t]")


@pytest.mark.parametrize("shape", ["H", "(H, D)"])
def test_a_constant_is_not_pinned_to_more_than_one_number(shape: str) -> None:
    with pytest.raises(ShapeError, match="`eps` is a constant, which is one number") as caught:
        read(f"eps: {shape}\neps = 0.01\nh[t] = eps * x[t] + h[t-1]")
    assert "line 1" in str(caught.value)
    assert read("eps: 1\neps = 0.01\nh[t] = eps * x[t] + h[t-1]").shapes["eps"] == ()


@pytest.mark.parametrize("name", ["W", "U", "R", "W_r", "Whx", "U1"])
def test_what_looks_like_a_matrix_is_not_multiplied_elementwise(name: str) -> None:
    for product in (f"{name} * x[t]", f"x[t] * {name}", f"0.5 * {name} * (1 - x[t])"):
        with pytest.raises(ShapeError, match=f"{name} looks like a matrix"):
            read(f"h[t] = tanh({product})")
    read(f"{name}: D\nh[t] = tanh({name} * x[t])")
    read(f"{name} = 0.5\nh[t] = tanh({name} * x[t])")


@pytest.mark.parametrize("name", ["w", "u_r", "b", "P", "K", "A", "T", "Weight", "gamma", "p_i"])
def test_other_names_are_vectors_where_they_are_multiplied(name: str) -> None:
    assert shapes(f"h[t] = tanh({name} * x[t])")[name] == (("D",),)


def test_shapes_of_the_catalogue_are_what_its_sources_say() -> None:
    lstm = cell("lstm_concat")
    assert lstm.shapes["W_f"] == (("H",), ("H", "D"))
    projected = cell("lstm_projected")
    assert projected.shapes["W_p"] == (("P",), ("H",))
    assert projected.shapes["U_i"] == (("H",), ("P",))
    peephole = cell("lstm_peephole")
    assert peephole.shapes["p_i"] == (("H",),)


def test_every_expression_has_the_shape_of_its_target() -> None:
    for name in ("lstm", "lstm_layer_norm", "gru_concat", "lstm_projected", "dense"):
        it = cell(name)
        for equation in it.equations:
            assert shape_of(equation.expression, it.shapes) == it.shapes[equation.target.name]


def test_both_uses_are_shown_where_shapes_cannot_agree() -> None:
    with pytest.raises(ShapeError) as caught:
        read("a[t] = W @ concat(h[t-1], x[t])\nh[t] = a[t] + W @ x[t]")
    text = str(caught.value)
    assert "shapes cannot agree, what W is applied to: dim(h) + D against D" in text
    assert "line 2" in text
    assert "the other use, line 1:\n    a[t] = W @ concat(h[t-1], x[t])\n           ^^^" in text


def test_sums_of_different_lengths_cannot_be_equal() -> None:
    sizes = Sizes()
    a, b, c = sizes.fresh(), sizes.fresh(), sizes.fresh()
    sizes.unify(a, b)
    assert sizes.resolve(a) == sizes.resolve(b)
    with pytest.raises(CannotUnifyError):
        sizes.unify(a + c, b)
    with pytest.raises(CannotUnifyError):
        sizes.unify(a + c + c, b + sizes.fresh() + sizes.fresh() + sizes.fresh())
    sizes.unify(a + c, c + b)


def test_a_chain_of_ten_thousand_sizes_is_resolved() -> None:
    sizes = Sizes()
    chain = [sizes.fresh() for _ in range(10_000)]
    for first, second in pairwise(chain):
        sizes.unify(first, second)
    assert sizes.resolve(chain[0]) == chain[-1]


@pytest.mark.parametrize("pins", ["", "U: (H, D)\n", "U: (H, D)\nV: (H, D)\nW: (H, H)\n"])
def test_a_state_that_keeps_the_input_has_the_size_of_the_input(pins: str) -> None:
    it = read(f"{pins}p[t] = x[t]\nh[t] = tanh(W @ h[t-1] + U @ p[t-1] + V @ x[t])")
    assert it.shapes["p"] == it.shapes["x"] == (("D",),)
    assert it.shapes["U"] == it.shapes["V"] == (("H",), ("D",))
    assert (it.sizes, it.equal_sizes) == (("D", "H"), ())


def test_where_every_state_meets_the_input_its_size_is_h() -> None:
    it = read("h[t] = z[t] * h[t-1] + x[t]\nz[t] = sigmoid(W @ h[t-1])")
    assert (it.sizes, it.equal_sizes) == (("H",), ("D", "H"))
