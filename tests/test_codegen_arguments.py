"""What a generated module says to arguments that do not fit, and what it lets pass."""

from __future__ import annotations

import re

import numpy as np
import pytest
from generated import module
from odd_cells import ODD_CELLS, lines

LSTM = module("lstm", plain=True)
TWO = module(lines(ODD_CELLS["two inputs"]), plain=True)
PARAMS = LSTM.init(D=8, H=16, rng=0)
XS = np.zeros((5, 3, 8))
STATE = LSTM.State(c=np.zeros((3, 16)), h=np.zeros((3, 16)))


def without(name):
    return {n: a for n, a in PARAMS.items() if n != name}


@pytest.mark.parametrize(
    ("xs", "error", "message"),
    [
        (np.zeros((5, 3)), ValueError, "xs: shape (5, 3) given, (T, B, D) with D = 8 expected"),
        (
            np.zeros((5, 3, 7)),
            ValueError,
            "xs: shape (5, 3, 7) given, (T, B, D) with T = 5, B = 3, D = 8 expected",
        ),
        (None, TypeError, "xs: numbers expected, NoneType given"),
        ("abc", TypeError, "xs: numbers expected, an array of <U3 given"),
        ([["a"], ["b"]], TypeError, "xs: numbers expected, an array of <U1 given"),
        ([[[1.0, None]]], TypeError, "xs: numbers expected, NoneType given"),
        ([[1.0], [1.0, 2.0]], ValueError, "xs: an array expected, ragged rows given"),
        (np.zeros((5, 3, 8), complex), TypeError, "xs: an array of complex128 given, but the "),
        (np.zeros((5, 3, 8), "M8[s]"), TypeError, "xs: numbers expected, an array of datetime64"),
    ],
)
def test_inputs_that_do_not_fit_are_named(xs, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LSTM.forward(PARAMS, xs)


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (np.zeros((3, 16)), TypeError, "state: State(c, h) expected, ndarray of 3 given"),
        ((np.zeros((3, 16)),), TypeError, "state: State(c, h) expected, tuple of 1 given"),
        (7, TypeError, "state: State(c, h) expected, int given"),
        ({"q": np.zeros((3, 16))}, ValueError, "state: superfluous 'q'; there are c, h"),
        (
            LSTM.State(c=np.zeros((3, 16)), h=np.zeros((2, 16))),
            ValueError,
            "state.h: shape (2, 16) given, (B, H) with B = 3, H = 16 expected",
        ),
    ],
)
def test_states_that_do_not_fit_are_named(state, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LSTM.forward(PARAMS, XS, state)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (None, TypeError, "params: a mapping expected, NoneType given"),
        ([1, 2], TypeError, "params: a mapping expected, list given"),
        (without("U_f"), ValueError, "params: 'U_f' is missing; there are W_i, U_i"),
        ({**PARAMS, "V": 1.0}, ValueError, "params: superfluous 'V'; there are W_i, U_i"),
        (
            {**PARAMS, "U_f": np.zeros((16, 8))},
            ValueError,
            "params['U_f']: shape (16, 8) given, (H, H) with H = 16 expected",
        ),
        (
            {**PARAMS, "b_f": np.zeros((16, 1))},
            ValueError,
            "params['b_f']: shape (16, 1) given, (H,) expected",
        ),
        ({**PARAMS, "b_f": "zero"}, TypeError, "params['b_f']: numbers expected"),
        ({**PARAMS, "b_f": [None] * 16}, TypeError, "params['b_f']: numbers expected, NoneType"),
        (
            {n: a.astype(np.float16) for n, a in PARAMS.items()},
            TypeError,
            "params: float16 given, float32 or float64 expected",
        ),
        (
            {n: a.astype(np.longdouble) for n, a in PARAMS.items()},
            TypeError,
            "given, float32 or float64 expected",
        ),
    ],
)
def test_params_that_do_not_fit_are_named(params, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LSTM.forward(params, XS)


def test_gradients_are_no_params_for_a_cell_with_constants():
    m = module("lstm_layer_norm", plain=True)
    with pytest.raises(ValueError, match="the constants epsilon are missing"):
        m.forward(m.init(rng=0).zeros(), XS)


@pytest.mark.parametrize(
    ("xs", "error", "message"),
    [
        (np.zeros((5, 3, 8)), TypeError, "xs: Inputs(x, s) expected, ndarray given"),
        ((np.zeros((5, 3, 8)),), TypeError, "xs: Inputs(x, s) expected, tuple given"),
        (
            (np.zeros((5, 3, 8)), np.zeros((5, 2, 8))),
            ValueError,
            "xs.s: shape (5, 2, 8) given, (T, B, D_s) with T = 5, B = 3, D_s = 8 expected",
        ),
        ({"x": XS, "y": XS}, ValueError, "Inputs: superfluous 'y'; there are x, s"),
    ],
)
def test_several_inputs_come_as_one_tuple(xs, error, message):
    with pytest.raises(error, match=re.escape(message)):
        TWO.forward(TWO.init(rng=0), xs)


def test_several_inputs_may_be_a_mapping_or_a_list():
    params, s = TWO.init(rng=0), np.ones((5, 3, 8))
    wanted, *_ = TWO.forward(params, TWO.Inputs(x=XS, s=s))
    for xs in ({"s": s, "x": XS}, [XS, s], (XS, s)):
        hs, *_ = TWO.forward(params, xs)
        assert (hs == wanted).all()


def test_what_comes_later_is_refused_by_name():
    with pytest.raises(ValueError, match="lengths: "):
        LSTM.forward(PARAMS, XS, lengths=[5, 4, 3])


def test_the_adjoint_of_the_output_must_fit():
    _, _, tape = LSTM.forward(PARAMS, XS)
    message = "d_hs: shape (5, 3) given, (T, B, H) with T = 5, B = 3, H = 16 expected"
    with pytest.raises(ValueError, match=re.escape(message)):
        LSTM.backward(PARAMS, tape, np.zeros((5, 3)))
    with pytest.raises(TypeError, match="d_hs: numbers expected, NoneType given"):
        LSTM.backward(PARAMS, tape, None)
    with pytest.raises(ValueError, match=re.escape("d_state.c: shape (3, 1) given, (B, H)")):
        LSTM.backward(PARAMS, tape, np.zeros((5, 3, 16)), (np.zeros((3, 1)), None))


def test_a_tape_must_be_one_of_these_params():
    _, _, tape = LSTM.forward(PARAMS, XS)
    d_hs = np.zeros((5, 3, 16))
    with pytest.raises(TypeError, match="tape: the third result of forward expected, NoneType"):
        LSTM.backward(PARAMS, None, d_hs)
    with pytest.raises(ValueError, match="params: D=8, H=4 given, D=8, H=16 on the tape"):
        LSTM.backward(LSTM.init(D=8, H=4, rng=0), tape, d_hs)
    with pytest.raises(ValueError, match="params: float32 given, float64 on the tape"):
        LSTM.backward(LSTM.init(D=8, H=16, rng=0, dtype=np.float32), tape, d_hs)


def test_steps_check_their_arguments_too():
    x = np.zeros((3, 8))
    with pytest.raises(ValueError, match=re.escape("x: shape (8,) given, (B, D) with D = 8")):
        LSTM.step(PARAMS, x[0])
    _, _, cache = LSTM.step(PARAMS, x)
    with pytest.raises(ValueError, match=re.escape("d_h: shape (2, 16) given, (B, H) with B = 3")):
        LSTM.step_backward(PARAMS, cache, np.zeros((2, 16)))
    with pytest.raises(TypeError, match="cache: the third result of step expected, tuple given"):
        LSTM.step_backward(PARAMS, (), np.zeros((3, 16)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"H": 0}, ValueError, "H: 0 given, a whole number of at least 1 expected"),
        ({"H": 2.5}, ValueError, "H: 2.5 given, a whole number"),
        ({"H": True}, ValueError, "H: True given, a whole number"),
        ({"P": 4}, TypeError, "unexpected keyword argument 'P'"),
        ({"dtype": np.float16}, TypeError, "dtype: float16 given, float32 or float64 expected"),
        ({"dtype": int}, TypeError, "dtype: int64 given, float32 or float64 expected"),
        ({"values": {"q": 1}}, ValueError, "values: superfluous 'q'; there are W_i"),
        ({"values": 3}, TypeError, "values: a mapping expected, int given"),
        ({"values": {"b_i": "x"}}, TypeError, "values['b_i']: numbers expected"),
        ({"values": {"b_i": [1, 2]}}, ValueError, "values['b_i']: shape (2,) given, (H,) with H"),
        (
            {"D": 3, "H": 5, "values": {"W_i": np.ones((4, 3))}},
            ValueError,
            "values['W_i']: shape (4, 3) given, (H, D) with H = 5, D = 3 expected",
        ),
        ({"values": {"b_i": 1j}}, TypeError, "values['b_i']: an array of complex128 given"),
    ],
)
def test_init_says_what_it_expects(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LSTM.init(**{"rng": 0, **arguments})


def test_a_size_that_the_equations_force_to_equal_another_is_explained():
    m = module("h[t] = h[t-1] + tanh(W @ x[t]) * x[t]", plain=True)
    assert "The equations force D = H." in m.init.__doc__
    with pytest.raises(TypeError, match="no size D: the equations force D = H, so the sizes are H"):
        m.init(D=3, H=3)


def test_lists_and_whole_numbers_and_other_floats_are_converted():
    whole = np.arange(2 * 3 * 8).reshape(2, 3, 8) % 5
    wanted, *_ = LSTM.forward(PARAMS, whole.astype(float))
    for xs in (whole, whole.tolist(), whole.astype(np.float16), whole.astype(">f8")):
        hs, *_ = LSTM.forward(PARAMS, xs)
        assert hs.dtype == np.float64
        assert (hs == wanted).all()
    booleans, *_ = LSTM.forward(PARAMS, whole > 2)
    assert (booleans == LSTM.forward(PARAMS, (whole > 2) * 1.0)[0]).all()
    single = LSTM.init(D=8, H=16, rng=0, dtype=np.float32)
    assert LSTM.forward(single, whole.astype(float))[0].dtype == np.float32


def test_arrays_in_any_order_of_memory_do():
    xs = np.random.default_rng(0).normal(size=(5, 3, 8))
    wanted, *_ = LSTM.forward(PARAMS, xs)
    turned = np.ascontiguousarray(xs.transpose(2, 0, 1)).transpose(1, 2, 0)
    reversed_twice = np.ascontiguousarray(xs[::-1])[::-1]
    frozen = xs.copy()
    frozen.flags.writeable = False
    for same in (turned, reversed_twice, frozen, np.asfortranarray(xs)):
        assert (LSTM.forward(PARAMS, same)[0] == wanted).all()


def test_missing_states_are_zeros():
    wanted, *_ = LSTM.forward(PARAMS, XS + 1, STATE)
    for state in (None, (None, None), {}, {"h": STATE.h}, [STATE.c, STATE.h]):
        hs, *_ = LSTM.forward(PARAMS, XS + 1, state)
        assert (hs == wanted).all()


def test_a_cell_without_a_state_has_an_empty_one():
    m = module("dense", plain=True)
    ys, state, tape = m.forward(m.init(rng=0), XS)
    assert state == m.State()
    assert m.backward(m.init(rng=0), tape, ys)[2] == ()
    with pytest.raises(TypeError, match=re.escape("state: State() expected, tuple of 1 given")):
        m.forward(m.init(rng=0), XS, (XS,))
