"""How the numbers of a program enter the field: each as the real number that its author meant."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from itertools import product
from numbers import Rational

import numpy as np

from gatecalc.checks.modular import PRIME, FieldError, inverse
from gatecalc.checks.rational import simplest_rational

# Beyond this denominator a literal does not look like a decimal fraction that somebody typed.
_TYPED = 10**7
_SMALL = 2**14

_ROOT_OF_2 = 2**31  # its square, 2**62, is 2 modulo 2**61 - 1
_ROOT_OF_PI = 3141592653589793**2  # any square will do: pi satisfies no equation


@lru_cache(maxsize=4096, typed=True)
def residue(number: object) -> int:
    """The residue modulo PRIME that stands for a Python or NumPy number.

    Whole numbers and fractions enter exactly, a float as its `simplest_rational`; but a float
    that is within rounding a small fraction times a power of sqrt(2) and sqrt(pi) enters as just
    that. So the constants of the normal distribution keep their relations, and gelu and its
    derivative agree whichever of 1/sqrt(2), 2/sqrt(pi) and 1/sqrt(2 pi) they were written with.
    Raises FieldError for nan, infinities, complex numbers and what is no number.

    >>> (residue(0.1) + residue(0.2) - residue(0.3)) % PRIME
    0
    >>> residue(0.5**0.5) ** 2 % PRIME == residue(0.5)
    True
    """
    if isinstance(number, np.bool_):
        return int(number)
    if isinstance(number, (float, np.floating)):
        try:
            fraction = simplest_rational(number)
        except ValueError as error:
            raise FieldError(f"{number} has no value in the exact check") from error
        if fraction.denominator > _TYPED:
            known = _irrational(float(number))
            if known is not None:
                return known
        number = fraction
    if isinstance(number, Rational):
        return int(number.numerator) * inverse(int(number.denominator)) % PRIME
    raise FieldError(f"{number!r} has no value in the exact check: real numbers only")


def looks_meant(literal: float) -> bool:
    """Whether `residue` takes a float for more than the digits that it has.

    >>> looks_meant(0.1), looks_meant(0.5**0.5), looks_meant(0.1 * 0.5**0.5 + 1)
    (True, True, False)
    """
    return simplest_rational(literal).denominator <= _TYPED or _irrational(literal) is not None


def _irrational(literal: float) -> int | None:
    for twos, pis in product((0, 1), (1, -1, 2, -2, 0)):
        unit = math.sqrt(2) ** twos * math.sqrt(math.pi) ** pis
        factor = Fraction(literal / unit).limit_denominator(_SMALL)
        if math.isclose(float(factor) * unit, literal, rel_tol=2**-50):
            roots: int = _ROOT_OF_2**twos * pow(_ROOT_OF_PI, pis, PRIME)
            return factor.numerator * inverse(factor.denominator) * roots % PRIME
    return None
