"""Every block of the README does what it says."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The contents of the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it prints."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    assert parts[0] == ""
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the README's cell in it, and `gatecalc` on the path."""
    (cell,) = blocks("text")
    (tmp_path / "cell.txt").write_text(cell)
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "gatecalc"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gatecalc "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_console_blocks_print_what_they_show(desk: Path) -> None:
    shown = [each for block in blocks("console") for each in commands(block)]
    assert len(shown) >= 5
    for command, expected in shown:
        run = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, cwd=desk, check=False
        )
        assert (run.stdout, run.stderr) == (expected, ""), command


def test_python_blocks_are_true(desk: Path) -> None:
    shown = blocks("python")
    assert shown
    for block in shown:
        test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
        assert test.examples
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
        assert result.failed == 0


def test_no_block_is_left_out() -> None:
    languages = re.findall(r"^```(\w+)$", README, re.MULTILINE)
    assert set(languages) == {"sh", "text", "console", "python"}


def test_the_readme_is_one_screen_or_two() -> None:
    assert len(README.splitlines()) <= 100
    assert max(map(len, README.splitlines())) <= 100


def test_ci_runs_the_readmes_test_command_as_it_stands() -> None:
    _, second = blocks("sh")[0].splitlines()
    assert second == "pip install '.[test]' && pytest"
    assert f'"{second}"' in (ROOT / ".ci" / "run").read_text()


@pytest.mark.slow
def test_the_first_command_works_for_somebody_who_has_just_cloned(tmp_path: Path) -> None:
    first, _ = blocks("sh")[0].splitlines()
    assert first == "pip install . && gatecalc build lstm"
    checkout = tmp_path / "gatecalc"
    unwanted = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, checkout, ignore=unwanted)
    venv.create(tmp_path / "venv", with_pip=True)
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    clean["PATH"] = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{clean['PATH']}"
    run = subprocess.run(
        ["bash", "-c", first], capture_output=True, text=True, cwd=checkout, env=clean, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "checked and proved: central differences, complex step, exact, step" in run.stdout
    assert (checkout / "lstm" / "lstm.py").is_file()
