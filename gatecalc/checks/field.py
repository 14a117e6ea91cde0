"""Dual numbers over a prime field, made to stand in NumPy object arrays in place of floats.

A function written for float arrays runs on them unmodified: NumPy's loops for objects call the
operators below, and for np.tanh and its kin the method of the same name. The value then obeys
exact arithmetic, the tangent the chain rule, and equality needs no tolerance.
"""

from __future__ import annotations

import math
from numbers import Rational
from typing import final

import numpy as np

from gatecalc.checks.constants import residue
from gatecalc.checks.modular import PRIME, FieldError, inverse, legendre
from gatecalc.checks.oracle import Oracle

_NUMBERS: tuple[type, ...] = (float, int, complex, Rational, np.number, np.bool_)
_ERF_SLOPE = residue(2 / math.sqrt(math.pi))


def _number(other: object, oracle: Oracle) -> int | None:
    """The residue of a Python or NumPy number; None for what is none (arrays speak themselves)."""
    if isinstance(other, _NUMBERS):
        return oracle.residue(other)
    return None


@final
class Element:
    """u + u'ε with residues u (`value`) and u' (`tangent`) modulo PRIME, and ε² = 0.

    Numbers on the other side of an operator are read by `residue`. Comparisons look at values
    only, as programs that branch on floats do: `==` is equality, the order that of the Legendre
    symbol of the difference. That order is no order in the strict sense (a > b > c does not give
    a > c), but sign, abs, maximum, minimum and the comparisons agree with each other, and both
    branches of every `if` are taken half of the time.

    `oracle` answers for the functions; an operation takes it from its first element. Raises
    FieldError for a division by zero and for powers that are not whole.

    >>> x = Element(3, 1, Oracle())
    >>> (x * x + 0.5 * x).tangent == residue(6.5)
    True
    >>> y = x.tanh()
    >>> y.tangent == (1 - y * y).value
    True
    """

    __slots__ = ("oracle", "tangent", "value")

    # Below an array's 0, so that arrays take their elements one by one; above a NumPy scalar's,
    # which otherwise turns into a Python float first: np.float32(0.1) would not be one tenth.
    __array_priority__ = -1.0

    def __init__(self, value: int, tangent: int, oracle: Oracle) -> None:
        self.value = value
        self.tangent = tangent
        self.oracle = oracle

    def __repr__(self) -> str:
        return f"Element({self.value}, {self.tangent})"

    # Tangents are tested for 0 throughout: a backward pass has none, and pays for none.

    def __add__(self, other: object) -> Element:
        if type(other) is Element:
            value = self.value + other.value
            tangent = self.tangent + other.tangent
            return Element(
                value if value < PRIME else value - PRIME,
                tangent if tangent < PRIME else tangent - PRIME,
                self.oracle,
            )
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        return Element((self.value + number) % PRIME, self.tangent, self.oracle)

    __radd__ = __add__

    def __sub__(self, other: object) -> Element:
        if type(other) is Element:
            value = self.value - other.value
            tangent = self.tangent - other.tangent
            return Element(
                value if value >= 0 else value + PRIME,
                tangent if tangent >= 0 else tangent + PRIME,
                self.oracle,
            )
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        return Element((self.value - number) % PRIME, self.tangent, self.oracle)

    def __rsub__(self, other: object) -> Element:
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        return Element((number - self.value) % PRIME, -self.tangent % PRIME, self.oracle)

    def __mul__(self, other: object) -> Element:
        if type(other) is Element:
            if self.tangent or other.tangent:
                tangent = (self.value * other.tangent + self.tangent * other.value) % PRIME
            else:
                tangent = 0
            return Element(self.value * other.value % PRIME, tangent, self.oracle)
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        return Element(self.value * number % PRIME, self.tangent * number % PRIME, self.oracle)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Element:
        if type(other) is Element:
            return self * other._reciprocal()
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        number = inverse(number)
        return Element(self.value * number % PRIME, self.tangent * number % PRIME, self.oracle)

    def __rtruediv__(self, other: object) -> Element:
        number = _number(other, self.oracle)
        if number is None:
            return NotImplemented
        return self._reciprocal() * number

    def _reciprocal(self) -> Element:
        value = inverse(self.value)
        return self._chain(value, -value * value)

    def __pow__(self, exponent: object) -> Element:
        if isinstance(exponent, np.ndarray):
            return NotImplemented
        n = _whole(exponent)
        if n is None:
            raise FieldError(f"power {exponent!r}: the exact check knows whole powers only")
        if n < 0 and self.value == 0:
            raise FieldError(f"division by zero in the exact check: zero to the power {n}")
        slope = n * pow(self.value, n - 1, PRIME) if n and self.tangent else 0
        return self._chain(pow(self.value, n, PRIME), slope)

    def __rpow__(self, base: object) -> Element:
        raise FieldError(f"{base!r} to a variable power: the exact check knows whole powers only")

    def __neg__(self) -> Element:
        return Element(-self.value % PRIME, -self.tangent % PRIME, self.oracle)

    def __pos__(self) -> Element:
        return self

    def __abs__(self) -> Element:
        sign = legendre(self.value)
        return Element(sign * self.value % PRIME, sign * self.tangent % PRIME, self.oracle)

    def __bool__(self) -> bool:
        return self.value != 0

    __hash__ = None  # type: ignore[assignment]  # equal to numbers of several types

    def __eq__(self, other: object) -> bool:
        number = other.value if type(other) is Element else _number(other, self.oracle)
        return NotImplemented if number is None else self.value == number

    def _compare(self, other: object) -> int | None:
        number = other.value if type(other) is Element else _number(other, self.oracle)
        return None if number is None else legendre((self.value - number) % PRIME)

    def __gt__(self, other: object) -> bool:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign > 0

    def __ge__(self, other: object) -> bool:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign >= 0

    def __lt__(self, other: object) -> bool:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign < 0

    def __le__(self, other: object) -> bool:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign <= 0

    # The functions. NumPy finds them by name; erf has no ufunc and is called.

    def _chain(self, value: int, slope: int) -> Element:
        """f(u) + f'(u)·u'ε for a function with this value and slope."""
        tangent = slope * self.tangent % PRIME if self.tangent else 0
        return Element(value, tangent, self.oracle)

    def conjugate(self) -> Element:
        """The number itself: the field stands for the reals."""
        return self

    def exp(self) -> Element:
        """The exponential; exp' = exp."""
        value = self.oracle.exp(self.value)
        return self._chain(value, value)

    def expm1(self) -> Element:
        """The exponential less 1."""
        return self.exp() - 1

    def tanh(self) -> Element:
        """The hyperbolic tangent; tanh' = 1 - tanh²."""
        value = self.oracle.tanh(self.value)
        return self._chain(value, 1 - value * value)

    def log(self) -> Element:
        """The logarithm; log' = 1/a. FieldError at 0."""
        value = self.oracle.log(self.value)
        return self._chain(value, inverse(self.value) if self.tangent else 0)

    def log1p(self) -> Element:
        """The logarithm of 1 more."""
        return (self + 1).log()

    def sqrt(self) -> Element:
        """The square root s; s' = 1/(2s). FieldError for the slope at 0."""
        value = self.oracle.sqrt(self.value)
        return self._chain(value, inverse(2 * value) if self.tangent else 0)

    def sin(self) -> Element:
        """The sine; sin' = cos."""
        return self._chain(self.oracle.sin(self.value), self.oracle.cos(self.value))

    def cos(self) -> Element:
        """The cosine; cos' = -sin."""
        return self._chain(self.oracle.cos(self.value), -self.oracle.sin(self.value))

    def erf(self) -> Element:
        """The error function; erf' = 2/√π · exp(-a²)."""
        slope = 0
        if self.tangent:
            slope = _ERF_SLOPE * self.oracle.exp(-self.value * self.value % PRIME)
        return self._chain(self.oracle.erf(self.value), slope)


def _whole(exponent: object) -> int | None:
    if isinstance(exponent, (float, np.floating)):
        return int(exponent) if exponent.is_integer() else None
    if isinstance(exponent, Rational):
        return int(exponent.numerator) if exponent.denominator == 1 else None
    return None
