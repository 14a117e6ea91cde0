"""What the commands that compute something print, write and return."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pytest

import gatecalc as package
from gatecalc.cli import files
from gatecalc.equations import catalogue

if TYPE_CHECKING:
    from conftest import RunCommand

BUILT = ["lstm.check.txt", "lstm.py", "lstm.tex", "lstm.trace.txt"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def wrong_module() -> str:
    """The LSTM's module with a factor of a derivative left out."""
    text = package.generate("lstm")
    changed = text.replace("d_f * f * (1 - f)", "d_f * f")
    assert changed != text
    return changed


# generate and notes


def test_generate_prints_what_the_function_returns(gatecalc: RunCommand) -> None:
    assert gatecalc("generate", "gru").out == package.generate("gru")
    assert gatecalc("generate", "gru", "-o", "gru.py").out == "wrote gru.py\n"
    assert Path("gru.py").read_text() == package.generate("gru")


def test_a_long_title_does_not_hide_that_a_file_is_ours(gatecalc: RunCommand) -> None:
    for length in range(20, 140, 7):
        title = ("word " * 40)[:length].strip()
        cell = f"# {title}\n# {title}\nh[t] = tanh(W @ x[t])"
        for command, name in (("generate", "cell.py"), ("notes", "cell.tex")):
            assert gatecalc(command, "-", "-o", name, stdin=cell).status == 0
            assert files.is_generated(Path(name))


def test_notes_are_a_document_or_a_fragment_of_one(gatecalc: RunCommand) -> None:
    whole = gatecalc("notes", "gru", "--seed", "3", "--size", "H=2").out
    assert whole == package.notes("gru", seed=3, sizes={"H": 2})
    assert r"\documentclass" in whole
    assert r"\documentclass" not in gatecalc("notes", "gru", "--fragment").out


def test_notes_say_that_references_take_a_second_run(gatecalc: RunCommand) -> None:
    assert "pdflatex, run twice" in gatecalc("notes", "--help").out
    for options in ([], ["--fragment"]):
        head = gatecalc("notes", "gru", *options).out.partition("\\")[0]
        assert "% Run pdflatex twice" in head


# check


def test_a_right_module_is_proved_from_a_file_and_from_a_pipe(gatecalc: RunCommand) -> None:
    text = package.generate("lstm")
    Path("lstm.py").write_text(text)
    for run in (
        gatecalc("check", "lstm"),
        gatecalc("check", "lstm", "lstm.py"),
        gatecalc("check", "lstm", "-", stdin=text),
    ):
        assert run.status == 0
        assert run.out.endswith("lstm: proved\n")
        assert max(map(len, run.out.splitlines())) <= 80


def test_a_wrong_module_gives_status_1(gatecalc: RunCommand) -> None:
    Path("wrong.py").write_text(wrong_module())
    run = gatecalc("check", "lstm", "wrong.py")
    assert (run.status, run.err) == (1, "")
    assert "failed" in run.out
    facts = json.loads(gatecalc("check", "lstm", "wrong.py", "--json").out)
    assert facts["verdict"] == "failed"


def test_a_report_goes_to_a_file_in_either_form(gatecalc: RunCommand) -> None:
    assert gatecalc("check", "gru", "-o", "gru.txt", "--seed", "5").status == 0
    assert "seed 5" in Path("gru.txt").read_text()
    assert gatecalc("check", "gru", "-o", "gru.json", "--size", "D=2,H=3").status == 0
    assert json.loads(Path("gru.json").read_text())["sizes"] == {"D": 2, "H": 3}


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("x = (\n", "is not Python"),
        ("import sys\nsys.exit(0)\n", "cannot be run: SystemExit"),
        ("1 / 0\n", "cannot be run: ZeroDivisionError"),
        ("import no_such_module\n", "cannot be run: ModuleNotFoundError"),
        ("pass\n", "has no function"),
        ("\x00\n", "is not Python"),
    ],
)
def test_a_file_that_is_no_module_is_a_message(
    gatecalc: RunCommand, module: str, message: str
) -> None:
    Path("m.py").write_text(module)
    for run in (gatecalc("check", "lstm", "m.py"), gatecalc("check", "lstm", "-", stdin=module)):
        assert run.status == 2
        assert message in run.err
        assert "Traceback" not in run.err


def test_a_module_of_another_cell_is_named_as_such(gatecalc: RunCommand) -> None:
    Path("gru.py").write_text(package.generate("gru"))
    run = gatecalc("check", "lstm", "gru.py")
    assert run.status == 2
    assert "not those of lstm" in run.err


def test_files_that_are_not_there_or_not_readable(gatecalc: RunCommand) -> None:
    assert "No such file" in gatecalc("check", "lstm", "nowhere.py").err
    assert "Is a directory" in gatecalc("check", "lstm", "/").err
    assert "only one of CELL and MODULE" in gatecalc("check", "-", "-").err
    Path("binary.py").write_bytes(b"\xff\xfe\x00")
    assert "is not Python source" in gatecalc("check", "lstm", "binary.py").err


# trace


def test_a_trace_in_files_holds_what_the_function_returns(gatecalc: RunCommand) -> None:
    options = ("--length", "3", "--batch", "2", "--size", "D=2,H=3", "--seed", "4")
    expected = package.trace("gru", length=3, batch=2, sizes={"D": 2, "H": 3}, seed=4)
    for name in ("run.npz", "run.json", "run.txt"):
        for _ in range(2):
            run = gatecalc("trace", "gru", *options, "-o", name)
            assert (run.status, run.out, run.err) == (0, f"wrote {name}\n", "")
    with np.load("run.npz") as arrays:
        assert arrays["z"].shape == (3, 2, 3)
        np.testing.assert_array_equal(arrays["d_z"][2], expected["d_z", 2])
    facts = json.loads(Path("run.json").read_text())
    np.testing.assert_allclose(facts["values"]["z"][1], expected["z", 1])
    assert json.loads(gatecalc("trace", "gru", *options, "--json").out) == facts
    assert str(expected) in Path("run.txt").read_text()
    assert gatecalc("trace", "gru", *options).out == str(expected)


def test_a_trace_goes_to_a_file_of_any_name_as_other_results_do(gatecalc: RunCommand) -> None:
    for command in (("trace", "dense"), ("check", "dense"), ("show", "dense"), ("derive", "dense")):
        for name in ("it.tr", "it", "it.md"):
            assert gatecalc(*command, "-o", name).status == 0
            assert Path(name).read_text().startswith("# Generated by gatecalc")
        for name, option in (("t.txt", "--json"), ("t.tr", "--json"), ("t.JSON", "--force")):
            assert gatecalc(*command, "-o", name, option).status == 0
            assert json.loads(Path(name).read_text())["generated_by"].startswith("gatecalc")
    gatecalc("trace", "dense", "-o", "it.NPZ")
    with np.load("it.NPZ") as arrays:
        assert "y" in arrays


def test_a_trace_is_narrowed_by_options(gatecalc: RunCommand) -> None:
    out = gatecalc("trace", "lstm", "--backward", "--at", "2", "--only", "c,h").out
    assert "d_c[t]" in out
    assert "t = 2" in out
    assert "t = 2, step" in out
    assert "t = 1, step" not in out
    assert gatecalc("trace", "lstm", "--at", "0,2", "--only", "h").out.count("── t =") == 2


def test_a_trace_runs_on_ones_own_arrays(gatecalc: RunCommand) -> None:
    params = package.load(package.generate("gru")).init(D=2, H=3, rng=0)
    np.savez("p.npz", **dict(params))
    np.save("x.npy", np.ones((2, 1, 2)))
    np.savez("s.npz", h=np.full((1, 3), 0.5))
    np.save("d.npy", np.ones((2, 1, 3)))
    run = gatecalc(
        *("trace", "gru", "--params", "p.npz", "--input", "x.npy", "--state", "s.npz"),
        *("--cotangent", "d.npy", "-o", "run.npz"),
    )
    assert (run.status, run.err) == (0, "")
    expected = package.trace(
        "gru",
        params=dict(params),
        xs=np.ones((2, 1, 2)),
        state={"h": np.full((1, 3), 0.5)},
        cotangent=np.ones((2, 1, 3)),
    )
    with np.load("run.npz") as arrays:
        np.testing.assert_array_equal(arrays["d_h"], expected["d_h"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "run.csv"], "the result is text, and its name says something else"),
        (["--json", "-o", "run.npz"], "the result is JSON, and its name says something else"),
        (["--at", "9"], "no step 9"),
        (["--at", "two"], "`two`: time steps are written 2, or 0,2"),
        (["--only", "zz"], "no 'zz' in the trace"),
        (["--only", "b_z"], "b_z is a parameter: parameters are not recorded at steps"),
        (["--only", "h", "-o", "run.npz"], "--only narrows what is printed; npz holds everything"),
        (["--at", "0", "--json"], "--at narrows what is printed; json holds everything"),
        (["--sample", "7"], "no sample 7"),
        (["--cotangent", "lst"], "did you mean last?"),
        (["--dtype", "int8"], "invalid choice: 'int8'"),
        (["--params", "nowhere.npz"], "cannot read `nowhere.npz`"),
        (["--params", "text.npz"], "is not a file of NumPy arrays"),
        (["--input", "wide.npy"], "--input wide.npy: xs has shape (3,)"),
        (["--params", "one.npz"], "--params one.npz: params: W_r, U_r"),
        (["--cotangent", "wide.npy"], "--cotangent wide.npy: cotangent has shape (3,)"),
        (["--size", "H=100000"], "at most 100,000,000 can be traced"),
    ],
)
def test_a_trace_that_cannot_be_is_a_message(
    gatecalc: RunCommand, arguments: list[str], message: str
) -> None:
    Path("text.npz").write_text("PK not an archive")
    np.save("wide.npy", np.ones(3))
    np.savez("one.npz", W_z=np.ones((3, 3)))
    before = names(Path())
    run = gatecalc("trace", "gru", *arguments)
    assert (run.status, run.out) == (2, "")
    assert message in run.err
    assert names(Path()) == before


def test_a_trace_can_be_printed_where_there_is_no_unicode() -> None:
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "ascii",
        "PYTHONPATH": str(Path(package.__file__).parents[1]),
    }
    run = subprocess.run(
        [sys.executable, "-m", "gatecalc", "trace", "gru", "--backward"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert rb"\u" not in run.stdout
    assert b"\x1b" not in run.stdout


# build


def test_build_writes_everything_and_says_what(gatecalc: RunCommand) -> None:
    for _ in range(2):
        run = gatecalc("build", "lstm")
        assert (run.status, run.err) == (0, "")
        assert names(Path("lstm")) == BUILT
        assert "checked and proved" in run.out
        assert all(f"lstm/{name}" in run.out for name in BUILT)
    assert Path("lstm/lstm.py").read_text() == package.generate("lstm")
    assert Path("lstm/lstm.tex").read_text() == package.notes("lstm")
    assert "lstm: proved" in Path("lstm/lstm.check.txt").read_text()
    assert "d_c[t]" in Path("lstm/lstm.trace.txt").read_text()


def test_a_built_module_does_not_stand_in_the_way_of_those_it_imports(gatecalc: RunCommand) -> None:
    for name in ("numpy", "functools"):
        Path(f"{name}.txt").write_text("y[t] = W @ x[t]\n")
        assert gatecalc("build", f"{name}.txt").status == 0
        assert sorted(p.suffix for p in Path(f"cell_{name}").iterdir()) == [
            *(".py", ".tex", ".txt", ".txt")
        ]
        code = f"import cell_{name}; print(cell_{name}.init(D=2, H=3, rng=0)['W'].shape)"
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            cwd=f"cell_{name}",
        )
        assert (run.stdout, run.stderr) == ("(3, 2)\n", "")
    assert gatecalc("show", "numpy.txt").out.startswith("numpy\n")
    assert not {*catalogue.names()} & {*sys.stdlib_module_names, "numpy"}


def test_build_takes_a_path_a_pipe_and_a_directory(gatecalc: RunCommand) -> None:
    text = catalogue.text("mgu")
    Path("my cell.txt").write_text(text)
    assert gatecalc("build", "my cell.txt", "-o", "a/b").status == 0
    assert "my_cell.py" in names(Path("a/b"))
    assert gatecalc("build", "-", "-o", "a/b", stdin=text).status == 0
    assert "cell.tex" in names(Path("a/b"))
    facts = json.loads(gatecalc("build", "mgu", "-o", "a", "--json").out)
    assert facts["files"][0] == "a/mgu.py"
    assert facts["check"]["verdict"] == "proved"


def test_build_writes_nothing_if_it_may_not_write_one_of_them(gatecalc: RunCommand) -> None:
    Path("lstm").mkdir()
    Path("lstm/lstm.tex").write_text("my own notes")
    run = gatecalc("build", "lstm")
    assert run.status == 2
    assert "lstm/lstm.tex` exists, and is not as gatecalc writes it" in run.err
    assert names(Path("lstm")) == ["lstm.tex"]
    assert gatecalc("build", "lstm", "--force").status == 0
    assert names(Path("lstm")) == BUILT


def test_build_leaves_no_directory_behind_when_it_fails(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_fill", full)
    run = gatecalc("build", "rnn", "-o", "a/b")
    assert run.status == 2
    assert "No space left on device" in run.err
    assert names(Path()) == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("-", "-o takes a directory"),
        ("file", "`file` exists and is not a directory"),
        ("file/below", "Not a directory"),
        ("/proc/below", "cannot make the directory"),
        ("", "is empty"),
    ],
)
def test_build_into_what_is_no_directory_is_refused_before_any_work(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch, where: str, message: str
) -> None:
    if where != "/proc/below":  # nobody can tell but by trying
        monkeypatch.setattr("gatecalc.cli.build._documents", _no_work)
    Path("file").touch()
    run = gatecalc("build", "rnn", "-o", where)
    assert (run.status, run.out) == (2, "")
    assert message in run.err
    assert names(Path()) == ["file"]


def _no_work(*_: object, **__: object) -> NoReturn:
    raise AssertionError("the work was done first")


@pytest.mark.parametrize(
    ("command", "work"),
    [
        ("generate", ("gatecalc.codegen", "generate")),
        ("derive", ("gatecalc.calculus", "derive")),
        ("notes", ("gatecalc.notes", "notes")),
        ("check", ("gatecalc.checks", "check")),
        ("trace", ("gatecalc.trace.setting", "run")),
    ],
)
def test_a_file_that_is_not_ours_is_refused_before_any_work(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch, command: str, work: tuple[str, str]
) -> None:
    monkeypatch.setattr(importlib.import_module(work[0]), work[1], _no_work)
    Path("mine").write_text("mine")
    for where, message in [
        ("mine", "`mine` exists, and is not as gatecalc writes it with -o\n--force overwrites it"),
        ("no/such", "cannot write `no/such`: there is no directory"),
    ]:
        run = gatecalc(command, "rnn", "-o", where)
        assert (run.status, run.out) == (2, "")
        assert message in run.err
    assert Path("mine").read_text() == "mine"


def test_build_of_a_broken_cell_leaves_nothing(gatecalc: RunCommand) -> None:
    run = gatecalc("build", "-", stdin="h[t] = tanh(W @ x[t] + h[t-2])")
    assert run.status == 2
    assert "standard input, line 1" in run.err
    assert names(Path()) == []


def test_build_reports_a_check_that_failed(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = wrong_module()
    monkeypatch.setattr("gatecalc.codegen.generate", lambda cell: wrong)
    run = gatecalc("build", "lstm")
    assert run.status == 1
    assert "NOT all is proved" in run.out
    assert names(Path("lstm")) == BUILT


def test_a_trace_says_from_where_on_its_numbers_are_none(gatecalc: RunCommand) -> None:
    equations = "h[t] = log(x[t] - 3) + h[t-1]"
    run = gatecalc("trace", "-", stdin=equations)
    assert run.status == 0
    assert run.err == ("gatecalc: not all is finite: (2) log_h[t] = log(a_h[t]) gives nan at H=4\n")
    assert gatecalc("trace", "-", stdin="h[t] = exp(x[t]) + h[t-1]").err == ""


def test_notes_without_numbers_for_the_example_are_not_written(gatecalc: RunCommand) -> None:
    equations = "M: (N, K)\ny[t] = (M @ x[t]) / (K - 1)"
    run = gatecalc("notes", "-", "--size", "K=1", "-o", "y.tex", stdin=equations)
    assert run.status == 2
    assert "gives inf at K=1, N=2\nchoose other sizes" in run.err
    assert not Path("y.tex").exists()
