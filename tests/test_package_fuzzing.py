"""Tests with random examples: the same ones in every run, unless fresh ones are asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FAILING = """
from hypothesis import given
from strategies import cell_texts, examples


@examples(30)
@given(cell_texts())
def test_no_cell_has_a_state(text):
    print("TRIED", text.encode())
    assert "[t-1]" not in text
"""


def tried(folder: Path, *options: str) -> tuple[list[str], str]:
    """The examples of a test that fails, under the profiles of this repository, and the rest."""
    tests = Path(__file__).parent
    (folder / "conftest.py").write_text((tests / "conftest.py").read_text())
    (folder / "test_it.py").write_text(FAILING)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}", "CI": "true"},
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    examples = [line for line in lines if line.startswith("TRIED")]
    return examples, "\n".join(line for line in lines if line not in examples)


def test_a_random_cell_that_fails_is_shown_and_is_the_same_in_every_run(tmp_path: Path) -> None:
    first, said = tried(tmp_path)
    assert first == tried(tmp_path)[0]
    # The equations stand there as one would type them, and nobody waits while they are shrunk.
    assert re.search(r"^\w+\[t\] = .*\w\[t-1\]", said, re.MULTILINE)
    assert len(said) < 6000
    assert len(first) < 30


@pytest.mark.slow
def test_fresh_examples_come_on_request(tmp_path: Path) -> None:
    explored, _ = tried(tmp_path, "--hypothesis-profile=explore", "--hypothesis-seed=1")
    again, _ = tried(tmp_path, "--hypothesis-profile=explore", "--hypothesis-seed=1")
    other, _ = tried(tmp_path, "--hypothesis-profile=explore", "--hypothesis-seed=2")
    assert explored[:2] == again[:2] != other[:2]
