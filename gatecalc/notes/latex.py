"""Nodes as LaTeX: one function for each node type.

Each returns tokens, so that a long equation can break where a mathematician would break it: at a
sum first, then at a product, last inside brackets. Brackets are sized by hand (`\\bigl`), because
TeX does not break a line between `\\left` and `\\right`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.text import ATOM, POWER, PRODUCT, SUM, binding
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
    Sub,
)
from gatecalc.notes.literals import CONSTANTS, decimal
from gatecalc.notes.style import Style
from gatecalc.notes.width import width

AT_SUM, AT_PRODUCT, INSIDE = 0, 1, 2
"""How much a break there costs; each pair of brackets adds INSIDE."""

WIDEST_FRACTION = 22.0
"""In ems: what is wider is written with a slash, which can break."""

WIDEST_EXPONENT = 5.0


@dataclass(frozen=True, slots=True)
class Token:
    """A piece that does not break. `level` is None where no line may break before it.

    `broken` is what is printed instead where the line does break before it.
    """

    text: str
    level: int | None = None
    broken: str = ""


Tokens = tuple[Token, ...]


def latex(node: Node, style: Style) -> str:
    r"""A node on one line.

    >>> from gatecalc.notes.symbols import symbol
    >>> style = Style({n: symbol(n) for n in ("z", "h")}, {"z": (("H",),), "h": (("H",),)})
    >>> latex(Mul(Sub(Number("1"), Ref("z", 0)), Ref("h", 1)), style)
    '(1 - z_{t}) \\odot h_{t-1}'
    """
    return text_of(tokens(node, style))


def text_of(pieces: Sequence[Token]) -> str:
    """Tokens on one line."""
    return "".join(piece.text for piece in pieces)


@singledispatch
def tokens(node: Node, _style: Style) -> Tokens:
    """A node as pieces between which a line may break."""
    raise TypeError(f"no LaTeX for {type(node).__name__}")


# Bits that the node types share.


def _whole(text: str) -> Tokens:
    return (Token(text),)


def _after(operator: str, right: Tokens, level: int | None, broken: str = "") -> Tokens:
    """The right operand with its operator in front, where a line may break."""
    first, *rest = right
    return (
        Token(operator + first.text, level, broken + first.text if broken else ""),
        *rest,
    )


def bracketed(inside: Tokens) -> Tokens:
    """Round brackets, as large as what they hold."""
    size = bracket_size(text_of(inside))
    left, right = (rf"\{size}l(", rf"\{size}r)") if size else ("(", ")")
    deeper = [replace(t, level=None if t.level is None else t.level + INSIDE) for t in inside]
    deeper[0] = replace(deeper[0], text=left + deeper[0].text)
    deeper[-1] = replace(
        deeper[-1],
        text=deeper[-1].text + right,
        broken=deeper[-1].broken + right if deeper[-1].broken else "",
    )
    return tuple(deeper)


def bracket_size(text: str) -> str:
    """`big`, `Big`, `bigg`, `Bigg` or nothing, by what the brackets hold."""
    if r"\begin{" in text:
        rows = max(block.count(r"\\") + 1 for block in text.split(r"\begin{")[1:])
        return "bigg" if rows < 3 else "Bigg"
    if r"\frac" in text:
        return "Big"
    return "big" if "(" in text or r"\sqrt" in text or r"\operatorname" in text else ""


def _in(node: Node, least: int, style: Style) -> Tokens:
    return _held(node, tokens(node, style), least)


def _held(node: Node, inside: Tokens, least: int) -> Tokens:
    """A node's tokens, in brackets where it binds less than what is around it.

    Every node is put into tokens once: twice at each level doubles the time with every level.
    """
    return inside if _strength(node, inside) >= least else bracketed(inside)


def _behind_a_sign(node: Node, style: Style) -> Tokens:
    """A summand behind a sign; one with a sign of its own stands in brackets."""
    inside = _in(node, PRODUCT, style)
    return bracketed(inside) if inside[0].text.startswith("-") else inside


def _strength(node: Node, inside: Tokens) -> int:
    """How strongly a node binds as printed: a fraction needs no brackets, a negative value does."""
    if isinstance(node, Div):
        return PRODUCT if _is_fraction(inside) else SUM
    if isinstance(node, Ref) and inside[0].text.startswith("-"):
        return SUM
    return binding(node)


def _is_fraction(quotient: Tokens) -> bool:
    """Whether a quotient is one piece; with a sign between its parts it is several."""
    return len(quotient) == 1


def is_number(node: Node, style: Style) -> bool:
    """Whether a node is one number, so that its products need no sign."""
    return shape_of(node, style.shapes) == ()


# Leaves.


@tokens.register
def _(node: Number, _style: Style) -> Tokens:
    return _whole(CONSTANTS.get(node.text) or decimal(node.text))


@tokens.register
def _(node: Ref, style: Style) -> Tokens:
    if style.numbers is not None:
        return _whole(style.numbers.of(node))
    return _whole(style.ref(node))


@tokens.register
def _(node: Dim, style: Style) -> Tokens:
    if style.numbers is not None:
        return _whole(style.numbers.size(node.size))
    return _whole(style.size(node.size) if len(node.size) == 1 else f"({style.size(node.size)})")


# Sums and products.


@tokens.register
def _(node: Neg, style: Style) -> Tokens:
    least = ATOM if isinstance(node.argument, Neg) else PRODUCT
    return _after("-", _in(node.argument, least, style), None)


@tokens.register
def _(node: Add, style: Style) -> Tokens:
    right = _after(" + ", _behind_a_sign(node.right, style), AT_SUM)
    return (*_in(node.left, SUM, style), *right)


@tokens.register
def _(node: Sub, style: Style) -> Tokens:
    right = _after(" - ", _behind_a_sign(node.right, style), AT_SUM)
    return (*_in(node.left, SUM, style), *right)


@tokens.register
def _(node: Mul, style: Style) -> Tokens:
    scalar = is_number(node.left, style) or is_number(node.right, style)
    left, right = _factor(node.left, scalar, style), _factor(node.right, scalar, style, POWER)
    if not scalar:
        return (*left, *_after(r" \odot ", right, AT_PRODUCT))
    before, after = text_of(left), text_of(right)
    if re.match(r"-?\d", after) or style.numbers is not None:
        return (*left, *_after(r" \cdot ", right, AT_PRODUCT))
    space = " " if re.search(r"(?:^|[ (])[\d.]+$", before) else r"\,"
    return (*left, *_after(space, right, AT_PRODUCT, r"\cdot "))


def _factor(node: Node, scalar: bool, style: Style, least: int = PRODUCT) -> Tokens:
    """A factor; a map as factor of an elementwise product stands in brackets."""
    inside = tokens(node, style)
    if isinstance(node, MatVec):
        return inside if scalar else bracketed(inside)
    if isinstance(node, Div) and _is_fraction(inside):
        return inside
    return _held(node, inside, least)


@tokens.register
def _(node: Div, style: Style) -> Tokens:
    left, right = tokens(node.left, style), tokens(node.right, style)
    above, below = text_of(left), text_of(right)
    if max(width(above), width(below)) <= WIDEST_FRACTION:
        numbers = isinstance(node.left, Number) and isinstance(node.right, Number)
        return _whole(rf"\{'tfrac' if numbers else 'frac'}{{{above}}}{{{below}}}")
    divisor = _after(r" \mathbin{/} ", _held(node.right, right, ATOM), AT_PRODUCT)
    return (*_held(node.left, left, PRODUCT), *divisor)


@tokens.register
def _(node: Pow, style: Style) -> Tokens:
    exponent = str(node.exponent)
    if isinstance(node.base, Ref) and style.numbers is None:
        if not style.symbols[node.base.name].superscript:
            return _whole(style.ref(node.base, exponent))
        return _whole(text_of(bracketed(tokens(node.base, style))) + f"^{{{exponent}}}")
    base = tokens(node.base, style)
    plain = isinstance(node.base, Number | Ref | Dim) and _strength(node.base, base) == ATOM
    fenced = isinstance(node.base, Call) and node.base.function == "abs"
    base = base if plain or fenced else bracketed(base)
    *front, last = base
    return (*front, replace(last, text=f"{last.text}^{{{exponent}}}"))


# Functions.


@tokens.register
def _(node: Call, style: Style) -> Tokens:
    name, arguments = node.function, node.arguments
    match name:
        case "sqrt":
            return _whole(rf"\sqrt{{{latex(arguments[0], style)}}}")
        case "abs":
            return _whole(rf"\lvert {latex(arguments[0], style)} \rvert")
        case "step":
            return _whole(_positive(arguments[0], style))
        case "reciprocal":
            return _whole(rf"\frac{{1}}{{{latex(arguments[0], style)}}}")
        case "exp":
            return _exponential(tokens(arguments[0], style), style)
    inside: Tokens = ()
    for position, argument in enumerate(arguments):
        here = tokens(argument, style)
        inside = (*inside, *_after(", ", here, AT_SUM, " ")) if position else here
    return applied(function_name(name), inside)


def _exponential(argument: Tokens, style: Style) -> Tokens:
    """A power of e where the exponent is small enough to be read up there."""
    exponent = text_of(argument)
    if style.numbers is None and _fits_above(exponent):
        return _whole(f"e^{{{exponent}}}")
    return applied(function_name("exp"), argument)


def _fits_above(exponent: str) -> bool:
    return width(exponent) <= WIDEST_EXPONENT and "frac" not in exponent and "big" not in exponent


def applied(name: str, inside: Tokens) -> Tokens:
    """A function's name before its argument; brackets that are there already serve."""
    text = text_of(inside)
    if len(inside) == 1 and text.startswith(r"\begin{pmatrix}") and text.endswith(r"{pmatrix}"):
        return _after(name, inside, None)
    return _after(name, bracketed(inside), None)


def function_name(name: str) -> str:
    r"""How a function's name prints; a mark behind it means its derivative.

    >>> function_name("sigmoid"), function_name("my_act"), function_name("my_act'")
    ('\\sigma', '\\operatorname{my\\_act}', "\\operatorname{my\\_act}'")
    """
    plain = name.rstrip("'")
    row = FUNCTIONS.get(plain)
    shown = row.latex if row else rf"\operatorname{{{plain.replace('_', chr(92) + '_')}}}"
    marks = name[len(plain) :]
    if len(marks) > 1:
        return rf"\partial_{{{len(marks)}}}{shown}"
    return shown + marks


def _positive(argument: Node, style: Style) -> str:
    """The unit step as a bracket that is 1 where its condition holds and 0 elsewhere."""
    match argument:
        case Neg(inner):
            shown = f"{latex(inner, style)} < 0"
        case Sub(Number() as left, right):
            shown = f"{latex(right, style)} < {latex(left, style)}"
        case Sub(left, right):
            shown = f"{latex(left, style)} > {latex(right, style)}"
        case Add(left, Number() as right):
            shown = f"{latex(left, style)} > -{latex(right, style)}"
        case _:
            shown = f"{latex(argument, style)} > 0"
    return f"[{shown}]"


@tokens.register
def _(node: Reduce, style: Style) -> Tokens:
    if node.kind == "norm":
        inner = latex(node.argument, style)
        if "matrix" in inner or r"\frac" in inner:
            return _whole(rf"\left\lVert {inner} \right\rVert")
        return _whole(rf"\lVert {inner} \rVert")
    return applied(rf"\operatorname{{{node.kind}}}", tokens(node.argument, style))


# Maps.


@tokens.register
def _(node: Concat, style: Style) -> Tokens:
    if style.numbers is not None:
        return _whole(style.numbers.of(node))
    return _whole(stacked([latex(part, style) for part in node.parts]))


def stacked(parts: Sequence[str]) -> str:
    """Vectors one below the other."""
    return r"\begin{bmatrix} " + r" \\ ".join(parts) + r" \end{bmatrix}"


@tokens.register
def _(node: MatVec, style: Style) -> Tokens:
    operand = node.operand
    plain = isinstance(operand, Ref | Concat | MatVec | Call | Reduce)
    right = tokens(operand, style) if plain else bracketed(tokens(operand, style))
    return _after(matrix_latex(node.matrix, style) + " ", right, None)


def matrix_latex(matrix: Matrix, style: Style) -> str:
    """A matrix, transposed or not, or a stretch of its columns."""
    if style.numbers is not None:
        return style.numbers.matrix(matrix)
    above = f"[{style.block(matrix)}]" if matrix.columns is not None else ""
    if matrix.transposed:
        above += r"\top"
    return style.symbols[matrix.name].at("", above)


@tokens.register
def _(node: Outer, style: Style) -> Tokens:
    left = _in(node.left, ATOM, style)
    if style.numbers is not None and isinstance(node.right, Ref | Concat):
        return (*left, Token(" " + style.numbers.of(node.right, transposed=True)))
    if isinstance(node.right, Ref):
        return (*left, Token(" " + style.ref(node.right, r"\top")))
    inside = tokens(node.right, style)
    right = inside if isinstance(node.right, Concat) else bracketed(inside)
    *front, last = _after(" ", right, None)
    return (*left, *front, replace(last, text=rf"{last.text}^{{\top}}"))
