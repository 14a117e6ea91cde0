"""The report: a table that fits a terminal, JSON that holds the same, and clear refusals."""

from __future__ import annotations

import io
import json
import re
from types import SimpleNamespace

import pytest
from rich.console import Console
from wrong_modules import spoiled

from gatecalc.checks import check
from gatecalc.checks import judgement as judging
from gatecalc.codegen import generate, load
from gatecalc.equations import cell
from gatecalc.errors import InputError


def test_a_report_is_true_if_everything_is_proved():
    assert check("rnn")
    assert not check("lstm", spoiled("W_f", lambda grad: 2 * grad))


def test_the_text_fits_eighty_columns_and_plain_terminals():
    for report in (check("lstm_layer_norm"), check("lstm", spoiled("W_f", lambda g: -g))):
        text = str(report)
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= 80
        assert not any(line != line.rstrip() for line in text.splitlines())


def test_every_parameter_input_and_state_has_a_line_with_its_error_and_place():
    lines = str(check("gru")).splitlines()
    for name in ("output h", "last state h", "input x", "W_r", "U_z", "b_n", "first state h"):
        (line,) = [line for line in lines if line.startswith(name + " ")]
        assert "equal" in line
    assert lines[-1] == "gru: proved"
    assert lines[0] == "gru checked at T=3, B=2, D=3, H=4, float64, seed 0"


def test_what_is_wrong_is_marked_counted_and_explained():
    text = str(check("lstm", spoiled("W_f", lambda grad: 2 * grad)))
    (line,) = [line for line in text.splitlines() if line.startswith("W_f")]
    assert "1e+00!" in line
    assert "wrong" in line
    assert "should be" in text
    assert "comparisons failed" in text.splitlines()[-1]


def test_the_numbers_of_the_table_are_explained_above_it():
    lines = str(check("lstm", spoiled("W_f", lambda grad: 2 * grad))).splitlines()
    assert lines[1] == "worst error of each array relative to its largest entry, and where it is"
    assert lines[3].endswith("worst at")


def test_what_failed_names_the_check_and_the_function():
    source = generate("gru")
    line = "d_a_z = d_z * z * (1 - z)"
    assert source.count(line) == 1
    text = str(check("gru", load(source.replace(line, "d_a_z = d_z * z"))))
    failed = [line for line in text.splitlines() if line.startswith("failed  step: ")]
    assert any(re.match(r"failed  step: W_z\[\d, \d\] of step_backward is ", f) for f in failed)
    assert max(map(len, text.splitlines())) <= 80

    text = str(check("gru", load(generate("gru_chung"))))
    assert re.search(r"^failed  complex: output h\[.*\] of forward is ", text, re.MULTILINE)
    assert re.search(r"^failed  complex: input x\[.*\] of backward is ", text, re.MULTILINE)


def test_what_a_check_says_of_all_arrays_is_said_once():
    def backward(*_):
        raise ValueError("no gradient today")

    module = spoiled("W_f", lambda grad: grad)
    report = check("lstm", SimpleNamespace(**{**vars(module), "backward": backward}))
    assert str(report).count("no gradient today") <= 2


def test_close_numbers_are_printed_with_enough_digits_to_tell_them_apart():
    text = str(check("lstm", spoiled("W_f", lambda grad: grad * (1 + 1e-8))))
    (line,) = [line for line in text.splitlines() if line.startswith("failed  complex: W_f")]
    found, expected = re.findall(r"-?\d\.\d+", line)
    assert found != expected


def test_colours_appear_in_a_terminal_only():
    file = io.StringIO()
    Console(file=file, force_terminal=True, color_system="standard", width=80).print(check("rnn"))
    assert "\x1b[32m" in file.getvalue()
    assert "\x1b" not in str(check("rnn"))


def test_names_of_any_length_keep_the_table_within_its_width():
    name = "the_longest_name_for_a_gain_that_passes_"
    text = str(check(f"h[t] = {name} * x[t] + h[t-1]"))
    assert max(map(len, text.splitlines())) <= 80
    assert "output h" in text


def test_json_holds_every_row():
    report = check("gru", length=2, sizes={"H": 3}, seed=5)
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert (data["cell"], data["verdict"], data["length"], data["seed"]) == ("gru", "proved", 2, 5)
    assert data["sizes"] == {"D": 3, "H": 3}
    assert len(data["rows"]) == len(report.rows)
    first = data["rows"][0]
    assert set(first) == {"check", "kind", "name", "verdict", "error", "index", "reason"}
    assert data["checks"]["exact"] == "proved"


def test_packages_that_are_missing_are_left_out_and_named(monkeypatch):
    def missing(*_):
        raise ImportError("no such package")

    monkeypatch.setattr(judging, "by_autograd", missing)
    monkeypatch.setattr(judging, "by_pytorch", missing)
    report = check("rnn")
    assert report
    assert report.checks == ("central differences", "complex step", "exact", "step", "ways")
    assert dict(report.left_out) == {"autograd": "not installed", "PyTorch": "not installed"}
    assert "left out  autograd  not installed" in str(report)


def test_a_module_of_another_cell_is_refused():
    with pytest.raises(
        InputError, match=r"lacks W_i, .* and 6 more and also has W_r, .* and 3 more"
    ):
        check("lstm", load(generate("gru")))


def test_a_module_with_other_shapes_is_refused():
    with pytest.raises(InputError, match=r"W has shape \(4, 3\) in the module, \(4, 4\) in"):
        check("h[t] = W @ h[t-1] + x[t]", _with_shape())


def _with_shape():
    module = load(generate("h[t] = W @ x[t] + h[t-1]"))
    return SimpleNamespace(**{**vars(module), "init": lambda H: module.init(D=3, H=H)})


def test_a_module_that_takes_other_sizes_is_refused():
    with pytest.raises(InputError, match=r"init\(D=3, H=4\) raised TypeError"):
        check("rnn", load(generate("W_h: H\nU_h: H\nh[t] = W_h * x[t] + U_h * h[t-1] + b_h")))


def test_something_that_is_no_module_is_refused():
    with pytest.raises(InputError, match="no function init, forward, backward, step"):
        check("rnn", object())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length=0: a whole number of at least 1"),
        ({"batch": True}, "batch=True: a whole number"),
        ({"length": 2.0}, "length=2.0: a whole number"),
        ({"seed": -1}, "seed=-1: a whole number of at least 0"),
        ({"sizes": {"Q": 3}}, "has no size Q"),
        ({"sizes": {"H": 0}}, "H=0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        check("rnn", **options)


def test_a_cell_may_be_given_in_every_form():
    it = cell("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    assert check(it)
    assert check("h[t] = tanh(W @ x[t] + U @ h[t-1])", load(generate(it)))
