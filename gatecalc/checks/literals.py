"""The long literals of a cell, and what a program makes of them, as numbers of the field.

0.6931471805599453 in the equations enters the field as one fraction, 2.302585092994046 as another.
A program that multiplies the two beforehand says 1.5960235...: no fraction that is simple, and
none that the field could tell to be their product. So it is told what the literals are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, islice

from gatecalc.checks.constants import looks_meant, residue
from gatecalc.checks.modular import PRIME, inverse
from gatecalc.equations.cell import Cell
from gatecalc.equations.tree import Add, Div, Mul, Neg, Node, Number, Pow, Sub, walk

_SMALL = 2**14
_MOST = 2000
"""As many sums and products are tried for one number; that takes some ten milliseconds."""


class Literals:
    """Residues for numbers that may be made of known ones.

    `known` has residues by float. A float that is within rounding a small fraction times one of
    them, a sum or difference of two, or a product of up to three and their inverses enters the
    field as just that; others enter as `residue` has it.

    >>> known = {math.e: residue(math.e), math.log(3): residue(math.log(3))}
    >>> product = residue(math.e) * residue(math.log(3)) % PRIME
    >>> Literals(known).residue(math.e * math.log(3) / 2) * 2 % PRIME == product
    True
    """

    def __init__(self, known: Mapping[float, int]) -> None:
        self._units = tuple(_products(known))
        self._found = dict(known)
        self.unknown: list[float] = []
        """Numbers met that look like nothing somebody typed, nor like such a product."""

    def residue(self, number: object) -> int:
        """The residue modulo PRIME that stands for a Python or NumPy number."""
        if not isinstance(number, float) or not math.isfinite(number):
            return residue(number)
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = self._read(float(number))
        return found

    def _read(self, literal: float) -> int:
        if is_short(literal):
            return residue(literal)
        for unit, value in self._units:
            quotient = literal / unit
            if not 1 / _SMALL <= abs(quotient) <= _SMALL:
                continue
            factor = Fraction(quotient).limit_denominator(_SMALL)
            if math.isclose(float(factor) * unit, literal, rel_tol=2**-50):
                return factor.numerator * inverse(factor.denominator) * value % PRIME
        if not looks_meant(literal):
            self.unknown.append(literal)
        return residue(literal)


def is_short(literal: float) -> bool:
    """Whether it is a small fraction, whose products the field knows by itself."""
    return float(Fraction(literal).limit_denominator(_SMALL)) == literal


def literals_of(cell: Cell) -> Literals:
    """The long numbers in the equations of a cell, sums and products of literals included."""
    trees = [e.expression for e in cell.equations] + [n.body for n in cell.nonlinearities]
    known: dict[float, int] = {}
    for node in _below(trees):
        number = _number(node)
        if number is not None and not is_short(number[0]):
            known.setdefault(*number)
    return Literals(known)


def _below(trees: Iterable[Node]) -> Iterator[Node]:
    """All nodes, literals before what is made of them."""
    nodes = [node for tree in trees for node in walk(tree)]
    yield from (node for node in nodes if isinstance(node, Number))
    yield from (node for node in nodes if not isinstance(node, Number))


def _number(node: Node) -> tuple[float, int] | None:
    """The value of an expression of literals alone, and its residue, which the parts give."""
    try:
        exact = _fraction(node)
        return None if exact is None else (float(exact[0]), exact[1])
    except OverflowError:  # beyond floats
        return None


def _fraction(node: Node) -> tuple[Fraction, int] | None:
    match node:
        case Number():
            return node.value, residue(float(node.value))
        case Neg(argument):
            inner = _fraction(argument)
            return None if inner is None else (-inner[0], -inner[1] % PRIME)
        case Pow(base, exponent):
            inner = _fraction(base)
            if inner is None or not inner[0] or not inner[1]:
                return None
            return inner[0] ** exponent, pow(inner[1], exponent, PRIME)
        case Add(left, right) | Sub(left, right) | Mul(left, right) | Div(left, right):
            first, second = _fraction(left), _fraction(right)
            return None if first is None or second is None else _combined(node, first, second)
    return None


def _combined(
    node: Node, first: tuple[Fraction, int], second: tuple[Fraction, int]
) -> tuple[Fraction, int] | None:
    (a, u), (b, v) = first, second
    match node:
        case Add():
            return a + b, (u + v) % PRIME
        case Sub():
            return a - b, (u - v) % PRIME
        case Mul():
            return a * b, u * v % PRIME
    return (a / b, u * inverse(v) % PRIME) if b and v else None


def _products(known: Mapping[float, int]) -> Iterator[tuple[float, int]]:
    """What programs make of the numbers: their sums and differences, also with 1, and products.

    Products are of up to three of the numbers and their inverses, the short ones first.
    """
    units = [(a, u) for a, u in known.items() if u]
    inverses = [(1 / a, inverse(u)) for a, u in units]
    sums = [
        (a + sign * b, (u + sign * v) % PRIME)
        for (a, u), (b, v) in combinations([(1.0, 1), *units], 2)
        for sign in (1, -1)
    ]
    found = [*units, *inverses, *sums] + [
        (math.prod(a for a, _ in factors), math.prod(u for _, u in factors) % PRIME)
        for degree in (2, 3)
        for factors in islice(combinations_with_replacement(units + inverses, degree), _MOST)
    ]
    usable = (unit for unit in found if math.isfinite(unit[0]) and not is_short(unit[0]))
    yield from islice(usable, _MOST)
