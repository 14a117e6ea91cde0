"""The text of the fast passes: who reads a loop finds the statements behind every line of it."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from agreement import compare
from generated import derivation, module, text
from odd_cells import ODD_CELLS, lines

from gatecalc.codegen.schedule.names import OURS
from gatecalc.equations import catalogue
from gatecalc.equations.names import RESERVED

ROOT = Path(__file__).parent.parent
NEEDS_RUFF = pytest.mark.skipif(
    importlib.util.find_spec("ruff") is None, reason="ruff is not installed"
)


def fast_part(source):
    """What the schedule writes."""
    return "\n_FORWARD_BYTES" + text(source).partition("\n_FORWARD_BYTES")[2]


def method(source, name):
    """The lines of one method of the class."""
    body = fast_part(source).partition(f"    def {name}(")[2]
    return body.partition("\n    def ")[0].splitlines()


@pytest.mark.parametrize("name", catalogue.names())
def test_every_statement_is_found_in_the_fast_passes(name):
    remarks = [line.partition("#")[2] for line in fast_part(name).splitlines()]
    found = {int(n) for remark in remarks for n in re.findall(r"\((\d+)\)", remark)}
    d = derivation(name)
    assert {s.number for s in (*d.forward, *d.backward)} <= found


def test_the_loop_of_an_lstm_is_what_its_equations_say():
    lines_of_forward = [line.strip() for line in method("lstm", "forward")]
    start = next(k for k, line in enumerate(lines_of_forward) if line.startswith("dot("))
    assert lines_of_forward[start : start + 15] == [
        "dot(to_g_f_i_o, x_ones_h_prev, g_f_i_o)  # (1) (3) (5) (7)",
        "if by_exp:",
        "tanh(g, g)  # (6)",
        "multiply(f_i_o, minus_two, f_i_o)",
        "exp(f_i_o, f_i_o)",
        "add(f_i_o, one, f_i_o)",
        "divide(two, f_i_o, f_i_o)  # (2) (4) (8)",
        "else:",
        "tanh(g_f_i_o, g_f_i_o)  # (2) (4) (6) (8)",
        "add(f_i_o, one, f_i_o)  # (2) (4) (8)",
        "multiply(c_prev_g, f_i, c_parts)  # (9)",
        "add(c_part, c_part_2, c)  # (9)",
        "multiply(c, half, c)  # (9)",
        "tanh(c, tanh_c)  # (10)",
        "multiply(tanh_c, o, h)  # (11)",
    ]


def test_the_adjoint_of_an_input_is_computed_once():
    assert len(re.findall(r"np\.matmul\(", "\n".join(method("dense", "backward")))) == 1
    assert "to_d_x_2" not in text("dense")


def test_coefficients_say_which_adjoint_leads_where():
    found = [line for line in method("lstm", "backward") if " to d_" in line]
    assert any(re.search(r"# d_h to d_a_o \(15\) \(16\)$", line) for line in found)
    assert any(re.search(r"# d_c to d_a_f \(19\) \(20\)$", line) for line in found)


def test_the_class_says_how_its_loops_follow_from_the_statements():
    cell = ast.parse(text("lstm"))
    (found,) = [n for n in cell.body if isinstance(n, ast.ClassDef) and n.name == "_Workspace"]
    words = " ".join(ast.get_docstring(found).split())
    for part in ("stacked where", "(1 + tanh(a/2)) / 2", "2 f, a_o/2, 2 o", "matrix product"):
        assert part in words


@NEEDS_RUFF
def test_the_linter_of_this_project_finds_nothing_in_the_fast_passes(tmp_path):
    sources = [*catalogue.names(), *map(lines, ODD_CELLS.values())]
    for number, source in enumerate(sources):
        (tmp_path / f"m{number}.py").write_text(text(source), encoding="utf-8")
    # In `step` the authors' names are in force, and what they compute without need.
    ignored = "A001,A002,RUF059,E741,F841"
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config"]
    command += [str(ROOT / "pyproject.toml"), "--extend-ignore", ignored, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def words_of_the_class(source):
    """The variables of the generated class, Python's own functions among them."""
    tree = ast.parse(text(source))
    (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "_Workspace"]
    names = {n.id for n in ast.walk(found) if isinstance(n, ast.Name)}
    return names | {n.arg for n in ast.walk(found) if isinstance(n, ast.arg)}


SEVERAL = ("lstm", "lstm_layer_norm", "gru_reset_after", "dense", *map(lines, ODD_CELLS.values()))
SEEN = set().union(*map(words_of_the_class, SEVERAL))
# A size of these names is refused: they are arguments of `init`.
WORDS = sorted(
    n
    for n in (SEEN | OURS) - {*RESERVED, "dtype", "rng", "values", "x"}
    if n in OURS or "_" not in n.removeprefix("d_")
)


@pytest.mark.parametrize("first", range(0, len(WORDS), 9))
def test_values_may_be_called_like_anything_of_ours(first):
    names = WORDS[first : first + 9]
    equations = [
        f"{n}[t] = tanh(W{k} @ x[t] + U{k} @ {n}[t-1] + {m}[t-1] * {n}[t-1])"
        for k, (n, m) in enumerate(zip(names, [*names[1:], names[0]], strict=True))
    ]
    source = "\n".join(equations)
    compare(derivation(source), module(source), 1e-12)


@pytest.mark.parametrize("first", range(0, len(WORDS), 9))
def test_sizes_may_be_called_like_anything_of_ours(first):
    names = WORDS[first : first + 9]
    layers = [
        f"s{k + 1}[t] = sigmoid(V{k} @ s{k}[t] + s{k + 1}[t-1])" for k in range(len(names) - 1)
    ]
    pins = [f"V{k}: ({after}, {before})" for k, (before, after) in enumerate(pairwise(names))]
    source = "\n".join(["s0[t] = R @ x[t]", *layers, *pins])
    compare(derivation(source), module(source), 1e-12)
