"""The rows of the table of functions as trees."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache

from gatecalc.equations.expressions import expression
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.lines import Line, LogicalLine
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import Call, Node, Ref, substitute, walk


@cache
def _tree(text: str) -> Node:
    line = LogicalLine((Line(1, text, None, text),))
    scope = Scope(line, arguments=("a", "b", "y"), internal=True)
    return expression(ast.parse(text, mode="eval").body, scope)


def derivative_row(name: str, position: int) -> Node:
    """The derivative of a function by one argument, as a tree in the bare names `a`, `b`, `y`."""
    return _tree(FUNCTIONS[name].derivatives[position])


def derivative(name: str, position: int, arguments: Sequence[Node], value: Node) -> Node:
    """The derivative of `name(*arguments)`, whose value is `value`, as its row prints it.

    >>> derivative("sigmoid", 0, [Ref("a_i", 0)], Ref("i", 0))
    Mul(left=Ref(name='i', lag=0), right=Sub(left=Number(text='1'), right=Ref(name='i', lag=0)))
    """
    names = zip(FUNCTIONS[name].arguments, arguments, strict=True)
    table: dict[Ref, Node] = {Ref(n): a for n, a in names}
    return substitute(derivative_row(name, position), table | {Ref("y"): value})


def definition(name: str, arguments: Sequence[Node]) -> Node | None:
    """What a function is in terms of more elementary ones; None for a primitive."""
    row = FUNCTIONS[name]
    if row.definition is None:
        return None
    table: dict[Ref, Node] = {Ref(n): a for n, a in zip(row.arguments, arguments, strict=True)}
    return substitute(_tree(row.definition), table)


@cache
def is_analytic(name: str) -> bool:
    """Whether the function, as it is computed, extends to complex arguments.

    >>> is_analytic("gelu"), is_analytic("softplus")
    (True, False)
    """
    row = FUNCTIONS[name]
    if row.definition is None:
        return not row.branches
    return all(is_analytic(n.function) for n in walk(_tree(row.definition)) if isinstance(n, Call))
