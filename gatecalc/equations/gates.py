"""Which values are gates: those in [0, 1] that multiply something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gatecalc.equations.cell import Cell, Nonlinearity
from gatecalc.equations.order import ordered
from gatecalc.equations.ranges import ANYTHING, ranges
from gatecalc.equations.tree import (
    Call,
    MatVec,
    Mul,
    Node,
    Number,
    Pow,
    Ref,
    Sub,
    children,
    rebuild,
    substitute,
    walk,
)

Assignment = tuple[Ref, Node]


def gates(cell: Cell) -> tuple[str, ...]:
    """The gates among the author's names, in the order of the equations.

    >>> from gatecalc.equations import cell
    >>> gates(cell("gru")), gates(cell("lstm_1997")), gates(cell("rnn"))
    (('r', 'z'), ('i', 'o'), ())
    """
    own = {n.name: n for n in cell.nonlinearities}
    found = gates_among([(e.target, _inlined(e.expression, own)) for e in ordered(cell.equations)])
    return tuple(e.target.name for e in cell.equations if e.target.name in found)


def gates_among(assignments: Iterable[Assignment]) -> tuple[str, ...]:
    """The gates among values that are computed in this order.

    A gate is a computed value that cannot leave [0, 1] and that stands, as it is or as `1 - gate`,
    as a factor beside something that depends on the time step. A stretched sigmoid is none: the 4
    of `4 * sigmoid(a) - 2` lets nothing through.
    """
    assignments = list(assignments)
    bounds = ranges(assignments)
    found: set[str] = set()
    for _, expression in assignments:
        for product in _products(expression):
            found.update(_gating(list(_factors(product))))
    return tuple(
        target.name
        for target, _ in assignments
        if target.name in found and _within_0_and_1(bounds.get(target.name, ANYTHING))
    )


def _inlined(node: Node, own: Mapping[str, Nonlinearity]) -> Node:
    """The expression with the bodies of the cell's own nonlinearities in the place of calls."""
    node = rebuild(node, tuple(_inlined(child, own) for child in children(node)))
    if not isinstance(node, Call) or node.function not in own:
        return node
    called = own[node.function]
    arguments = {Ref(n): a for n, a in zip(called.arguments, node.arguments, strict=True)}
    return _inlined(substitute(called.body, dict(arguments)), own)


def _within_0_and_1(bounds: tuple[float, float]) -> bool:
    return bounds[0] >= 0 and bounds[1] <= 1


def _products(node: Node, inside: bool = False) -> Iterator[Mul]:
    """The products that are not factors of another: theirs are the factors of those within."""
    if isinstance(node, Mul) and not inside:
        yield node
    for child in children(node):
        yield from _products(child, isinstance(node, Mul))


def _factors(node: Node) -> Iterator[Node]:
    if isinstance(node, Mul):
        yield from _factors(node.left)
        yield from _factors(node.right)
    else:
        yield node


def _gating(factors: list[Node]) -> Iterator[str]:
    """The names of the factors that have something beside them to let through."""
    timed = [_timed(factor) for factor in factors]
    for position, factor in enumerate(factors):
        name = _opened_by(factor)
        if name is not None and any(
            other - {name} for k, other in enumerate(timed) if k != position
        ):
            yield name


def _opened_by(factor: Node) -> str | None:
    match factor:
        case Ref(name):
            return name
        case Sub(Number("1"), Ref(name)):
            return name
        case Pow(Ref(name), exponent) if exponent >= 1:
            return name
    return None


def _timed(factor: Node) -> set[str]:
    """What makes a factor depend on time: names at t or t-1, and maps, whatever they map."""
    names = {n.name for n in walk(factor) if isinstance(n, Ref) and n.lag is not None}
    return names | {"@" for n in walk(factor) if isinstance(n, MatVec)}
