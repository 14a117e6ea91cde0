"""Cells whose sigmoids must keep the digits of small values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatecalc.calculus import Derivation
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Div,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    Reduce,
    Ref,
    Sub,
    walk,
)

_DIVIDE_BACK = ("log", "sqrt")
"""Functions that are infinite at 0, or whose derivative is."""

_SIGMOIDS = ("sigmoid", "softplus")
"""Functions that are a sigmoid, or whose derivative is; both are small where a is negative."""

_TINY = 1e-6
"""A number that is added is small beside 3e-8, by which a float32 sigmoid by tanh is wrong."""

_Small = bool | None
"""True: a sigmoid makes it small; False: it is a tiny number; None: it need not be small."""


def small_sigmoids(derivation: Derivation) -> bool:
    """Whether a sigmoid stands in a denominator or under a log: 1/2 + tanh(a/2)/2 is soon 0 there.

    It may stand there as a factor: of a product, of a sum of products over the entries, of each
    summand, or as the argument of a function. Then all sigmoids of the cell are computed in a form
    that keeps their digits: what stands in the numerator, and their derivatives, need them too.

    >>> from gatecalc.calculus import derive
    >>> small_sigmoids(derive("g[t] = sigmoid(W @ x[t])\\nh[t] = log(g[t])"))
    True
    >>> text = "g[t] = sigmoid(x[t])\\np[t] = g[t] * h[t-1]\\nh[t] = x[t] / sum(p[t])"
    >>> small_sigmoids(derive(text)), small_sigmoids(derive(text.replace("sum(p[t])", "2")))
    (True, False)
    """
    values = {s.target.name: s.expression for s in derivation.forward}
    known: dict[str, _Small] = {c.name: _number(float(c.text)) for c in derivation.cell.constants}
    return any(_small(below, values, known) for value in values.values() for below in _below(value))


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


def _small(value: Node, values: Mapping[str, Node], known: dict[str, _Small]) -> _Small:
    """What a value is; `known` are those of names met.

    A product is small if one factor is, a sum only if both summands are.
    """
    match value:
        case Number(text):
            return _number(float(text))
        case Ref(name, _) if name in values or name in known:
            if name not in known:
                known[name] = None  # to whoever asks on the way
                known[name] = _small(values[name], values, known)
            return known[name]
        case Mul(left, right):
            found = {_small(left, values, known), _small(right, values, known)}
            return True if True in found else False if False in found else None
        case Add(left, right) | Sub(left, right):
            first, second = _small(left, values, known), _small(right, values, known)
            return None if first is None or second is None else first or second
        case Call(function, _) if function in _SIGMOIDS:
            return True
        case Call("exp" | "cos", _):
            return None
        case Call(_, arguments) | Concat(arguments):
            return True if any(_small(a, values, known) for a in arguments) else None
        case Neg(inner) | Div(inner, _) | Pow(inner, _) | MatVec(_, inner):
            return _small(inner, values, known)
        case Reduce(kind, inner) if kind != "softmax":
            return _small(inner, values, known)
    return None


def _number(value: float) -> _Small:
    return False if abs(value) < _TINY else None
