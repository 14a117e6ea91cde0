"""The example learns, compares, and says what is wrong when something is."""

from __future__ import annotations

import io
import math
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from gatecalc import InputError

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "examples" / "write_like_the_docs.py"
SMALL = ("--hidden", "16", "--batch", "8", "--length", "20", "--steps", "24", "--rate", "0.1")


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with a twentieth of its text."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # the script would set it for good
    module = import_module(SCRIPT.stem)
    few = dict(list(module.topics().items())[3:9])
    monkeypatch.setattr(module, "topics", lambda: few)
    return module


def table(text: str) -> dict[str, tuple[float, float]]:
    """The rows of the table at the end: bits on validation text and on held-out text."""
    rows = re.findall(r"^\W*(\w+)\W+(\d\.\d{3})\W+(\d\.\d{3})\W*$", text, re.MULTILINE)
    return {name: (float(known), float(new)) for name, known, new in rows}


def failure(example: ModuleType, capsys: pytest.CaptureFixture[str], *given: str) -> str:
    """What a run that must fail with status 2 says on standard error."""
    try:
        status = example.main(given)
    except SystemExit as leaving:  # argparse
        status = leaving.code
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    return captured.err


def test_a_short_run_ends_with_a_table(
    example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([*SMALL]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    rows = table(captured.out)
    assert list(rows) == ["unigram", "bigram", "trigram", "lstm"]
    born = float(re.findall(r"as it was born (\d\.\d+)", captured.out)[0])
    assert rows["lstm"][0] < born - 0.5
    assert captured.out.count("  | The ") == 4
    assert len(re.findall(r"^  \d+:\d\d, step \d+: \d\.\d{3}", captured.out, re.MULTILINE)) == 12


def test_the_same_seed_gives_the_same_numbers(
    example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    for seed in ("1", "1", "2"):
        assert example.main([*SMALL, "--seed", seed, "--cell", "gru"]) == 0
        seen.append(re.sub(r"\d+:\d\d", "", capsys.readouterr().out))
    assert seen[0] == seen[1] != seen[2]


CELLS = {
    "memory without a matrix on it": "h[t] = 0.5 * h[t-1] + tanh(W @ x[t] + b)\n",
    "the input as long as the state": "h[t] = tanh(x[t] + U @ h[t-1])\n",
    "an output of a size of its own": (
        "W_p: (P, H)\nh[t] = tanh(W @ x[t] + U @ h[t-1])\np[t] = W_p @ h[t]\n"
    ),
    "nothing to learn": "h[t] = 0.9 * h[t-1] + x[t]\n",
    "a constant": "alpha = 0.3\nh[t] = alpha * tanh(W @ x[t]) + (1 - alpha) * h[t-1]\n",
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_ones_own_is_trained(
    name: str, example: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "my_cell.txt"
    path.write_text(CELLS[name])
    assert example.main([*SMALL, "--cell", str(path)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert table(captured.out)["my_cell"][0] < 6.5


def test_a_cell_comes_from_standard_input(
    example: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(CELLS["a constant"].encode()))
    monkeypatch.setattr("sys.stdin", typed)
    assert example.main([*SMALL, "--cell", "-"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert table(captured.out)["cell"][0] < 6.5
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"h[t] = tanh(W @ x[t]\n")))
    assert "standard input, line 1" in failure(example, capsys, *SMALL, "--cell", "-")


@pytest.mark.parametrize("name", ["dense", "lstm_projected", "rnn_relu"])
def test_cells_of_the_catalogue_are_trained(
    name: str, example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([*SMALL, "--cell", name]) == 0
    assert name in table(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("h[t] = tanh(W @ x[t] + V @ u[t] + U @ h[t-1])\n", "has 2 inputs, x, u: a cell that re"),
        ("x: scalar\nh[t] = tanh(x[t] * b + U @ h[t-1])\n", "the input x of .* is one number"),
        ("h[t] = tanh(W @ x[t])\ny[t] = sum(h[t])\n", "the output y of .* is one number"),
        ("h[t] = tanh(W @ h_prev)\n", "h\\[t-1\\]"),
        ("h[t] = log(W @ x[t] - 50)\n", "computes nan or inf before it has learned anything"),
        ("", "no equation"),
    ],
)
def test_a_cell_that_cannot_read_text_is_refused(
    equations: str,
    message: str,
    example: ModuleType,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    path = tmp_path / "cell.txt"
    path.write_text(equations)
    err = failure(example, capsys, "--cell", str(path))
    assert re.search(message, err)
    assert err.startswith("write_like_the_docs.py: ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--cell", "ltsm"], "there is no cell and no file `ltsm`\ndid you mean lstm"),
        (["--cell", "/"], "Is a directory"),
        (["--minutes", "0"], "argument --minutes: a number above 0 expected, '0' given"),
        (["--minutes", "nan"], "argument --minutes: a number above 0 expected, 'nan' given"),
        (["--rate", "quick"], "argument --rate: a number above 0 expected, 'quick' given"),
        (["--hidden", "0"], "argument --hidden: a whole number from 1 to 2,048 expected"),
        (["--hidden", "9" * 5000], "argument --hidden: a whole number from 1 to 2,048 expected"),
        (["--seed", "-1"], "argument --seed: a whole number from 0 to"),
        (["--batch", "1.5"], "argument --batch: a whole number from 1 to 4,096 expected"),
        (["--batch", "4000", "--length", "4000"], "is more than the text has"),
        (["--steps", "x"], "argument --steps: a whole number from 1"),
        (["--hiden", "3"], "unrecognized arguments: --hiden"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    given: list[str], message: str, example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in failure(example, capsys, *given)


def test_help_fits_on_a_screen(example: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        example.main(["--help"])
    assert leaving.value.code == 0
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= 80
    assert len(shown) <= 40
    assert any("--cell CELL" in line for line in shown)


def test_ctrl_c_ends_with_the_table_so_far(
    example: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = example.learn

    def interrupted(*args: Any, **options: Any) -> Iterator[float]:
        for step, loss in enumerate(learn(*args, **options)):
            if step == 10:
                raise KeyboardInterrupt
            yield loss

    monkeypatch.setattr(example, "learn", interrupted)
    assert example.main(SMALL) == 130
    captured = capsys.readouterr()
    assert "stopped; this is how far it came" in captured.out
    assert "step 10: " in captured.out
    assert "lstm" in table(captured.out)


def test_a_second_ctrl_c_ends_it_at_once(
    example: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(example, "train", interrupted)
    assert example.main(SMALL) == 130
    assert capsys.readouterr().err == "write_like_the_docs.py: interrupted\n"


def test_training_that_runs_away_says_so(
    example: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([*SMALL, "--cell", "rnn_relu", "--rate", "1e30"]) == 1
    captured = capsys.readouterr()
    assert "no longer a finite number; try a smaller --rate" in captured.out
    # The best is what it was before it ran away.
    assert table(captured.out)["rnn_relu"][0] < 7


def test_the_state_is_carried_from_window_to_window(example: ModuleType) -> None:
    """Windows of a text in a workspace are the whole text at once."""
    rng = np.random.default_rng(0)
    model = example.writer("lstm", 9, 5, rng)
    codes = rng.integers(9, size=2 + 16 * 500)
    hs, _, _ = model.cell.forward(model.cell_params, model.one_hot(codes[1:-1].reshape(16, 500).T))
    ys, _, _ = model.head.forward(model.head_params, hs)
    ys = ys.astype(np.float64)
    likely = ys - np.log(np.exp(ys).sum(axis=-1, keepdims=True))
    comes = codes[2:].reshape(16, 500).T
    expected = -np.take_along_axis(likely, comes[..., None], axis=-1).mean() / math.log(2)
    assert example.score(model, codes) == pytest.approx(expected, rel=1e-6)


def test_looking_does_not_change_what_is_learned(example: ModuleType) -> None:
    """The arrays of the workspace serve as the next state although they are written over."""
    rng = np.random.default_rng(1)
    text = rng.integers(9, size=400)
    results = []
    for look in (False, True):
        model = example.writer("lstm", 9, 5, np.random.default_rng(2))
        done = iter(np.linspace(0, 1, 12))
        order = np.random.default_rng(3)
        for _ in example.learn(
            model, text, batch=4, length=10, rate=0.01, rng=order, progress=lambda d=done: next(d)
        ):
            if look:
                example.score(model, text[: 2 + 16 * 20])
        results.append(np.concatenate(model.snapshot()))
    np.testing.assert_array_equal(*results)


def test_samples_follow_the_model(example: ModuleType) -> None:
    alphabet = example.Alphabet("?\n ehT")
    model = example.writer("dense", len(alphabet), 4, np.random.default_rng(0))
    model.restore([np.zeros_like(part) for part in model.snapshot()])
    model.head_params["b_y"][3] = 100.0
    rng = np.random.default_rng(0)
    assert example.write(model, alphabet, rng, count=6) == "The eeeeee"


def test_numpy_is_told_of_its_threads_before_it_is_imported() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import {SCRIPT.stem}\n"
        "order = list(sys.modules); assert order.index('command_line') < order.index('numpy')"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_without_gatecalc_it_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "gatecalc.py").write_text("raise ModuleNotFoundError('gatecalc')\n")
    run = subprocess.run(
        [sys.executable, SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.endswith("run: pip install .\n")
    assert "Traceback" not in run.stderr


def test_the_bar_leaves_no_trace_in_a_file(example: ModuleType) -> None:
    stream = io.StringIO()
    with example.command_line.bar(Console(file=stream)) as progress:
        progress.update(progress.add_task("", total=1), completed=0.5)
    assert stream.getvalue() == ""


def test_two_inputs_are_named(example: ModuleType) -> None:
    with pytest.raises(InputError, match="2 inputs, x, u"):
        example.writer("h[t] = tanh(W @ x[t] + V @ u[t])", 9, 4, np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru_reset_after"])
def test_the_cell_beats_the_trigram_model_on_held_out_text_within_minutes(cell: str) -> None:
    """So many steps, and the processors' time for them: neither depends on what else they do."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [sys.executable, SCRIPT, "--cell", cell, "--steps", "600"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (run.returncode, run.stderr) == (0, "")
    rows = table(run.stdout)
    assert rows[cell][1] < rows["trigram"][1] < rows["bigram"][1] < rows["unigram"][1]
    assert "ahead of the trigram model" in run.stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < 2 * 3 * 60  # three minutes of two cores
