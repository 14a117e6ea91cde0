"""What is kept of a run: every value and adjoint by name and time."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from gatecalc.codegen import generate, load
from gatecalc.equations import catalogue
from gatecalc.errors import InputError
from gatecalc.trace import trace

LEAK = """\
# A leaky unit
s = sigmoid(a)
g[t] = sigmoid(W_g @ x[t] + V_g @ u[t] + b_g)          # how much of the new is taken
m[t] = softmax(S @ h[t-1])
h[t] = (1 - s * g[t]) * h[t-1] + g[t] * tanh(W @ x[t] + V @ u[t]) * m[t]
"""


@given(
    st.sampled_from([*catalogue.names(), LEAK]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@examples(60)
def test_shares_of_the_steps_add_up_to_the_gradient(source, length, batch, seed):
    run = trace(source, length=length, batch=batch, seed=seed, cotangent="random")
    for name, share in run.shares.items():
        parameter = next((p for p, d in run.derivation.adjoints.items() if d == name), "")
        if parameter in run.run.gradients:
            np.testing.assert_allclose(share.sum(axis=0), run[name], rtol=1e-12, atol=1e-12)


@given(st.sampled_from([*catalogue.names(), LEAK]), st.integers(0, 10**6))
@examples(60)
def test_paths_add_up_to_the_adjoint(source, seed):
    run = trace(source, seed=seed, batch=2, cotangent="random")
    for statement in run.derivation.backward:
        if statement.role in ("adjoint", "input", "carried"):
            total = sum(run.value(term.expression) for term in statement.terms)
            np.testing.assert_allclose(
                np.broadcast_to(total, run[statement.target.name].shape),
                run[statement.target.name],
                rtol=1e-11,
                atol=1e-11,
            )


@pytest.mark.parametrize("name", ["lstm", "gru_reset_after"])
def test_a_trace_has_the_numbers_of_the_generated_module(name):
    run = trace(name, batch=2, cotangent="random")
    module = load(generate(name), f"traced_{name}")
    hs, _, tape = module.forward(run.problem.params, run["x"])
    gradients, d_xs, _ = module.backward(run.problem.params, tape, run["d_h_out"])
    np.testing.assert_allclose(hs, run["h"], rtol=1e-12)
    np.testing.assert_allclose(d_xs, run["d_x"], rtol=1e-11, atol=1e-14)
    for parameter in run.cell.parameters:
        np.testing.assert_allclose(gradients[parameter], run[f"d_{parameter}"], rtol=1e-11)


def test_values_are_found_by_name_and_step():
    run = trace("gru", length=3, batch=2)
    assert run["z"].shape == (3, 2, 4)
    np.testing.assert_array_equal(run["z", 2], run["z"][2])
    np.testing.assert_array_equal(run["h", -1], run.run.final["h"])
    np.testing.assert_array_equal(run["d_W_z", 1], run.shares["d_W_z"][1])
    assert run["d_W_z"].shape == run["W_z"].shape == (4, 3)
    np.testing.assert_array_equal(run["d_h_next", 0], run["d_h_prev", 1])


def test_what_is_computed_once_has_no_step():
    run = trace(LEAK)
    assert run["s"].shape == run["d_s"].shape == run["d_a"].shape == (4,)
    np.testing.assert_allclose(run.shares["d_s"].sum(axis=0), run["d_s"])
    with pytest.raises(InputError, match=r"s has no time step; write \['s'\]"):
        run["s", 0]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (("d_zz", 0), "there is no 'd_zz' in the trace of gru; did you mean d_z"),
        (("z", 4), "there is no step 4: steps go from 0 to 3"),
        (("z", -5), "there is no step -5"),
        (("z", 1.5), "step 1.5: a whole number is expected"),
        ("nobody_ever", "there is no 'nobody_ever' in the trace of gru; its values are a_r, r, "),
        (("W_z", 0), "W_z has no time step"),
    ],
)
def test_what_was_not_recorded_is_named(key, words):
    with pytest.raises(InputError, match=words):
        trace("gru")[key]


def test_a_file_of_arrays_has_the_names_of_the_trace():
    run = trace(LEAK, batch=2)
    with np.load(io.BytesIO(run.npz()), allow_pickle=False) as loaded:
        assert set(loaded.files) == set(run.arrays())
        for name in run.names():
            np.testing.assert_array_equal(loaded[name], run[name])
        np.testing.assert_array_equal(loaded["h[-1]"], run.run.initial["h"])
        np.testing.assert_array_equal(loaded["d_h[-1]"], run["d_h_prev", 0])
        np.testing.assert_array_equal(loaded["d_W_g[t]"], run.shares["d_W_g"])


def test_a_parameter_may_be_called_file():
    run = trace("y[t] = file @ x[t]")
    with np.load(io.BytesIO(run.npz())) as loaded:
        np.testing.assert_array_equal(loaded["file"], run["file"])


def test_json_holds_every_value_and_adjoint_by_name_and_time():
    run = trace(LEAK, batch=2, length=3)
    data = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    for section in ("values", "adjoints", "inputs"):
        for name, values in data[section].items():
            np.testing.assert_array_equal(np.array(values), run[name])
    everything = {*data["values"], *data["adjoints"], *data["inputs"], *data["once"]}
    parameters = {f"d_{p}" for p in run.cell.parameters} | {"d_s"}
    assert everything | {*data["params"]} == {*run.names()} - parameters
    for name in run.cell.parameters:
        np.testing.assert_array_equal(np.array(data["gradients"][name]), run[f"d_{name}"])
    np.testing.assert_array_equal(np.array(data["shares"]["W"]), run.shares["d_W"])
    assert "a" not in data["shares"]
    assert data["gates"] == ["s", "g", "m"]


def test_json_numbers_the_statements_as_the_derivation_does():
    run = trace("lstm")
    for entry in run.to_dict()["statements"]:
        statement = run.derivation[entry["number"]]
        assert entry["target"] == statement.target.name
        assert [p["source"] for p in entry["paths"]] == [t.source for t in statement.terms]
    carried = next(s for s in run.to_dict()["statements"] if s["target"] == "d_c")
    assert carried["text"] == "d_c[t] = d_c_next[t] + d_tanh_c[t] * (1 - tanh_c[t]**2)"
    assert [p["rule"] for p in carried["paths"]] == ["carried", "chain"]


def test_what_is_not_finite_has_a_name_in_json():
    run = trace(
        "y[t] = log(x[t]) / b", xs=np.array([[[0.0, -1, 1]]]), params={"b": [1.0, 1.0, 0.0]}
    )
    assert run.to_dict()["values"]["y"] == [[["-Infinity", "NaN", "NaN"]]]
    json.dumps(run.to_dict(), allow_nan=False)


def test_the_seed_is_unknown_where_nothing_was_drawn():
    drawn = trace("gru", seed=5)
    assert drawn.seed == 5
    again = trace("gru", params=drawn.problem.params, xs=drawn.problem.xs)
    assert again.seed is None
    np.testing.assert_array_equal(again["h"], drawn["h"])


def test_the_same_run_gives_the_same_bytes_under_every_hash_seed():
    program = (
        "import sys, json, hashlib, io\n"
        "from rich.console import Console\n"
        "from gatecalc.trace import trace\n"
        f"run = trace({LEAK!r}, batch=2)\n"
        "shown = io.StringIO()\n"
        "run.render(Console(file=shown, width=80), backward=True)\n"
        "data = shown.getvalue() + json.dumps(run.to_dict())\n"
        "print(hashlib.sha256(data.encode() + run.npz()).hexdigest())\n"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(prints) == 1
