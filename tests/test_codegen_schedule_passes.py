"""The passes of the schedule: each can be left out, and each is good for something."""

from __future__ import annotations

import inspect
import tracemalloc
from functools import cache

import numpy as np
import pytest
from agreement import compare
from generated import derivation

from gatecalc.bench.calls import calls_per_step
from gatecalc.bench.subjects import generated
from gatecalc.checks.exact import exact
from gatecalc.checks.subject import subject
from gatecalc.codegen import generate, load
from gatecalc.codegen.schedule import pipeline
from gatecalc.codegen.schedule.passes import PASSES, Switches
from gatecalc.codegen.schedule.pipeline import scheduled
from gatecalc.codegen.schedule.program import Linear, Op
from gatecalc.equations import catalogue, cell
from gatecalc.evaluate.problem import random_problem, resolve_sizes

NONE = "all of them"
SWITCHED_OFF = [*PASSES, NONE]
FEW = (
    "dense",
    "gru",
    "lstm_fgr",
    "lstm_peephole",
    "lstm_projected",
)
OTHERS = tuple(n for n in catalogue.names() if n not in FEW)


def passes_without(off):
    return [name for name in PASSES if off not in {name, NONE}]


@cache
def text_without(name, off=""):
    return generated(derivation(name), passes_without(off))


def schedule_without(name, off=""):
    return scheduled(derivation(name), passes_without(off))


def calls(name, off=""):
    """Calls of NumPy at each step, forward and backward."""
    found = calls_per_step(text_without(name, off))
    return tuple(sum(n for key, n in found.items() if part in key) for part in ("for", "back"))


def prove(name, off):
    module, it = load(text_without(name, off)), cell(name)
    compare(derivation(name), module, 1e-11)
    compare(derivation(name), module, 1e-11, reuse=True)
    sizes = resolve_sizes(it, {})
    rows = exact(subject(it, module, sizes), random_problem(it, sizes))
    assert rows
    assert {row.verdict for row in rows} == {"proved"}, rows


@pytest.mark.parametrize("off", SWITCHED_OFF)
@pytest.mark.parametrize("name", FEW)
@pytest.mark.slow
def test_a_cell_is_right_without_a_pass(name, off):
    prove(name, off)


@pytest.mark.slow
@pytest.mark.parametrize("off", SWITCHED_OFF)
@pytest.mark.parametrize("name", OTHERS)
def test_every_other_cell_is_right_without_a_pass(name, off):
    prove(name, off)


@pytest.mark.parametrize("name", FEW)
def test_what_is_generated_is_what_all_passes_make(name):
    assert generate(name).startswith(text_without(name))


# What each pass is good for.


@pytest.mark.parametrize(
    ("off", "name", "with_it", "without_it"),
    [
        ("tanh_sigmoids", "lstm", (8, 6), (9, 6)),
        ("tanh_sigmoids", "lstm_peephole", (14, 6), (17, 6)),
        ("scale_values", "lstm", (8, 6), (9, 6)),
        ("reuse_products", "lstm_coupled", (9, 6), (11, 6)),
        ("compose_adjoints", "rnn", (2, 3), (2, 4)),
        ("compose_adjoints", "lstm", (8, 6), (8, 26)),
        ("leave_loop", "lstm_layer_norm", (76, 46), (113, 46)),
        ("leave_loop", "dense", (0, 0), (1, 0)),
        ("pack_calls", "lstm", (8, 6), (17, 6)),
        ("pack_products", "lstm", (8, 6), (8, 9)),
        (NONE, "lstm", (8, 6), (22, 29)),
        (NONE, "gru_reset_after", (11, 4), (19, 22)),
    ],
)
def test_without_a_pass_a_step_takes_more_calls(off, name, with_it, without_it):
    assert calls(name) == with_it
    assert calls(name, off) == without_it


@pytest.mark.parametrize("off", SWITCHED_OFF)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=() if n in {"gru", "lstm_peephole"} else pytest.mark.slow)
        for n in catalogue.names()
    ],
)
def test_no_pass_makes_a_step_longer(name, off):
    assert all(a <= b for a, b in zip(calls(name), calls(name, off), strict=True))


def numbers_in_coefficients(schedule):
    """Calls outside the backward loop that multiply with a number."""
    return sum("Literal" in repr(op) for op in schedule.backward.before if isinstance(op, Op))


def test_scaled_adjoints_keep_numbers_out_of_coefficients():
    count = {
        off: len(schedule_without("lstm", off).backward.before) for off in ("", "scale_adjoints")
    }
    assert count == {"": 13, "scale_adjoints": 20}
    assert numbers_in_coefficients(schedule_without("lstm")) < numbers_in_coefficients(
        schedule_without("lstm", "scale_adjoints")
    )


def test_products_computed_again_leave_the_tape():
    tape = schedule_without("lstm").plan.tape
    longer = schedule_without("lstm", "recompute_products").plan.tape
    # i, f, g, o, tanh(c), c and h, but neither i * g nor f * c.
    assert tape.total == "D + 7 * H + 1"
    assert longer.total == "D + 9 * H + 1"


def test_gates_are_stored_doubled_and_what_they_read_halved():
    def scale(off=""):
        return schedule_without("lstm", off).plan.program.scale

    assert (scale()["i"], scale()["a_i"]) == (2, 0.5)
    assert not {"i", "a_i"} & scale("tanh_sigmoids").keys()


def test_what_inputs_alone_decide_is_computed_before_the_loop():
    def maps(regions):
        return [
            sum(isinstance(i, Linear) for i in part)
            for part in (regions.before, regions.loop, regions.after)
        ]

    assert maps(schedule_without("lstm_layer_norm").plan.regions)[0] > 0
    before, _, after = maps(schedule_without("lstm_layer_norm", "leave_loop").plan.regions)
    assert before == after == 0


def test_chunks_keep_memory_from_growing_with_the_sequence():
    def coefficients(off, T):
        m = load(text_without("lstm", off))
        params = m.init(D=4, H=16, rng=0)
        tracemalloc.start()
        space = m.workspace(params, T, 16)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del space
        return peak

    def growth(off):
        return coefficients(off, 4000) - coefficients(off, 2000)

    steps_of_coefficients = 2000 * 5 * 16 * 16 * 8
    assert growth("chunks") - growth("") > steps_of_coefficients


def test_without_chunks_all_steps_are_one():
    assert "self.chunk = T\n" in text_without("lstm", "chunks")
    assert "self.chunk = T\n" not in text_without("lstm")


# The table.


def functions():
    """The passes as functions, by name: what the pipeline imports."""
    return {n: f for n, f in vars(pipeline).items() if n in PASSES and inspect.isfunction(f)}


def test_every_row_of_the_table_is_a_function_that_the_pipeline_applies_once():
    assert functions().keys() == PASSES.keys()
    source = inspect.getsource(scheduled)
    assert [name for name in PASSES if source.count(f"on.apply({name}, ") != 1] == []
    assert sorted(PASSES, key=lambda name: source.index(f"({name}, ")) == list(PASSES)


@pytest.mark.parametrize("row", PASSES.values(), ids=lambda row: row.name)
def test_a_pass_says_what_it_does_and_shows_before_and_after(row):
    words = inspect.getdoc(functions()[row.name])
    assert words.splitlines()[0].rstrip(".").lower() == row.summary.lower()
    assert "\nBefore: " in words
    assert "\nAfter: " in words
    assert row.before != row.after


@pytest.mark.parametrize("row", PASSES.values(), ids=lambda row: row.name)
def test_a_pass_takes_a_part_of_the_schedule_and_returns_that_part(row):
    signature = inspect.signature(functions()[row.name])
    (parameter,) = signature.parameters.values()
    assert parameter.annotation == signature.return_annotation


def test_an_unknown_pass_is_refused():
    with pytest.raises(ValueError, match=r"no such pass: chunk$"):
        Switches(frozenset(["chunk"]))


@pytest.mark.parametrize("name", ["lstm", "lstm_fgr", "lstm_layer_norm"])
def test_passes_change_no_result_by_more_than_rounding(name):
    def results(off):
        m = load(text_without(name, off))
        params = m.init(D=3, H=4, rng=1)
        xs = np.random.default_rng(0).normal(size=(5, 2, 3))
        hs, _, tape = m.forward(params, xs)
        grads, d_xs, _ = m.backward(params, tape, np.ones_like(hs))
        return np.concatenate([hs.ravel(), *(grads[n].ravel() for n in grads), d_xs.ravel()])

    assert np.abs(results("") - results(NONE)).max() < 1e-13 * np.abs(results("")).max() * 100
