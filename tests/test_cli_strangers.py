"""Files that are not what the command line expects: each is a message, nothing hangs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import RunCommand

import gatecalc as package


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# What is read


def test_a_module_that_never_ends_is_refused(gatecalc: RunCommand) -> None:
    for run in (
        gatecalc("check", "lstm", "/dev/zero"),
        gatecalc("check", "lstm", "-", stdin=b"#" * 17_000_000),
    ):
        assert (run.status, run.out) == (2, "")
        assert "is no module: it has more than 16 million bytes" in run.err


@pytest.mark.slow
def test_a_module_may_come_through_a_pipe_with_a_name() -> None:
    os.mkfifo("pipe.py")
    root = Path(package.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-m", "gatecalc", "check", "dense", "pipe.py"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as child:
        Path("pipe.py").write_text(package.generate("dense"))
        out, _ = child.communicate()
    assert child.returncode == 0
    assert b"dense: proved" in out


def in_a_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(package.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "gatecalc", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )


def test_a_module_may_raise_what_it_likes(gatecalc: RunCommand) -> None:
    Path("m.py").write_text('raise BaseException("x")\n')
    run = gatecalc("check", "lstm", "m.py")
    assert (run.status, run.err) == (2, "gatecalc: `m.py` cannot be run: BaseException: x\n")


@pytest.mark.slow
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_module_may_close_the_streams(stream: str) -> None:
    Path("m.py").write_text(f"import sys\nsys.{stream}.close()\n" + package.generate("dense"))
    run = in_a_process("check", "dense", "m.py")
    assert "Traceback" not in run.stderr
    if stream == "stdout":
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr == "gatecalc: standard output is closed; write to a file with -o FILE\n"
    else:
        assert run.returncode == 0
        assert "dense: proved" in run.stdout
    assert in_a_process("check", "dense", "m.py", "-o", "report.txt").returncode == 0
    assert "dense: proved" in Path("report.txt").read_text()


def test_names_in_an_archive_are_looked_at_before_its_arrays(
    gatecalc: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez("many.npz", **{f"a{k}": np.ones(1) for k in range(5)})
    read = []
    monkeypatch.setattr(
        np.lib.npyio.NpzFile, "__getitem__", lambda archive, name: read.append(name)
    )
    for option in ("--params", "--input", "--state"):
        run = gatecalc("trace", "lstm", option, "many.npz")
        assert run.status == 2
        assert "has 'a0', which the cell does not have" in run.err
    assert read == []


def test_a_cotangent_is_one_array(gatecalc: RunCommand) -> None:
    np.savez("params.npz", W=np.ones((4, 3)), b=np.ones(4))
    run = gatecalc("trace", "dense", "--cotangent", "params.npz")
    assert run.status == 2
    assert "holds arrays by name (W, b), expected one array" in run.err


# What is written


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_build_takes_no_pipe_or_directory_for_a_file(
    gatecalc: RunCommand, force: tuple[str, ...]
) -> None:
    Path("a").mkdir()
    os.mkfifo("a/dense.tex")
    Path("b/dense.py").mkdir(parents=True)
    for folder, words in (
        ("a", "`a/dense.tex` is no regular file"),
        ("b", "`b/dense.py` is a directory"),
    ):
        run = gatecalc("build", "dense", "-o", folder, *force)
        assert (run.status, run.out) == (2, "")
        assert f"{words}, where build writes a file" in run.err
        assert "name another directory: -o DIR" in run.err
    assert sorted(p.name for p in Path().glob("*/*")) == ["dense.py", "dense.tex"]


@pytest.mark.parametrize(
    ("command", "name", "instead"),
    [
        ("notes", "n.pdf", "n.tex"),
        ("notes", "n.PDF", "n.tex"),
        ("notes", "n.py", "n.tex"),
        ("generate", "g.npz", "g.py"),
        ("generate", "g.json", "g.py"),
        ("generate", "g.tex", "g.py"),
        ("check", "c.npz", "c.txt"),
        ("show", "s.npz", "s.txt"),
        ("derive", "d.py", "d.txt"),
        ("trace", "t.npy", "t.txt"),
        ("bench", "b.csv", "b.txt"),
    ],
)
def test_a_name_that_means_another_format_is_refused(
    gatecalc: RunCommand, command: str, name: str, instead: str
) -> None:
    for force in ((), ("--force",)):
        run = gatecalc(command, "dense", "-o", name, *force)
        assert (run.status, run.out) == (2, "")
        assert f"its name says something else\nwrite it to {instead}" in run.err
    assert not Path(name).exists()


@pytest.mark.parametrize("command", ["check", "show", "derive", "trace"])
def test_json_is_not_written_to_a_name_that_means_another_format(
    gatecalc: RunCommand, command: str
) -> None:
    run = gatecalc(command, "dense", "--json", "-o", "c.npz")
    assert (run.status, run.out) == (2, "")
    assert "the result is JSON, and its name says something else\nwrite it to c.json" in run.err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("notes", "n.tex"),
        ("notes", "n"),
        ("notes", "n.txt"),
        ("notes", "n.ltx"),
        ("notes", "v1.2"),
        ("generate", "g.pyi"),
        ("generate", "g"),
        ("generate", "/dev/null"),
    ],
)
def test_other_names_are_the_users_choice(gatecalc: RunCommand, command: str, name: str) -> None:
    assert gatecalc(command, "dense", "-o", name).status == 0
