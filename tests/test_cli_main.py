"""What the command line says when it is used, and misused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gatecalc as package
from gatecalc.cli.main import COMMANDS
from gatecalc.equations import catalogue

if TYPE_CHECKING:
    from conftest import RunCommand

COMMAND = [sys.executable, "-m", "gatecalc"]
HERE = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}


def test_help_names_every_command(gatecalc: RunCommand) -> None:
    run = gatecalc("--help")
    assert run.status == 0
    assert all(f"    {name} " in run.out for name in COMMANDS)
    assert all(len(line) <= 80 for line in run.out.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(gatecalc: RunCommand, command: str) -> None:
    run = gatecalc(command, "--help")
    assert run.status == 0
    assert run.out.startswith(f"usage: gatecalc {command}")
    assert max(map(len, run.out.splitlines())) <= 80


def test_version_is_the_packages(gatecalc: RunCommand) -> None:
    assert gatecalc("--version").out == f"gatecalc {package.__version__}\n"


def test_nothing_asked_is_answered_with_help(gatecalc: RunCommand) -> None:
    run = gatecalc()
    assert run.status == 2
    assert run.out.startswith("usage: gatecalc")


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["lstm"], ["`lstm` is a cell, not a command", "gatecalc build lstm"]),
        (["shwo", "lstm"], ["no command `shwo`", "did you mean show?"]),
        (["gru_chang"], ["no command `gru_chang`", "did you mean gru_chung?"]),
        (["xyzzy"], ["no command `xyzzy`", "commands are list, show, derive"]),
        (["--size", "D=3", "show", "gru"], ["`--size` stands before the command"]),
        (["--colour"], ["no option `--colour`"]),
        (["show"], ["required: CELL", "`gatecalc show --help`"]),
        (["show", "gru", "lstm"], ["`lstm` is one argument too many"]),
        (["show", "gru", "--jsn"], ["no option `--jsn`", "did you mean --json?"]),
        (["show", "gru", "-o"], ["expected one argument"]),
        (["show", "lsmt"], ["no cell and no file `lsmt`", "did you mean lstm?"]),
        (["show", "no/such/file.txt"], ["no cell and no file `no/such/file.txt`"]),
        (["show", "/"], ["cannot read `/`: Is a directory"]),
        (["show", ""], ["there is no equation"]),
        (["show", "http://x/y"], ["`http://x/y` is an address on the net", "curl ... | gatecalc"]),
        (["check", "gru", ""], ["the name of the module is empty"]),
        (["trace", "lstm", "--only", "C"], ["there is no 'C'", "did you mean c?"]),
        (["check", "gru", "--size", "D3"], ["--size: `D3`: sizes are written D=3,H=4"]),
        (["check", "gru", "--size", "D=x"], ["`x`: a whole number of at least 1"]),
        (["check", "gru", "--size", "D=0"], ["`0`: a whole number of at least 1"]),
        (["check", "gru", "--size", "D=3,D=4"], ["D is given twice"]),
        (["check", "gru", "--size", "D=3", "--size", "D=4"], ["D is given twice, 3 and 4"]),
        (["check", "gru", "--size", "Q=3"], ["no size Q", "D, H"]),
        (["check", "gru", "--length", "0"], ["--length: `0`: a whole number of at least 1"]),
        (["check", "gru", "--length", "1e3"], ["`1e3`: a whole number"]),
        (["check", "gru", "--batch", "9" * 12], ["at most 1,000,000,000 is possible"]),
        (["check", "gru", "--seed", "-1"], ["`-1`: a whole number of at least 0"]),
    ],
)
def test_mistakes_are_named_and_something_better_is_offered(
    gatecalc: RunCommand, arguments: list[str], messages: list[str]
) -> None:
    run = gatecalc(*arguments)
    assert run.status == 2
    assert run.out == ""
    assert run.err.startswith("gatecalc: ")
    assert "Traceback" not in run.err
    for message in messages:
        assert message in run.err


def test_list_names_every_cell_of_the_catalogue(gatecalc: RunCommand) -> None:
    run = gatecalc("list")
    assert run.status == 0
    assert all(f"\n  {name}\n" in run.out for name in catalogue.names())
    assert all(len(line) <= 80 for line in run.out.splitlines())
    told = json.loads(gatecalc("list", "--json").out)
    assert [c["name"] for c in told["cells"]] == list(catalogue.names())


@pytest.mark.parametrize("name", catalogue.names())
def test_show_and_derive_fit_into_80_columns(gatecalc: RunCommand, name: str) -> None:
    for command in ("show", "derive"):
        run = gatecalc(command, name)
        assert run.status == 0
        assert max(map(len, run.out.splitlines())) <= 80


def test_show_tells_which_convention_a_gru_follows_and_who_has_the_other(
    gatecalc: RunCommand,
) -> None:
    out = gatecalc("show", "gru").out
    assert "a high z keeps the past" in out
    assert "Chung et al. 2014" in out
    assert "PyTorch, cuDNN and Keras by" in " ".join(out.split())


def test_show_in_json_has_role_and_shape_of_every_name(gatecalc: RunCommand) -> None:
    facts = json.loads(gatecalc("show", "gru", "--json").out)
    names = {n["name"]: n for n in facts["names"]}
    assert names["h"]["roles"] == ["state", "output"]
    assert names["W_z"] == {
        "name": "W_z",
        "roles": ["parameter"],
        "shape": ["H", "D"],
        "meaning": "",
    }
    assert facts["generated_by"] == f"gatecalc {package.__version__}"


def test_derive_numbers_statements_as_the_derivation_does(gatecalc: RunCommand) -> None:
    derivation = package.derive("gru")
    statements = (*derivation.forward, *derivation.backward)
    facts = json.loads(gatecalc("derive", "gru", "--json").out)
    told = facts["forward"] + facts["backward"]
    assert [s["number"] for s in told] == [s.number for s in statements]
    assert [s["target"] for s in told] == [s.target.name for s in statements]
    out = gatecalc("derive", "gru").out
    assert all(f"({s.number})" in out for s in statements)


def test_a_cell_comes_by_name_by_path_or_by_pipe(gatecalc: RunCommand, tmp_path: Path) -> None:
    text = catalogue.text("gru")
    path = tmp_path / "my_gru.txt"
    path.write_text(text)
    by_name = json.loads(gatecalc("derive", "gru", "--json").out)
    for run in (
        gatecalc("derive", str(path), "--json"),
        gatecalc("derive", "-", "--json", stdin=text),
        gatecalc(
            "derive", "-", "--json", stdin=b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        ),
    ):
        told = json.loads(run.out)
        assert told["forward"] == by_name["forward"]
        assert told["backward"] == by_name["backward"]
    assert json.loads(gatecalc("show", str(path), "--json").out)["name"] == "my_gru"


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"", "standard input: there is no equation"),
        (b"h[t] = tanh(W @ x[t]\n", "standard input, line 1"),
        (b"\xff\xfe\x00\xd8", "standard input"),
        (b"x" * 10_000_000, "standard input"),
        (b"h[t] = " + b"(" * 100_000, "standard input"),
    ],
)
def test_equations_that_come_in_broken_are_reported_with_their_place(
    gatecalc: RunCommand, stdin: bytes, message: str
) -> None:
    run = gatecalc("show", "-", stdin=stdin)
    assert (run.status, run.out) == (2, "")
    assert message in run.err


def test_results_go_to_a_file_which_may_be_written_again(
    gatecalc: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cell.txt", "cell.json"):
        for _ in range(2):
            run = gatecalc("show", "gru", "-o", name)
            assert (run.status, run.out) == (0, f"wrote {name}\n")
    assert json.loads(Path("cell.json").read_text())["name"] == "gru"
    Path("cell.txt").write_text("h[t] = my own work")
    run = gatecalc("show", "gru", "-o", "cell.txt")
    assert run.status == 2
    assert "--force" in run.err
    assert gatecalc("show", "gru", "-o", "cell.txt", "--force").status == 0


def test_a_dash_as_output_is_standard_output(gatecalc: RunCommand) -> None:
    assert gatecalc("show", "gru", "-o", "-").out == gatecalc("show", "gru").out


def test_a_reader_that_goes_away_is_no_error() -> None:
    child = subprocess.Popen(
        [*COMMAND, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=HERE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.wait(30) == 141
    assert child.stderr.read() == b""
    child.stderr.close()


@pytest.mark.parametrize(("where", "status"), [("/dev/full", 2), ("/dev/null", 0)])
def test_a_full_disk_behind_standard_output_is_reported(where: str, status: int) -> None:
    with Path(where).open("wb") as stream:
        run = subprocess.run(
            [*COMMAND, "show", "gru"], stdout=stream, stderr=subprocess.PIPE, env=HERE, check=False
        )
    assert run.returncode == status
    assert run.stderr.decode() == (
        "gatecalc: cannot write the output: No space left on device\n" if status else ""
    )


def test_closed_streams_are_no_traceback() -> None:
    for arguments, status in (
        ("show gru >&-", 2),
        ("show gru --json >&-", 2),
        ("generate gru >&-", 2),
        ("trace dense --length 1 >&-", 2),
        ("show gru -o /dev/null >&-", 0),
        ("show gru 2>&-", 0),
        ("show gru <&-", 0),
    ):
        run = subprocess.run(
            ["sh", "-c", f'exec "$0" -m gatecalc {arguments}', sys.executable],
            capture_output=True,
            env=HERE,
            check=False,
        )
        assert run.returncode == status, arguments
        assert b"Traceback" not in run.stderr
        assert (b"standard output is closed; write to a file" in run.stderr) == (status == 2)


def test_a_terminal_of_few_characters_gets_escapes() -> None:
    run = subprocess.run(
        [*COMMAND, "show", "-"],
        input="# Zürich\n\nh[t] = tanh(W @ x[t])  # σ".encode(),
        capture_output=True,
        env={**HERE, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert run.returncode == 0
    assert rb"Z\xfcrich" in run.stdout
