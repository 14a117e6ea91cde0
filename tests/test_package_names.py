"""What `import gatecalc` gives, and what it costs."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import gatecalc

ROOT = Path(__file__).parents[1]


def python(code: str, *arguments: str, cwd: Path = ROOT) -> str:
    """What a fresh interpreter prints."""
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def modules_after(code: str) -> set[str]:
    """The modules that are loaded once a fresh interpreter has run some code."""
    out = python(f"{code}\nimport sys, json\nprint('\\n' + json.dumps(list(sys.modules)))")
    return set(json.loads(out.splitlines()[-1]))


@pytest.mark.parametrize("name", gatecalc.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert name in dir(gatecalc)
    assert getattr(gatecalc, name).__doc__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'sell'"):
        gatecalc.sell  # noqa: B018


@pytest.mark.parametrize("order", [("trace", "notes"), ("notes", "trace")])
def test_a_function_is_not_hidden_by_the_room_of_the_same_name(order: tuple[str, str]) -> None:
    imports = "\n".join(f"import gatecalc.{room}\nfrom gatecalc.{room} import *" for room in order)
    out = python(
        f"{imports}\nimport gatecalc\nprint(callable(gatecalc.trace), "
        "callable(gatecalc.notes), gatecalc.trace.__name__, gatecalc.notes.__name__)"
    )
    assert out.split() == ["True", "True", "trace", "notes"]


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    loaded = modules_after("import gatecalc")
    assert {m for m in loaded if m.startswith("gatecalc")} == {"gatecalc"}
    assert not loaded & {"sympy", "numpy", "rich", "jinja2"}


def test_importing_the_package_takes_little_of_pythons_own_library() -> None:
    code = "import sys; before = {*sys.modules}; import gatecalc; print(*{*sys.modules} - before)"
    run = subprocess.run(
        [sys.executable, "-S", "-c", code],  # site-packages may import anything at the start
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert not {*run.stdout.split()} & {"typing", "re", "enum", "contextlib"}


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"sympy", "numpy", "rich", "jinja2", "gatecalc.equations"}),
        (["--version"], {"sympy", "numpy", "rich", "jinja2", "gatecalc.equations"}),
        (["list"], {"sympy", "numpy", "rich", "jinja2"}),
        (["show", "lstm"], {"sympy", "numpy", "rich", "jinja2"}),
        (["show", "lsmt"], {"sympy", "numpy", "rich", "jinja2"}),
        (["derive", "lstm"], {"rich", "jinja2"}),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: list[str], absent: set[str]) -> None:
    loaded = modules_after(f"from gatecalc.cli.main import main\nmain({arguments})")
    assert not loaded & absent


def test_a_generated_module_needs_numpy_alone(tmp_path: Path) -> None:
    (tmp_path / "gru.py").write_text(gatecalc.generate("gru"))
    code = (
        "import sys, gru\n"
        "gru.init(D=2, H=3)\n"
        "print(sorted(m for m in sys.modules if m in ('sympy', 'gatecalc', 'jinja2', 'rich')))"
    )
    assert python(code, cwd=tmp_path) == "[]\n"


@pytest.mark.slow
def test_help_takes_little_longer_than_python_itself() -> None:
    def seconds(*arguments: str) -> float:
        """Of the processor, so that other work on the machine does not count."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, cwd=ROOT, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    rounds = [(seconds("-c", "pass"), seconds("-m", "gatecalc", "--help")) for _ in range(15)]
    bare, helping = (min(times) for times in zip(*rounds, strict=True))
    assert helping - bare <= 0.15
