"""The ways an expression can be written, and what its factors, terms and numbers are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
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
    plain = all(f.as_base_exp()[0].is_Atom for f in sympy.Mul.make_args(expr))
    content, rest = expr.as_coeff_Mul() if plain else expr.as_content_primitive()
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
    >>> sorted(unwieldy(factored(a / 2 + sympy.Rational("0.39894228") * b)))
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
    yield factored(expr)
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
        collected = _collected(rest, symbol)
        if collected is not None:
            yield sympy.Mul(content, collected, evaluate=False) if number else collected
            yield factored(content * collected)


def _collected(expr: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr | None:
    """A sum of products with each power of a symbol taken out; None where no two terms share one.

    What `sympy.collect` gives, many times faster.

    >>> x, y, z = sympy.symbols("x y z")
    >>> _collected(x * y + x * z - x**2, x), _collected(x * y - x**2, x)
    (-x**2 + x*(y + z), None)
    """
    by_power: dict[sympy.Expr, list[sympy.Expr]] = {}
    for term in sympy.Add.make_args(expr):
        exponent, others = sympy.S.Zero, []
        for factor in sympy.Mul.make_args(term):
            base, power = factor.as_base_exp()
            if base == symbol:
                exponent = power
            else:
                others.append(factor)
        by_power.setdefault(exponent, []).append(sympy.Mul(*others))
    if all(len(parts) == 1 for power, parts in by_power.items() if power):
        return None
    return sympy.Add(*(symbol**power * sympy.Add(*parts) for power, parts in by_power.items()))


def factored(expr: sympy.Expr) -> sympy.Expr:
    """Every sum with what its terms share in front, inner ones first.

    What `sympy.factor_terms` gives, numbers in sums within sums aside, many times faster.

    >>> x, y, z = sympy.symbols("x y z")
    >>> factored(x * y / z - 2 * y**2 / z), factored(x / 2 + y / 2), factored(x / 2 + y)
    (y*(x - 2*y)/z, (x + y)/2, x/2 + y)
    """
    if isinstance(expr, sympy.Mul):
        number, parts = sympy.S.One, []
        for arg in expr.args:
            here, rest = factored(arg).as_coeff_Mul()
            number *= here
            parts.append(rest)
        return _numbered(number, sympy.Mul(*parts))
    if isinstance(expr, sympy.Pow):
        return factored(expr.base) ** expr.exp
    if not isinstance(expr, sympy.Add):
        return expr
    numbers, powers = zip(*(_powers(factored(term)) for term in expr.args), strict=True)
    shared = {
        base: min((p.get(base, sympy.S.Zero) for p in powers), key=abs)
        for base, power in powers[0].items()
        if all(p.get(base, sympy.S.Zero) * power > 0 for p in powers)
    }
    common = _common(numbers)
    terms = [
        sympy.Mul(number / common, *(b ** (e - shared.get(b, 0)) for b, e in own.items()))
        for number, own in zip(numbers, powers, strict=True)
    ]
    return _numbered(common, sympy.Mul(*(b**e for b, e in shared.items()), sympy.Add(*terms)))


def _powers(term: sympy.Expr) -> tuple[sympy.Rational, dict[sympy.Expr, sympy.Integer]]:
    """A product as the number in front and the powers of its factors."""
    number, rest = term.as_coeff_Mul()
    factors = sympy.Mul.make_args(rest) if rest is not sympy.S.One else ()
    return number, dict(f.as_base_exp() for f in factors)


def _common(numbers: Sequence[sympy.Rational]) -> sympy.Rational:
    """The number that terms share, with their sign if it is one; a divisor if each has some."""
    sign = -1 if all(n < 0 for n in numbers) else 1
    above = math.gcd(*(int(n.p) for n in numbers))
    below = math.lcm(*(int(n.q) for n in numbers)) if all(n.q > 1 for n in numbers) else 1
    return sympy.Rational(sign * above, below)


def _numbered(number: sympy.Rational, expr: sympy.Expr) -> sympy.Expr:
    """A multiple of an expression; a sum stays in its parentheses."""
    if number == 1 or not expr.is_Add:
        return number * expr
    return sympy.Mul(number, expr, evaluate=False)
