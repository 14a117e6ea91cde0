"""The worked example of the notes: numbers that can be typed, at sizes and steps that are clear."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gatecalc.calculus import derive
from gatecalc.equations import catalogue
from gatecalc.errors import InputError
from gatecalc.notes import notes
from gatecalc.notes.document import document
from gatecalc.notes.example import example, example_sizes
from gatecalc.notes.style import style_of
from gatecalc.notes.worked_run import worked_run


def test_given_sizes_count_and_small_ones_are_worked_through():
    text = " ".join(notes("gru", sizes={"D": 3, "H": 20}).split())
    assert "numbers, that is $1{,}440$ for $D = 3$, $H = 20$" in text
    assert "Two steps for one sample, with $D = 3$, $H = 2$." in text


def test_a_seed_changes_the_numbers_and_nothing_else():
    one, other = notes("rnn"), notes("rnn", seed=5)
    assert one != other
    head = "{A worked example}"
    assert one[: one.index(head)] == other[: other.index(head)]
    assert notes("rnn", seed=5) == other


def test_every_worked_example_agrees_with_its_difference_quotient():
    for name in catalogue.names():
        d = derive(name)
        check = example(d, example_sizes(d, {}), 0).check
        assert check is not None
        assert check.quotient == pytest.approx(check.gradient, rel=1e-6), name


def test_given_numbers_of_an_example_have_one_decimal_and_are_not_zero():
    d = derive("lstm")
    problem = example(d, example_sizes(d, {}), 3).problem
    for array in (*problem.params.values(), *problem.xs.values(), *problem.state.values()):
        assert np.array_equal(np.round(array, 1), array)
        assert np.all(array != 0)


def test_a_logarithm_gets_numbers_above_zero():
    d = derive("h[t] = log(W @ x[t]) + sqrt(c[t-1])\nc[t] = x[t] + 0 * c[t-1]")
    found = example(d, example_sizes(d, {}), 0)
    assert np.isfinite(found.loss)


def test_no_quotient_is_shown_at_a_kink():
    """hard_tanh bends at 1, a number that is drawn now and then."""
    d = derive("h[t] = hard_tanh(b) * x[t]")
    bends = 0
    for seed in range(40):
        made = example(d, example_sizes(d, {}), seed)
        bends += bool(np.any(np.abs(made.problem.params["b"]) == 1))
        if made.check is not None:
            assert made.check.quotient == pytest.approx(made.check.gradient, abs=1e-9)
    assert bends


def test_a_softmax_is_weighed_for_its_entries_always_add_up_to_one():
    d = derive("y[t] = softmax(W @ x[t])")
    found = example(d, example_sizes(d, {}), 0)
    assert found.weighted
    assert found.problem.d_hs[-1].tolist() == [[1, 2, 3]]
    assert abs(found.run.gradients["W"]).max() > 1e-3
    assert "always add up to the same" in " ".join(notes(d.cell).split())
    lstm = derive("lstm")
    assert not example(lstm, example_sizes(lstm, {}), 0).weighted


def test_a_vector_that_is_normalised_has_more_than_two_entries():
    assert example_sizes(derive("lstm_layer_norm"), {}) == {"D": 2, "H": 3}
    assert example_sizes(derive("lstm"), {}) == {"D": 2, "H": 2}
    assert example_sizes(derive("lstm_layer_norm"), {"H": 2}) == {"D": 2, "H": 2}


def test_no_size_is_left_among_numbers():
    d = derive("n[t] = x[t] - mean(x[t])\nh[t] = tanh(W @ n[t])")
    made = document(d, sizes={"D": 2, "H": 2}, code=(), example=example(d, {"D": 3, "H": 2}, 0))
    full = worked_run(made, style_of(d), "").backward_in_full
    assert re.search(r"/ 3\b|\\frac\{[^{}]*\}\{3\}", str(full))


SIZES_AS_NUMBERS = """\
M: (N, K)
h[t] = tanh(M @ x[t] + h[t-1]) * log(K - 1) / (N - 1)
"""


def test_sizes_at_which_the_example_has_no_numbers_are_refused():
    with pytest.raises(InputError) as refused:
        notes(SIZES_AS_NUMBERS, sizes={"N": 1, "K": 1})
    assert str(refused.value) == (
        "the worked example cannot be computed: (2) log_h = log(a_h_2) gives -inf at K=1, N=1\n"
        "choose other sizes, up to 4"
    )
    with pytest.raises(InputError, match=r"\(5\) h\[t\] = .* gives -?inf at K=3, N=1"):
        notes(SIZES_AS_NUMBERS, sizes={"N": 1, "K": 3})


def test_sizes_that_nobody_chose_are_large_enough_for_the_example():
    for source in (SIZES_AS_NUMBERS, "M: (N, K)\nh[t] = tanh(M @ x[t] + h[t-1]) / (K - 2)"):
        text = notes(source)
        assert r"\infty" not in text
        assert r"\mathrm{nan}" not in text


def test_values_without_a_number_raise_no_warning():
    assert r"\mathrm{nan}" in notes("h[t] = log(x[t] - 3) + h[t-1]")


def test_a_step_of_the_example_does_not_look_like_the_number_in_a_name():
    text = notes("x_1[t] = x[t]\nx_2[t] = x_1[t-1]\nh[t] = tanh(W @ x_2[t-1] + x_1[t] + h[t-1])")
    example = text[text.index(r"\section{A worked example}") :]
    assert (
        "The last subscript of a value is its step, as in $x_{t=1}$; $x_{1}$ is a name" in example
    )
    given = example[example.index(r"\noindent") : example.index("Forward, with")]
    assert re.findall(r"^\$(x\S*) =", given, re.MULTILINE) == [
        "x_{t=1}",
        "x_{t=2}",
        "x_{1,t=0}",
        "x_{2,t=0}",
    ]
    assert not re.search(r"x_\{[12]\}", example.partition("is a name of its own")[2])
    assert r"\delta h_{t=1}^{\mathrm{prev}}" in text
    assert "The last subscript" not in notes("x_1[t] = W @ x_0[t]\nh[t] = x_1[t] + h[t-1]")
