"""Forward statements as code for the array libraries that differentiate by themselves.

One function for each node type, as in every printer; what differs between the libraries is a
table, the dialect. A value at t is `(B, n)`, one number at t `(B, 1)`, a parameter `(n,)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.codegen.numpy_text import (
    ATOM,
    PRODUCT,
    SIGN,
    SUM,
    binding,
    has_names,
    has_rows,
    is_plain_number,
    local,
)
from gatecalc.equations.rows import definition
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
    Pow,
    Reduce,
    Ref,
    Shape,
    Size,
    Sub,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a library writes what the notation has beyond arithmetic.

    A template has `{0}` and `{1}` for the arguments of a function (one without is written as its
    definition), `{0}` for the vector of a reduction; `concat` joins `{0}`, parts with commas,
    `spread` gives `{0}` the shape `{1}`, and `one` is a 1 of the dtype at hand. `sizes` and names
    of ours begin with `_`.
    """

    functions: Mapping[str, str]
    reductions: Mapping[str, str]
    concat: str
    spread: str
    one: str


@dataclass(frozen=True, slots=True)
class Step:
    """The statements in a dialect: `once` what parameters alone decide, `lines` those of a step."""

    once: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Writing:
    dialect: Dialect
    shapes: Mapping[str, Shape]


def printed_step(derivation: Derivation, dialect: Dialect) -> Step:
    """The forward statements in a dialect, each with its number."""
    writing = _Writing(dialect, derivation.shapes)
    return Step(
        *(
            tuple(_line(s, writing) for s in derivation.forward if s.role == role)
            for role in ("static", "step")
        )
    )


def _line(statement: Statement, writing: _Writing) -> str:
    expression = statement.expression
    text = _text(expression, writing)
    narrow = shape_of(expression, writing.shapes) != statement.shape
    if statement.role == "step":
        narrow = narrow or not has_rows(expression)
    if not has_names(expression) if narrow else is_plain_number(expression):
        text = f"{writing.dialect.one} * ({text})"
    if narrow:
        text = writing.dialect.spread.format(text, _extent(statement))
    return f"{local(statement.target)} = {text}  # ({statement.number})"


def _extent(statement: Statement) -> str:
    width = _size(statement.shape[0]) if statement.shape else "1"
    return f"({width},)" if statement.role == "static" else f"(_B, {width})"


def _size(size: Size) -> str:
    return " + ".join(f"_sizes['{name}']" for name in size) or "0"


def _in(node: Node, least: int, writing: _Writing) -> str:
    text = _text(node, writing)
    return text if binding(node) >= least else f"({text})"


def _factor(node: Node, least: int, writing: _Writing) -> str:
    return _in(node, ATOM if isinstance(node, MatVec) else least, writing)


@singledispatch
def _text(node: Node, _writing: _Writing) -> str:
    raise TypeError(f"no code for {type(node).__name__}")


@_text.register
def _(node: Number, _writing: _Writing) -> str:
    value = node.value
    return str(value) if value.denominator == 1 and value < 2**53 else repr(float(value))


@_text.register
def _(node: Ref, _writing: _Writing) -> str:
    return local(node)


@_text.register
def _(node: Dim, _writing: _Writing) -> str:
    return _size(node.size)


@_text.register
def _(node: Neg, writing: _Writing) -> str:
    return "-" + _in(
        node.argument, PRODUCT if not isinstance(node.argument, Neg) else ATOM, writing
    )


@_text.register
def _(node: Add, writing: _Writing) -> str:
    return f"{_in(node.left, SUM, writing)} + {_in(node.right, PRODUCT, writing)}"


@_text.register
def _(node: Sub, writing: _Writing) -> str:
    return f"{_in(node.left, SUM, writing)} - {_in(node.right, PRODUCT, writing)}"


@_text.register
def _(node: Mul, writing: _Writing) -> str:
    return f"{_factor(node.left, PRODUCT, writing)} * {_factor(node.right, SIGN, writing)}"


@_text.register
def _(node: Div, writing: _Writing) -> str:
    return f"{_factor(node.left, PRODUCT, writing)} / {_factor(node.right, SIGN, writing)}"


@_text.register
def _(node: Pow, writing: _Writing) -> str:
    return f"{_in(node.base, ATOM, writing)} ** {node.exponent}"


@_text.register
def _(node: Call, writing: _Writing) -> str:
    arguments = [
        _text(a, writing) if has_names(a) else f"{writing.dialect.one} * ({_text(a, writing)})"
        for a in node.arguments
    ]
    template = writing.dialect.functions.get(node.function)
    if template is None:
        body = definition(node.function, node.arguments)
        assert body is not None, f"{node.function} has neither a definition nor a template"
        return _in(body, ATOM, writing)
    return template.format(*arguments)


@_text.register
def _(node: Reduce, writing: _Writing) -> str:
    return writing.dialect.reductions[node.kind].format(_text(node.argument, writing))


@_text.register
def _(node: Concat, writing: _Writing) -> str:
    rows = any(map(has_rows, node.parts))
    parts = [
        _text(part, writing)
        if has_rows(part) or not rows
        else writing.dialect.spread.format(
            _in(part, ATOM, writing), f"(_B, {_size(shape_of(part, writing.shapes)[0])})"
        )
        for part in node.parts
    ]
    return writing.dialect.concat.format(", ".join(parts))


@_text.register
def _(node: MatVec, writing: _Writing) -> str:
    return f"{_in(node.operand, SIGN, writing)} @ {_matrix(node.matrix)}"


def _matrix(matrix: Matrix) -> str:
    """The matrix that a row is multiplied by: transposed once more."""
    return matrix.name if matrix.transposed else f"{matrix.name}.T"
