"""The floor: the matrix products that a cell cannot avoid, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatecalc.calculus.statements import Derivation
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Concat, MatVec, Node, Ref, Size, references, walk


@dataclass(frozen=True, slots=True)
class Product:
    """All maps of one operand, stacked: `rows` numbers from `columns`.

    In the loop it is one product for each step; otherwise the steps of a chunk share one.
    """

    rows: int
    columns: int
    in_loop: bool


def unavoidable(derivation: Derivation, sizes: Mapping[str, int]) -> tuple[Product, ...]:
    """The products of a cell's forward pass; each has two more in the backward pass.

    A map must be in the loop if what it gives comes back to its operand, at this step or a later
    one; it may be `concat` in part. Maps of parameters alone cost nothing that counts.

    >>> from gatecalc.calculus import derive
    >>> d = derive("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    >>> unavoidable(d, {"D": 3, "H": 4})
    (Product(rows=4, columns=3, in_loop=False), Product(rows=4, columns=4, in_loop=True))
    """
    later = _later(derivation)
    found: dict[tuple[str, bool], Product] = {}
    for statement in derivation.forward:
        maps = dict.fromkeys(n for n in walk(statement.expression) if isinstance(n, MatVec))
        for node in maps:
            rows = _number(shape_of(node, derivation.shapes)[0], sizes)
            for part in _parts(node.operand):
                refs = [r for r in references(part) if r.lag is not None]
                if not refs:
                    continue
                columns = _number(shape_of(part, derivation.shapes)[0], sizes)
                in_loop = any(r.name in later[statement.target.name] for r in refs)
                key = to_text(part), in_loop
                before = found[key].rows if key in found else 0
                found[key] = Product(before + rows, columns, in_loop)
    return tuple(found.values())


def _parts(operand: Node) -> Iterator[Node]:
    if isinstance(operand, Concat):
        yield from operand.parts
    else:
        yield operand


def _number(size: Size, sizes: Mapping[str, int]) -> int:
    return sum(sizes[name] for name in size)


def _later(derivation: Derivation) -> dict[str, set[str]]:
    """For each name all that is computed from it, at this step or a later one."""
    uses: dict[str, list[str]] = {}
    for statement in derivation.forward:
        uses.setdefault(statement.target.name, [])
        for node in walk(statement.expression):
            if isinstance(node, Ref):
                uses.setdefault(node.name, []).append(statement.target.name)
    return {name: _reached(name, uses) for name in uses}


def _reached(start: str, uses: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += uses.get(name, [])
    return found
