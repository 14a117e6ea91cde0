"""An expression cut into what stays as it is and what has a number at every unit.

`(1 - z[t]) * h[t-1]` becomes `(1 - `, a slot for z, `) * `, and a slot for h. Printed once with
names and once with numbers in the slots, the two lines stand under each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from gatecalc.equations.text import ATOM, PRODUCT, SIGN, SUM, binding, to_text
from gatecalc.equations.tree import (
    Add,
    Call,
    Div,
    MatVec,
    Mul,
    Neg,
    Node,
    Pow,
    Reduce,
    Sub,
)
from gatecalc.equations.tree import Number as Literally

Break = Literal["", "operator", "summand"]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Text that is the same in every line; `breaks` says what kind of line break may precede it.

    `tall` marks a bracket around a whole vector.
    """

    text: str
    breaks: Break = ""
    tall: Literal["", "open", "close"] = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for numbers; `guarded` where a negative one needs parentheses."""

    node: Node
    guarded: bool = False

    @property
    def text(self) -> str:
        """The name, or the map, that stands here."""
        return to_text(self.node)


Piece: TypeAlias = Fixed | Slot


def pieces(node: Node) -> tuple[Piece, ...]:
    """The pieces of an expression, left to right; their texts together are `to_text(node)`.

    A product of a matrix and a vector is one slot, and so is a sum over a vector: what a reader
    wants to see of them is the result.

    >>> from gatecalc.equations.tree import Number, Ref
    >>> [p.text for p in pieces(Mul(Sub(Number("1"), Ref("z", 0)), Ref("h", 1)))]
    ['(', '1', ' - ', 'z[t]', ')', ' * ', 'h[t-1]']
    """
    return tuple(_pieces(node, top=True))


def _pieces(node: Node, top: bool = False) -> Iterator[Piece]:
    outer: Break = "summand" if top else "operator"
    match node:
        case Literally():
            yield Fixed(to_text(node))
        case Reduce("softmax", argument):
            yield Fixed("softmax(", tall="open")
            yield from _pieces(argument)
            yield Fixed(")", tall="close")
        case Neg(argument):
            yield Fixed("-")
            yield from _guarded(_in(argument, ATOM if isinstance(argument, Neg) else PRODUCT))
        case Add(left, right) | Sub(left, right):
            yield from _in(left, SUM, top)
            yield Fixed(" + " if isinstance(node, Add) else " - ", outer)
            yield from _in(right, PRODUCT)
        case Mul(left, right) | Div(left, right):
            yield from _in(left, ATOM if isinstance(left, MatVec) else PRODUCT)
            yield Fixed(" * " if isinstance(node, Mul) else " / ", "operator")
            yield from _in(right, SIGN)
        case Pow(base, exponent):
            yield from _guarded(_in(base, ATOM))
            yield Fixed(f"**{exponent}")
        case Call(function, arguments):
            yield Fixed(f"{function}(")
            for position, argument in enumerate(arguments):
                if position:
                    yield Fixed(", ", "operator")
                yield from _pieces(argument)
            yield Fixed(")")
        case _:
            yield Slot(node)


def _in(node: Node, least: int, top: bool = False) -> Iterator[Piece]:
    if binding(node) >= least:
        yield from _pieces(node, top)
    else:
        yield Fixed("(")
        yield from _pieces(node)
        yield Fixed(")")


def _guarded(found: Iterator[Piece]) -> Iterator[Piece]:
    first, *rest = found
    yield replace(first, guarded=True) if isinstance(first, Slot) else first
    yield from rest


def summands(found: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], ...]:
    """The pieces cut before each `+` and `-` between summands.

    >>> from gatecalc.equations.tree import Ref
    >>> [len(s) for s in summands(pieces(Add(Mul(Ref("f"), Ref("c")), Ref("b"))))]
    [3, 2]
    """
    return _cut(found, ("summand",))


def factors(found: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], ...]:
    """The pieces cut before each operator."""
    return _cut(found, ("summand", "operator"))


def _cut(found: tuple[Piece, ...], before: tuple[str, ...]) -> tuple[tuple[Piece, ...], ...]:
    cuts = [k for k, p in enumerate(found) if k and isinstance(p, Fixed) and p.breaks in before]
    return tuple(found[a:b] for a, b in pairwise([0, *cuts, len(found)]))
