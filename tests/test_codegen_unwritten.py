"""Generated code reads no memory that it has not written."""

from __future__ import annotations

import numpy as np
import pytest
from generated import derivation, module
from odd_cells import ODD_CELLS, lines
from random_cells import random_cell

from gatecalc.codegen import generate, load
from gatecalc.equations import catalogue, cell
from gatecalc.errors import NotationError

CELLS = {name: name for name in catalogue.names()}
CELLS |= {what: lines(equations) for what, equations in ODD_CELLS.items()}
SEEDS = [pytest.param(s, marks=() if s < 15 else pytest.mark.slow) for s in range(200)]


class Poisoned:
    """NumPy, but what is allocated without a value holds one that spoils every result."""

    def __init__(self, value):
        self.value = value

    def __getattr__(self, name):
        return getattr(np, name)

    def empty(self, shape, dtype=float):
        return np.full(shape, self.value, dtype)

    def empty_like(self, array):
        return np.full_like(array, self.value)


def results(generated, it, value):
    """Everything that both passes give; two lengths, the second with sigmoids by way of exp."""
    generated.np = np if value is None else Poisoned(value)
    found, usual = [], dict(getattr(generated, "_EXP_ENTRIES", {}))
    try:
        for T, B in ((5, 2), (2, 1)):
            if usual:
                generated._EXP_ENTRIES = usual if T == 5 else dict.fromkeys(usual, 1)
            rng = np.random.default_rng(T)
            params = generated.init(**{n: 2 + k for k, n in enumerate(it.sizes)}, rng=0)
            widths = [params._widths[n] for n in it.inputs]
            xs = [rng.uniform(0.1, 0.9, (T, B, w)) for w in widths]
            xs = generated.Inputs(*xs) if len(xs) > 1 else xs[0]
            state = [rng.uniform(0.1, 0.9, (B, params._widths[n])) for n in it.states]
            hs, last, tape = generated.forward(params, xs, generated.State(*state))
            grads, d_xs, d_state = generated.backward(params, tape, np.ones_like(hs))
            d_xs = d_xs if len(it.inputs) > 1 else [d_xs]
            found += [hs, *last, grads.flat, *d_xs, *d_state]
    finally:
        generated.np = np
        if usual:
            generated._EXP_ENTRIES = usual
    return found


def assert_clean(generated, it):
    with np.errstate(all="ignore"):
        expected = results(generated, it, None)
        for value in (np.nan, 1e30):
            for found, wanted in zip(results(generated, it, value), expected, strict=True):
                assert np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize("source", CELLS.values(), ids=CELLS)
def test_what_is_read_was_written(source):
    assert_clean(module(source), derivation(source).cell)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_random_cell_reads_was_written(seed):
    try:
        it = cell(random_cell(seed))
    except NotationError:
        return
    assert_clean(load(generate(it)), it)


def test_a_module_that_reads_unwritten_memory_is_found_out():
    source = generate("lstm")
    line = "                    add(d_c_next, d_c_from_d_h, d_c)  # (14)\n"
    assert line in source
    with pytest.raises(AssertionError):
        assert_clean(load(source.replace(line, "")), derivation("lstm").cell)
