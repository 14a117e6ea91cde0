"""How many operations a step takes, as formulas in the sizes.

One FLOP is one addition, subtraction, multiplication or division of two numbers (Golub and Van
Loan, Matrix Computations, section 1.1). A matrix of m rows and n columns times a vector is 2mn: a
multiplication and an addition for each entry. Two choices are ours, since texts differ: a
nonlinearity counts as one operation for each entry, whatever it costs the machine, and a change of
sign is free. Counts are for one sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import singledispatch

from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.equations.parameters import NOTHING, ONE, entries
from gatecalc.equations.polynomials import Polynomial
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import (
    Binary,
    Call,
    Concat,
    Dim,
    MatVec,
    Neg,
    Node,
    Number,
    Outer,
    Pow,
    Reduce,
    Ref,
    Shape,
    children,
)

Shapes = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Flops:
    """Operations by kind: linear maps and outer products, nonlinearities, all the rest."""

    maps: Polynomial = NOTHING
    functions: Polynomial = NOTHING
    elementwise: Polynomial = NOTHING

    def __add__(self, other: Flops) -> Flops:
        return Flops(
            self.maps + other.maps,
            self.functions + other.functions,
            self.elementwise + other.elementwise,
        )

    @property
    def total(self) -> Polynomial:
        """All kinds together."""
        return self.maps + self.functions + self.elementwise


@dataclass(frozen=True, slots=True)
class CellFlops:
    """What one step costs for one sample, and what is done once for a whole sequence."""

    forward: Flops
    backward: Flops
    once: Flops


def flops(derivation: Derivation) -> CellFlops:
    """The operations of a cell, counted over its statements.

    >>> from gatecalc.calculus import derive
    >>> count = flops(derive("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)"))
    >>> print(count.forward.total)
    2*D*H + 2*H**2 + 3*H
    >>> print(count.backward.maps)
    4*D*H + 4*H**2
    """

    def over(statements: Iterable[Statement]) -> Flops:
        return sum((statement_flops(s, derivation.shapes) for s in statements), Flops())

    every = (*derivation.forward, *derivation.backward)
    return CellFlops(
        forward=over(s for s in derivation.forward if s.role != "static"),
        backward=over(s for s in derivation.backward if s.role != "static"),
        once=over(s for s in every if s.role == "static"),
    )


def statement_flops(statement: Statement, shapes: Shapes) -> Flops:
    """The operations of one statement; adding to a gradient (`+=`) counts too.

    A gradient of a matrix is 2mn: the outer product and its addition.
    """
    count = _flops(statement.expression, shapes)
    if statement.operation == "+=":
        added = entries(statement.shape)
        if len(statement.shape) == 2:
            return count + Flops(maps=added)
        return count + Flops(elementwise=added)
    return count


@singledispatch
def _flops(node: Node, _shapes: Shapes) -> Flops:
    raise TypeError(f"no count for {type(node).__name__}")


def _below(node: Node, shapes: Shapes) -> Flops:
    return sum((_flops(child, shapes) for child in children(node)), Flops())


@_flops.register(Number)
@_flops.register(Ref)
@_flops.register(Dim)
def _(_node: Node, _shapes: Shapes) -> Flops:
    return Flops()


@_flops.register(Neg)
@_flops.register(Concat)
def _(node: Node, shapes: Shapes) -> Flops:
    return _below(node, shapes)


@_flops.register
def _(node: Binary, shapes: Shapes) -> Flops:
    here = entries(shape_of(node, shapes))
    # Two outer products are added as matrices, which belongs to the maps.
    kind = Flops(maps=here) if len(shape_of(node, shapes)) == 2 else Flops(elementwise=here)
    return _below(node, shapes) + kind


@_flops.register
def _(node: Pow, shapes: Shapes) -> Flops:
    exponent = node.exponent
    times = abs(exponent) - 1 + (exponent < 0) if exponent else 0
    return _below(node, shapes) + Flops(elementwise=entries(shape_of(node, shapes)) * times)


@_flops.register
def _(node: Call, shapes: Shapes) -> Flops:
    return _below(node, shapes) + Flops(functions=entries(shape_of(node, shapes)))


@_flops.register
def _(node: Reduce, shapes: Shapes) -> Flops:
    """A sum of n numbers is n additions, as in a product of a matrix and a vector."""
    n = entries(shape_of(node.argument, shapes))
    own = {
        "sum": Flops(elementwise=n),
        "mean": Flops(elementwise=n + 1),
        "norm": Flops(elementwise=2 * n, functions=ONE),
        "softmax": Flops(elementwise=2 * n, functions=n),
    }[node.kind]
    return _below(node, shapes) + own


@_flops.register
def _(node: MatVec, shapes: Shapes) -> Flops:
    rows = entries(shape_of(node, shapes))
    columns = entries(shape_of(node.operand, shapes))
    return _below(node, shapes) + Flops(maps=2 * rows * columns)


@_flops.register
def _(node: Outer, shapes: Shapes) -> Flops:
    return _below(node, shapes) + Flops(maps=entries(shape_of(node, shapes)))
