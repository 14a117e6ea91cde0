"""The ways an expression can be written, and what its factors, terms and numbers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import sympy

from gatecalc.calculus.algebra import expanded, most_terms

_MOST_SYMBOLS, _MOST_TERMS = 8, 6
"""Beyond these an expression is taken as it stands: searching would take longer than it saves."""

_MOST_MULTIPLIED_OUT = 100
"""Products of sums with more terms than this stay products."""

LARGEST_NUMBER = 4096
"""Numbers beyond this stay where they are: 1/sqrt(2), say, is not a scale."""


def content_of(expr: sympy.Expr) -> tuple[Fraction, sympy.Expr]:
    """The number in front of an expression, and the rest.

    >>> x = sympy.Symbol("x")
    >>> content_of(x * (1 - x / 2))
    (Fraction(1, 2), x*(2 - x))
    """
    content, rest = expr.as_content_primitive()
    if not content.is_Rational or content == 0 or max(abs(content.p), content.q) > LARGEST_NUMBER:
        return Fraction(1), expr
    if rest.could_extract_minus_sign() and isinstance(rest, sympy.Mul):
        content, rest = -content, -rest
    return Fraction(int(content.p), int(content.q)), rest


def abs_term(term: sympy.Expr) -> sympy.Expr:
    """A term without its sign."""
    return -term if term.could_extract_minus_sign() else term


def unwieldy(expr: sympy.Expr) -> set[sympy.Rational]:
    """Large whole numbers and their inverses: what is left of many digits put over one divisor.

    >>> a, b = sympy.symbols("a b")
    >>> unwieldy(a / 2 + sympy.Rational("0.39894228") * b)
    set()
    >>> sorted(unwieldy(sympy.factor_terms(a / 2 + sympy.Rational("0.39894228") * b)))
    [1/25000000, 9973557, 12500000]
    """
    return {
        n
        for n in expr.atoms(sympy.Rational)
        if max(abs(n.p), n.q) > LARGEST_NUMBER and 1 in (abs(n.p), n.q)
    }


def multiplied_out(expr: sympy.Expr) -> sympy.Expr:
    """A sum of products; an expression that would have a great many terms stays as it is.

    >>> a, b, c = sympy.symbols("a b c")
    >>> multiplied_out(a * (b + c)), multiplied_out((a + b + c) ** 16)
    (a*b + a*c, (a + b + c)**16)
    """
    return expanded(expr) if most_terms(expr) <= _MOST_MULTIPLIED_OUT else expr


def is_inverse(expr: sympy.Expr) -> bool:
    """Whether a factor divides."""
    return isinstance(expr, sympy.Pow) and bool(expr.exp.is_negative)


def power_price(exponent: int) -> int:
    """Calls that a power takes by squaring and multiplying, and a division if it is negative."""
    size = abs(exponent)
    return size.bit_length() - 1 + size.bit_count() - 1 + (exponent < 0)


def plain_factors(expr: sympy.Expr) -> tuple[sympy.Symbol, ...] | None:
    """The symbols that a product consists of, powers spelled out; None for other expressions."""
    found: list[sympy.Symbol] = []
    for factor in sympy.Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        if not base.is_Symbol or not isinstance(exponent, sympy.Integer) or exponent < 1:
            return None
        found += [base] * int(exponent)
    return tuple(found)


def _has_one_form(expr: sympy.Expr) -> bool:
    """Whether there is nothing to multiply out, and the terms share nothing.

    >>> x, y, z = sympy.symbols("x y z")
    >>> [_has_one_form(e) for e in (x * y / z**2, x * y - z, x * y + x * z, x * (1 - y))]
    [True, True, False, False]
    """
    met: set[sympy.Symbol] = set()
    terms = sympy.Add.make_args(expr)
    for term in terms:
        number, rest = term.as_coeff_Mul()
        symbols = [f.as_base_exp()[0] for f in sympy.Mul.make_args(rest) if f is not sympy.S.One]
        if len(terms) > 1 and (number not in (1, -1) or not met.isdisjoint(symbols)):
            return False
        if not all(s.is_Symbol for s in symbols):
            return False
        met.update(symbols)
    return True


def forms(expr: sympy.Expr) -> Iterator[sympy.Expr]:
    """Ways to write an expression: as it is, expanded, and collected by what its terms share."""
    yield expr
    if _has_one_form(expr):
        return
    yield sympy.factor_terms(expr)
    if len(expr.free_symbols) > _MOST_SYMBOLS:
        return
    long = multiplied_out(expr)
    yield long
    if not long.is_Add or len(long.args) > _MOST_TERMS:
        return
    content, rest = long.primitive()
    number = content != 1
    yield sympy.Mul(content, rest, evaluate=False) if number else rest
    counts = Counter(s for term in long.args for s in term.free_symbols)
    for symbol in sorted((s for s, c in counts.items() if c > 1), key=lambda s: s.name):
        collected = sympy.collect(rest, symbol)
        yield sympy.Mul(content, collected, evaluate=False) if number else collected
        yield sympy.factor_terms(sympy.collect(long, symbol))
