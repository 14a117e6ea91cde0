"""Numbers enter the field as the real numbers that their authors meant."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gatecalc.checks.constants import residue
from gatecalc.checks.field import Element
from gatecalc.checks.modular import PRIME, FieldError, inverse
from gatecalc.checks.oracle import Oracle
from gatecalc.checks.rational import simplest_rational


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-324)
@example(2.0**-1022)
@example(1.7976931348623157e308)
def test_simplest_rational_rounds_back_to_its_float(x):
    assert float(simplest_rational(x)) == x


@given(st.floats(1e-6, 1e6))
def test_no_fraction_of_smaller_denominator_rounds_to_the_float(x):
    # At a power of two the interval is lopsided, and the nearest fraction is no judge of it.
    assume(math.frexp(x)[0] != 0.5)
    r = simplest_rational(x)
    if r.denominator > 1:
        nearest = Fraction(x).limit_denominator(r.denominator - 1)
        assert float(nearest) != x


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_quotient_of_small_numbers_is_read_as_that_quotient(a, b):
    assert simplest_rational(a / b) == Fraction(a, b)
    assert simplest_rational(-a / b) == Fraction(-a, b)
    assert simplest_rational(np.float32(a) / np.float32(b)) == Fraction(a, b)


@pytest.mark.parametrize("exponent", [-3, -30, -1022, -1074])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_simplest_rational_at_a_power_of_two_is_found_by_brute_force_too(exponent, offset):
    x = 2.0**exponent
    x = math.nextafter(x, math.inf) if offset > 0 else math.nextafter(x, 0) if offset else x
    r = simplest_rational(x)
    assert float(r) == x
    for denominator in range(max(1, r.denominator - 200), r.denominator):
        near = math.floor(Fraction(x) * denominator)
        assert float(Fraction(near, denominator)) != x
        assert float(Fraction(near + 1, denominator)) != x


def test_half_even_ties_belong_to_the_even_float_alone():
    # 2**53 + 1 lies midway between two floats and rounds to the even one, 2**53.
    midway = Fraction(2**53 + 1, 2**54)
    assert float(midway) == 0.5
    odd = math.nextafter(0.5, 1)
    assert float(simplest_rational(odd)) == odd
    assert simplest_rational(odd) > midway


def test_tenths_add_up_as_their_author_meant():
    x = Element(5, 0, Oracle())
    assert 0.1 + 0.2 != 0.3
    assert (x + 0.1) + 0.2 == x + 0.3
    assert residue(np.float32(0.1)) == residue(0.1) == residue(np.float16(0.1))
    assert residue(Fraction(1, 10)) == residue(0.1)


def test_constants_of_the_normal_distribution_keep_their_relations():
    root_half, density = residue(math.sqrt(0.5)), residue(1 / math.sqrt(2 * math.pi))
    assert root_half**2 % PRIME == residue(0.5)
    assert density * 2 % PRIME == residue(2 / math.sqrt(math.pi)) * root_half % PRIME
    assert residue(math.pi) == inverse(2 * density**2)
    assert residue(0.7071067811865476) == root_half  # the last digit is a matter of rounding


def test_numbers_without_a_value_are_refused_by_name():
    for number in (math.nan, math.inf, -math.inf, 1j, np.complex128(1j)):
        with pytest.raises(FieldError, match="has no value in the exact check"):
            residue(number)
