"""What `gatecalc bench` says, writes and answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gatecalc as package
from gatecalc.codegen.schedule.passes import PASSES

if TYPE_CHECKING:
    from conftest import RunCommand

QUICK = ("--rounds", "1", "--processes", "1", "--peers", "textbook,floor", "--grid", "2x1x2x3")


def test_bench_prints_a_table_and_the_machine(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", "rnn", *QUICK)
    assert run.status == 0
    for part in ("BLAS", "Python 3", "rnn float32: forward + backward", "gatecalc", "floor"):
        assert part in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines())
    assert run.err == "gatecalc: 1/1 rnn float32 (2, 1, 2, 3)\n"


def test_bench_writes_json_and_still_prints_the_table(gatecalc: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    for _ in range(2):
        run = gatecalc("bench", "rnn", *QUICK, "--dtype", "float64", "--json", str(path))
        assert run.status == 0
        assert "rnn float64" in run.out
        assert f"wrote {path}" in run.out
    told = json.loads(path.read_text())
    assert told["generated_by"].startswith("gatecalc")
    assert [r["dtype"] for r in told["results"]] == ["float64"]


def test_json_without_a_file_is_all_there_is_on_standard_output(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", *QUICK, "--json", "rnn")
    assert json.loads(run.out)["results"][0]["cell"] == "rnn"


def test_a_table_goes_to_a_file_too(gatecalc: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "bench.txt"
    assert gatecalc("bench", "rnn", *QUICK, "-o", str(path)).status == 0
    assert "rnn float32: forward + backward" in path.read_text()


@pytest.mark.slow
def test_a_cell_behind_ablate_is_a_cell(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", *QUICK[:4], "--grid", "2x1x2x3", "--ablate", "rnn")
    assert run.status == 0
    assert "-chunks" in run.out
    assert f"chunks: {PASSES['chunks'].summary}" in run.out


def test_help_shows_every_pass(gatecalc: RunCommand) -> None:
    shown = " ".join(gatecalc("bench", "--help").out.split())
    for row in PASSES.values():
        assert f"{row.name} {row.summary} {row.before} -> {row.after}" in shown


def test_a_cell_may_come_from_standard_input(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", "-", *QUICK, stdin="h[t] = tanh(x[t] + U @ h[t-1])\n")
    assert run.status == 0


def test_what_does_not_exist_is_named_and_the_rest_is_measured(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", "rnn", *QUICK, "--grid", "smal,0x1x1x1", "--peers", "texbook")
    assert run.status == 2
    for message in ("did you mean small?", "T = 0", "did you mean textbook?"):
        assert message in run.err
    assert "rnn float32: forward + backward" in run.out


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["lsmt"], ["did you mean lstm?"]),
        (["rnn", "--grid", "meed"], ["did you mean med?"]),
        (["rnn", "--grid", ""], ["nothing is left"]),
        (["rnn", "--grid", "T=1,T=1,B=1,D=1,H=1"], ["gives T twice: write T=..,B=..,D=..,H=.."]),
        (["rnn", "--peers", ""], ["--peers names nobody\npeers are gatecalc, "]),
        (["rnn", "--peers", ","], ["--peers names nobody"]),
        (["rnn", "--dtype", ""], ["`` is none of float32, float64"]),
        (["rnn", "--peers", "torhc"], ["did you mean torch?"]),
        (["rnn", "--ablate", "chunk"], ["did you mean chunks?"]),
        (["rnn", "--dtype", "float16"], ["`float16` is none of float32, float64"]),
        (["rnn", "--rounds", "0"], ["a whole number of at least 1"]),
        (["rnn", "--json", "out.txt"], ["`out.txt` does not end with .json"]),
        (["rnn", "--json", "no/such/out.json"], ["there is no directory"]),
        (["-", "-"], ["only one CELL"]),
        (["rnn", "--memory", "--ablate"], ["take one of them"]),
    ],
)
def test_mistakes_are_named_before_anything_is_measured(
    gatecalc: RunCommand, arguments: list[str], messages: list[str]
) -> None:
    run = gatecalc("bench", *arguments)
    assert (run.status, run.out) == (2, "")
    assert "Traceback" not in run.err
    for message in messages:
        assert message in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "there is no cell and no file `nosuch`\n"),
        (["rnn", "--grid", "8x2x3"], "the point `8x2x3` has 3 numbers: four are expected"),
        (["rnn", "--peers", "foo"], "there is no peer `foo`\npeers are gatecalc, "),
    ],
)
def test_one_wrong_word_is_one_message(
    gatecalc: RunCommand, arguments: list[str], message: str
) -> None:
    run = gatecalc("bench", *arguments)
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith(f"gatecalc: {message}")
    assert run.err.count("gatecalc: ") == 1
    assert "nothing is left" not in run.err


def test_several_wrong_words_are_all_told_at_once(gatecalc: RunCommand) -> None:
    run = gatecalc("bench", "nosuch", "--grid", "8x2x3", "--peers", "foo")
    assert run.status == 2
    for message in ("no file `nosuch`", "the point `8x2x3`", "no peer `foo`"):
        assert run.err.count(message) == 1


def test_a_file_that_is_not_ours_is_refused_before_anything_is_measured(
    gatecalc: RunCommand, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    path.write_text("{}")
    run = gatecalc("bench", "rnn", *QUICK, "--json", str(path))
    assert (run.status, run.out) == (2, "")
    assert "--force" in run.err


@pytest.mark.parametrize(
    "reason", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interruption_prints_the_table_so_far(tmp_path: Path, reason: signal.Signals) -> None:
    path = tmp_path / "part.json"
    arguments = ["rnn", "--grid", "2x1x2x3,3x1x2x3", "--peers", "textbook", "--rounds", "4"]
    child = subprocess.Popen(
        [sys.executable, "-m", "gatecalc", "bench", *arguments, "--json", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])},
    )
    assert child.stderr is not None
    for line in child.stderr:
        if b"2/2" in line:
            child.send_signal(reason)
            break
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"rnn float32: forward + backward" in out
    assert b"interrupted: this is what was measured until then" in out
    assert b"Traceback" not in err
    assert json.loads(path.read_text())["interrupted"] is True
