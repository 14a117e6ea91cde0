"""The displays of the notes: which equations stand where, with what beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gatecalc.calculus.own import OwnSlope
from gatecalc.calculus.partials import Partial
from gatecalc.calculus.statements import Statement
from gatecalc.calculus.worked import Worked, tree
from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.text import PRODUCT, binding
from gatecalc.equations.tree import Call, Div, MatVec, Mul, Neg, Node, Number, Ref
from gatecalc.notes.display import MEASURE, Display, Entry, Piece, display, plain
from gatecalc.notes.document import Group
from gatecalc.notes.latex import (
    AT_SUM,
    Token,
    Tokens,
    bracketed,
    function_name,
    latex,
    tokens,
)
from gatecalc.notes.prose import escaped
from gatecalc.notes.reasons import reason, reference, references
from gatecalc.notes.style import Style
from gatecalc.notes.symbols import Symbol, symbol
from gatecalc.notes.width import width

LONGEST_SLOPE = 3 * MEASURE

MOST_FRACTIONS = 24
"""Beyond so many local derivatives, the left sides are set on one line to save space."""


def authors_equations(
    groups: Iterable[Group], own: Iterable[Nonlinearity], style: Style, label: str
) -> Display:
    """The equations as typed, each with the numbers of the statements that compute it."""
    entries = [
        plain(latex(Call(n.name, tuple(Ref(a) for a in n.arguments)), inner), tokens(n.body, inner))
        for n in own
        for inner in (_with_arguments(style, n.arguments),)
    ]
    entries += [
        plain(
            style.ref(g.equation.target),
            tokens(g.equation.expression, style),
            note=references(tuple(s.number for s in g.statements), label),
        )
        for g in groups
    ]
    return display(entries)


def statements(found: Iterable[Statement], style: Style) -> Display:
    """Forward statements, each with its number."""
    return display(
        [plain(style.ref(s.target), tokens(s.expression, style), s.number) for s in found]
    )


def adjoints(found: Iterable[Statement], style: Style, label: str) -> Display:
    """Backward statements: a line for each path, with its reason."""
    return display([_adjoint(s, style, label) for s in found])


def _adjoint(statement: Statement, style: Style, label: str) -> Entry:
    pieces = tuple(
        Piece(summand(term.expression, style, first=not k), reason(term, label))
        for k, term in enumerate(statement.terms)
    )
    relation = "=" if statement.operation == "=" else r"\mathrel{+}="
    return Entry(style.ref(statement.target), pieces, statement.number, relation)


def summand(expression: Node, style: Style, *, first: bool) -> Tokens:
    """A term of a sum, with its sign unless it is the first."""
    sign, node = " + ", numbers_first(expression)
    if isinstance(node, Neg) and not first:
        sign, node = " - ", node.argument
    if first:
        return tokens(node, style)
    inside = tokens(node, style)
    inside = inside if binding(node) >= PRODUCT else bracketed(inside)
    head, *rest = inside
    return (Token(sign + head.text, AT_SUM), *rest)


def numbers_first(node: Node) -> Node:
    """A product with its literals in front, as it is written by hand: 2 d o, not d 2 o."""
    match node:
        case Neg(argument):
            return Neg(numbers_first(argument))
        case Div(left, right):
            return Div(numbers_first(left), right)
        case Mul():
            factors = _factors(node)
            literals = [f for f in factors if isinstance(f, Number)]
            if not literals or isinstance(factors[0], Number):
                return node
            ordered = [*literals, *(f for f in factors if not isinstance(f, Number))]
            result = ordered[0]
            for factor in ordered[1:]:
                result = Mul(result, factor)
            return result
    return node


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Mul):
        return [*_factors(node.left), node.right]
    return [node]


# Local derivatives.


def worked_derivative(function: Worked, style: Style) -> tuple[Display, ...]:
    """A function's definition, and the steps to its derivative by each argument."""
    inner = _with_arguments(style, (*function.arguments, "y"))
    arguments = tuple(Ref(a) for a in function.arguments)
    entries: list[Entry] = []
    for position, steps in enumerate(function.steps):
        if len(function.arguments) == 1:
            left = r"\frac{dy}{da}"
        else:
            left = rf"\frac{{\partial y}}{{\partial {function.arguments[position]}}}"
        entries += [
            plain(
                left if not k else "",
                tokens(step.expression, inner),
                note=remark(step.reason, style),
            )
            for k, step in enumerate(steps)
        ]
    if function.definition is None:
        return (display(entries, patience=1.0),)
    whole = f"y = {latex(Call(function.name, arguments), inner)}"
    defined = plain(whole, tokens(function.definition, inner))
    alone, together = display([defined]), display([defined, *entries], patience=1.0)
    if together.noted and together.rows[: len(alone.rows)] == alone.rows:
        return (together,)
    return (alone, display(entries, patience=1.0))


_SLOPE_AT = re.compile(r"(\w+)'\((\d+)\) = ([-\d.]+)")
_VALUE_AT = re.compile(r"\b(\w+)(\(0\))? = (-?[\d.]+)")


def kink(text: str) -> str:
    r"""A convention of the table of functions, its equations as formulas.

    >>> kink("relu'(0) = 0"), kink("0 where the slope changes (a = -3 and a = 3)")
    ("$\\operatorname{relu}'(0) = 0$", '0 where the slope changes ($a = -3$ and $a = 3$)')
    """
    if found := _SLOPE_AT.fullmatch(text):
        return f"${function_name(found[1])}'({found[2]}) = {found[3]}$"
    pieces: list[str] = []
    position = 0
    for found in _VALUE_AT.finditer(text):
        pieces += [escaped(text[position : found.start()]), f"${found.group()}$"]
        position = found.end()
    return "".join((*pieces, escaped(text[position:])))


def remark(text: str, style: Style) -> str:
    """A remark of the worked derivatives: what stands between backticks is a formula."""
    inner = _with_arguments(style, ("a", "b", "y", "s"))
    pieces = text.split("`")
    return "".join(
        "$" + " = ".join(latex(tree(side), inner) for side in piece.split(" = ")) + "$"
        if k % 2
        else escaped(piece)
        for k, piece in enumerate(pieces)
    )


def own_derivative(nonlinearity: Nonlinearity, own: OwnSlope, style: Style) -> Display:
    """A cell's own nonlinearity in named parts, and its derivative by the chain rule."""
    names = (*nonlinearity.arguments, *(p.name for p in own.parts))
    inner = _with_arguments(style, names)
    single = len(nonlinearity.arguments) == 1
    slope_symbols = {
        name: Symbol(_derivative_of(inner.symbols[part].at(), by, inner, single))
        for (part, by), name in own.slope_names.items()
    }
    inner = replace(
        inner,
        symbols={**inner.symbols, **slope_symbols},
        shapes={**inner.shapes, **dict.fromkeys(slope_symbols, ())},
    )
    entries: list[Entry] = []
    for part in own.parts:
        entries.append(plain(inner.symbols[part.name].at(), tokens(part.value, inner)))
        for by, slope in part.slopes.items():
            left = inner.symbols[own.slope_names[part.name, by]].at()
            entries.append(plain(left, tokens(slope, inner)))
    arguments = tuple(Ref(a) for a in nonlinearity.arguments)
    whole = latex(Call(nonlinearity.name, arguments), inner)
    entries.append(plain(whole, tokens(own.value, inner)))
    for by, slope in own.slopes.items():
        if single:
            left = latex(Call(nonlinearity.name + "'", arguments), inner)
        else:
            left = rf"\frac{{\partial}}{{\partial {inner.symbols[by].at()}}} {whole}"
        entries.append(plain(left, tokens(slope, inner)))
        if by in own.inserted:
            entries.append(plain("", tokens(own.inserted[by], inner)))
    return display(entries)


def _derivative_of(of: str, by: str, style: Style, single: bool) -> str:
    if single:
        return f"{of}'"
    return rf"\frac{{\partial {of}}}{{\partial {style.symbols[by].at()}}}"


def slopes(
    found: Sequence[tuple[Statement, tuple[Partial, ...]]], style: Style, label: str
) -> Display:
    """The local derivatives of statements, by everything that they are made of."""
    count = sum(len(partials) for _, partials in found)
    form = (
        r"\frac{{\partial {}}}{{\partial {}}}"
        if count <= MOST_FRACTIONS
        else (r"\partial {} / \partial {}")
    )
    entries = [
        plain(
            form.format(style.ref(statement.target), _by(partial, style)),
            tokens(numbers_first(partial.slope), style),
            note=f"from~{reference(statement.number, label)}",
        )
        for statement, partials in found
        for partial in partials
    ]
    return display(entries)


def is_short(partial: Partial, style: Style) -> bool:
    """Whether a local derivative takes few lines; a long one stands in the backward pass anyway."""
    return width(latex(partial.slope, style)) <= LONGEST_SLOPE


def _by(partial: Partial, style: Style) -> str:
    shown = latex(partial.by, style)
    return f"({shown})" if isinstance(partial.by, MatVec) else shown


_TITLES = {"sqrt": r"\sqrt{\,\cdot\,}", "abs": r"\lvert \,\cdot\, \rvert"}


def function_title(name: str) -> str:
    """A function in running text."""
    return f"${_TITLES.get(name) or function_name(name)}$"


def _with_arguments(style: Style, names: Iterable[str]) -> Style:
    """A style in which these names are plain numbers: the arguments of a function."""
    own = {name: symbol(name) for name in names}
    return replace(
        style,
        symbols={**style.symbols, **own},
        shapes={**style.shapes, **dict.fromkeys(own, ())},
    )
