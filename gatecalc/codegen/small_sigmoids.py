"""Sigmoids whose small values must keep their digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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

    They may stand there as factors: of a product, of a sum of products over the entries, of each
    summand.

    >>> from gatecalc.calculus import derive
    >>> sorted(small_sigmoids(derive("g[t] = sigmoid(W @ x[t])\\nh[t] = log(g[t])")))
    ['g']
    >>> text = "g[t] = sigmoid(x[t])\\np[t] = g[t] * h[t-1]\\nh[t] = x[t] / sum(p[t])"
    >>> sorted(small_sigmoids(derive(text)))
    ['g']
    """
    values = {s.target.name: s.expression for s in derivation.forward}
    known = {n: frozenset([n]) for n, value in values.items() if _is_sigmoid(value)}
    found: set[str] = set()
    for below in (node for value in values.values() for node in _below(value)):
        names = (r.name for r in references(below))
        found |= {n for n in names if n in values and _is_sigmoid(values[n])}
        found |= _factors(below, values, known)
    return frozenset(found)


def _is_sigmoid(value: Node) -> bool:
    return isinstance(value, Call) and value.function == "sigmoid"


def _below(value: Node) -> Iterator[Node]:
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
        yield small


def _factors(
    value: Node, values: Mapping[str, Node], known: dict[str, frozenset[str]]
) -> frozenset[str]:
    """The sigmoids that make a value small if they are small; `known` are those of names met.

    A product is small if one factor is, a sum only if both summands are.
    """
    match value:
        case Ref(name, _) if name in values:
            if name not in known:
                known[name] = frozenset()  # to whoever asks on the way
                known[name] = _factors(values[name], values, known)
            return known[name]
        case Mul(left, right):
            return _factors(left, values, known) | _factors(right, values, known)
        case Add(left, right) | Sub(left, right):
            first, second = _factors(left, values, known), _factors(right, values, known)
            return first | second if first and second else frozenset()
        case Neg(inner) | Div(inner, _) | Pow(inner, _):
            return _factors(inner, values, known)
        case Reduce(kind, inner) if kind != "softmax":
            return _factors(inner, values, known)
    return frozenset()
