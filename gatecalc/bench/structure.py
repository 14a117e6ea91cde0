"""Whether two cells compute the same thing, whatever their names and the order of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatecalc.equations.cell import Cell
from gatecalc.equations.tree import (
    Add,
    Call,
    Dim,
    MatVec,
    Mul,
    Node,
    Number,
    Pow,
    Reduce,
    Ref,
    children,
)

Names = Mapping[str, str]
"""What the names of one cell are in the other; it is one to one."""


def correspondence(first: Cell, second: Cell) -> dict[str, str] | None:
    """The names of `first` by those of `second` if both say the same; None if they do not.

    Order of equations and of the operands of `+` and `*` does not count, nor do names. Cells with
    nonlinearities of their own never correspond.

    >>> from gatecalc.equations import cell
    >>> ours = cell("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    >>> theirs = cell("s[t] = tanh(A @ s[t-1] + B @ u[t])")
    >>> correspondence(ours, theirs)
    {'h': 's', 'W': 'B', 'x': 'u', 'U': 'A'}
    """
    counts = [
        (len(c.equations), c.sizes, len(c.parameters), len(c.inputs), len(c.states))
        for c in (first, second)
    ]
    if counts[0] != counts[1] or first.nonlinearities or second.nonlinearities:
        return None
    start = {first.output: second.output}
    for names in _defined(first, second, start, [first.output]):
        if _same_roles(first, second, names):
            return dict(names)
    return None


def _same_roles(first: Cell, second: Cell, names: Names) -> bool:
    if set(names) != set(first.shapes) or set(names.values()) != set(second.shapes):
        return False
    constants = [{c.name: c.value for c in cell.constants} for cell in (first, second)]
    return (
        all(first.shapes[a] == second.shapes[b] for a, b in names.items())
        and {names[s] for s in first.states} == set(second.states)
        and {names[n]: value for n, value in constants[0].items()} == constants[1]
    )


def _defined(first: Cell, second: Cell, names: Names, waiting: Sequence[str]) -> Iterator[Names]:
    """Every way to extend `names` such that the equations of the `waiting` names agree too."""
    if not waiting:
        yield names
        return
    here, rest = waiting[0], waiting[1:]
    equations = [
        next((e for e in cell.equations if e.target.name == name), None)
        for cell, name in ((first, here), (second, names[here]))
    ]
    if equations[0] is None or equations[1] is None:
        if equations[0] is equations[1]:
            yield from _defined(first, second, names, rest)
        return
    if equations[0].target.lag != equations[1].target.lag:
        return
    for more in _equal(equations[0].expression, equations[1].expression, names):
        new = [n for n in more if n not in names]
        yield from _defined(first, second, more, [*rest, *new])


def _equal(a: Node, b: Node, names: Names) -> Iterator[Names]:
    """Every way to extend `names` such that the trees are equal."""
    if type(a) is not type(b) or not _same_label(a, b):
        return
    match a, b:
        case Ref(), Ref():
            yield from _bound(a.name, b.name, names)
        case MatVec(), MatVec():
            for more in _bound(a.matrix.name, b.matrix.name, names):
                yield from _equal(a.operand, b.operand, more)
        case (Add(), Add()) | (Mul(), Mul()):
            yield from _any_order(_flat(a, type(a)), _flat(b, type(b)), names)
        case _:
            yield from _in_order(children(a), children(b), names)


def _same_label(a: Node, b: Node) -> bool:
    match a, b:
        case Number(), Number():
            return a.value == b.value
        case Dim(), Dim():
            return a.size == b.size
        case Ref(), Ref():
            return a.lag == b.lag
        case Pow(), Pow():
            return a.exponent == b.exponent
        case Call(), Call():
            return a.function == b.function
        case Reduce(), Reduce():
            return a.kind == b.kind
        case MatVec(), MatVec():
            return a.matrix.transposed == b.matrix.transposed
    return True


def _bound(a: str, b: str, names: Names) -> Iterator[Names]:
    if a in names:
        if names[a] == b:
            yield names
    elif b not in names.values():
        yield {**names, a: b}


def _in_order(first: Sequence[Node], second: Sequence[Node], names: Names) -> Iterator[Names]:
    if len(first) != len(second):
        return
    if not first:
        yield names
        return
    for more in _equal(first[0], second[0], names):
        yield from _in_order(first[1:], second[1:], more)


def _any_order(first: Sequence[Node], second: Sequence[Node], names: Names) -> Iterator[Names]:
    if len(first) != len(second):
        return
    if not first:
        yield names
        return
    for k, candidate in enumerate(second):
        for more in _equal(first[0], candidate, names):
            yield from _any_order(first[1:], [*second[:k], *second[k + 1 :]], more)


def _flat(node: Node, kind: type[Node]) -> list[Node]:
    """The summands of a sum of sums, or the factors of a product of products."""
    if type(node) is not kind:
        return [node]
    return [part for child in children(node) for part in _flat(child, kind)]
