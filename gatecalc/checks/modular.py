"""Whole numbers modulo the Mersenne prime 2**61 - 1: inverse and sign.

The prime is large enough that a wrong identity survives with a probability of about its degree
divided by 2**61, and small enough that a product of two residues is quick. It is 7 modulo 8, so
-1 has no square root and 2 has one: the Legendre symbol behaves like a sign (sign(-a) = -sign(a),
sign(2a) = sign(a)).
"""

from __future__ import annotations

from gatecalc.errors import GradientError

PRIME = 2**61 - 1


class FieldError(GradientError):
    """A calculation that the finite field has no answer for: the exact check cannot decide."""


def inverse(a: int) -> int:
    """The b with a * b = 1 modulo PRIME; FieldError for 0.

    >>> inverse(2) * 2 % PRIME
    1
    """
    if a % PRIME == 0:
        raise FieldError("division by zero in the exact check")
    return pow(a, -1, PRIME)


def legendre(a: int) -> int:
    """The Legendre symbol of 0 <= `a` < PRIME: 1 for a square, -1 for a non-square, 0 for 0.

    Computed as the Jacobi symbol by reciprocity, which takes less than half the time of Euler's
    power a**((PRIME - 1) / 2).

    >>> legendre(4), legendre(PRIME - 4), legendre(0)
    (1, -1, 0)
    """
    below, symbol = PRIME, 1
    while a:
        twos = (a & -a).bit_length() - 1
        a >>= twos
        if twos & 1 and below & 7 in (3, 5):
            symbol = -symbol
        if a & 3 == 3 and below & 3 == 3:
            symbol = -symbol
        a, below = below % a, a
    return symbol if below == 1 else 0
