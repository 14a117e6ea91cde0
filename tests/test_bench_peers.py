"""What is timed against us computes the same numbers, whatever the cell."""

from __future__ import annotations

import textwrap
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from odd_cells import ODD_CELLS

from gatecalc import derive
from gatecalc.bench.comparison import BOUNDS, disagreement, is_finite
from gatecalc.bench.points import Point
from gatecalc.bench.runners import runner
from gatecalc.bench.subjects import OURS, SUBJECTS, Prepared, chosen_peers
from gatecalc.equations import catalogue

POINT = Point("", 3, 2, 4, 6)

COMPILED = (
    "values of parameters alone",
    "nonlinearities of one's own",
    "softmax and norm",
    "a parameter in a concatenation",
    "an output that is a literal",
    "the larger and the smaller",
)
"""The odd cells that are compiled by JAX, which takes a second for each."""

# Where JAX is missing its tests are not there, instead of being skipped.
PEERS = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec("torch") is None, reason="no PyTorch"))
    if row.package == "torch"
    else name
    for name, row in SUBJECTS.items()
    if name not in (OURS, "floor", "jax")
]


def results(prepared: Prepared, peer: str, dtype: str, *, positive: bool):
    told = SUBJECTS[peer].tell(prepared, prepared.sizes(POINT))
    if isinstance(told, str):
        return None
    return runner(prepared.task(told, POINT, dtype, positive=positive)).results()


def compare(source: str, peer: str, folder: Path, dtypes=("float64", "float32")) -> None:
    prepared = Prepared(derive(source), folder)
    for dtype in dtypes:
        positive = False
        ours = results(prepared, OURS, dtype, positive=False)
        if not is_finite(ours):
            positive = True
            ours = results(prepared, OURS, dtype, positive=True)
        assert is_finite(ours)
        theirs = results(prepared, peer, dtype, positive=positive)
        if theirs is not None:
            assert all(array.dtype == dtype for array in theirs.values())
            assert disagreement(ours, theirs, dtype) == ""


@pytest.mark.slow
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", ODD_CELLS)
def test_peers_agree_on_odd_cells(name: str, peer: str, tmp_path: Path):
    compare(textwrap.dedent(ODD_CELLS[name]) + "\n", peer, tmp_path)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name", catalogue.names())
def test_peers_agree_on_the_catalogue(name: str, peer: str, tmp_path: Path):
    compare(name, peer, tmp_path, ["float64"])


if find_spec("jax") is not None:

    @pytest.mark.parametrize("name", COMPILED)
    def test_jax_agrees_on_odd_cells(name: str, tmp_path: Path):
        compare(textwrap.dedent(ODD_CELLS[name]) + "\n", "jax", tmp_path, ["float32"])

    @pytest.mark.parametrize("name", ["lstm", "gru"])
    def test_jax_agrees_on_the_catalogue(name: str, tmp_path: Path):
        compare(name, "jax", tmp_path, ["float32"])


def test_a_wrong_gradient_is_found_and_named():
    ours = {"hs": np.ones(3), "gradient of W": np.array([1.0, 2.0])}
    assert disagreement(ours, ours, "float32") == ""
    for wrong, message in [
        ({"gradient of W": np.array([1.0, 2.1])}, "gradient of W differs by 0.05"),
        ({"gradient of W": np.array([1.0, np.nan])}, "gradient of W differs by nan"),
        ({"gradient of W": np.ones((2, 1))}, "has shape (2, 1) instead of (2,)"),
        ({"hs": np.zeros(3)}, "hs differ by 1"),
    ]:
        assert message in disagreement(ours, {**ours, **wrong}, "float32")
    assert disagreement(ours, {"hs": np.ones(3)}, "float64") == "there is no gradient of W"


def test_rounding_is_no_disagreement():
    ours = {"hs": np.linspace(-1, 1, 5)}
    for dtype, bound in BOUNDS.items():
        assert disagreement(ours, {"hs": ours["hs"] + bound / 3}, dtype) == ""
        assert disagreement(ours, {"hs": ours["hs"] + bound * 3}, dtype) != ""


def test_the_first_name_of_a_family_means_all_of_it():
    rows, problems, missing = chosen_peers(["torch"])
    assert {r.name for r in rows} | set(missing) == {OURS, "torch.nn", "torch.loop"}
    assert not problems


def test_peers_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gatecalc.bench.subjects.find_spec", lambda _: None)
    rows, _, missing = chosen_peers(None)
    assert [r.name for r in rows] == [OURS, "fresh", "textbook", "floor"]
    assert missing == {
        "torch.nn": "torch is not installed (pip install '.[bench]')",
        "torch.loop": "torch is not installed (pip install '.[bench]')",
        "jax": "jax is not installed (pip install '.[bench]')",
    }
