"""The field on which exact checks run: real identities hold exactly, wrong ones do not."""

from __future__ import annotations

import functools
import operator
from fractions import Fraction

import numpy as np
import pytest

from gatecalc.checks.constants import residue
from gatecalc.checks.field import Element
from gatecalc.checks.field_arrays import (
    inner_product,
    random_array,
    tangent_of,
    value_of,
    without_tangent,
)
from gatecalc.checks.modular import PRIME, FieldError
from gatecalc.checks.oracle import Oracle


def drawn(*shapes, seed=0, tangent=True):
    """One random object array for each shape, all with one oracle."""
    rng, oracle = np.random.default_rng(seed), Oracle(seed)
    arrays = [random_array(shape, rng, oracle, tangent=tangent) for shape in shapes]
    return arrays[0] if len(arrays) == 1 else arrays


def assert_same(left, right):
    """Equal in values and in tangents, as whole numbers."""
    assert value_of(left).tolist() == value_of(right).tolist()
    assert tangent_of(left).tolist() == tangent_of(right).tolist()


def differs(left, right):
    return value_of(left).tolist() != value_of(right).tolist()


# --- equal formulas agree, unequal ones do not ---------------------------------------------------

SIGMOIDS = {
    "half a tanh": lambda a: 0.5 + 0.5 * np.tanh(0.5 * a),
    "quotient": lambda a: np.exp(a) / (1 + np.exp(a)),
    "stable": lambda a: np.where(a > 0, 1 / (1 + np.exp(-a)), np.exp(a) / (1 + np.exp(a))),
    "complement": lambda a: 1 - 1 / (1 + np.exp(a)),
}


@pytest.mark.parametrize("formula", SIGMOIDS.values(), ids=SIGMOIDS)
def test_all_formulas_of_the_sigmoid_agree(formula):
    a = drawn((3, 4))
    assert_same(formula(a), 1 / (1 + np.exp(-a)))


SOFTPLUSES = {
    "larger part first": lambda a: np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a))),
    "analytic": lambda a: np.maximum(a, 0) + np.log1p(np.exp(np.minimum(a, -a))),
    "minus log sigmoid": lambda a: -np.log(1 / (1 + np.exp(a))),
    "mirrored": lambda a: a + np.log(1 + np.exp(-a)),
}


@pytest.mark.parametrize("formula", SOFTPLUSES.values(), ids=SOFTPLUSES)
def test_all_formulas_of_softplus_agree(formula):
    a = drawn((3, 4))
    assert_same(formula(a), np.log1p(np.exp(a)))


def test_tanh_is_the_sigmoid_stretched_and_the_quotient_of_exponentials():
    a = drawn((3, 4))
    assert_same(np.tanh(a), 2 / (1 + np.exp(-2 * a)) - 1)
    assert_same(np.tanh(a), (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)))
    assert_same(np.tanh(a), np.expm1(2 * a) / (np.expm1(2 * a) + 2))


def test_gelu_agrees_with_its_derivative_however_the_constants_are_written():
    a = drawn((3, 4))
    erf = np.frompyfunc(lambda u: u.erf(), 1, 1)
    cumulative = 0.5 * (1 + erf(a * 0.7071067811865476))
    density = 0.3989422804014327 * np.exp(-a * a / 2)
    slope = cumulative + a * density
    expected = value_of(slope) * tangent_of(a) % PRIME
    assert tangent_of(a * cumulative).tolist() == expected.tolist()


def test_a_shift_of_softmax_drops_out_of_its_derivative():
    scores = drawn((2, 5))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    s, ds = value_of(weights), tangent_of(scores)
    expected = s * (ds - (s * ds).sum(axis=-1, keepdims=True)) % PRIME
    assert tangent_of(weights).tolist() == expected.tolist()


@pytest.mark.parametrize("error", [1e-9, -1e-9, 1e-12])
def test_a_tiny_relative_error_breaks_equality(error):
    a = drawn((3, 4))
    assert differs(np.tanh(a) * (1 + error), np.tanh(a))
    assert differs(np.tanh(a * (1 + error)), np.tanh(a))


def test_formulas_that_are_wrong_disagree():
    a = drawn((3, 4))
    assert differs(np.tanh(0.5 * a) + 0.5, 1 / (1 + np.exp(-a)))
    assert differs(np.log1p(np.exp(-a)), np.log1p(np.exp(a)))
    assert differs(np.log(np.exp(a) - 1), a)
    assert differs(np.exp(3 * a), np.exp(a) ** 2)


# --- derivatives --------------------------------------------------------------------------------

SLOPES = {
    "tanh": (np.tanh, lambda a: 1 - np.tanh(a) ** 2),
    "exp": (np.exp, np.exp),
    "expm1": (np.expm1, np.exp),
    "log": (np.log, lambda a: 1 / a),
    "log1p": (np.log1p, lambda a: 1 / (1 + a)),
    "sqrt": (np.sqrt, lambda a: 1 / (2 * np.sqrt(a))),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda a: -np.sin(a)),
    "abs": (np.abs, np.sign),
    "square": (np.square, lambda a: 2 * a),
    "reciprocal": (np.reciprocal, lambda a: -1 / (a * a)),
    "cube": (lambda a: np.power(a, 3), lambda a: 3 * a * a),
    "inverse square": (lambda a: np.power(a, -2), lambda a: -2 / (a * a * a)),
    "power zero": (lambda a: a**0, lambda a: 0 * a),
    "relu": (lambda a: np.maximum(a, 0), lambda a: 1 * (a > 0)),
    "clip": (lambda a: np.clip(a, 0, 1), lambda a: (a > 0) * (a < 1) * 1),
    "softplus": (lambda a: np.log1p(np.exp(a)), lambda a: 1 / (1 + np.exp(-a))),
    "quotient": (lambda a: (3 - a) / (a + 0.5), lambda a: -3.5 / (a + 0.5) ** 2),
}


@pytest.mark.parametrize(("function", "slope"), SLOPES.values(), ids=SLOPES)
def test_the_tangent_is_the_slope_times_the_incoming_tangent(function, slope):
    a = drawn((4, 5))
    expected = value_of(slope(without_tangent(a))) * tangent_of(a) % PRIME
    assert tangent_of(function(a)).tolist() == expected.tolist()


def test_products_quotients_and_differences_obey_their_rules():
    u, v = drawn((3, 4), (3, 4))
    (a, b), (da, db) = (map(value_of, (u, v))), (map(tangent_of, (u, v)))
    assert tangent_of(u * v).tolist() == ((a * db + b * da) % PRIME).tolist()
    assert tangent_of(u - v).tolist() == ((da - db) % PRIME).tolist()
    assert_same((u / v) * v, u)
    assert_same(-(u - v), v - u)
    assert_same(1 - u, -(u - 1))
    assert_same(u**-3 * u**3, np.ones_like(u))


# --- signs --------------------------------------------------------------------------------------


def test_sign_abs_maximum_and_comparisons_tell_one_story():
    a, b = drawn((50,), (50,))
    larger = np.where(a > b, a, b)
    assert_same(np.maximum(a, b), larger)
    assert_same(np.minimum(a, b), a + b - larger)
    assert_same(np.maximum(a, b), (a + b + np.abs(a - b)) / 2)
    assert_same(np.abs(a), np.sign(a) * a)
    assert_same(np.abs(-a), np.abs(a))
    assert_same(np.sign(-a), -np.sign(a))
    assert ((a > b) == (b < a)).all()
    assert ((a >= b) == ~(a < b)).all()
    assert ((a > 0) == (np.sign(a) == 1)).all()
    same = a.copy()
    assert (a >= same).all()
    assert not (a > same).any()


def test_equality_looks_at_values_alone():
    oracle = Oracle()
    assert Element(3, 1, oracle) == Element(3, 2, oracle) == 3
    assert Element(3, 0, oracle) != Element(4, 0, oracle)
    assert Element(residue(0.5), 0, oracle) == 0.5
    assert Element(3, 0, oracle) != "three"


def test_each_element_takes_either_branch_of_relu_under_some_seed():
    branches = np.array([(drawn((4, 4), seed=seed) > 0).ravel() for seed in range(20)])
    assert branches.any(axis=0).all()
    assert not branches.all(axis=0).any()
    assert 0.3 < branches.mean() < 0.7


def test_the_largest_is_found_along_the_axis_in_order():
    a = drawn((3, 5, 2))
    for axis in range(3):
        parts = np.moveaxis(a, axis, 0)
        assert_same(np.max(a, axis=axis), functools.reduce(np.maximum, parts))


# --- NumPy runs on elements as it runs on floats ------------------------------------------------

UNARY = {
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.abs: abs,
    np.square: lambda u: u * u,
    np.reciprocal: lambda u: 1 / u,
    np.conjugate: lambda u: u,
    np.tanh: Element.tanh,
    np.exp: Element.exp,
    np.expm1: Element.expm1,
    np.log: Element.log,
    np.log1p: Element.log1p,
    np.sqrt: Element.sqrt,
    np.sin: Element.sin,
    np.cos: Element.cos,
    np.sign: lambda u: (u > 0) * 1 - (u < 0) * 1,
}
BINARY = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.maximum: max,
    np.minimum: min,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}


@pytest.mark.parametrize("ufunc", UNARY, ids=lambda f: f.__name__)
def test_ufuncs_of_one_array_write_through_out(ufunc):
    a = drawn((3, 4))
    out = np.empty((4, 3), dtype=object).T
    assert ufunc(a, out=out) is out
    assert_same(out, [[UNARY[ufunc](u) for u in row] for row in a])


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", ["array", "element", 2, 0.5, np.float32(0.1), np.int64(3)])
def test_ufuncs_of_two_operands_write_through_out(ufunc, other):
    a, b = drawn((3, 4), (3, 4))
    right = b if other == "array" else b[0, 0] if other == "element" else other
    if isinstance(right, np.generic):
        right = right.item()  # as NumPy does before it calls an element
    rights = right if other == "array" else np.full((3, 4), right, dtype=object)
    expected = [
        [BINARY[ufunc](u, v) for u, v in zip(*rows, strict=True)]
        for rows in zip(a, rights, strict=True)
    ]
    out = np.empty((3, 4), dtype=object)
    assert ufunc(a, right, out=out) is out
    assert_same(out, expected)


def test_comparisons_write_to_masks_of_any_dtype():
    a, b = drawn((3, 4), (3, 4))
    truth = [[u > v for u, v in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)]
    for dtype in (bool, float, object):
        out = np.empty((3, 4), dtype=dtype)
        np.greater(a, b, out=out)
        assert out.tolist() == truth
        assert_same(np.multiply(out, a), np.where(truth, a, 0))


def test_matrix_products_of_elements_are_sums_of_products():
    a, w = drawn((3, 4), (4, 5))
    expected = (a[:, :, None] * w[None]).sum(axis=1)
    out = np.empty((3, 5), dtype=object)
    assert np.matmul(a, w, out=out) is out
    assert_same(out, expected)
    assert_same(np.dot(a, w), expected)
    assert_same(np.matmul(w.T, a.T).T, expected)
    assert_same(np.matmul(a[:, ::2], w[::2]) + np.matmul(a[:, 1::2], w[1::2]), expected)
    assert_same(np.matmul(np.ones((1, 3)), a)[0], np.sum(a, axis=0))


def test_sums_and_means_reduce_along_axes():
    a = drawn((3, 4))
    out = np.empty(4, dtype=object)
    assert np.sum(a, axis=0, out=out) is out
    assert_same(out, [functools.reduce(operator.add, column) for column in a.T])
    assert_same(np.mean(a, axis=-1, keepdims=True) * 4, a.sum(axis=-1, keepdims=True))
    assert_same(a.var(axis=-1), (a * a).mean(axis=-1) - a.mean(axis=-1) ** 2)


def test_python_and_numpy_numbers_stand_on_either_side():
    x = drawn(())[()]
    for number in (2, True, 0.1, Fraction(1, 10), np.float64(0.1), np.float32(0.1), np.int8(3)):
        entered = Element(residue(number), 0, x.oracle)
        for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
            assert_same(operation(number, x), operation(entered, x))
            assert_same(operation(x, number), operation(x, entered))
        assert (number > x) is (x < number) is (x < entered)


def test_an_element_beside_an_array_leaves_the_work_to_the_array():
    x, a = drawn((), (3,))
    x = x[()]
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
        assert_same(operation(x, a), [operation(x, u) for u in a])
        assert_same(operation(a, x), [operation(u, x) for u in a])
    assert (x > a).tolist() == [x > u for u in a]
    assert_same(x ** np.array([1, -2]), [x, x**-2])


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quotient",
    [
        lambda x: x / 0,
        lambda x: 1 / (x - x),
        lambda x: x / (x - x),
        lambda x: (x - x) ** -1,
        lambda x: np.divide(x, 0.0),
    ],
)
def test_division_by_zero_is_named(quotient):
    with pytest.raises(FieldError, match="division by zero in the exact check"):
        quotient(drawn((2,)))


def test_logarithm_of_zero_and_slope_of_the_root_at_zero_are_named():
    x = drawn((2,))
    with pytest.raises(FieldError, match="log of zero"):
        np.log(x - x)
    with pytest.raises(FieldError, match="division by zero"):
        np.sqrt(Element(0, 1, Oracle()))
    assert np.sqrt(Element(0, 0, Oracle())) == 0


@pytest.mark.parametrize("power", [lambda x: x**0.3, lambda x: x**x, lambda x: 2**x])
def test_powers_that_are_not_whole_are_refused(power):
    with pytest.raises(FieldError, match="knows whole powers only"):
        power(drawn((2,)))


def test_what_is_no_number_is_a_type_error():
    x = drawn((), tangent=False)[()]
    with pytest.raises(TypeError, match="unsupported operand"):
        x + None
    with pytest.raises(TypeError, match="unsupported operand"):
        "a" / x
    with pytest.raises(TypeError, match="not supported between"):
        x < "a"  # noqa: B015


# --- arrays -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 4)])
def test_random_arrays_have_the_shape_asked_for_and_can_be_taken_apart(shape):
    a = drawn(shape)
    assert a.shape == value_of(a).shape == tangent_of(a).shape == shape
    assert np.array_equal(value_of(without_tangent(a)), value_of(a))
    assert all(tangent_of(a).flat)
    assert not any(tangent_of(without_tangent(a)).flat)
    assert not any(tangent_of(drawn(shape, tangent=False)).flat)


def test_the_same_seed_draws_the_same_array():
    assert_same(drawn((3, 4), seed=5), drawn((3, 4), seed=5))
    assert differs(drawn((3, 4), seed=5), drawn((3, 4), seed=6))


def test_numbers_among_elements_have_a_value_and_no_tangent():
    x = drawn(())[()]
    mixed = np.array([x, 2, False, 0.5], dtype=object)
    assert value_of(mixed).tolist() == [x.value, 2, 0, residue(0.5)]
    assert tangent_of(mixed).tolist() == [x.tangent, 0, 0, 0]


def test_a_mask_keeps_elements_where_a_maximum_with_a_literal_does_not():
    a = drawn((50,))
    assert int in set(map(type, np.maximum(a, 0)))
    masked = np.multiply(a, np.greater(a, 0))
    assert_same(masked, np.maximum(a, 0))
    assert_same(np.exp(masked), np.where(a > 0, np.exp(a), 1))


def test_inner_product_refuses_shapes_that_differ():
    assert inner_product(value_of([1, 2]), value_of([3, -4])) == PRIME - 5
    with pytest.raises(ValueError, match="shapes"):
        inner_product(value_of([1, 2]), value_of([1]))


# --- the purpose --------------------------------------------------------------------------------


def recurrent_forward(w, u, b, xs, h):
    """A small recurrent cell in the style of generated code, everything through out=."""
    states = np.empty((len(xs) + 1, *h.shape), dtype=h.dtype)
    states[0] = h
    for t, x in enumerate(xs):
        a = states[t + 1]
        np.matmul(x, w.T, out=a)
        np.add(a, np.matmul(states[t], u.T), out=a)
        np.add(a, b, out=a)
        np.tanh(a, out=a)
    return states


def recurrent_backward(w, u, states, d_last, carry_slope=True):
    d_h, d_b = d_last, np.zeros(u.shape[0], dtype=object)
    d_xs = []
    for h in states[:0:-1]:
        d_a = d_h * (1 - h * h) if carry_slope else d_h
        d_b = d_b + d_a.sum(axis=0)
        d_xs.append(np.matmul(d_a, w))
        d_h = np.matmul(d_a, u)
    return np.array(d_xs[::-1]), d_b, d_h


@pytest.mark.parametrize("seed", range(3))
def test_forward_tangents_prove_a_backward_pass_and_refute_a_wrong_one(seed):
    w, u, b, xs, h = drawn((4, 3), (4, 4), (4,), (5, 2, 3), (2, 4), seed=seed)
    w, u = without_tangent(w), without_tangent(u)
    states = recurrent_forward(w, u, b, xs, h)
    d_last = random_array((2, 4), np.random.default_rng(99), Oracle(), tangent=False)
    directional = inner_product(value_of(d_last), tangent_of(states[-1]))

    plain = recurrent_forward(w, u, *map(without_tangent, (b, xs, h)))
    assert value_of(plain).tolist() == value_of(states).tolist()
    for right in (True, False):
        grads = recurrent_backward(w, u, plain, d_last, carry_slope=right)
        pairs = zip(grads, (xs, b, h), strict=True)
        total = sum(inner_product(value_of(g), tangent_of(v)) for g, v in pairs) % PRIME
        assert (total == directional) is right
