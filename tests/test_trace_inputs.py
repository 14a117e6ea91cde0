"""Own arrays are used as they are, or refused by name; sizes follow from them."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import namedtuple

import numpy as np
import pytest

from gatecalc.equations import cell
from gatecalc.errors import InputError
from gatecalc.evaluate.problem import random_problem
from gatecalc.trace import files, load_arrays, trace

TWO = "h[t] = tanh(W @ x[t] + V @ u[t] + U @ h[t-1] + b)\ns[t] = sum(h[t]) + s[t-1]\noutput: h"


def own(name="gru", length=5, batch=2, sizes=None, seed=7):
    return random_problem(cell(name), sizes, length=length, batch=batch, seed=seed)


def test_sizes_length_and_batch_follow_from_the_arrays():
    given = own(sizes={"D": 2, "H": 6})
    run = trace("gru", params=given.params, xs=given.xs["x"], state=given.state)
    assert (dict(run.problem.sizes), run.length, run.batch) == ({"D": 2, "H": 6}, 5, 2)
    np.testing.assert_array_equal(run["x"], given.xs["x"])
    np.testing.assert_array_equal(run["U_z"], given.params["U_z"])


def test_sizes_follow_from_parameters_alone_where_matrices_are_joined():
    given = own("gru_concat", sizes={"D": 2, "H": 5})
    assert dict(trace("gru_concat", params=given.params).problem.sizes) == {"D": 2, "H": 5}


def test_sizes_follow_from_the_input_alone():
    run = trace("lstm", xs=np.zeros((7, 3, 9)))
    assert (run.length, run.batch, run["W_i"].shape) == (7, 3, (4, 9))


def test_a_pinned_shape_adds_a_size():
    equations = "h[t] = tanh(W @ x[t] + U @ h[t-1])\ny[t] = V @ h[t]"
    with pytest.raises(InputError, match=r"no size K: its sizes are D, H; .* V: \(K, H\)"):
        trace(equations, sizes={"K": 10})
    with pytest.raises(InputError, match=r"no size h: its sizes are D, H$"):
        trace(equations, sizes={"h": 10})
    with pytest.raises(InputError, match=r"no size K: its sizes are none, as all is single"):
        trace("x: scalar\na: scalar\ny[t] = a * x[t]", sizes={"K": 10})
    pinned = trace(f"V: (K, H)\n{equations}", sizes={"K": 10})
    assert pinned["y"].shape == (4, 1, 10)


def test_a_size_called_T_is_not_the_number_of_steps():
    run = trace("W: (T, B)\ny[t] = W @ x[t]", xs=np.zeros((5, 1, 3)), sizes={"T": 2})
    assert (run.length, run["y"].shape) == (5, (5, 1, 2))


def test_states_begin_at_zero_and_where_the_user_says():
    assert not trace("lstm").run.initial["c"].any()
    given = own("lstm", batch=1, length=4)
    run = trace("lstm", state=given.state, xs=given.xs)
    np.testing.assert_array_equal(run.run.initial["c"], given.state["c"])


def test_named_tuples_integers_and_lists_are_arrays_too():
    inputs = namedtuple("inputs", "x u")(np.ones((2, 1, 3), dtype=int), [[[1.0, 2]], [[3, 4]]])
    run = trace(TWO, xs=inputs)
    assert run["u"].dtype == np.float64
    assert run["u", 1].tolist() == [[3.0, 4.0]]


def test_constants_keep_their_defaults_unless_given():
    equations = "epsilon = 0.25\ny[t] = W @ x[t] + epsilon"
    weights = np.zeros((4, 3))
    assert trace(equations, params={"W": weights})["y", 0].tolist() == [[0.25] * 4]
    assert trace(equations, params={"W": weights, "epsilon": 2})["y", 0].tolist() == [[2.0] * 4]


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("float32"), "float32", "f4"])
def test_the_dtype_is_said_as_numpy_says_it(dtype):
    run = trace("gru", length=1, dtype=dtype)
    assert run["h"].dtype == np.float32
    assert run.to_dict()["dtype"] == "float32"


def test_the_dtype_is_that_of_the_run():
    run = trace("gru", dtype="float32", params=own().params)
    assert {run["h"].dtype, run["d_h"].dtype, run["d_W_z"].dtype} == {np.dtype("float32")}


@pytest.mark.parametrize("name", ["last", "all", "random"])
def test_cotangents_by_name_flow_in_at_the_outputs(name):
    flowing = trace("gru", cotangent=name)["d_h_out"]
    expected = {
        "last": lambda: np.concatenate([np.zeros((3, 1, 4)), np.ones((1, 1, 4))]),
        "all": lambda: np.ones((4, 1, 4)),
        "random": lambda: random_problem(cell("gru"), length=4, batch=1).d_hs,
    }[name]()
    np.testing.assert_array_equal(flowing, expected)


def test_a_cotangent_can_be_an_array():
    mine = np.arange(16.0).reshape(4, 1, 4)
    run = trace("gru", cotangent=mine)
    np.testing.assert_array_equal(run["d_h_out"], mine)
    assert run.cotangent == "given"


def without(mapping, name):
    return {n: a for n, a in mapping.items() if n != name}


GRU = own().params
X = np.zeros((5, 2, 3))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"params": without(GRU, "W_z")}, "params: W_z missing"),
        ({"params": GRU | {"W_y": 1}}, "params has 'W_y', which the cell does not have"),
        ({"params": GRU | {"W_y": 1}}, "did you mean W_"),
        ({"params": np.zeros(3)}, "params is ndarray, expected a mapping from names to arrays"),
        (
            {"params": GRU | {"W_z": np.zeros((4, 5))}},
            r'params\["W_z"\] has shape \(4, 5\), expected \(H, D\) = \(4, 3\)',
        ),
        (
            {"params": GRU | {"W_z": np.zeros((4, 5))}},
            r'where H = 4 \(params\["W_r"\]\), D = 3 \(params\["W_r"\]\)',
        ),
        ({"params": GRU | {"b_z": np.zeros((4, 1))}}, r"shape \(4, 1\), expected \(H,\)"),
        ({"params": GRU | {"W_z": "weights"}}, r'params\["W_z"\] holds text, expected real'),
        ({"params": GRU | {"b_z": [1j] * 4}}, r'params\["b_z"\] holds complex numbers'),
        ({"params": GRU | {"b_z": [[1], [2, 3]]}}, r'params\["b_z"\] is not an array of numbers'),
        ({"params": GRU | {"b_z": [None] * 4}}, r'params\["b_z"\] holds dtype object'),
        ({"xs": np.zeros((5, 3))}, r"xs has shape \(5, 3\), expected \(T, B, D\)"),
        ({"xs": np.zeros((5, 3))}, r"write x\[:, None, :\] for one sample"),
        ({"xs": np.zeros(3)}, r"entries\)$"),
        ({"xs": np.zeros((1, 5, 2, 3))}, r"an input is \(steps, samples, entries\)$"),
        ({"state": {"h": np.zeros((1, 1, 4))}}, r"a state is \(samples, entries\)$"),
        ({"xs": np.zeros((0, 2, 3))}, "every axis needs at least one entry"),
        ({"xs": {"y": X}}, "xs has 'y', which the cell does not have; expected x"),
        ({"xs": {}}, "xs: x missing"),
        ({"xs": X, "length": 4}, r"xs has shape \(5, 2, 3\), expected .* = \(4, 2, 3\)"),
        ({"xs": X, "batch": 1}, r"B = 1 \(batch\)"),
        ({"xs": X, "sizes": {"D": 8}}, r"D = 8 \(sizes\)"),
        ({"xs": X, "params": own(sizes={"D": 2}).params}, r'D = 2 \(params\["W_r"\]\)'),
        ({"state": {"h": np.zeros(4)}}, r"write h\[None, :\] for one sample"),
        ({"state": {"c": X}}, "state has 'c'"),
        ({"state": {"h": np.zeros((3, 4))}, "xs": X}, r"B = 2 \(xs\)"),
        ({"cotangent": "lst"}, "expected last, all, random or an array; did you mean last?"),
        ({"cotangent": np.zeros((5, 2, 4))}, None),
        ({"cotangent": GRU}, r"holds arrays by name \(.*, \.\.\.\), expected one array"),
        ({"cotangent": np.zeros((5, 2, 4)), "length": 2}, "cotangent has shape"),
        ({"length": 0}, "length=0: a whole number of at least 1"),
        ({"batch": True}, "batch=True: a whole number of at least 1"),
        ({"seed": -1}, "seed=-1: a whole number of at least 0"),
        ({"dtype": "float16"}, "dtype 'float16': expected float32 or float64"),
        ({"dtype": int}, "dtype <class 'int'>: expected float32 or float64"),
        ({"dtype": None}, "dtype None: expected float32 or float64"),
        ({"dtype": X}, "dtype is an array: expected float32 or float64"),
        ({"sizes": {"Q": 3}}, "no size Q"),
        ({"sizes": {"D": 0}}, "at least 1"),
        ({"sizes": {"H": 10**6}}, "at most 100,000,000 can be traced"),
    ],
)
def test_what_does_not_fit_is_named(options, words):
    if words is None:
        trace("gru", **options)
        return
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        trace("gru", **options)


def test_several_inputs_need_their_names():
    with pytest.raises(InputError, match=r"2 inputs \(x, u\); give a mapping"):
        trace(TWO, xs=X)


def test_one_number_for_each_sample_has_an_axis_of_its_own():
    run = trace(TWO, state={"h": np.zeros((1, 4)), "s": np.full((1, 1), 2.0)})
    assert run["s"].shape == (4, 1, 1)
    with pytest.raises(InputError, match=r'state\["s"\] has shape \(1, 4\), expected \(B, 1\)'):
        trace(TWO, state={"h": np.zeros((1, 4)), "s": np.zeros((1, 4))})


def test_arrays_come_from_files(tmp_path):
    given = own()
    np.savez(tmp_path / "p.npz", **given.params)
    np.save(tmp_path / "x.npy", given.xs["x"])
    run = trace("gru", params=load_arrays(tmp_path / "p.npz"), xs=load_arrays(tmp_path / "x.npy"))
    np.testing.assert_array_equal(run["h"], trace("gru", params=given.params, xs=given.xs)["h"])


def test_what_a_file_holds_decides_and_not_its_name(tmp_path):
    np.savez(tmp_path / "p.npz", W=np.zeros(3))
    renamed = (tmp_path / "p.npz").rename(tmp_path / "p.npy")
    assert list(load_arrays(renamed)) == ["W"]


class Bomb:
    """Would leave a file behind if it were ever unpickled."""

    def __reduce__(self):
        return open, ("unpickled", "w")


def pickled():
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a file of NumPy arrays"),
        (b"1 2 3\n", "is not a file of NumPy arrays"),
        (b"PK\x03\x04 and then nothing", "is not a file of NumPy arrays"),
        (saved(np.zeros((40, 40)))[:-9], "is not a file of NumPy arrays"),
        (b"\x93NUMPY\x01\x00" + b"\xff" * 40, "is not a file of NumPy arrays"),
        (saved(np.zeros(1)).replace(b"(1,)", b"(9**9**9,)"), "is not a file of NumPy arrays"),
        (pickled(), "holds Python objects, which are never loaded"),
        (archive(**{"W.npy": pickled()}), "holds Python objects, which are never loaded"),
        (archive(**{"W.npy": b"text"}), "`W` in it is not an array"),
        (pickle.dumps(Bomb()), "is not a file of NumPy arrays"),
    ],
)
def test_bad_files_are_refused_and_never_run(data, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrays.npz").write_bytes(data)
    with pytest.raises(InputError, match=words):
        load_arrays("arrays.npz")
    assert not (tmp_path / "unpickled").exists()


def test_an_archive_that_unpacks_to_very_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_LARGEST", 1000)
    np.savez_compressed(tmp_path / "p.npz", W=np.zeros(500))
    with pytest.raises(InputError, match="unpacks to 4,128 bytes; at most 1,000 are read"):
        load_arrays(tmp_path / "p.npz")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(
        InputError, match=r"cannot read `.*`: a file with arrays expected, .npy or .npz"
    ):
        load_arrays(tmp_path)
