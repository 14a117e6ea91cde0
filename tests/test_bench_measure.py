"""Real processes: whom they serve, how they end, and what is left when something goes wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import gatecalc
from gatecalc.bench import bench
from gatecalc.bench.measure import Plan
from gatecalc.bench.points import Point
from gatecalc.bench.process import Process, SubjectError, clean_environment
from gatecalc.bench.subjects import OURS, SUBJECTS, Prepared, Subject
from gatecalc.errors import InputError

TINY = "2x1x2x3"
QUICK = {"rounds": 1, "processes": 1}


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], None]:
    """Adds a peer that runs a source of the test's own."""

    def add(name: str, text: str) -> None:
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        row = Subject(name, "", "", lambda p, _: ("textbook", str(path), {}))
        monkeypatch.setitem(SUBJECTS, name, row)

    return add


WRONG = """
import numpy as np

class Parameters(dict):
    pass

def forward(params, xs, state):
    return np.zeros((2, 1, 3), np.float32), None

def backward(params, caches, d_hs, d_state):
    return {n: np.zeros_like(a) for n, a in params.items()}, [np.zeros_like(d_hs[..., :2])]
"""


def test_all_subjects_of_a_point_are_timed_in_every_round():
    report = bench(["rnn"], grid=[TINY], peers=["fresh", "textbook", "floor"], rounds=2)
    (result,) = report.results
    assert {n: len(s) for n, s in result.seconds.items()} == dict.fromkeys(
        (OURS, "fresh", "textbook", "floor"), 2
    )
    assert all(second > 0 for seconds in result.seconds.values() for second in seconds)
    assert result.base == "textbook"
    assert report
    assert report.machine["numpy"]


def test_a_wrong_peer_is_named_and_not_timed(peer):
    peer("liar", WRONG)
    report = bench(["rnn"], grid=[TINY], peers=["liar", "textbook"], **QUICK)
    (result,) = report.results
    assert set(result.seconds) == {OURS, "textbook"}
    assert result.failed["liar"].startswith("not timed, since it disagrees with us: hs differ by 1")
    assert not report


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise ZeroDivisionError('so there')", "ZeroDivisionError: so there"),
        ("raise MemoryError", "there is not enough memory"),
        ("import os; os._exit(3)", "the process ended with status 3"),
        ("import os; os.kill(os.getpid(), 9)", "killed, most likely for want of memory"),
        ("import os; os.write(2, b'last words'); os._exit(3)", "status 3: last words"),
        ("print('noise on standard output')\n" + WRONG, "disagrees with us"),
    ],
)
@pytest.mark.slow
def test_a_peer_that_breaks_down_does_not_take_the_others_with_it(peer, text: str, message: str):
    peer("fragile", text)
    report = bench(["rnn"], grid=[TINY], peers=["fragile", "floor"], **QUICK)
    (result,) = report.results
    assert message in result.failed["fragile"]
    assert set(result.seconds) == {OURS, "floor"}


def test_a_point_without_memory_is_refused_and_the_others_run():
    huge = "100000000x1000x1000x1000"
    report = bench(["rnn"], grid=[huge, TINY], peers=["textbook"], **QUICK)
    refused, measured = report.results
    assert "memory" in refused.failed[""]
    assert not refused.seconds
    assert set(measured.seconds) == {OURS, "textbook"}
    assert "memory" in str(report)


def test_what_does_not_exist_is_told_at_once_and_the_rest_runs():
    told: list[str] = []
    report = bench(
        ["rnn", "no_such_cell"],
        grid=[TINY, "smal"],
        peers=["textbook", "flor"],
        warn=told.append,
        **QUICK,
    )
    assert [set(r.seconds) for r in report.results] == [{OURS, "textbook"}]
    assert list(report.problems) == told
    for message in ("did you mean small?", "did you mean floor?", "no_such_cell"):
        assert any(message in problem for problem in told)
    assert not report


@pytest.mark.parametrize(
    "options",
    [
        {"grid": ["nowhere"]},
        {"grid": [TINY], "peers": ["nobody"]},
        {"grid": [TINY], "ablate": ["chunk"]},
        {"grid": ["nowhere"], "memory": True},
    ],
)
def test_where_nothing_is_left_nothing_is_begun(options: dict):
    with pytest.raises(InputError) as caught:
        bench(["rnn"], **options, **QUICK)
    assert "there is no p" in str(caught.value)  # point, peer, pass


def test_the_dtypes_are_said_as_numpy_says_them():
    report = bench(["rnn"], grid=[TINY], peers=["floor"], dtypes=["f8", float], **QUICK)
    assert [result.dtype for result in report.results] == ["float64"]
    with pytest.raises(InputError, match="dtypes: 'float16': expected float32 or float64"):
        bench(["rnn"], grid=[TINY], dtypes=["float16"], **QUICK)


def test_an_interruption_keeps_what_was_measured():
    def interrupt(progress) -> None:
        if progress.done == 1 and "round 2" in progress.words:
            raise KeyboardInterrupt

    report = bench(
        ["rnn"], grid=[TINY, "3x1x2x3"], peers=["textbook"], rounds=2, processes=1, watch=interrupt
    )
    assert report.interrupted
    assert [len(r.seconds[OURS]) for r in report.results] == [2, 1]
    assert "interrupted" in str(report)


def test_each_pass_is_switched_off_in_turn():
    report = bench(["rnn"], grid=[TINY], ablate=["chunks", "pack_calls"], **QUICK)
    (result,) = report.results
    assert set(result.seconds) == {OURS, "-chunks", "-pack_calls"}
    assert result.base == OURS
    assert "time without a pass / time with all" in str(report)


@pytest.mark.slow
def test_memory_of_a_longer_sequence_is_more_memory():
    report = bench(["rnn"], grid=["500x16x32x64", "5000x16x32x64"], peers=["fresh"], memory=True)
    growths = [g for g in report.growths if g.subject == "fresh"]
    assert [g.failed for g in growths] == ["", ""]
    short, long = growths
    assert long.bytes > 2 * short.bytes
    assert long.bytes > long.results / 2
    assert "peak growth of memory" in str(report)


def test_workers_do_not_inherit_the_tuning_of_openblas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    names = {n for n in clean_environment() if n.endswith(("_NUM_THREADS", "CORETYPE"))}
    assert names == {"OMP_NUM_THREADS"}
    process = Process()
    try:
        facts = process.ask("facts")
    finally:
        process.close()
    assert facts["threads by environment"] == {"OMP_NUM_THREADS": "1"}
    assert facts["processors"] >= 1


def test_a_worker_ends_when_nobody_asks_any_more():
    process = Process()
    with pytest.raises(SubjectError, match="AttributeError"):
        process.ask("dance")
    process.close()
    assert process.child.returncode == 0


def test_the_processes_that_are_timed_do_not_load_what_they_do_not_need():
    code = (
        "import sys, gatecalc.bench.worker, gatecalc.bench.runners, gatecalc.bench.growth\n"
        "loaded = {'sympy', 'rich', 'jinja2', 'torch', 'jax'} & {*sys.modules}\n"
        "assert not loaded, loaded"
    )
    root = str(Path(gatecalc.__file__).parents[1])
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_every_generation_of_processes_has_its_share_of_the_rounds():
    assert Plan(rounds=9, processes=3).shares() == [3, 3, 3]
    assert Plan(rounds=1, processes=3).shares() == [1]
    assert sum(Plan(rounds=7, processes=4).shares()) == 7


def test_sizes_beside_d_and_h_follow_from_h(tmp_path: Path):
    prepared = Prepared(gatecalc.derive("lstm_projected"), tmp_path)
    assert prepared.sizes(Point("", 1, 1, 3, 8)) == {"D": 3, "H": 8, "P": 4}
