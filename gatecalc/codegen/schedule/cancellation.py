"""Which forms of an expression keep the digits that a difference beside a large factor has.

`k (1 - y²) + x` loses x where k is large and y near 1, once it is written as `(k + x) - k y²`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy

LARGEST_FACTOR = 4.0
"""No larger a factor is multiplied into a difference; gates, and twice what they are, may be."""


def keeps_digits(
    expr: sympy.Expr, form: sympy.Expr, is_small: Callable[[sympy.Symbol], bool]
) -> bool:
    """Whether a form has every sum of an expression that something large multiplies.

    `is_small` says which symbols mean values of about one.

    >>> k, x, y, z = sympy.symbols("k x y z")
    >>> small = {y, z}.__contains__
    >>> keeps_digits(k * (1 - y**2) + x, k - k * y**2 + x, small)
    False
    >>> keeps_digits(z * (1 - y**2) + x, z - z * y**2 + x, small)
    True
    """
    kept: set[sympy.Expr] | None = None
    for total in _multiplied(expr, is_small):
        if kept is None:
            kept = {_without_number(a) for a in form.atoms(sympy.Add)}
        if _without_number(total) not in kept:
            return False
    return True


def _multiplied(expr: sympy.Expr, is_small: Callable[[sympy.Symbol], bool]) -> Iterator[sympy.Expr]:
    """The sums in an expression that something large multiplies."""
    for product in expr.atoms(sympy.Mul):
        sums = [f for f in product.args if f.as_base_exp()[0].is_Add]
        others = [f for f in product.args if f not in sums]
        large = len(sums) > 1 or not all(_is_small(f, is_small) for f in others)
        if sums and large:
            yield from (f.as_base_exp()[0] for f in sums)


def _is_small(factor: sympy.Expr, is_small: Callable[[sympy.Symbol], bool]) -> bool:
    if factor.is_Rational:
        return bool(abs(factor) <= LARGEST_FACTOR)
    base, exponent = factor.as_base_exp()
    return bool(base.is_Symbol and exponent.is_positive and is_small(base))


def _without_number(total: sympy.Expr) -> sympy.Expr:
    """A sum without what its terms have in common, up to its sign."""
    rest = total.primitive()[1]
    return -rest if rest.could_extract_minus_sign() else rest
