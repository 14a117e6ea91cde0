"""Wheel, source distribution and editable install, each in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import gatecalc

ROOT = Path(__file__).parents[1]
BUILT = ("lstm.py", "lstm.tex", "lstm.trace.txt", "lstm.check.txt")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it must succeed."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, cwd=cwd, env=clean, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this checkout, so that building leaves nothing in it."""
    folder = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, folder, ignore=unwanted, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def distributions(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel that was built from a source distribution, and that source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, checkout, cwd=folder)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def test_the_wheel_carries_templates_catalogue_and_types(distributions: tuple[Path, Path]) -> None:
    names = set(contents(distributions[0]))
    assert "gatecalc/py.typed" in names
    for template in (ROOT / "templates").rglob("*"):
        if template.is_file():
            assert f"gatecalc/templates/{template.relative_to(ROOT / 'templates')}" in names
    for text in (ROOT / "gatecalc").rglob("*.txt"):
        assert str(text.relative_to(ROOT)) in names
    assert not [n for n in names if n.startswith(("tests/", "examples/")) or "__pycache__" in n]


def test_a_source_distribution_builds_the_wheel_of_the_checkout(
    checkout: Path, distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    wheel, sdist = distributions
    with tarfile.open(sdist) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "tests/conftest.py"} <= names
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, checkout, cwd=tmp_path)
    (direct,) = tmp_path.glob("*.whl")
    assert contents(direct) == contents(wheel)


@pytest.mark.parametrize("kind", ["wheel", "sdist", "editable"])
def test_an_installation_builds_an_lstm(
    kind: str, checkout: Path, distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    wheel, sdist = distributions
    what = {"wheel": [wheel], "sdist": [sdist], "editable": ["-e", checkout]}[kind]
    environment, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    venv.create(environment, with_pip=True)
    run(environment / "bin" / "pip", "install", "-q", *what, cwd=elsewhere)
    command = environment / "bin" / "gatecalc"
    assert run(command, "--version", cwd=elsewhere) == f"gatecalc {gatecalc.__version__}\n"
    assert "proved" in run(command, "build", "lstm", cwd=elsewhere)
    assert sorted(p.name for p in (elsewhere / "lstm").iterdir()) == sorted(BUILT)
    run(environment / "bin" / "python", elsewhere / "lstm" / "lstm.py", cwd=elsewhere)
    assert (elsewhere / "lstm" / "lstm.py").read_text() == gatecalc.generate("lstm")
