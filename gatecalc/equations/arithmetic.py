"""Divisions by what is always zero, and numbers that no float holds: refused when text is read.

Algebra would answer them with infinities much later, and far from the line where they stand.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence

from gatecalc.equations.cell import Equation, Nonlinearity
from gatecalc.equations.ranges import ranges
from gatecalc.equations.tree import (
    Add,
    Call,
    Dim,
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
    children,
    walk,
)
from gatecalc.errors import NotationError, Place

MAX_MAGNITUDE = 300
MAX_DIGITS = 2_000

_PRIME = 2**61 - 1


def check_arithmetic(equations: Sequence[Equation], nonlinearities: Sequence[Nonlinearity]) -> None:
    """Raises NotationError for an equation whose numbers cannot be worked with.

    A quotient is tried at one random point, modulo a prime: a denominator that vanishes there
    vanishes everywhere, but for a chance of about its degree in 10**18.
    """
    own = {n.name: n for n in nonlinearities}
    for equation in equations:
        if _total(equation.expression, _magnitude) > MAX_MAGNITUDE:
            raise _beyond(equation, "too large or too small for floating-point numbers")
        if _total(equation.expression, _digits) > MAX_DIGITS:
            raise _beyond(equation, "of too many digits")
        _Trial(own).value(equation.expression)
        for node in walk(equation.expression):
            if isinstance(node, Call):
                _check_argument(node)


def _check_argument(call: Call) -> None:
    """Raises NotationError where a function has no value, whatever its argument is made of."""
    if call.function not in _UNDEFINED:
        return
    ((low, high),) = ranges([(Ref("a"), call.arguments[0])]).values()
    undefined, write = _UNDEFINED[call.function]
    if undefined(low, high):
        raise NotationError(
            f"this {call.function} has no value: its argument lies between {low:g} and {high:g}",
            call.place,
            write=write,
        )


_UNDEFINED: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "log": (lambda _, high: high <= 0, "write an argument above 0, 1 + a**2, say"),
    "sqrt": (lambda _, high: high < 0, "write an argument of at least 0, 1 + a**2, say"),
    "exp": (lambda low, _: low > 709, "write an argument below 709"),
}
"""By function, whether it is a number nowhere between two bounds, and what to write instead."""


def _beyond(equation: Equation, what: str) -> NotationError:
    return NotationError(
        f"the numbers of this equation make coefficients {what}",
        equation.place,
        write="write smaller ones, or parts of it as equations of their own",
    )


def _total(node: Node, measure: Callable[[Number], float]) -> float:
    """The sum over all numbers, those under a power counted as often as it multiplies them."""
    if isinstance(node, Number):
        return measure(node)
    below = sum(_total(child, measure) for child in children(node))
    return below * abs(node.exponent) if isinstance(node, Pow) else below


def _magnitude(number: Number) -> float:
    value = number.value
    return abs(math.log10(value)) if value else 0.0


def _digits(number: Number) -> float:
    return len(number.text)


class _Trial:
    """The value of an equation at one random point, modulo a prime."""

    def __init__(self, own: Mapping[str, Nonlinearity]) -> None:
        self.own = own
        self.drawn: dict[object, int] = {}
        self.rng = random.Random(0)

    def value(self, node: Node, arguments: Mapping[Ref, int] | None = None) -> int:
        match node:
            case Number():
                exact = node.value
                return exact.numerator * pow(exact.denominator, -1, _PRIME) % _PRIME
            case Dim():
                return self._draw(node)
            case Ref():
                known = (arguments or {}).get(node)
                return self._draw(node) if known is None else known
            case Call(function, given) if function in self.own:
                own = self.own[function]
                values = [self.value(a, arguments) for a in given]
                table = {Ref(n): v for n, v in zip(own.arguments, values, strict=True)}
                return self.value(own.body, table)
        values = [self.value(child, arguments) for child in children(node)]
        match node, values:
            case Neg(), [a]:
                return -a % _PRIME
            case Add(), [a, b]:
                return (a + b) % _PRIME
            case Sub(), [a, b]:
                return (a - b) % _PRIME
            case Mul(), [a, b]:
                return a * b % _PRIME
            case Div(_, right), [a, b]:
                return a * self._inverse(b, right.place or node.place) % _PRIME
            case Pow(_, exponent), [a]:
                base = self._inverse(a, node.place) if exponent < 0 else a
                return pow(base, abs(exponent), _PRIME)
            case Call(function), _:
                return self._draw((function, *values))
            case Reduce(kind), _:
                return self._draw((kind, *values))
            case MatVec(matrix), _:
                return self._draw((matrix, *values))
        return self._draw((type(node), *values))

    def _draw(self, key: object) -> int:
        if key not in self.drawn:
            self.drawn[key] = self.rng.randrange(1, _PRIME)
        return self.drawn[key]

    def _inverse(self, value: int, place: Place | None) -> int:
        if value == 0:
            raise NotationError(
                "a division by zero: this is 0 whatever the values are",
                place,
                write="write a denominator that is not always 0, sqrt(v**2 + 0.01), say",
            )
        return pow(value, -1, _PRIME)
