"""Sigmoids whose small values must keep their digits."""

from __future__ import annotations

from collections.abc import Iterator

from gatecalc.calculus import Derivation
from gatecalc.equations.tree import (
    Add,
    Call,
    Div,
    Mul,
    Neg,
    Node,
    Pow,
    Reduce,
    Ref,
    Sub,
    references,
    walk,
)

_DIVIDE_BACK = ("log", "sqrt")
"""Functions that are infinite at 0, or whose derivative is."""


def small_sigmoids(derivation: Derivation) -> frozenset[str]:
    """Sigmoids that stand in a denominator or under a log: 1/2 + tanh(a/2)/2 is soon 0 there.

    They may stand there as factors: of a product, of a sum of products over the entries.

    >>> from gatecalc.calculus import derive
    >>> sorted(small_sigmoids(derive("g[t] = sigmoid(W @ x[t])\\nh[t] = log(g[t])")))
    ['g']
    >>> text = "g[t] = sigmoid(x[t])\\np[t] = g[t] * h[t-1]\\nh[t] = x[t] / sum(p[t])"
    >>> sorted(small_sigmoids(derive(text)))
    ['g']
    """
    values = {s.target.name: s.expression for s in derivation.forward}
    pending = [name for value in values.values() for name in _below(value)]
    met: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in met:
            met.add(name)
            pending += _factors(values[name]) if name in values else ()
    return frozenset(name for name in met & values.keys() if _is_sigmoid(values[name]))


def _is_sigmoid(value: Node) -> bool:
    return isinstance(value, Call) and value.function == "sigmoid"


def _below(value: Node) -> Iterator[str]:
    """What an expression divides by, or takes the logarithm of."""
    for node in walk(value):
        match node:
            case Div(_, small):
                pass
            case Pow(small, exponent) if exponent < 0:
                pass
            case Call(function, (small,)) if function in _DIVIDE_BACK:
                pass
            case _:
                continue
        yield from (r.name for r in references(small))


def _factors(value: Node) -> Iterator[str]:
    """What makes a value small if it is small."""
    match value:
        case Ref(name, _):
            yield name
        case Mul(left, right) | Add(left, right) | Sub(left, right):
            yield from _factors(left)
            yield from _factors(right)
        case Neg(inner) | Div(inner, _) | Pow(inner, _):
            yield from _factors(inner)
        case Reduce(kind, inner) if kind != "softmax":
            yield from _factors(inner)
