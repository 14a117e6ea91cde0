"""Whose arrays are whose: workspaces, tapes, and what callers may do to what they get."""

from __future__ import annotations

import numpy as np
import pytest
from generated import module

BOTH = pytest.mark.parametrize("plain", [True, False], ids=["plain", "fast"])
NAMES = pytest.mark.parametrize("name", ["lstm", "gru_reset_after", "lstm_projected", "dense"])


def problem(m, T=4, B=3):
    rng = np.random.default_rng(0)
    params = m.init(D=3, H=4, rng=1)
    xs = rng.normal(size=(T, B, 3))
    hs, state, tape = m.forward(params, xs)
    return params, xs, rng.normal(size=hs.shape), hs, state, tape


@BOTH
@NAMES
def test_what_is_returned_is_the_callers_own(name, plain):
    m = module(name, plain)
    params, _, d_hs, hs, state, tape = problem(m)
    grads, d_xs, d_state = m.backward(params, tape, d_hs)
    kept = [grads.flat.copy(), d_xs.copy(), *(d.copy() for d in d_state)]
    for array in (hs, *state, grads.flat, d_xs, *d_state):
        assert array.flags.writeable
        array[...] = np.nan
    again, d_xs, d_state = m.backward(params, tape, d_hs)
    for array, before in zip((again.flat, d_xs, *d_state), kept, strict=True):
        assert np.array_equal(array, before)


@BOTH
@NAMES
def test_a_second_backward_on_a_tape_gives_the_same(name, plain):
    m = module(name, plain)
    params, xs, d_hs, *_, tape = problem(m)
    first = m.backward(params, tape, d_hs)[0].flat.copy()
    m.backward(params, tape, 2 * d_hs)
    m.forward(params, 2 * xs)
    assert np.array_equal(m.backward(params, tape, d_hs)[0].flat, first)


@BOTH
@NAMES
def test_a_workspace_computes_the_same(name, plain):
    m = module(name, plain)
    params, xs, d_hs, hs, state, tape = problem(m)
    wanted, d_xs, _ = m.backward(params, tape, d_hs)
    space = m.workspace(params, 4, 3)
    for _ in range(2):
        again, last, tape = m.forward(params, xs, workspace=space)
        assert np.array_equal(again, hs)
        for a, b in zip(last, state, strict=True):
            assert np.array_equal(a, b)
        grads, d, _ = m.backward(params, tape, d_hs)
        assert np.allclose(grads.flat, wanted.flat, rtol=1e-13, atol=1e-15)
        assert np.allclose(d, d_xs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("T", [1, 4, 300])
@NAMES
def test_of_a_workspace_only_outputs_and_adjoints_of_inputs_are_written_over(name, T):
    m = module(name)
    params, xs, d_hs, *_ = problem(m, T=T)
    space = m.workspace(params, T, 3)
    returned = []
    for k in (1, 2, 3):
        hs, state, tape = m.forward(params, k * xs, workspace=space)
        grads, d_xs, d_state = m.backward(params, tape, k * d_hs)
        returned.append((hs, d_xs, [*state, grads.flat, *d_state]))
        if k == 1:
            kept = [array.copy() for array in returned[0][2]]
    (hs, d_xs, own), *_, last = returned
    assert np.shares_memory(hs, last[0])
    assert np.shares_memory(d_xs, last[1])
    for array, before in zip(own, kept, strict=True):
        assert np.array_equal(array, before)


@NAMES
def test_what_a_workspace_does_not_keep_may_be_written_into_before_backward(name):
    m = module(name)
    params, xs, d_hs, *_, tape = problem(m)
    wanted, d_xs, _ = m.backward(params, tape, d_hs)
    _, state, tape = m.forward(params, xs, workspace=m.workspace(params, 4, 3))
    for array in state:
        array[...] = np.nan
    grads, d, _ = m.backward(params, tape, d_hs)
    assert np.allclose(grads.flat, wanted.flat, rtol=1e-13, atol=1e-15)
    assert np.allclose(d, d_xs, rtol=1e-13, atol=1e-15)


@BOTH
def test_a_state_from_a_workspace_may_go_into_it_again(plain):
    m = module("lstm", plain)
    params, xs, *_ = problem(m, T=8)
    whole, last, _ = m.forward(params, xs)
    space = m.workspace(params, 4, 3)
    _, state, _ = m.forward(params, xs[:4], workspace=space)
    second, state, _ = m.forward(params, xs[4:], state, workspace=space)
    assert np.array_equal(second, whole[4:])
    assert np.array_equal(state.c, last.c)


@BOTH
def test_a_tape_whose_workspace_was_used_again_says_so(plain):
    m = module("gru", plain)
    params, xs, d_hs, *_ = problem(m)
    space = m.workspace(params, 4, 3)
    *_, old = m.forward(params, xs, workspace=space)
    *_, new = m.forward(params, xs, workspace=space)
    with pytest.raises(ValueError, match="tape: its workspace has served another forward since"):
        m.backward(params, old, d_hs)
    m.backward(params, new, d_hs)
    m.forward(params, xs, workspace=space, tape=False)
    with pytest.raises(ValueError, match="tape: its workspace has served another forward since"):
        m.backward(params, new, d_hs)


def test_a_workspace_must_fit():
    m = module("gru", plain=True)
    params, xs, *_ = problem(m)
    message = (
        "workspace: <Workspace T=5, B=3, D=3, H=4, float64> given, one with T=4, B=3, D=3, H=4, "
        "float64 expected"
    )
    with pytest.raises(ValueError, match=message):
        m.forward(params, xs, workspace=m.workspace(params, 5, 3))
    with pytest.raises(TypeError, match=r"workspace: the result of workspace.* expected, dict"):
        m.forward(params, xs, workspace={})
    with pytest.raises(ValueError, match="T: -1 given, a whole number of at least 0 expected"):
        m.workspace(params, -1, 3)


def test_too_much_for_the_memory_says_what():
    m = module("gru")
    params = m.init(D=3, H=4, rng=0)
    message = (
        r"no memory for <Workspace T=1000000000, B=1000000000, D=3, H=4, float64>; a smaller batch"
    )
    with pytest.raises(MemoryError, match=message):
        m.workspace(params, 10**9, 10**9)


@NAMES
def test_what_is_freed_together_was_one_piece(name):
    space = module(name).workspace(module(name).init(D=3, H=4, rng=0), 5, 2)._inner
    returned = {"outputs", "d_xs"}
    large = [a for n, a in vars(space).items() if isinstance(a, np.ndarray) and n not in returned]
    large = [a for a in large if a.size > 16]
    assert len(large) >= 4
    assert len({id(a.base) for a in large if a.base is not None}) == 1
    assert not any(np.shares_memory(a, b) for a in large for b in large if a is not b)


@BOTH
def test_the_tape_of_forward_is_a_switch(plain):
    m = module("gru", plain)
    params, xs, *_, tape = problem(m)
    with pytest.raises(TypeError, match="tape: True or False expected, Tape given"):
        m.forward(params, xs, tape=tape)


@BOTH
@NAMES
def test_without_a_tape_the_outputs_are_the_same(name, plain):
    m = module(name, plain)
    params, xs, _, hs, state, _ = problem(m)
    again, last, tape = m.forward(params, xs, tape=False)
    assert tape is None
    assert np.array_equal(again, hs)
    for a, b in zip(last, state, strict=True):
        assert np.array_equal(a, b)


@BOTH
def test_sequences_without_steps_or_samples_hand_on_what_they_get(plain):
    m = module("lstm", plain)
    params = m.init(D=3, H=4, rng=0)
    state = m.State(np.ones((3, 4)), 2 * np.ones((3, 4)))
    space = m.workspace(params, 0, 3)
    for workspace in (None, space):
        hs, last, tape = m.forward(params, np.zeros((0, 3, 3)), state, workspace=workspace)
        assert hs.shape == (0, 3, 4)
        assert np.array_equal(last.h, state.h)
        grads, d_xs, d_state = m.backward(params, tape, hs, state)
        assert not grads.flat.any()
        assert d_xs.shape == (0, 3, 3)
        assert np.array_equal(d_state.h, state.h)
        d_state.h[...] = 5
        assert state.h.max() == 2


@BOTH
def test_adjoints_of_output_and_state_add_up(plain):
    m = module("gru", plain)
    params, _, d_hs, *_, tape = problem(m)
    last = np.zeros_like(d_hs)
    last[-1] = d_hs[-1]
    by_output = m.backward(params, tape, last)[0].flat
    by_state = m.backward(params, tape, 0 * last, m.State(h=last[-1]))[0].flat
    both = m.backward(params, tape, last, m.State(h=last[-1]))[0].flat
    assert np.allclose(by_output, by_state, rtol=1e-12, atol=1e-14)
    assert np.allclose(both, 2 * by_state, rtol=1e-12, atol=1e-14)


def test_a_step_never_returns_its_arguments_own_memory():
    m = module("p[t] = x[t]\nk[t] = p[t-1]\nh[t] = tanh(W @ x[t]) + k[t-1]", plain=True)
    params, x = m.init(H=8, rng=0), np.zeros((3, 8))
    state = m.State(*(np.ones((3, 8)) for _ in m.State._fields))
    _, new, cache = m.step(params, x, state)
    _, _, d_state = m.step_backward(params, cache, np.ones((3, 8)), state)
    for returned in (*new, *d_state):
        for given in (x, *state):
            assert not np.shares_memory(returned, given)


@pytest.mark.parametrize(("T", "B"), [(40, 32), (1009, 1), (2, 257), (3, 1)])
def test_a_cell_without_state_computes_in_blocks_of_any_number_of_samples(T, B):
    m = module("dense")
    rng = np.random.default_rng(2)
    params = m.init(D=3, H=4, rng=1)
    xs, d_hs = rng.normal(size=(T, B, 3)), rng.normal(size=(T, B, 4))
    hs, _, tape = m.forward(params, xs)
    grads, d_xs, _ = m.backward(params, tape, d_hs)
    assert np.allclose(hs, xs @ params["W_y"].T + params["b_y"], rtol=1e-13, atol=1e-13)
    assert np.array_equal(hs, m.forward(params, xs, tape=False)[0])
    assert np.allclose(d_xs, d_hs @ params["W_y"], rtol=1e-13, atol=1e-13)
    assert np.allclose(grads["W_y"], np.einsum("tbh,tbd->hd", d_hs, xs), rtol=1e-12, atol=1e-12)
    assert np.allclose(grads["b_y"], d_hs.sum((0, 1)), rtol=1e-12, atol=1e-12)
