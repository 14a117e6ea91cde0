"""The local derivatives of one statement: by each thing that stands on its right side."""

from __future__ import annotations

from dataclasses import dataclass

from gatecalc.calculus.algebra import Algebra, partial
from gatecalc.calculus.slopes import slope_of
from gatecalc.calculus.statements import Statement
from gatecalc.equations.tree import Call, MatVec, Node, Number, Reduce, Ref


@dataclass(frozen=True, slots=True)
class Partial:
    """The derivative of a statement's value by `by`, entry by entry, while the rest is held fixed.

    `by` is a reference, or a map that stands in the expression as a whole.
    """

    by: Ref | MatVec
    slope: Node

    @property
    def is_one(self) -> bool:
        """Whether the derivative is 1: a summand that is taken as it is."""
        return isinstance(self.slope, Number) and self.slope.value == 1


def partials(statement: Statement) -> tuple[Partial, ...]:
    """The elementwise partial derivatives of a forward statement, in the order of its expression.

    A reduction has none: its derivative is not elementwise.

    >>> from gatecalc.calculus import derive
    >>> from gatecalc.equations.text import to_text
    >>> d = derive("h[t] = (1 - z[t]) * h[t-1] + z[t] * x[t]\\nz[t] = sigmoid(b)")
    >>> for p in partials(d.defining("h")):
    ...     print(to_text(p.by), "|", to_text(p.slope))
    z[t] | x[t] - h[t-1]
    h[t-1] | 1 - z[t]
    x[t] | z[t]
    """
    expression = statement.expression
    match expression:
        case Call(function, arguments):
            return tuple(
                Partial(argument, slope_of(function, position, arguments, statement.target))
                for position, argument in enumerate(arguments)
                if isinstance(argument, Ref)
            )
        case Reduce():
            return ()
    algebra = Algebra()
    whole = algebra.to_sympy(expression)
    found: list[Partial] = []
    # Symbols are numbered as the expression names them, so that their order is the author's.
    for symbol in sorted(whole.free_symbols, key=lambda s: s.name):
        slope, atom = partial(whole, symbol), algebra.node(symbol)
        if isinstance(atom, Ref | MatVec) and slope != 0:
            found.append(Partial(atom, algebra.to_tree(slope)))
    return tuple(found)
