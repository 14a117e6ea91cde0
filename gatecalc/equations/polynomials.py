"""Polynomials in the sizes of a cell, with whole coefficients: what counts add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd, prod

from gatecalc.equations.tree import Size

Monomial = tuple[str, ...]
"""Sizes multiplied, sorted by name: `("D", "H")`, `("H", "H")`; `()` is 1."""


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of monomials with whole coefficients, highest degree first.

    >>> d, h = Polynomial.of_size(("D",)), Polynomial.of_size(("H",))
    >>> print(h * (d + h) + 3 * h)
    D*H + H**2 + 3*H
    """

    terms: tuple[tuple[Monomial, int], ...] = ()

    @classmethod
    def constant(cls, value: int) -> Polynomial:
        """A whole number."""
        return cls((((), value),) if value else ())

    @classmethod
    def of_size(cls, size: Size) -> Polynomial:
        """A dimension, which is a sum of named sizes.

        >>> print(Polynomial.of_size(("H", "D", "H")))
        D + 2*H
        """
        return sum((cls((((name,), 1),)) for name in size), cls())

    def __add__(self, other: Polynomial | int) -> Polynomial:
        right = Polynomial.constant(other) if isinstance(other, int) else other
        return _collected((*self.terms, *right.terms))

    __radd__ = __add__

    def __mul__(self, other: Polynomial | int) -> Polynomial:
        right = Polynomial.constant(other) if isinstance(other, int) else other
        return _collected(
            tuple((tuple(sorted((*a, *b))), m * n) for a, m in self.terms for b, n in right.terms)
        )

    __rmul__ = __mul__

    def at(self, sizes: Mapping[str, int]) -> int:
        """The value for given sizes. Raises KeyError for a size that is not given.

        >>> Polynomial.of_size(("H", "D")).at({"D": 3, "H": 4})
        7
        """
        return sum(n * prod(sizes[name] for name in monomial) for monomial, n in self.terms)

    def factored(self) -> tuple[int, Monomial, Polynomial]:
        """Number, sizes and rest, whose product this is: 4DH + 4H is 4, (H,) and D + 1.

        >>> number, sizes, rest = (4 * Polynomial.of_size(("H",))).factored()
        >>> number, sizes, str(rest)
        (4, ('H',), '1')
        """
        if not self.terms:
            return 1, (), self
        number = gcd(*(n for _, n in self.terms))
        common: list[str] = []
        rest = [list(monomial) for monomial, _ in self.terms]
        for name in dict.fromkeys(rest[0]):
            while all(name in monomial for monomial in rest):
                common.append(name)
                for monomial in rest:
                    monomial.remove(name)
        terms = tuple((tuple(m), n // number) for m, (_, n) in zip(rest, self.terms, strict=True))
        return number, tuple(common), _collected(terms)

    def __str__(self) -> str:
        return " + ".join(_term_text(m, n) for m, n in self.terms) or "0"


def powers(monomial: Monomial) -> tuple[tuple[str, int], ...]:
    """Each size with its exponent.

    >>> powers(("D", "H", "H"))
    (('D', 1), ('H', 2))
    """
    return tuple((name, monomial.count(name)) for name in dict.fromkeys(monomial))


def _collected(terms: tuple[tuple[Monomial, int], ...]) -> Polynomial:
    sums: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        sums[monomial] = sums.get(monomial, 0) + coefficient
    kept = [(m, n) for m, n in sums.items() if n]
    return Polynomial(tuple(sorted(kept, key=lambda term: (-len(term[0]), term[0]))))


def _term_text(monomial: Monomial, coefficient: int) -> str:
    factors = [n if e == 1 else f"{n}**{e}" for n, e in powers(monomial)]
    if coefficient != 1 or not factors:
        factors.insert(0, str(coefficient))
    return "*".join(factors)
