"""Less memory for a third more time: the state every k steps, the rest computed again."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from generated import module

CELLS = ("lstm", "gru_reset_after", "lstm_fgr", "dense")


def a_run(name, length=23, batch=3, dtype="float64", hidden=16):
    m = module(name)
    params = m.init(H=hidden, rng=0, dtype=dtype)
    draw = np.random.default_rng(1).standard_normal
    xs = draw((length, batch, params.sizes["D"])).astype(dtype)
    return m, params, xs, draw((length, batch, params.sizes["H"])).astype(dtype)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("interval", [1, 5, 7, 23, 100, "auto"])
def test_stretches_change_results_by_rounding_only(name, interval):
    m, params, xs, d_hs = a_run(name)
    hs, state, tape = m.forward(params, xs)
    grads, d_xs, d_state = m.backward(params, tape, d_hs)
    hs_2, state_2, tape_2 = m.forward(params, xs, checkpoint=interval)
    for _ in range(2):
        grads_2, d_xs_2, d_state_2 = m.backward(params, tape_2, d_hs)
        np.testing.assert_array_equal(hs, hs_2)
        np.testing.assert_allclose(grads.flat, grads_2.flat, rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(d_xs, d_xs_2, rtol=1e-13, atol=1e-13)
        for a, b in zip((*state, *d_state), (*state_2, *d_state_2), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


def test_the_first_state_may_be_changed_once_forward_has_returned():
    m, params, xs, d_hs = a_run("lstm")
    state = m.State(c=np.ones((3, 16)), h=np.ones((3, 16)))
    _, _, tape = m.forward(params, xs, state, checkpoint=5)
    wanted, _, _ = m.backward(params, tape, d_hs)
    state.h[...] = 7
    grads, _, _ = m.backward(params, tape, d_hs)
    np.testing.assert_array_equal(wanted.flat, grads.flat)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "often"])
def test_an_interval_is_a_number_of_steps_or_auto(wrong):
    m, params, xs, _ = a_run("lstm")
    with pytest.raises((ValueError, TypeError), match="checkpoint"):
        m.forward(params, xs, checkpoint=wrong)


def test_checkpoints_and_a_workspace_exclude_each_other():
    m, params, xs, _ = a_run("lstm")
    with pytest.raises(ValueError, match="leave workspace out"):
        m.forward(params, xs, checkpoint=5, workspace=m.workspace(params, 23, 3))


@pytest.mark.parametrize("length", [0, 1])
def test_sequences_of_hardly_any_steps_have_checkpoints_too(length):
    m, params, xs, d_hs = a_run("lstm", length=length)
    hs, _, tape = m.forward(params, xs, checkpoint=4)
    grads, d_xs, _ = m.backward(params, tape, d_hs)
    assert hs.shape == (length, 3, 16) and d_xs.shape == xs.shape
    assert np.isfinite(grads.flat).all()


def test_memory_grows_with_the_root_of_the_steps():
    m, params, xs, d_hs = a_run("lstm", length=4000, dtype="float32")

    def peak(**how):
        tracemalloc.start()
        hs, _, tape = m.forward(params, xs, **how)
        m.backward(params, tape, d_hs)
        found = tracemalloc.get_traced_memory()[1] - hs.nbytes - xs.nbytes
        tracemalloc.stop()
        return found

    assert peak(checkpoint="auto") < peak() / 3


@pytest.mark.parametrize(("length", "batch", "hidden"), [(300, 16, 64), (5000, 8, 16)])
def test_a_second_run_in_a_workspace_allocates_nothing_as_long_as_the_sequence(
    length, batch, hidden
):
    m, params, xs, d_hs = a_run("lstm", length=length, batch=batch, dtype="float32", hidden=hidden)
    space = m.workspace(params, length, batch)

    def run():
        _, _, tape = m.forward(params, xs, workspace=space)
        m.backward(params, tape, d_hs)

    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < d_hs.nbytes / 4
