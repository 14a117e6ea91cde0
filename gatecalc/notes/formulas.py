"""Formulas in the sizes, as LaTeX: what the counts are printed with."""

from __future__ import annotations

from gatecalc.equations.polynomials import Monomial, Polynomial, powers
from gatecalc.equations.tree import Shape
from gatecalc.notes.style import Style


def polynomial(count: Polynomial, style: Style) -> str:
    r"""A polynomial, with what all its terms share in front of a bracket.

    >>> from gatecalc.calculus import derive
    >>> from gatecalc.equations.parameters import parameter_count
    >>> from gatecalc.notes.style import style_of
    >>> d = derive("lstm")
    >>> polynomial(parameter_count(d.cell), style_of(d))
    '4 H (D + H + 1)'
    """
    factor, common, rest = count.factored()
    shared = bool(common) or (factor > 1 and len(rest.terms) < 4)
    if len(rest.terms) < 2 or not shared:
        return _sum(count, style)
    return " ".join((_monomial(factor, common, style), f"({_sum(rest, style)})"))


def shape(dimensions: Shape, style: Style) -> str:
    r"""A shape: `H \times D`, `H`, or the word for one number."""
    if not dimensions:
        return r"\text{one number}"
    sums = [style.size(size) for size in dimensions]
    if len(sums) == 1:
        return sums[0]
    return r" \times ".join(f"({s})" if " + " in s else s for s in sums)


def whole(value: int) -> str:
    """A whole number with its thousands set apart.

    >>> whole(394240)
    '394{,}240'
    """
    return f"{value:,}".replace(",", "{,}")


def _sum(count: Polynomial, style: Style) -> str:
    return " + ".join(_monomial(n, m, style) for m, n in count.terms) or "0"


def _monomial(coefficient: int, sizes: Monomial, style: Style) -> str:
    factors = [
        style.sizes[name].at("", "" if exponent == 1 else str(exponent))
        for name, exponent in powers(sizes)
    ]
    if coefficient != 1 or not factors:
        factors.insert(0, str(coefficient))
    return " ".join(factors)
