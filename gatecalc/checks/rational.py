"""The simplest rational number behind a floating-point literal."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=4096, typed=True)
def simplest_rational(literal: float | np.floating) -> Fraction:
    """The rational of smallest denominator among the reals that round to `literal`.

    A program that says 0.1 means one tenth, and 0.1 + 0.2 should be 0.3: so a literal is read
    back as what its author can have meant. The reals that round to a float form an interval
    (half-even rounding: closed if the last bit is 0); the fraction of smallest denominator in it
    is found by the Stern-Brocot descent, run as a continued fraction. Whole floats stay as they
    are. A NumPy scalar is read at its own precision. Raises ValueError for nan and infinities.

    >>> simplest_rational(0.1) + simplest_rational(0.2) == simplest_rational(0.3)
    True
    >>> simplest_rational(1 / 6)
    Fraction(1, 6)
    >>> simplest_rational(np.float32(0.7))
    Fraction(7, 10)
    """
    if not math.isfinite(literal):
        raise ValueError(f"{literal} is no number of the rationals")
    if literal < 0:
        return -simplest_rational(-literal)
    exact = Fraction(*literal.as_integer_ratio())
    if exact.denominator == 1:
        return exact
    # Not whole, hence far below the largest float: both neighbours exist.
    below, above = _neighbours(literal)
    low, high = (exact + below) / 2, (exact + above) / 2
    # Spacing changes at a power of two, so the last bit is counted in the narrower step.
    even = (exact / min(exact - below, above - exact)).numerator % 2 == 0
    return _simplest_between(low, high, closed=even)


def _neighbours(literal: float | np.floating) -> tuple[Fraction, Fraction]:
    if isinstance(literal, float):  # np.float64 too
        return Fraction(math.nextafter(literal, 0.0)), Fraction(math.nextafter(literal, math.inf))
    kind = type(literal)
    return (
        Fraction(*np.nextafter(literal, kind(0)).as_integer_ratio()),
        Fraction(*np.nextafter(literal, kind(np.inf)).as_integer_ratio()),
    )


def _simplest_between(low: Fraction, high: Fraction, *, closed: bool) -> Fraction:
    """The fraction of smallest denominator between 0 <= `low` < `high`, ends included if `closed`.

    While both ends have the same whole part, that part is a partial quotient of the answer and
    the search goes on between the reciprocals of what remains.
    """
    quotients = []
    while True:
        whole = math.floor(low)
        if low == whole and closed:
            quotients.append(whole)
            break
        if whole + 1 < high or (whole + 1 == high and closed):
            quotients.append(whole + 1)
            break
        quotients.append(whole)
        if low == whole:
            # The end itself is excluded: whole + 1/n for the smallest n that lies inside.
            quotients.append(math.floor(1 / (high - whole)) + 1)
            break
        low, high = 1 / (high - whole), 1 / (low - whole)
    answer = Fraction(quotients.pop())
    while quotients:
        answer = quotients.pop() + 1 / answer
    return answer
