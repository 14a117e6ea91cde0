"""A check that passes everything proves nothing: each one rejects what is wrong."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np
import pytest
from wrong_modules import (
    SLIGHTLY_WRONG,
    WRONG_BACKWARD,
    WRONG_FORWARD,
    WRONG_STEP,
    edited,
    spoiled,
)

from gatecalc.checks import check
from gatecalc.codegen import generate, load
from gatecalc.errors import InputError

NUMERIC = ("central differences", "complex step", "autograd", "PyTorch")
PACKAGES = {"autograd": "autograd", "PyTorch": "torch"}


@functools.cache
def report_on(mistakes, name):
    tables = {"backward": WRONG_BACKWARD, "slight": SLIGHTLY_WRONG, "forward": WRONG_FORWARD}
    return check("lstm", (tables | {"step": WRONG_STEP})[mistakes][name]())


def require(check_name):
    if check_name in PACKAGES:
        pytest.importorskip(PACKAGES[check_name])


@pytest.mark.parametrize("check_name", [*NUMERIC, "exact"])
@pytest.mark.parametrize("mistake", WRONG_BACKWARD)
def test_every_check_rejects_a_wrong_backward(mistake, check_name):
    require(check_name)
    report = report_on("backward", mistake)
    assert not report
    assert report.verdict(check_name) == "failed"
    outcomes = [row for row in report.rows if row.check == check_name and row.quantity.is_outcome]
    assert all(row.verdict == "proved" for row in outcomes)


@pytest.mark.parametrize("check_name", [*NUMERIC, "exact"])
@pytest.mark.parametrize("mistake", list(WRONG_FORWARD)[:2])
def test_every_check_rejects_a_wrong_forward_though_its_backward_fits(mistake, check_name):
    require(check_name)
    report = report_on("forward", mistake)
    rows = {row.quantity: row for row in report.rows if row.check == check_name}
    assert all(row.verdict == "failed" for quantity, row in rows.items() if quantity.is_outcome)
    gradients = [row.verdict for quantity, row in rows.items() if not quantity.is_outcome]
    assert "failed" in gradients


def test_a_forward_that_is_off_by_one_in_a_billion_is_rejected():
    (mistake,) = list(WRONG_FORWARD)[2:]
    report = report_on("forward", mistake)
    assert report.verdict("complex step") == report.verdict("exact") == "failed"


@pytest.mark.parametrize("mistake", SLIGHTLY_WRONG)
def test_the_exact_check_rejects_a_relative_error_of_one_in_a_billion(mistake):
    report = report_on("slight", mistake)
    assert report.verdict("exact") != "proved"
    assert report.verdict("central differences") == "proved"


def test_what_only_the_exact_check_sees_is_not_proved_rather_than_failed():
    report = check("lstm", spoiled("U_o", lambda grad: grad * (1 + 1e-12)))
    assert report.verdict("complex step") == "proved"
    assert report.verdict("exact") == "not proved"
    assert not report


@pytest.mark.parametrize("mistake", WRONG_STEP)
def test_a_wrong_step_is_rejected_though_forward_and_backward_are_right(mistake):
    report = report_on("step", mistake)
    assert report.verdict("step") != "proved"
    assert report.verdict("exact") == "proved"


MISTAKES_IN_TEXT = {
    "a missing derivative": ("d_a_i = d_i * i * (1 - i)", "d_a_i = d_i"),
    "a carried adjoint dropped": ("d_h = d_h_out + d_h_next", "d_h = d_h_out"),
    "two gates swapped": ("c = f * c_prev + i * g", "c = i * c_prev + f * g"),
    "a transposed product": ("d_U_f = d_a_f.T @ h_prev", "d_U_f = h_prev.T @ d_a_f"),
    "an error in the ninth decimal": (
        "d_a_o = d_o * o * (1 - o)",
        "d_a_o = 1.000000001 * d_o * o * (1 - o)",
    ),
}


@pytest.mark.parametrize("function", ["init", "forward", "backward", "step", "step_backward"])
@pytest.mark.parametrize("what", ["SystemExit(0)", "GeneratorExit", "Unspeakable"])
def test_a_module_that_ends_the_program_is_not_proved(function, what):
    source = generate("rnn") + (
        "class Unspeakable(Exception):\n    def __str__(self):\n        return 1 / 0\n"
        f"def {function}(*_, **__):\n    raise {what}\n"
    )
    if function == "init":
        with pytest.raises(InputError, match=f"raised {what.partition('(')[0]}"):
            check("rnn", load(source))
    else:
        assert "failed" in str(check("rnn", load(source)))


@pytest.mark.parametrize("value", [np.nan, None, 1j, "text"])
@pytest.mark.parametrize("function", ["forward", "backward", "step"])
def test_a_module_that_returns_no_numbers_is_reported(function, value):
    module = load(generate("rnn"))
    usual = getattr(module, function)

    def strange(*arguments, **options):
        first, second, third = usual(*arguments, **options)
        if function == "backward":
            return first, np.full(second.shape, value), third
        return np.full(first.shape, value), second, third

    setattr(module, function, strange)
    report = check("rnn", module)
    assert not report
    assert report.verdict() == "failed", str(report)


WRONG_WAYS = {
    "gradients of one stretch alone": ("total.flat += grads.flat", "total.flat[...] = grads.flat"),
    "every chunk at the beginning": ("first = start if self.keep else 0", "first = 0"),
    "a chunk that forgets the last one": ("self.tape[0] = self.tape[count]", "pass"),
    "outputs without a tape": (
        "hs = hs.copy() if tape else hs",
        "hs = hs.copy() if tape else 2 * hs",
    ),
    "a workspace that adds up": ("out=sums[0 if first else 1])", "out=sums[1])"),
    "weights of an earlier call": (
        "        self._load(params)\n",
        "        vars(self).get('loaded') or self._load(params)\n        self.loaded = True\n",
    ),
    "results that a later call writes over": (
        "            self.d_xs = [np.empty_like(d) for d in self.d_xs]\n",
        "            pass\n",
    ),
    "a tape that can be used once": (
        "        self._load_back(params)\n",
        "        self._load_back(params)\n        self.to_d_h_prev *= self.fresh\n",
    ),
    "another sigmoid where there are many": (
        "divide(two, f_i_o, f_i_o)",
        "divide(one, f_i_o, f_i_o)",
    ),
}


@pytest.mark.parametrize("mistake", WRONG_WAYS)
def test_a_mistake_that_only_some_way_of_running_shows_is_found(mistake):
    report = check("lstm", edited(*WRONG_WAYS[mistake]))
    assert report.verdict("ways") == "failed", str(report)


@pytest.mark.parametrize("mistake", MISTAKES_IN_TEXT)
def test_one_edited_line_of_the_generated_module_is_found(mistake):
    old, new = MISTAKES_IN_TEXT[mistake]
    report = check("lstm", edited(old, new))
    assert not report
    assert report.verdict() == "failed"


def test_the_report_says_which_parameters_are_wrong_and_where():
    report = report_on("slight", "a gradient off by one in a billion")
    wrong = {row.quantity.name for row in report.rows if row.verdict != "proved"}
    assert wrong == {"W_f"}
    (row,) = [r for r in report.rows if r.check == "exact" and r.verdict != "proved"]
    assert row.quantity.kind == "parameter"
    assert len(row.index) == 2


def test_every_check_finds_the_one_wrong_entry():
    def change(grad):
        grad[2, 1] = grad[2, 1] * 1.5
        return grad

    report = check("lstm", spoiled("W_f", change))
    wrong = [row for row in report.rows if row.verdict != "proved"]
    assert {(row.quantity.name, row.index) for row in wrong} == {("W_f", (2, 1))}
    assert {row.check for row in wrong} == set(report.checks) - {"ways"}


def test_a_missing_gradient_is_named():
    def backward(params, tape, d_hs, d_state=None):
        grads, d_xs, d_first = module.backward(params, tape, d_hs, d_state)
        return {n: g for n, g in grads.items() if n != "b_o"}, d_xs, d_first

    module = spoiled("W_f", lambda grad: grad)
    report = check("lstm", SimpleNamespace(**{**vars(module), "backward": backward}))
    wrong = [row for row in report.rows if row.verdict == "failed" and row.check == "exact"]
    assert [row.quantity.name for row in wrong] == ["b_o"]
    assert "missing" in wrong[0].reason


def test_a_gradient_of_the_wrong_shape_is_named():
    report = check("lstm", spoiled("W_f", lambda grad: grad.T))
    reasons = {row.reason for row in report.rows if row.check == "complex step" if row.reason}
    assert reasons == {"has shape (3, 4); expected (4, 3)"}
    assert report.verdict("exact") == "failed"


def test_a_gradient_that_is_not_finite_fails():
    report = check("lstm", spoiled("b_i", lambda grad: grad * np.inf))
    assert report.verdict("complex step") == "failed"
    assert str(report)
    assert None in [row["error"] for row in report.to_dict()["rows"] if row["name"] == "b_i"]


def test_a_module_that_raises_fails_with_what_it_said():
    def backward(params, tape, d_hs, d_state=None):
        raise ZeroDivisionError("of all things")

    module = spoiled("W_f", lambda grad: grad)
    report = check("lstm", SimpleNamespace(**{**vars(module), "backward": backward}))
    assert report.verdict("complex step") == report.verdict("exact") == "failed"
    assert "ZeroDivisionError: of all things" in str(report)


def test_a_module_that_writes_into_its_arguments_fails():
    def forward(params, xs, state=None):
        xs *= 1.0
        return module.forward(params, xs, state)

    module = spoiled("W_f", lambda grad: grad)
    report = check("lstm", SimpleNamespace(**{**vars(module), "forward": forward}))
    assert report.verdict("complex step") == "failed"
    assert "read-only" in str(report)


def test_a_constant_built_into_the_code_is_found():
    source = "dt = 0.1\nh[t] = h[t-1] + dt * tanh(W @ x[t] + U @ h[t-1])"
    built_in = "dt = 0.1\nh[t] = h[t-1] + 0.1 * tanh(W @ x[t] + U @ h[t-1]) + 0 * dt"
    report = check(source, load(generate(built_in)))
    assert report.verdict("complex step") == report.verdict("exact") == "failed"
