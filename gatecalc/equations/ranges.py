"""Between which bounds a value must lie, whatever the parameters are: interval arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import product

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.rows import definition
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Dim,
    Div,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    Reduce,
    Ref,
    Sub,
)

Range = tuple[float, float]
"""The least and the largest value, both possibly infinite."""

ANYTHING: Range = (-math.inf, math.inf)


def _exp(a: float) -> float:
    return math.exp(a) if a < 700 else math.inf


_BOUNDED: dict[str, Range] = {
    "tanh": (-1, 1),
    "erf": (-1, 1),
    "sin": (-1, 1),
    "cos": (-1, 1),
    "softsign": (-1, 1),
    "step": (0, 1),
    "sign": (-1, 1),
}
"""What a function's values lie between for any argument."""

_RISING: dict[str, Callable[..., float]] = {
    "exp": _exp,
    "expm1": lambda a: _exp(a) - 1,
    "sqrt": lambda a: math.sqrt(a) if a > 0 else 0.0,
    "log1p": lambda a: math.log1p(a) if a > -1 else -math.inf,
    "maximum": max,
    "minimum": min,
}
"""Functions that rise with each argument: bounds go to bounds."""


def ranges(assignments: Iterable[tuple[Ref, Node]]) -> dict[str, Range]:
    """The range of every value, by name; the assignments stand in order of computation.

    Inputs, parameters and constants may be anything, and so may states of the step before.
    Functions are judged by their rows' definitions, so that a new row needs nothing here.

    >>> a, g = Ref("a", 0), Ref("g", 0)
    >>> ranges([(g, Call("sigmoid", (a,))), (Ref("h", 0), Sub(Number("2"), g))])
    {'g': (0.0, 1.0), 'h': (1.0, 2.0)}
    """
    found: dict[Ref, Range] = {}
    for target, expression in assignments:
        found[target] = _range(expression, found)
    return {ref.name: bounds for ref, bounds in found.items()}


def _range(node: Node, known: Mapping[Ref, Range]) -> Range:
    match node:
        case Number():
            return float(node.value), float(node.value)
        case Dim():
            return 1.0, math.inf
        case Ref():
            return known.get(node, ANYTHING)
        case Neg(argument):
            low, high = _range(argument, known)
            return -high, -low
        case Add(left, right):
            (a, b), (c, d) = _range(left, known), _range(right, known)
            return a + c, b + d
        case Sub(left, right):
            (a, b), (c, d) = _range(left, known), _range(right, known)
            return a - d, b - c
        case Mul(left, right):
            return _times(_range(left, known), _range(right, known))
        case Div(left, right):
            low, high = _range(right, known)
            if low > 0 or high < 0:
                return _times(_range(left, known), (1 / high, 1 / low))
        case Pow(base, exponent) if exponent >= 1:
            return _power(_range(base, known), exponent)
        case Call(function, arguments):
            return _call(function, [_range(a, known) for a in arguments])
        case Reduce("softmax"):
            return 0.0, 1.0
        case Reduce("norm"):
            return 0.0, math.inf
        case Reduce("mean", argument):
            return _range(argument, known)
        case Concat(parts):
            bounds = [_range(p, known) for p in parts]
            return min(b[0] for b in bounds), max(b[1] for b in bounds)
    return ANYTHING


def _call(function: str, arguments: list[Range]) -> Range:
    if function in _BOUNDED:
        return _BOUNDED[function]
    if function in _RISING:
        rising = _RISING[function]
        return rising(*(a[0] for a in arguments)), rising(*(a[1] for a in arguments))
    if function == "abs":
        low, high = arguments[0]
        return max(0.0, low, -high), max(-low, high)
    if function not in FUNCTIONS:  # one of the cell's own
        return ANYTHING
    names = [Ref(n) for n in "ab"[: len(arguments)]]
    body = definition(function, names)
    if body is None:
        return ANYTHING
    return _range(body, dict(zip(names, arguments, strict=True)))


def _times(left: Range, right: Range) -> Range:
    # A bound that is 0 stays 0 however large the other factor gets.
    corners = [0.0 if 0 in pair else pair[0] * pair[1] for pair in product(left, right)]
    return min(corners), max(corners)


def _power(base: Range, exponent: int) -> Range:
    # math.prod overflows to infinity, where ** raises.
    low, high = (math.prod([b] * exponent) for b in base)
    if exponent % 2:
        return low, high
    return (0.0 if base[0] < 0 < base[1] else min(low, high)), max(low, high)
