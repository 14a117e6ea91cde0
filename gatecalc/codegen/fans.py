"""How many numbers go into each number that a parameter helps to compute: its fan-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatecalc.calculus import Derivation
from gatecalc.codegen.layout import ONE
from gatecalc.equations.tree import (
    Add,
    Concat,
    Div,
    MatVec,
    Mul,
    Neg,
    Node,
    Ref,
    Size,
    Sub,
    children,
    walk,
)

_Sizes = dict[Size, None]
"""Lengths of operands of maps, each once."""


def fans_in(derivation: Derivation) -> dict[str, tuple[Size, ...]]:
    """The fan-in of each parameter of a stateless cell, as sizes of which the largest holds.

    That of a matrix is the length of its operand. A bias, or anything else of parameters alone that
    is added to maps, has the lengths of the operands of these maps: one for `W x + b`, as in
    torch.nn.Linear, whose weight and bias share it; which of several is the longest only their
    values tell. That of a vector that stands in no such sum is its own length.

    >>> from gatecalc.calculus import derive
    >>> fans_in(derive("y[t] = W @ x[t] + V @ u[t] + g * x[t] + b"))["b"]
    (('D',), ('D_u',))
    """
    shapes = derivation.cell.shapes
    found: dict[str, _Sizes] = {}
    met: dict[str, _Sizes] = {}
    for statement in derivation.forward:
        expression = statement.expression
        for node in walk(expression):
            if isinstance(node, MatVec):
                rows, columns = shapes[node.matrix.name]
                found[node.matrix.name] = {rows if node.matrix.transposed else columns: None}
        for summands in _sums(expression):
            sizes = {size: None for term in summands for size in _met(term, met, derivation)}
            for name in (n for term in summands for n in _fixed(term)):
                found[name] = found.get(name, {}) | sizes
        met[statement.target.name] = _met(expression, met, derivation)
    own = {name: (*shapes[name], (ONE,))[0] for name in derivation.cell.parameters}
    return {name: tuple(found.get(name, ())) or (size,) for name, size in own.items()}


def _sums(node: Node) -> Iterator[tuple[Node, ...]]:
    """The summands of every sum that is not part of a longer one."""
    if isinstance(node, Add | Sub):
        summands = tuple(_summands(node))
        yield summands
        for term in summands:
            yield from _sums(term)
    else:
        for child in children(node):
            yield from _sums(child)


def _summands(node: Node) -> Iterator[Node]:
    match node:
        case Add(left, right) | Sub(left, right):
            yield from _summands(left)
            yield from _summands(right)
        case Neg(argument):
            yield from _summands(argument)
        case _:
            yield node


def _fixed(term: Node) -> list[str]:
    """The parameters of a summand that has nothing else: b and 2 * b, not b * x[t]."""
    nodes = list(walk(term))
    moves = any(isinstance(n, MatVec) or (isinstance(n, Ref) and n.lag is not None) for n in nodes)
    return [] if moves else [n.name for n in nodes if isinstance(n, Ref)]


def _met(node: Node, met: Mapping[str, _Sizes], derivation: Derivation) -> _Sizes:
    """What the maps among the summands multiply, those under names of the same step too."""
    match node:
        case MatVec(_, operand):
            parts = operand.parts if isinstance(operand, Concat) else (operand,)
            references = [part for part in parts if isinstance(part, Ref)]
            assert len(references) == len(parts)
            return {tuple(n for r in references for n in derivation.shapes[r.name][0]): None}
        case Add(left, right) | Sub(left, right) | Mul(left, right):
            return _met(left, met, derivation) | _met(right, met, derivation)
        case Neg(argument) | Div(argument, _):
            return _met(argument, met, derivation)
        case Ref(name, 0):
            return dict(met.get(name, {}))
    return {}
