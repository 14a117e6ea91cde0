"""Nodes as the notation writes them: one function for each node type."""

from __future__ import annotations

from functools import singledispatch

from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Dim,
    Div,
    Matrix,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Outer,
    Pow,
    Reduce,
    Ref,
    Size,
    Sub,
)

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
"""How strongly a node binds; Python's order, with `*` and `@` equal."""


def to_text(node: Node) -> str:
    """The node in the notation; what is typed in plain ASCII comes back equal.

    >>> to_text(Mul(Sub(Number("1"), Ref("z", 0)), Ref("h", 1)))
    '(1 - z[t]) * h[t-1]'
    """
    return _text(node)


def size_text(size: Size) -> str:
    """A size as a sum.

    >>> size_text(("H", "D"))
    'H+D'
    """
    return "+".join(size) or "0"


def matrix_text(matrix: Matrix) -> str:
    """A matrix, a stretch of its columns as a slice.

    >>> matrix_text(Matrix("W", True, ((), ("H",))))
    'W[:, :H].T'
    """
    text = matrix.name
    if matrix.columns is not None:
        start, stop = matrix.columns
        stretch = f"{size_text(start) if start else ''}:{size_text(stop)}"
        text += f"[:, {stretch}]" if matrix.transposed else f"[{stretch}]"
    return text + (".T" if matrix.transposed else "")


def binding(node: Node) -> int:
    """How strongly a node binds when printed."""
    match node:
        case Add() | Sub():
            return SUM
        case Mul() | Div() | MatVec() | Outer():
            return PRODUCT
        case Neg():
            return SIGN
        case Pow():
            return POWER
    return ATOM


def _in(node: Node, least: int) -> str:
    text = _text(node)
    return text if binding(node) >= least else f"({text})"


def _left(node: Node) -> str:
    """The left side of `*` or `/`: a map gets brackets, lest its operand seem to be multiplied."""
    return _in(node, ATOM if isinstance(node, MatVec | Neg) else PRODUCT)


def _right(node: Node, least: int) -> str:
    """What stands behind an operator: a sign gets brackets."""
    return _in(node, ATOM if isinstance(node, Neg) else least)


@singledispatch
def _text(node: Node) -> str:
    raise TypeError(f"no text for {type(node).__name__}")


@_text.register
def _(node: Number) -> str:
    return node.text


@_text.register
def _(node: Ref) -> str:
    return node.name + {0: "[t]", 1: "[t-1]", None: ""}[node.lag]


@_text.register
def _(node: Dim) -> str:
    return node.size[0] if len(node.size) == 1 else f"({size_text(node.size)})"


@_text.register
def _(node: Neg) -> str:
    # -a * b reads as -(a * b); a second sign, or a sum, needs brackets.
    return "-" + _in(node.argument, PRODUCT if not isinstance(node.argument, Neg) else ATOM)


@_text.register
def _(node: Add) -> str:
    return f"{_in(node.left, SUM)} + {_right(node.right, PRODUCT)}"


@_text.register
def _(node: Sub) -> str:
    return f"{_in(node.left, SUM)} - {_right(node.right, PRODUCT)}"


@_text.register
def _(node: Mul) -> str:
    return f"{_left(node.left)} * {_right(node.right, POWER)}"


@_text.register
def _(node: Div) -> str:
    return f"{_left(node.left)} / {_right(node.right, POWER)}"


@_text.register
def _(node: Pow) -> str:
    return f"{_in(node.base, ATOM)}**{node.exponent}"


@_text.register
def _(node: Call) -> str:
    return f"{node.function}({', '.join(_text(a) for a in node.arguments)})"


@_text.register
def _(node: Reduce) -> str:
    return f"{node.kind}({_text(node.argument)})"


@_text.register
def _(node: Concat) -> str:
    return f"concat({', '.join(_text(p) for p in node.parts)})"


@_text.register
def _(node: MatVec) -> str:
    return f"{matrix_text(node.matrix)} @ {_right(node.operand, POWER)}"


@_text.register
def _(node: Outer) -> str:
    return f"outer({_text(node.left)}, {_text(node.right)})"
