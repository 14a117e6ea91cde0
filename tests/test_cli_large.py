"""What would take hours or fill the memory is refused at once; what takes a minute says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import RunCommand

import gatecalc as package
from gatecalc.checks import effort
from gatecalc.cli import trace as trace_command
from gatecalc.equations import cell
from gatecalc.evaluate.problem import resolve_sizes
from gatecalc.trace import setting


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "lstm", "--size", "H=3000"], "a check at T=3, B=2, D=3, H=3000 would take many"),
        (["check", "gru", "--length", "100000"], "check it at smaller ones"),
        (["check", "rnn", "--batch", "100000000"], "would take many minutes: 32 parameters"),
        (["build", "lstm", "--size", "H=3000"], "a check at T=3, B=2, D=3, H=3000 would take many"),
        (["trace", "lstm", "--size", "H=3000"], "would record 180,336,012 numbers"),
        (["trace", "lstm", "--length", "100000000", "--at", "3"], "16,300,000,128 numbers"),
        (["trace", "lstm", "--length", "100000"], "choose some, as with --at 0,99999, or write"),
        (["trace", "rnn", "--size", "H=2000,D=2000", "--json"], "too many for JSON"),
    ],
)
def test_too_much_is_refused_before_anything_is_done(
    gatecalc: RunCommand, arguments: list[str], message: str
) -> None:
    done = gatecalc(*arguments)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert done.err.startswith("gatecalc: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "100,000 steps are too many to print"),
        (("--json",), "numbers are too many for JSON"),
        (("--at", "0", "--size", "H=40"), "numbers; at most 100,000,000 can be traced"),
    ],
)
def test_the_length_of_given_arrays_counts_as_one_that_is_typed(
    gatecalc: RunCommand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    def never(setting: object) -> None:
        raise AssertionError("it was run")

    monkeypatch.setattr(setting, "run", never)
    np.save(tmp_path / "x.npy", np.ones((100_000, 1, 3)))
    done = gatecalc("trace", "lstm", "--input", str(tmp_path / "x.npy"), *options)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert "running" not in done.err  # what is refused is not announced


def test_notes_count_at_any_size(gatecalc: RunCommand) -> None:
    done = gatecalc("notes", "lstm", "--size", "H=100000")
    assert (done.status, done.err) == (0, "")


def test_a_large_check_is_announced_and_says_how_many_entries_it_moved(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effort, "_MOST", 4e6)  # as if the machine were slow
    monkeypatch.setattr(effort, "_LONG", 4e6 / 64)
    done = gatecalc("check", "rnn", "--size", "H=20")
    assert (done.status, done.err) == (0, "gatecalc: checking takes up to a minute at this size\n")
    assert "central and complex move " in done.out
    assert gatecalc("check", "rnn").err == ""


def test_a_long_run_is_announced(gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_command, "SECONDS_A_STATEMENT", 0.1)
    done = gatecalc("trace", "rnn", "--length", "10", "--at", "9")
    assert done.status == 0
    assert done.err == "gatecalc: running 10 steps forward and backward, about 9 seconds\n"


def test_steps_that_are_chosen_or_waited_for_may_be_many(gatecalc: RunCommand) -> None:
    assert gatecalc("trace", "dense", "--length", "2100", "--at", "2099").status == 0
    assert gatecalc("trace", "dense", "--length", "2100").status == 2


def test_a_larger_cell_has_fewer_entries_moved() -> None:
    lstm = cell("lstm")
    moved = [effort.entries_moved(lstm, {"D": 3, "H": n}, 3, 2) for n in (4, 100, 300, 1000, 2000)]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] == effort.ENTRIES
    assert moved[-1] == 1


def test_autograd_is_left_out_where_it_would_take_the_longest() -> None:
    report = package.check("y[t] = tanh(x[t])", length=effort.LONGEST_FOR_AUTOGRAD + 1, batch=1)
    assert report
    assert report.left_out["autograd"] == "slow beyond 500 steps"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("check", "D=3, H=4 unless given, others 2; a cell's only size, or one listed first"),
        ("trace", "D=3, H=4 unless given, others 2; a cell's only size, or one listed first"),
        ("notes", "counts are made for D=128, H=256 unless given, others 64"),
        ("build", "what the notes take instead, `gatecalc notes --help` says"),
    ],
)
def test_help_says_which_sizes_hold(gatecalc: RunCommand, command: str, words: str) -> None:
    assert words in " ".join(gatecalc(command, "--help").out.split())


@pytest.mark.parametrize(
    ("equations", "sizes"),
    [
        ("h[t] = tanh(W @ x[t] + V @ u[t])", {"D": 3, "D_u": 2, "H": 4}),
        ("c[t] = mean(u[t] + c[t-1])", {"D": 4}),
        ("h[t] = x[t] * h[t-1]", {"H": 4}),
        ("W: (K, P)\ny[t] = W @ x[t]", {"P": 4, "K": 2}),
        ("x: N\nu: M\ny[t] = W @ x[t] + V @ u[t]", {"N": 4, "M": 2, "H": 4}),
    ],
)
def test_the_sizes_that_help_names_hold(equations: str, sizes: dict[str, int]) -> None:
    assert resolve_sizes(cell(equations), None) == sizes
    assert dict(package.trace(equations).problem.sizes) == sizes


@pytest.mark.parametrize("number", ["1000000001", "9" * 15, "9" * 5000])
def test_a_number_that_is_too_large_is_called_that(gatecalc: RunCommand, number: str) -> None:
    done = gatecalc("trace", "rnn", "--seed", number)
    assert done.status == 2
    assert "at most 1,000,000,000 is possible" in done.err
    assert len(done.err) < 200
