"""Nodes as NumPy, for arrays whose rows are samples: `W @ x[t]` prints as `x @ W.T`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from gatecalc.equations.functions import IN_NUMPY
from gatecalc.equations.shapes import shape_of
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
    Shape,
    Size,
    Sub,
    walk,
)

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
"""How strongly a node binds once printed, in Python's order."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names that are not the author's are written where the author's names are in force.

    `shapes` are those of the derivation; `taken` are names that a name of ours must not have, and
    `sizes` those that locals for sizes take from them in turn. What is taken gets `_` in front.
    """

    shapes: Mapping[str, Shape]
    taken: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()

    def size(self, name: str) -> str:
        """The local variable of a size."""
        return f"_{name}" if name in self.taken else name

    def ours(self, name: str) -> str:
        """The spelling of a name of ours, such as `np`."""
        return f"_{name}" if name in self.taken or name in self.sizes else name


def local(ref: Ref) -> str:
    """The local variable of a reference: `h_prev` for `h[t-1]`.

    >>> local(Ref("h", 1)), local(Ref("h", 0)), local(Ref("W"))
    ('h_prev', 'h', 'W')
    """
    return f"{ref.name}_prev" if ref.lag == 1 else ref.name


def numpy_text(node: Node, spelling: Spelling) -> str:
    """The node as a NumPy expression. A value at t is `(B, n)`, one number at t `(B, 1)`.

    >>> shapes = {"W": (("H",), ("D",)), "x": (("D",),), "b": (("H",),)}
    >>> node = Add(MatVec(Matrix("W"), Ref("x", 0)), Ref("b"))
    >>> numpy_text(node, Spelling(shapes))
    'x @ W.T + b'
    """
    return _text(node, spelling)


def has_rows(node: Node) -> bool:
    """Whether the value has one row for each sample; what parameters alone define has none."""
    return any(isinstance(below, Ref) and below.lag is not None for below in walk(node))


def has_names(node: Node) -> bool:
    """Whether anything in the expression has a dtype; literals alone have none."""
    return any(isinstance(below, Ref | MatVec) for below in walk(node))


def is_plain_number(node: Node) -> bool:
    """Whether it prints as arithmetic of literals, whose value is a Python number."""
    return not any(isinstance(below, Ref | MatVec | Call) for below in walk(node))


def size_text(size: Size, spelling: Spelling) -> str:
    """A size as a sum of the names of sizes.

    >>> size_text(("H", "D"), Spelling({}))
    'H + D'
    """
    return " + ".join(spelling.size(name) for name in size) or "0"


def sum_text(size: Size) -> str:
    """A size as arithmetic, equal summands counted; `"1"` is the number one.

    >>> sum_text(("H", "H", "D", "1")), sum_text(())
    ('2 * H + D + 1', '0')
    """
    counts = Counter(size)
    parts = [n if k == 1 else f"{k} * {n}" if n != "1" else str(k) for n, k in counts.items()]
    return " + ".join(parts) or "0"


def summed_text(node: Node, shape: Shape, spelling: Spelling) -> str:
    """A step's share of a gradient, added over the samples: the parameter's shape remains."""
    if len(shape) == 2:
        return _text(node, spelling)
    if shape:
        total = f"{_in(node, ATOM, spelling)}.sum(0)"
        if shape_of(node, spelling.shapes) != shape:
            return f"{spelling.ours('np')}.full({size_text(shape[0], spelling)}, {total})"
        return total
    match node:
        case Add(left, right):
            return f"{summed_text(left, (), spelling)} + {summed_text(right, (), spelling)}"
        case Sub(left, right):
            return f"{summed_text(left, (), spelling)} - {summed_text(right, (), spelling)}"
        case Neg(argument) if not isinstance(argument, Add | Sub | Neg):
            return f"-{summed_text(argument, (), spelling)}"
        case Reduce("sum", argument):
            return f"{_in(argument, ATOM, spelling)}.sum()"
    return f"{_in(node, ATOM, spelling)}.sum()"


def binding(node: Node) -> int:
    """How strongly a node binds once printed."""
    match node:
        case Add() | Sub():
            return SUM
        case Mul() | Div() | MatVec() | Outer():
            return PRODUCT
        case Neg():
            return SIGN
        case Pow():
            return POWER
        case Dim(size) if len(size) > 1:
            return SUM
    return ATOM


def _in(node: Node, least: int, spelling: Spelling) -> str:
    text = _text(node, spelling)
    return text if binding(node) >= least else f"({text})"


def _factor(node: Node, least: int, spelling: Spelling) -> str:
    """A factor of `*` or `/`: a map, which binds as strongly, keeps brackets."""
    if isinstance(node, MatVec | Outer):
        return f"({_text(node, spelling)})"
    return _in(node, least, spelling)


@singledispatch
def _text(node: Node, _spelling: Spelling) -> str:
    raise TypeError(f"no NumPy for {type(node).__name__}")


@_text.register
def _(node: Number, _spelling: Spelling) -> str:
    value = node.value
    if value.denominator == 1 and value >= 2**53:
        # NumPy takes whole numbers beyond 64 bits for objects.
        return repr(float(value)).replace("e+", "e")
    return node.text


@_text.register
def _(node: Ref, _spelling: Spelling) -> str:
    return local(node)


@_text.register
def _(node: Dim, spelling: Spelling) -> str:
    return size_text(node.size, spelling)


@_text.register
def _(node: Neg, spelling: Spelling) -> str:
    # -(a**2), as formatters write what -a**2 means.
    least = ATOM if isinstance(node.argument, Neg | Pow) else PRODUCT
    return "-" + _in(node.argument, least, spelling)


@_text.register(Add)
@_text.register(Sub)
def _(node: Add | Sub, spelling: Spelling) -> str:
    parts: list[str] = []
    first: Node = node
    while isinstance(first, Add | Sub):  # an adjoint may have a term for each of many equations
        sign = "+" if isinstance(first, Add) else "-"
        parts.append(f" {sign} {_in(first.right, PRODUCT, spelling)}")
        first = first.left
    return _in(first, SUM, spelling) + "".join(reversed(parts))


@_text.register
def _(node: Mul, spelling: Spelling) -> str:
    return f"{_factor(node.left, PRODUCT, spelling)} * {_factor(node.right, SIGN, spelling)}"


@_text.register
def _(node: Div, spelling: Spelling) -> str:
    return f"{_factor(node.left, PRODUCT, spelling)} / {_factor(node.right, SIGN, spelling)}"


@_text.register
def _(node: Pow, spelling: Spelling) -> str:
    sign = "**" if isinstance(node.base, Ref | Number) else " ** "  # as formatters write it
    return f"{_in(node.base, ATOM, spelling)}{sign}{node.exponent}"


@_text.register
def _(node: Call, spelling: Spelling) -> str:
    arguments = [_text(a, spelling) for a in node.arguments]
    if not any(has_names(a) for a in node.arguments):
        # NumPy would answer in float64, whatever the parameters are.
        arguments = [
            f"{spelling.ours('_one')} * {_factor(a, SIGN, spelling)}" for a in node.arguments
        ]
    prefix = f"{spelling.ours('np')}." if node.function in IN_NUMPY else "_"
    return f"{prefix}{node.function}({', '.join(arguments)})"


@_text.register
def _(node: Reduce, spelling: Spelling) -> str:
    kept = "-1, keepdims=True" if has_rows(node.argument) else ""
    match node.kind:
        case "softmax":
            return f"_softmax({_text(node.argument, spelling)})"
        case "norm":
            squares = _text(Mul(node.argument, node.argument), spelling)
            return f"{spelling.ours('np')}.sqrt(({squares}).sum({kept}))"
    return f"{_in(node.argument, ATOM, spelling)}.{node.kind}({kept})"


@_text.register
def _(node: Concat, spelling: Spelling) -> str:
    return f"_concat({', '.join(_text(p, spelling) for p in node.parts)})"


@_text.register
def _(node: MatVec, spelling: Spelling) -> str:
    operand = _in(node.operand, SIGN, spelling)
    return f"{operand} @ {_matrix(node.matrix, spelling)}"


@_text.register
def _(node: Outer, spelling: Spelling) -> str:
    np = spelling.ours("np")
    left, right = has_rows(node.left), has_rows(node.right)
    if left and right:
        return f"{_in(node.left, ATOM, spelling)}.T @ {_in(node.right, SIGN, spelling)}"
    sides = [
        f"{_in(side, ATOM, spelling)}.sum(0)" if rows else _text(side, spelling)
        for side, rows in ((node.left, left), (node.right, right))
    ]
    return f"{np}.outer({', '.join(sides)})"


def _matrix(matrix: Matrix, spelling: Spelling) -> str:
    """The matrix that a row is multiplied by: transposed once more.

    A stretch belongs to the operand of a concat: columns of W, or rows where the author wrote W.T,
    and then it is W itself that carries the adjoint back.
    """
    text = matrix.name
    if matrix.columns is not None:
        rows, columns = spelling.shapes[matrix.name]
        whole = columns if matrix.transposed else rows
        stretch = _stretch(*matrix.columns, whole, spelling)
        text += f"[:, {stretch}]" if matrix.transposed else f"[{stretch}]"
    return text if matrix.transposed else f"{text}.T"


def _stretch(start: Size, stop: Size, whole: Size, spelling: Spelling) -> str:
    first = size_text(start, spelling) if start else ""
    last = size_text(stop, spelling) if stop != whole else ""
    # As formatters space it: around the colon where an end is more than a name.
    wide = " " if len(start) > 1 or (last and len(stop) > 1) else ""
    return f"{first}{wide if first else ''}:{wide if last else ''}{last}"
