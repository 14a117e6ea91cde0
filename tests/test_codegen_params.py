"""Parameters of a generated module: one vector, views by name, and what may stand for them."""

from __future__ import annotations

import copy
import re
from fractions import Fraction

import numpy as np
import pytest
from generated import module
from odd_cells import ODD_CELLS, lines

LSTM = module("lstm", plain=True)
NORM = module("lstm_layer_norm", plain=True)
SCALAR = module(lines(ODD_CELLS["states of one number"]), plain=True)
RNN = module("rnn", plain=True)
CONCAT = module("lstm_concat", plain=True)


def test_names_are_views_into_one_vector():
    params = SCALAR.init(D=3, H=4, rng=0)
    assert params.flat.ndim == 1
    assert params.flat.flags.c_contiguous
    assert sum(view.size for view in params.values()) == params.flat.size
    for name, shape in {"alpha": (), "b": (4,), "W": (4, 3)}.items():
        assert params[name].shape == shape
        assert np.shares_memory(params[name], params.flat)
    params["alpha"][...] = 7.0
    assert 7.0 in params.flat
    assert sum(block.size for block in params.blocks) == params.flat.size


def test_setting_an_item_copies_into_its_place():
    params = LSTM.init(D=3, H=4, rng=0)
    ones = np.ones(4)
    params["b_f"] = ones
    ones[...] = 5
    params["b_i"] += 2.0
    params.update(b_o=[1, 2, 3, 4])
    assert params["b_f"].tolist() == [1.0] * 4
    assert params["b_o"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert np.shares_memory(params["b_i"], params.flat)
    with pytest.raises(ValueError, match=r"params\['b_f'\]: shape \(3,\) given, \(H,\) with H = 4"):
        params["b_f"] = np.ones(3)
    with pytest.raises(ValueError, match=r"params\['b_f'\]: shape \(\) given"):
        params["b_f"] = 1.0
    with pytest.raises(TypeError, match="complex128 given, but the params are float64"):
        params["b_f"] = np.ones(4) * 1j


def test_names_cannot_be_added_or_removed():
    params = LSTM.init(rng=0)
    with pytest.raises(KeyError, match="no parameter 'V': there are W_i"):
        params["V"] = 1.0
    with pytest.raises(TypeError, match="cannot be removed"):
        del params["W_i"]
    with pytest.raises(KeyError, match="no parameter 'V': there are W_i, U_i"):
        params["V"]
    assert params.get("V") is None
    assert "V" not in params
    assert list(params)[:3] == ["W_i", "U_i", "b_i"]
    assert len(params) == 12


def test_one_line_updates_all_parameters():
    params = LSTM.init(D=3, H=4, rng=0)
    before = {name: value.copy() for name, value in params.items()}
    hs, _, tape = LSTM.forward(params, np.ones((2, 3, 3)))
    grads, *_ = LSTM.backward(params, tape, hs)
    assert type(grads) is type(params)
    params.flat -= 0.1 * grads.flat
    for name in params:
        assert np.array_equal(params[name], before[name] - 0.1 * grads[name])


def test_constants_are_items_without_a_gradient():
    params = NORM.init(rng=0)
    assert float(params["epsilon"]) == 1e-5
    assert list(params)[-1] == "epsilon"
    params["epsilon"] = 0.5
    assert params["epsilon"].shape == ()
    assert not np.shares_memory(params["epsilon"], params.flat)
    xs = np.random.default_rng(1).normal(size=(2, 3, 8))
    hs, _, tape = NORM.forward(params, xs)
    assert not np.allclose(hs, NORM.forward(NORM.init(rng=0), xs)[0])
    assert "epsilon" not in NORM.backward(params, tape, hs)[0]
    given = {n: a for n, a in params.items() if n != "epsilon"}
    default = NORM.forward(given, xs)[0]
    assert np.array_equal(default, NORM.forward(NORM.init(rng=0), xs)[0])
    changed = NORM.forward({**given, "epsilon": 0.5}, xs)[0]
    assert np.array_equal(changed, hs)


@pytest.mark.parametrize("duplicate", [lambda p: p.copy(), copy.copy, copy.deepcopy])
def test_a_copy_shares_nothing(duplicate):
    params = NORM.init(D=3, H=4, rng=0, values={"epsilon": 0.25})
    params["W_i"]  # a view that a careless copy would keep
    twin = duplicate(params)
    assert np.array_equal(twin.flat, params.flat)
    assert twin.sizes == params.sizes
    twin.flat *= 2
    twin["epsilon"] = 1.0
    assert np.array_equal(twin["W_i"], 2 * params["W_i"])
    assert float(params["epsilon"]) == 0.25


def test_an_npz_serves_as_params(tmp_path):
    params = NORM.init(D=3, H=4, rng=0, values={"epsilon": 0.25})
    path = tmp_path / "params.npz"
    np.savez(path, **params)
    xs = np.random.default_rng(0).normal(size=(2, 3, 3))
    wanted, _, tape = NORM.forward(params, xs)
    with np.load(path) as saved:
        hs, *_ = NORM.forward(saved, xs)
        grads, *_ = NORM.backward(saved, tape, wanted)
        again = NORM.init(D=3, H=4, rng=1)
        again.update(saved)
    assert np.array_equal(hs, wanted)
    assert np.array_equal(again.flat, params.flat)
    assert np.array_equal(grads.flat, NORM.backward(params, tape, wanted)[0].flat)


def test_a_mapping_decides_the_dtype():
    xs = np.ones((2, 3, 3))
    params = {name: value.copy() for name, value in LSTM.init(D=3, H=4, rng=0).items()}
    whole = {name: np.ones(value.shape, int) for name, value in params.items()}
    assert LSTM.forward(whole, xs)[0].dtype == np.float64
    single = {name: value.astype(np.float32) for name, value in params.items()}
    assert LSTM.forward(single, xs)[0].dtype == np.float32
    assert LSTM.forward({**single, "b_i": params["b_i"]}, xs)[0].dtype == np.float64
    assert LSTM.forward({**single, "b_i": params["b_i"] * 1j}, xs)[0].dtype == np.complex128
    swapped = {name: value.astype(">f8") for name, value in params.items()}
    assert np.array_equal(LSTM.forward(swapped, xs)[0], LSTM.forward(params, xs)[0])


def test_sizes_are_read_off_shapes_also_where_they_are_sums():
    params = CONCAT.init(D=3, H=4, rng=0)
    hs, *_ = CONCAT.forward(dict(params), np.ones((2, 5, 3)))
    assert hs.shape == (2, 5, 4)
    none = module(lines(ODD_CELLS["no parameters"]), plain=True)
    assert none.forward({}, np.ones((2, 5, 3), np.float32))[0].dtype == np.float32
    with pytest.raises(ValueError, match=r"the size H does not follow from .*; use init"):
        none.workspace({}, 2, 3)


def test_the_same_seed_draws_the_same_numbers():
    first, again = LSTM.init(rng=3), LSTM.init(rng=np.random.default_rng(3))
    assert np.array_equal(first.flat, again.flat)
    assert not np.array_equal(first.flat, LSTM.init(rng=4).flat)
    assert not np.array_equal(LSTM.init().flat, LSTM.init().flat)
    single = LSTM.init(rng=3, dtype=np.float32)
    assert single.dtype == np.float32
    assert np.array_equal(single.flat, first.flat.astype(np.float32))


def test_recurrent_cells_draw_as_pytorch_does():
    params = LSTM.init(D=300, H=100, rng=0)
    for name in params:
        assert np.abs(params[name]).max() <= 0.1
    assert np.abs(params["W_i"]).max() > 0.0999
    projected = module("lstm_projected", plain=True).init(D=3, H=100, P=25, rng=0)
    assert 0.09 < np.abs(projected.flat).max() <= 0.1


def test_layers_without_a_state_draw_by_fan_in():
    params = module("dense", plain=True).init(D=100, H=400, rng=0)
    assert 0.0999 < np.abs(params["W_y"]).max() <= 0.1
    assert 0.09 < np.abs(params["b_y"]).max() <= 0.1
    gain = module("y[t] = g * (W.T @ x[t])", plain=True).init(D=100, H=400, rng=0)
    assert 0.0999 < np.abs(gain["W"]).max() <= 0.1
    assert 0.045 < np.abs(gain["g"]).max() <= 0.05


@pytest.mark.parametrize(("d", "d_u"), [(100, 25), (25, 100)])
def test_a_bias_draws_by_the_longest_operand_of_the_maps_that_it_is_added_to(d, d_u):
    source = "y[t] = W @ x[t] + V @ u[t] + b\ng[t] = y[t] - 2 * c"
    params = module(source, plain=True).init(D=d, D_u=d_u, H=400, rng=0)
    for name in ("b", "c"):
        assert 0.09 < np.abs(params[name]).max() <= 0.1


@pytest.mark.parametrize(
    ("equation", "sizes"),
    [
        ("y[t] = W @ x[t] + g * u[t]", {"D": 100, "D_u": 400}),
        ("y[t] = (W @ x[t]) * g", {"D": 100, "H": 400}),
        ("y[t] = W @ x[t] + g * tanh(V @ x[t])", {"D": 100, "H": 400}),
    ],
)
def test_a_factor_beside_a_map_is_no_bias(equation, sizes):
    params = module(equation, plain=True).init(**sizes, rng=0)
    assert 0.045 < np.abs(params["g"]).max() <= 0.05


def test_values_set_any_parameter_or_constant():
    params = NORM.init(D=3, H=4, rng=0, values={"beta_vf": 1, "epsilon": 0.1, "W_i": np.eye(4, 3)})
    assert params["beta_vf"].tolist() == [1.0] * 4
    assert params["W_i"][1].tolist() == [0.0, 1.0, 0.0]
    assert float(params["epsilon"]) == 0.1
    others = NORM.init(D=3, H=4, rng=0)
    assert np.array_equal(params["W_f"], others["W_f"])


def test_params_show_their_sizes_and_shapes():
    shown = repr(SCALAR.init(D=3, H=4, rng=0))
    assert shown == "<Params D=3, H=4, float64: alpha (), W (4, 3), b (4,)>"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, TypeError, "flat: numbers expected, NoneType given"),
        ("a", TypeError, "flat: numbers expected, an array of <U1 given"),
        (np.ones(3), ValueError, "flat: shape (3,) given, (18,) or one number expected"),
    ],
)
def test_what_does_not_fit_the_flat_vector_is_named(value, error, message):
    params = RNN.init(D=2, H=3, rng=0)
    before = params.flat.copy()
    with pytest.raises(error, match=re.escape(message)):
        params.flat = value
    assert (params.flat == before).all()
    params.flat = 0.5
    assert (params.flat == 0.5).all()


def test_a_dtype_that_is_none_is_named():
    with pytest.raises(TypeError, match="dtype: 'foo' given, float32 or float64 expected"):
        RNN.init(dtype="foo")


@pytest.mark.parametrize("kind", [float, int, np.float64])
def test_one_array_of_plain_numbers_as_objects_is_named(kind: type):
    params = dict(LSTM.init(D=2, H=3, rng=0))
    entries = [[kind(1), kind(2)]] * 3
    params["W_i"] = np.empty((3, 2), object)
    params["W_i"][...] = entries
    message = (
        r"params\['W_i'\]: an array of object given, .* beside arrays of floats; give it as fl"
    )
    with pytest.raises(TypeError, match=message):
        LSTM.forward(params, np.ones((4, 1, 2)))
    with pytest.raises(TypeError, match=message):
        LSTM.step(params, np.ones((1, 2)))


def test_exact_numbers_beside_floats_are_taken_as_they_are():
    linear = module("h[t] = W @ x[t] + U @ h[t-1] + b", plain=True)
    params = dict(linear.init(D=2, H=2, rng=0, values={"W": 0.5, "U": 0.25, "b": 0.0}))
    params["W"] = np.full((2, 2), Fraction(1, 3), object)
    hs = linear.forward(params, np.ones((1, 1, 2)))[0]
    assert abs(hs[0, 0, 0] - 2 / 3) < 1e-12
    whole = {name: np.full(array.shape, Fraction(1, 3), object) for name, array in params.items()}
    hs = linear.forward(whole, np.ones((1, 1, 2), int))[0]
    assert hs[0, 0, 0] == Fraction(1)
    params = {name: np.ones(array.shape, object) for name, array in params.items()}
    assert linear.forward(params, np.ones((1, 1, 2)))[0][0, 0, 0] == 3
