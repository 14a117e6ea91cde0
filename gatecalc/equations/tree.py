"""The nodes of an equation, as its author wrote it.

Nodes are immutable and compare by structure; where a node stands in the text is remembered but
does not count. They never learn about printing, shapes or derivatives: each of those is a function
elsewhere (`functools.singledispatch` over the node types).

When a vector-valued node is evaluated its value is `(B, n)`: one row for each sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from gatecalc.errors import Place

Size = tuple[str, ...]
"""A dimension as a sum of named sizes: `("H",)`, or `("H", "D")` for H + D."""

Shape = tuple[Size, ...]
"""`()` for one number, one size for a vector, two (rows, columns) for a matrix."""


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    place: Place | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A decimal literal, kept as typed so that it prints as typed."""

    text: str

    @property
    def value(self) -> Fraction:
        """The number that the text means, exactly.

        >>> Number("0.2").value
        Fraction(1, 5)
        """
        return Fraction(self.text)


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A name: `lag` is 0 for `h[t]`, 1 for `h[t-1]`, None for a bare name."""

    name: str
    lag: int | None = None


@dataclass(frozen=True, slots=True)
class Dim(Node):
    """A size used as a number: the n of a mean's derivative 1/n, or the K of sqrt(K)."""

    size: Size


@dataclass(frozen=True, slots=True)
class Neg(Node):
    argument: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Add(Binary):
    pass


@dataclass(frozen=True, slots=True)
class Sub(Binary):
    pass


@dataclass(frozen=True, slots=True)
class Mul(Binary):
    """Elementwise product; one number times a vector included."""


@dataclass(frozen=True, slots=True)
class Div(Binary):
    pass


@dataclass(frozen=True, slots=True)
class Pow(Node):
    """A small whole power."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A nonlinearity applied elementwise: a row of the table of functions, or the cell's own."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Reduce(Node):
    """A function of a whole vector.

    `kind` is sum, mean or norm, which give one number, or softmax, which gives a vector.
    """

    kind: str
    argument: Node


@dataclass(frozen=True, slots=True)
class Concat(Node):
    """Vectors one below the other; only as operand of a map."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix parameter, possibly transposed, or only the stretch that meets a part of a `concat`.

    `columns` is `(start, stop)` as sums of sizes. It stands only in adjoints: of `W @ concat(...)`
    they take `W[:, start:stop].T`, and of `W.T @ concat(...)` they take `W[start:stop]`. So the
    stretch is of columns where the matrix stands transposed, and of rows where it does not.
    """

    name: str
    transposed: bool = False
    columns: tuple[Size, Size] | None = None


@dataclass(frozen=True, slots=True)
class MatVec(Node):
    """A linear map: a matrix times a vector."""

    matrix: Matrix
    operand: Node


@dataclass(frozen=True, slots=True)
class Outer(Node):
    """`left rightᵀ`, the gradient of a matrix; only derivations contain it."""

    left: Node
    right: Node


REDUCTIONS = ("sum", "mean", "norm", "softmax")

_LEAVES, _PAIRS = (Ref, Number, Dim), (Add, Sub, Mul, Div)
"""Nodes with none below, and those with two: nearly all, and trees are walked often."""


def _parts(node: Node) -> tuple[str, ...]:
    """The names of a node's fields, its place aside."""
    parts: tuple[str, ...] = node.__match_args__
    return parts


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, left to right.

    >>> children(Sub(Number("1"), Ref("z", 0)))
    (Number(text='1'), Ref(name='z', lag=0))
    """
    if isinstance(node, _LEAVES):
        return ()
    if isinstance(node, _PAIRS):
        return node.left, node.right
    found: list[Node] = []
    for name in _parts(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, Node))
    return tuple(found)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first, left to right."""
    pending = [node]
    while pending:
        here = pending.pop()
        yield here
        if isinstance(here, _PAIRS):
            pending += here.right, here.left
        elif not isinstance(here, _LEAVES):
            pending.extend(reversed(children(here)))


def rebuild(node: Node, new: tuple[Node, ...]) -> Node:
    """The same node with other children, in the order of `children`."""
    if isinstance(node, _PAIRS):
        return type(node)(*new, place=node.place)
    pending = iter(new)
    changes: dict[str, Any] = {}
    for name in _parts(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = next(pending)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[name] = tuple(next(pending) for _ in value)
    return replace(node, **changes) if changes else node


def references(node: Node) -> tuple[Ref, ...]:
    """Every `Ref` once, in order of first appearance (matrices are not among them)."""
    return tuple(dict.fromkeys(n for n in walk(node) if isinstance(n, Ref)))


def matrices(node: Node) -> tuple[Matrix, ...]:
    """Every matrix once, in order of first appearance."""
    return tuple(dict.fromkeys(n.matrix for n in walk(node) if isinstance(n, MatVec)))


def substitute(node: Node, table: dict[Ref, Node]) -> Node:
    """The tree with references replaced (all at once)."""
    if isinstance(node, Ref):
        return table.get(node, node)
    below = children(node)
    new = tuple(substitute(child, table) for child in below)
    return node if all(a is b for a, b in zip(below, new, strict=True)) else rebuild(node, new)


def with_sizes(node: Node, named: Mapping[str, Size]) -> Node:
    """The tree with sizes under other names; `named` has each of the old ones.

    >>> with_sizes(Mul(Dim(("P",)), Ref("b")), {"P": ("H",)})
    Mul(left=Dim(size=('H',)), right=Ref(name='b', lag=None))
    """
    if isinstance(node, Dim):
        return replace(node, size=tuple(part for name in node.size for part in named[name]))
    below = children(node)
    new = tuple(with_sizes(child, named) for child in below)
    return node if all(a is b for a, b in zip(below, new, strict=True)) else rebuild(node, new)
