"""The slope of a function at its arguments, without what a literal 0 leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

from gatecalc.calculus.algebra import negated
from gatecalc.equations.rows import derivative
from gatecalc.equations.tree import Node, Number, Sub, children, rebuild


def slope_of(function: str, position: int, arguments: Sequence[Node], value: Node) -> Node:
    """The derivative of `function(*arguments)`, whose value is `value`, by one argument.

    >>> from gatecalc.equations.text import to_text
    >>> from gatecalc.equations.tree import Ref
    >>> h, a, zero = Ref("h", 0), Ref("a_h", 0), Number("0")
    >>> to_text(slope_of("maximum", 0, (a, zero), h)), to_text(slope_of("minimum", 0, (a, zero), h))
    ('step(a_h[t])', 'step(-a_h[t])')
    """
    return _without_zeros(derivative(function, position, arguments, value))


def _without_zeros(node: Node) -> Node:
    """`a - 0` as `a` and `0 - a` as `-a`, wherever they stand."""
    below = children(node)
    new = rebuild(node, tuple(_without_zeros(c) for c in below)) if below else node
    match new:
        case Sub(left, Number() as right) if right.value == 0:
            return left
        case Sub(Number() as left, right) if left.value == 0:
            return negated(right)
    return new
