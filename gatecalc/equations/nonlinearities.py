"""A cell's own nonlinearities: `silu = lambda a: a * sigmoid(a)`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.expressions import expression
from gatecalc.equations.functions import FUNCTIONS, elementary
from gatecalc.equations.names import check_name
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import Call, Node, Ref, children, walk
from gatecalc.errors import NotationError

MAX_SIZE = 1_000
"""Bounds a nonlinearity once all others are put in: each line could double the one above."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large an expression is once nonlinearities are put in: nodes, and uses of arguments."""

    nodes: int
    uses: Mapping[str, int]


def extent(node: Node, own: Mapping[str, tuple[Nonlinearity, Extent]]) -> Extent:
    """The extent of an expression, from that of the nonlinearities that it may call.

    >>> from gatecalc.equations.tree import Mul
    >>> extent(Mul(Ref("a"), Ref("a")), {})
    Extent(nodes=3, uses={'a': 2})
    """
    if isinstance(node, Ref):
        return Extent(1, {node.name: 1} if node.lag is None else {})
    below = [extent(child, own) for child in children(node)]
    nodes, weights = 1 + sum(e.nodes for e in below), [1] * len(below)
    if isinstance(node, Call) and node.function in own:
        called, body = own[node.function]
        weights = [body.uses.get(name, 0) for name in called.arguments]
        pairs = zip(weights, below, strict=True)
        nodes = body.nodes + sum(count * (e.nodes - 1) for count, e in pairs)
    uses: Counter[str] = Counter()
    for count, e in zip(weights, below, strict=True):
        uses.update({name: count * n for name, n in e.uses.items()})
    return Extent(nodes, dict(uses))


def nonlinearity(
    target: ast.Name,
    value: ast.Lambda,
    scope: Scope,
    above: Mapping[str, tuple[Nonlinearity, Extent]],
) -> tuple[Nonlinearity, Extent]:
    """The nonlinearity of a line and its extent; `above` are those of the lines above.

    Ready-made functions that no other one is made of may be replaced by one's own. Raises
    NotationError.
    """
    name, place = target.id, scope.place(target)
    if name not in FUNCTIONS:
        check_name(name, place)
    elif name in elementary():
        raise NotationError(
            f"`{name}` is a function of the notation already", place, write=f"write {name}_2"
        )
    arguments = _arguments(name, value, scope)
    body = expression(value.body, Scope(scope.line, scope.declared, arguments))
    found = Nonlinearity(name, arguments, body, scope.line.explanation)
    _check_names(found, above, scope)
    size = extent(body, above)
    if size.nodes > MAX_SIZE:
        raise NotationError(
            f"`{name}` comes to more than {MAX_SIZE} operations",
            place,
            write="define a smaller one, or write parts of it as equations",
        )
    return found, size


def _arguments(name: str, value: ast.Lambda, scope: Scope) -> tuple[str, ...]:
    spec, place = value.args, scope.place(value)
    names = tuple(a.arg for a in spec.args)
    plain = not (spec.posonlyargs or spec.kwonlyargs or spec.vararg or spec.kwarg or spec.defaults)
    if not plain or not names or len(set(names)) != len(names):
        raise NotationError(
            "a nonlinearity has plain arguments", place, write=f"write {name} = lambda a: ..."
        )
    for argument in spec.args:
        here = scope.place(argument)
        check_name(argument.arg, here)
        if argument.arg in scope.declared.scalars or argument.arg in scope.declared.functions:
            raise NotationError(
                f"`{argument.arg}` has another meaning in this cell already",
                here,
                write=f"give the argument another name: {_free_letter(names, scope)}",
            )
    return names


def _free_letter(names: Sequence[str], scope: Scope) -> str:
    taken = {*names, *scope.declared.scalars, *scope.declared.functions}
    return next((c for c in "abuvw" if c not in taken), "argument")


def _check_names(own: Nonlinearity, above: Collection[str], scope: Scope) -> None:
    pending = {name for name in scope.declared.functions if name not in above}
    for node in walk(own.body):
        if isinstance(node, Call) and node.function in pending:
            by = "itself" if node.function == own.name else "a line below"
            raise NotationError(
                f"`{node.function}` is defined by {by}",
                node.place,
                write="define a nonlinearity above the one that uses it",
            )
        if isinstance(node, Ref) and node.name not in (*own.arguments, *scope.declared.scalars):
            raise NotationError(
                f"`{node.name}` is not an argument of this nonlinearity",
                node.place,
                write=f"write {own.name} = lambda {', '.join((*own.arguments, node.name))}: ..., "
                f"or declare one number: {node.name} = 0.5",
            )
