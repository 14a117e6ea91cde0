"""The generated module computes what the statements say: the plain one, and the fast one."""

from __future__ import annotations

import agreement
import numpy as np
import pytest
from generated import agree, bundled, derivation, module, separate, text
from odd_cells import ODD_CELLS, lines

from gatecalc.checks.field import Element
from gatecalc.checks.field_arrays import (
    inner_product,
    random_array,
    tangent_of,
    value_of,
    without_tangent,
)
from gatecalc.checks.modular import PRIME
from gatecalc.checks.oracle import Oracle
from gatecalc.equations import catalogue
from gatecalc.evaluate.problem import random_problem

CELLS = {name: name for name in catalogue.names()}
CELLS |= {what: lines(equations) for what, equations in ODD_CELLS.items()}
EVERY_CELL = pytest.mark.parametrize("source", CELLS.values(), ids=CELLS)
BOTH = pytest.mark.parametrize("plain", [True, False], ids=["plain", "fast"])


def compare(source, plain, bound, **how):
    agreement.compare(derivation(source), module(source, plain), bound, **how)


@BOTH
@EVERY_CELL
def test_a_sequence_is_what_its_statements_say(source, plain):
    compare(source, plain, 1e-12)


@BOTH
@EVERY_CELL
def test_single_precision_stays_single(source, plain):
    compare(source, plain, 1e-4, dtype="float32")


@BOTH
@pytest.mark.parametrize(("length", "batch"), [(1, 1), (0, 2), (2, 0), (7, 1), (1, 5)])
@pytest.mark.parametrize("name", ["lstm", "gru_concat", "lstm_projected", "dense"])
def test_lengths_and_batches_of_none_and_one_and_more(name, length, batch, plain):
    compare(name, plain, 1e-12, length=length, batch=batch)


@BOTH
@pytest.mark.parametrize("sizes", [{"D": 1, "H": 1}, {"D": 5, "H": 1}, {"D": 1, "H": 6}])
@pytest.mark.parametrize("name", ["lstm", "gru_concat", "lstm_layer_norm", "dense"])
def test_sizes_of_one_and_more(name, sizes, plain):
    compare(name, plain, 1e-10, sizes=sizes, length=4, batch=3)


@EVERY_CELL
def test_one_step_is_a_sequence_of_one(source):
    d, m = derivation(source), module(source, True)
    problem = random_problem(d.cell, length=1)
    state, d_state = m.State(**problem.state), m.State(**problem.d_state)
    x = bundled(m, {n: a[0] for n, a in problem.xs.items()})
    hs, last, tape = m.forward(problem.params, bundled(m, problem.xs), state)
    h, new, cache = m.step(problem.params, x, state)
    agree(h, hs[0], 0, "h")
    for found, wanted in zip(new, last, strict=True):
        agree(found, wanted, 0, "state")
    grads, d_xs, d_first = m.backward(problem.params, tape, problem.d_hs, d_state)
    step_grads, d_x, d_prev = m.step_backward(problem.params, cache, problem.d_hs[0], d_state)
    agree(step_grads.flat, grads.flat, 0, "grads")
    for found, wanted in zip(d_prev, d_first, strict=True):
        agree(found, wanted, 0, "d_state")
    for name, found in separate(d.cell, d_x).items():
        agree(found, separate(d.cell, d_xs)[name][0], 0, name)


@BOTH
@EVERY_CELL
def test_directional_derivatives_are_exact_in_a_finite_field(source, plain):
    m, cell = module(source, plain), derivation(source).cell
    problem, oracle, rng = random_problem(cell), Oracle(5), np.random.default_rng(5)

    def draw(arrays, *, tangent=True):
        return {n: random_array(a.shape, rng, oracle, tangent=tangent) for n, a in arrays.items()}

    constants = {c.name for c in cell.constants}
    params = draw({n: a for n, a in problem.params.items() if n not in constants})
    lifted = np.frompyfunc(lambda u: Element(oracle.residue(u), 0, oracle), 1, 1)
    params |= {n: np.asarray(lifted(problem.params[n]), object) for n in constants}
    xs, state = draw(problem.xs), draw(problem.state)
    d_hs = random_array(problem.d_hs.shape, rng, oracle, tangent=False)
    d_last = draw(problem.d_state, tangent=False)
    hs, last, _ = m.forward(params, bundled(m, xs), m.State(**state))
    pairs = [(hs, d_hs), *((getattr(last, n), d_last[n]) for n in cell.states)]
    onward = sum(inner_product(tangent_of(a), value_of(d)) for a, d in pairs)
    plain_xs = bundled(m, {n: without_tangent(a) for n, a in xs.items()})
    plain_state = m.State(**{n: without_tangent(a) for n, a in state.items()})
    plain_params = {n: without_tangent(a) for n, a in params.items()}
    _, _, tape = m.forward(plain_params, plain_xs, plain_state)
    grads, d_xs, d_state = m.backward(plain_params, tape, d_hs, m.State(**d_last))
    pairs = [(params[n], grads[n]) for n in cell.parameters]
    pairs += [(xs[n], d) for n, d in separate(cell, d_xs).items()]
    pairs += [(state[n], getattr(d_state, n)) for n in cell.states]
    back = sum(inner_product(tangent_of(a), value_of(d)) for a, d in pairs)
    assert (onward - back) % PRIME == 0


@BOTH
@EVERY_CELL
def test_a_complex_step_gives_the_derivative(source, plain):
    m, cell = module(source, plain), derivation(source).cell
    problem, rng, tiny = random_problem(cell), np.random.default_rng(1), 1e-30
    constants = {c.name for c in cell.constants}
    values = {"params": problem.params, "xs": problem.xs, "state": problem.state}
    ways = {
        kind: {n: rng.normal(size=a.shape) for n, a in arrays.items() if n not in constants}
        for kind, arrays in values.items()
    }
    moved = {
        kind: {n: a + tiny * 1j * ways[kind].get(n, 0) for n, a in arrays.items()}
        for kind, arrays in values.items()
    }
    hs, last, _ = m.forward(moved["params"], bundled(m, moved["xs"]), m.State(**moved["state"]))
    pairs = [(hs, problem.d_hs), *((getattr(last, n), problem.d_state[n]) for n in cell.states)]
    onward = sum((array.imag / tiny * d).sum() for array, d in pairs)
    _, _, tape = m.forward(problem.params, bundled(m, problem.xs), m.State(**problem.state))
    grads, d_xs, d_state = m.backward(
        problem.params, tape, problem.d_hs, m.State(**problem.d_state)
    )
    pairs = [(ways["params"][n], grads[n]) for n in cell.parameters]
    pairs += [(ways["xs"][n], d) for n, d in separate(cell, d_xs).items()]
    pairs += [(ways["state"][n], getattr(d_state, n)) for n in cell.states]
    back = sum((way * d).sum() for way, d in pairs)
    assert onward == pytest.approx(back, rel=1e-11, abs=1e-11)


def test_one_number_in_memory_of_64_bytes_a_step_is_negated():
    """np.negative reads neighbours for every eighth number of an array (NumPy 2.4, AVX2)."""
    source = """
tape[t] = 0.7 * (k[t] - H[t-1])
s[t] = 0.7 * softmax(state.T @ silu(s[t-1]))
H[t] = 0.7 * ((W - tape[t]) / (1.5 + mean(s[t])**2) * mean(s[t-1] - s[t]))
W: scalar
k: scalar
tape: scalar
H: scalar
output: H
"""
    for length in (2, 3, 4):
        sizes = dict.fromkeys(derivation(source).cell.sizes, 1)
        compare(source, False, 1e-11, sizes=sizes, length=length, batch=1)
    assert "negative" not in text(source)
