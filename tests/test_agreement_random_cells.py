"""Whatever cell is typed, the generated module computes it and differentiates it right."""

from __future__ import annotations

import random

import pytest
from plain_workspace import WORKSPACE
from random_cells import gated_cell, random_cell

from gatecalc.calculus import derive
from gatecalc.checks import check
from gatecalc.checks import judgement as judging
from gatecalc.codegen import generate, load
from gatecalc.codegen.layout import default_layout
from gatecalc.codegen.module import module_text
from gatecalc.equations import cell
from gatecalc.errors import NotationError


@pytest.fixture(autouse=True)
def _ours_alone(monkeypatch):
    """Without the libraries of others: three checks of our own are enough here, and fast."""

    def missing(*_):
        raise ImportError

    monkeypatch.setattr(judging, "by_autograd", missing)
    monkeypatch.setattr(judging, "by_pytorch", missing)


def readable(seed):
    try:
        return cell(random_cell(seed))
    except NotationError:
        return None


CELLS = {seed: it for seed in range(120) if (it := readable(seed)) is not None}
SEEDS = [pytest.param(s, marks=() if s < 45 else pytest.mark.slow) for s in CELLS]
MORE = range(120, 520)


def judged(it, module, seed):
    dice = random.Random(seed)
    sizes = {name: dice.randint(1, 3) for name in it.sizes}
    length, batch = dice.randint(1, 5), dice.randint(1, 3)
    return check(it, module, sizes=sizes, length=length, batch=batch, seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_cell_is_proved(seed):
    report = judged(CELLS[seed], load(generate(CELLS[seed])), seed)
    assert report, f"{CELLS[seed].text}\n{report}"


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=() if s < 15 else pytest.mark.slow) for s in range(300)]
)
def test_gates_that_share_parameters_are_proved(seed):
    it = cell(gated_cell(seed))
    report = judged(it, load(generate(it)), seed)
    assert report, f"{it.text}\n{report}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", MORE)
def test_many_random_cells_are_proved(seed):
    it = readable(seed)
    if it is not None:
        report = judged(it, load(generate(it)), seed)
        assert report, f"{it.text}\n{report}"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_cell_is_proved_step_by_step(seed):
    derivation = derive(CELLS[seed])
    plain = module_text(derivation, default_layout(derivation), WORKSPACE)
    report = judged(CELLS[seed], load(plain), seed)
    assert report, f"{CELLS[seed].text}\n{report}"
