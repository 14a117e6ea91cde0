"""The text of generated modules: that it can be read, that it is the same each time, and alone."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from generated import derivation, module, text
from odd_cells import ODD_CELLS, lines

from gatecalc.codegen import generate, line_numbers, load
from gatecalc.codegen.header import header
from gatecalc.equations import catalogue, cell
from gatecalc.errors import InputError

GOLDEN = Path(__file__).parent / "golden"
CELLS = {name: name for name in catalogue.names()}
CELLS |= {what: lines(equations) for what, equations in ODD_CELLS.items()}
EVERY_CELL = pytest.mark.parametrize("source", CELLS.values(), ids=CELLS)

NEEDS_RUFF = pytest.mark.skipif(
    importlib.util.find_spec("ruff") is None, reason="ruff is not installed"
)

SHOWN = {
    "lstm": "lstm",
    "gru_concat": "gru_concat",
    "own": CELLS["nonlinearities of one's own"],
    "static": CELLS["values of parameters alone"],
    "names": CELLS["names of the arguments"],
}


def read_part(source):
    """What a reader reads: all above the bookkeeping."""
    return text(source, plain=True).partition("# Everything below is bookkeeping")[0]


@pytest.mark.parametrize("name", SHOWN)
def test_modules_read_as_they_did(name):
    """To renew a golden file, write `read_part` into it and read it before it is committed."""
    assert read_part(SHOWN[name]) == (GOLDEN / f"codegen_{name}.py.txt").read_text("utf-8")


@EVERY_CELL
def test_the_equations_at_the_head_are_the_cell(source):
    it, paragraphs = derivation(source).cell, header(derivation(source).cell).split("\n\n")
    start = next(k for k, p in enumerate(paragraphs) if p.startswith("    "))
    # A long line is wrapped for the eye; its further lines are indented deeper.
    shown = cell(paragraphs[start].replace("\n        ", " "))
    assert dict(shown.shapes) == dict(it.shapes)
    assert [(c.name, c.text) for c in shown.constants] == [(c.name, c.text) for c in it.constants]
    assert (shown.states, shown.output) == (it.states, it.output)


@EVERY_CELL
def test_every_statement_is_a_line_with_its_number(source):
    d = derivation(source)
    source_text = text(source, plain=True)
    found = line_numbers(source_text)
    assert list(found) == [s.number for s in (*d.forward, *d.backward)]
    rows = source_text.splitlines()
    for statement in (*d.forward, *d.backward):
        first, last = found[statement.number][0], found[statement.number][-1]
        name = re.escape(statement.target.name)
        assert re.match(rf"    {name} = ", rows[first - 1])
        assert re.search(rf"# \({statement.number}\)( |$)", rows[last - 1])


def test_numbers_in_an_explanation_are_not_taken_for_statements():
    source = "h[t] = tanh(W @ x[t])  # (7) of the paper, and # (8)"
    assert list(line_numbers(generate(source))) == [1, 2, 3, 4, 5, 6]


@EVERY_CELL
def test_own_names_begin_with_an_underscore(source):
    """In `step` and `step_backward`, where the author's names are in force."""
    d = derivation(source)
    cell = d.cell
    theirs = {*d.shapes, *cell.shapes, *cell.sizes, *(f"{s}_prev" for s in cell.states)}
    known = {
        "np",
        "State",
        "Inputs",
        "Cache",
        "B",
        "params",
        "x",
        "state",
        "cache",
        "d_h",
        "d_state",
    }
    for function in ast.parse(text(source, plain=True)).body:
        if isinstance(function, ast.FunctionDef) and function.name in ("step", "step_backward"):
            names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
            assert all(n.startswith("_") or n in theirs | known for n in names)


@NEEDS_RUFF
def test_a_linter_finds_nothing_in_generated_text(tmp_path):
    for number, source in enumerate(CELLS.values()):
        (tmp_path / f"plain{number}.py").write_text(text(source, plain=True), encoding="utf-8")
        (tmp_path / f"fast{number}.py").write_text(text(source), encoding="utf-8")
    # E741: gates are called i and o; F841: equations may compute what nothing reads.
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--line-length",
        "100",
    ]
    command += ["--select", "E,F,W,I,B,UP,SIM,RET,C4,PIE", "--ignore", "E741,F841"]
    run = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@NEEDS_RUFF
def test_a_formatter_changes_nothing_in_generated_text(tmp_path):
    # Of fifty arguments a formatter would write one a line.
    crowded = {"lstm_layer_norm"}
    for number, (name, source) in enumerate(CELLS.items()):
        if name not in crowded:
            (tmp_path / f"plain{number}.py").write_text(text(source, plain=True), encoding="utf-8")
            (tmp_path / f"fast{number}.py").write_text(text(source), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--no-cache",
        "--line-length",
        "100",
        "--diff",
    ]
    run = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_first_line_marks_the_module_and_the_header_says_where_it_came_from():
    shown = generate("lstm")
    assert shown.startswith('"""Generated by gatecalc: Long short-term memory with a forget gate\n')
    header = ast.get_docstring(ast.parse(shown))
    assert "    f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)\n" in header
    assert "parameters  W_i, W_f, W_g, W_o (H, D); U_i" in header
    assert "Hochreiter and Schmidhuber 1997" in header
    assert "One bias for every gate." in header
    assert "belongs to whoever generated it" in header


def test_what_an_author_writes_stays_text():
    source = (
        '# A """title""" with \\N{DIGIT ONE} and \u202e tricks\n'
        "# of a\x0b source '''\n"
        'h[t] = tanh(W @ x[t])  # says """ and \\ and \u202e\u2028 and {{ braces }} {% if %}\n'
    )
    m = load(generate(source))
    assert '"""title"""' in m.__doc__
    assert "\\N{DIGIT ONE}" in m.__doc__
    assert "{{ braces }} {% if %}" in generate(source)
    assert not set("\u202e\u2028\x0b") & set(generate(source))


def test_the_same_cell_gives_the_same_bytes_under_every_hash_seed():
    names = ["lstm_layer_norm", "gru_concat"]
    program = (
        "import hashlib, json, sys; from gatecalc.codegen import generate\n"
        "texts = [generate(s) for s in json.load(sys.stdin)]\n"
        "print(hashlib.sha256('\\0'.join(texts).encode()).hexdigest())"
    )
    sources = json.dumps([*names, *(CELLS[n] for n in ("softmax and norm", "two inputs"))])
    digests = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", program],
            input=sources,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_a_module_needs_numpy_and_nothing_else(tmp_path):
    (tmp_path / "cell.py").write_text(generate("h[t] = gelu(W @ x[t] + U @ h[t-1])"), "utf-8")
    program = (
        "import sys; sys.path.insert(0, '.'); import cell, numpy\n"
        "params = cell.init(rng=0)\n"
        "hs, state, tape = cell.forward(params, numpy.ones((3, 2, 8)))\n"
        "cell.backward(params, tape, hs)\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'gatecalc', 'sympy', 'jinja2', 'scipy'}, loaded"
    )
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, env=environment, check=True
    )


def test_a_traceback_shows_the_lines_of_a_text_that_has_no_file():
    m = load(generate("rnn"))
    with pytest.raises(ValueError, match="shape") as caught:
        m.step(m.init(rng=0), np.zeros((2, 9)))
    shown = "".join(traceback.format_exception(caught.value))
    assert "_p, x, (h_prev,) = _step_arguments(params, x, state)" in shown


def test_a_module_is_loaded_from_its_file(tmp_path):
    path = tmp_path / "rnn.py"
    path.write_text(generate("rnn"), encoding="utf-8")
    for given in (path, str(path)):
        m = load(given, "my_rnn")
        assert m.__file__ == str(path)
        assert m.__name__ == "my_rnn"
    path.write_text(generate("gru"), encoding="utf-8")  # within the same second, and afresh
    assert "U_z" in load(path).init(rng=0)
    assert load(generate("rnn")).__name__ != load(generate("rnn")).__name__
    assert "rnn" not in sys.modules


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot read"), (b"def f(:\n", "is not Python"), (b"\xff\xfe\x00", "is not Python")],
)
def test_files_that_are_no_modules_are_named(tmp_path, content, message):
    path = tmp_path / "broken.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load(path)
    assert "broken.py" in str(caught.value)


def test_a_module_outlives_nothing_of_itself():
    import gc
    import linecache

    m = load(generate("dense"))
    name = m.__file__
    assert linecache.getline(name, 1).startswith('"""Generated by gatecalc')
    del m
    gc.collect()
    assert linecache.getline(name, 1) == ""


def test_plain_and_fast_modules_have_the_same_face():
    for name in ("lstm", "dense"):
        faces = [read_part(name), text(name).partition("# Everything below is bookkeeping")[0]]
        assert faces[0] == faces[1]
        assert module(name).init(rng=0).sizes == module(name, plain=True).init(rng=0).sizes
