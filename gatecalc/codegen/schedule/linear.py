"""The backward pass as what it is: linear in the adjoints.

Every adjoint is a sum of others, each times a coefficient that depends on forward values alone, or
through a matrix. `compose_adjoints` leaves few of them to the loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf

import sympy

from gatecalc.calculus.algebra import Algebra
from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.codegen.schedule.program import ONE, Rows, Slab
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import (
    Concat,
    Dim,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Outer,
    Reduce,
    Ref,
    Shape,
    Size,
    Sub,
    references,
    substitute,
    walk,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """A path of one term: `target += coefficient * source`, summed over rows, or through a map.

    `summed` are the rows that a sum adds up. Of a number spread over them nothing else may be left
    once adjoints are composed; `LinearForm.total` counts it as often as it was spread.
    `numbers` are statements whose adjoints lie on the path and are not computed for themselves.
    """

    kind: OneOf["elementwise", "sum", "map"]
    source: str
    coefficient: sympy.Expr
    matrix: Slab | None = None
    summed: Rows = ONE
    numbers: tuple[int, ...] = ()


@dataclass(slots=True)
class Adjoint:
    """An adjoint: either a node where paths meet, or `coefficient * root`.

    For a node `root` is its own name and `edges` lead in from other nodes (their coefficients
    refer to roots already). `paths` are the same before composition, from adjoint to adjoint.
    `number` is its statement; `numbers` has those on the way from the root too.
    """

    name: str
    rows: Rows
    number: int
    numbers: tuple[int, ...] = ()
    root: str = ""
    coefficient: sympy.Expr = sympy.S.One
    edges: list[Edge] = field(default_factory=list)
    paths: list[Edge] = field(default_factory=list)

    @property
    def is_node(self) -> bool:
        """Whether paths meet here."""
        return self.root == self.name


@dataclass(frozen=True, slots=True)
class Share:
    """A parameter's share: `sign * delta operandᵀ`, or `coefficient * delta` for a vector.

    `summed` is the whole term where all but the adjoint depends on parameters alone: it may be
    computed once, from the sum of the adjoint over steps and samples.

    `operand` is None for a bias (the operand is 1). `transposed` where the matrix stands
    transposed in the equation; `columns` is the stretch that a part of a concat meets.
    """

    parameter: str
    delta: str
    sign: int = 1
    operand: Ref | None = None
    transposed: bool = False
    columns: tuple[Size, Size] | None = None
    coefficient: sympy.Expr | None = None
    summed: Node | None = None
    number: int = 0


@dataclass(slots=True)
class LinearForm:
    """All adjoints of a cell, in an order in which they can be computed, and the shares.

    `needed` are adjoints that matrices, inputs or parameters read, so that they need a value;
    `materialised` those of them that are not nodes, each with the symbol of its coefficient.
    """

    algebra: Algebra
    sources: dict[str, Rows]
    shapes: Mapping[str, Shape]
    adjoints: dict[str, Adjoint] = field(default_factory=dict)
    shares: list[Share] = field(default_factory=list)
    needed: frozenset[str] = frozenset()
    materialised: dict[str, sympy.Symbol] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """The node that an adjoint is a multiple of; sources are their own roots."""
        found = self.adjoints.get(name)
        return name if found is None else found.root

    def rows(self, name: str) -> Rows:
        """The rows of an adjoint or source."""
        found = self.adjoints.get(name)
        return self.sources[name] if found is None else found.rows

    def total(self, edge: Edge) -> Edge:
        """A sum of equal rows as a multiple of one: n times, for n rows; other edges as they are.

        Before: the rows of d_c / H, added up over H rows, where d_c is one number.
        After: d_c / H * H.
        """
        if edge.kind != "sum" or self.rows(edge.source) != ONE or self._has_rows(edge.coefficient):
            return edge
        count = self.algebra.symbol(Dim(edge.summed))
        return replace(edge, kind="elementwise", coefficient=edge.coefficient * count)

    def _has_rows(self, coefficient: sympy.Expr) -> bool:
        """Whether a coefficient differs from row to row."""
        names = {symbol: name for name, symbol in self.materialised.items()}
        for symbol in sorted(coefficient.free_symbols, key=lambda s: s.name):
            if symbol in names:
                if self.rows(names[symbol]) != ONE:
                    return True
            elif shape_of(self.algebra.node(symbol), self.shapes):
                return True
        return False


def linear_form(derivation: Derivation, algebra: Algebra) -> LinearForm:
    """Collects every adjoint as a linear form in those that lead to it; each is a node."""
    return _Collector(derivation, algebra).run()


def merged(edges: Iterable[Edge]) -> list[Edge]:
    """Edges that only multiply, joined where they come from one adjoint; then the others."""
    elementwise: dict[str, Edge] = {}
    others: list[Edge] = []
    for edge in edges:
        if edge.kind == "elementwise":
            before = elementwise.get(edge.source)
            elementwise[edge.source] = edge if before is None else _joined(before, edge)
        else:
            others.append(edge)
    return [*elementwise.values(), *others]


class _Collector:
    def __init__(self, derivation: Derivation, algebra: Algebra) -> None:
        self.derivation, self.algebra = derivation, algebra
        d = derivation
        self.sources = {d.cotangent: self._rows(d.cotangent)}
        self.sources |= {n: self._rows(n) for n in d.incoming.values()}
        self.linear_names = {*d.adjoints.values(), *self.sources, *d.outgoing.values()}
        self.form = LinearForm(algebra, self.sources, d.shapes)

    def _rows(self, name: str) -> Rows:
        shape = self.derivation.shapes[name]
        return tuple(shape[0]) if shape else ONE

    def run(self) -> LinearForm:
        per_step = [s for s in self.derivation.backward if s.role not in ("static", "parameter")]
        for statement in self.derivation.backward:
            if statement.role == "parameter":
                self._shares(statement)
        needed = {s.delta for s in self.form.shares}
        needed |= {self.derivation.adjoints[n] for n in self.derivation.cell.inputs}
        for statement in per_step:
            for term in statement.terms:
                for node in walk(term.expression):
                    if isinstance(node, MatVec) and isinstance(node.operand, Ref):
                        needed.add(node.operand.name)
        self.form.needed = frozenset(needed)
        for statement in per_step:
            self._adjoint(statement)
        return self.form

    # Terms to edges.

    def _edges(self, node: Node, statement: Statement, sign: int = 1) -> list[Edge]:
        one = sympy.Integer(sign)
        match node:
            case Neg(argument):
                return self._edges(argument, statement, -sign)
            case MatVec(matrix, Ref(name, _)):
                return [Edge("map", name, one, Slab.backward(matrix))]
            case Reduce("sum", argument):
                source, coefficient = self._linear(argument)
                (summed,) = shape_of(argument, self.derivation.shapes)
                return [Edge("sum", source, one * coefficient, summed=summed)]
            case Mul(Ref() as value, Sub(Ref(source, _), Reduce("sum", _))):
                return self._softmax(value, source, statement, one)
        source, coefficient = self._linear(node)
        return [Edge("elementwise", source, one * coefficient)]

    def _linear(self, node: Node) -> tuple[str, sympy.Expr]:
        (source,) = [r for r in references(node) if r.name in self.linear_names and r.lag == 0]
        # Linear and homogeneous: the coefficient is the value at 1. Symbols are numbered as they
        # are met, and stand in that order: the adjoint is met first.
        self.algebra.symbol(source)
        return source.name, self.algebra.to_sympy(substitute(node, {source: Number("1")}))

    def _softmax(
        self, value: Ref, source: str, statement: Statement, sign: sympy.Expr
    ) -> list[Edge]:
        """s (d - sum(s d)): first s d, then its sum, then both together."""
        rows = self._rows(source)
        s = self.algebra.symbol(value)
        name = statement.target.name
        weighted, total = f"{name} weighted", f"{name} total"
        if weighted in self.form.adjoints:  # of another softmax of the same vector
            count = sum(1 for a in self.form.adjoints if a.startswith(weighted))
            weighted, total = f"{weighted} {count + 1}", f"{total} {count + 1}"
        self._add(weighted, rows, statement.number, [Edge("elementwise", source, s)])
        path = Edge("sum", weighted, sympy.Integer(1), summed=rows)
        self._add(total, ONE, statement.number, [path])
        return [Edge("elementwise", weighted, sign), Edge("elementwise", total, -sign * s)]

    def _adjoint(self, statement: Statement) -> None:
        edges = [e for t in statement.terms for e in self._edges(t.expression, statement)]
        name = statement.target.name
        self._add(name, self._rows(name), statement.number, edges)

    def _add(self, name: str, rows: Rows, number: int, paths: list[Edge]) -> None:
        self.form.adjoints[name] = Adjoint(
            name, rows, number, (number,), root=name, edges=merged(paths), paths=paths
        )

    # Shares of parameters.

    def _shares(self, statement: Statement) -> None:
        for term in statement.terms:
            self._share(statement, term.expression, 1)

    def _share(self, statement: Statement, node: Node, sign: int) -> None:
        parameter, shares, number = statement.of, self.form.shares, statement.number
        if self._is_summed(node):
            (delta,) = (r for r in references(node) if r.name in self.linear_names)
            term = node if sign > 0 else Neg(node)
            shares.append(Share(parameter, delta.name, summed=term, number=number))
            return
        match node:
            case Neg(argument):
                self._share(statement, argument, -sign)
                return
            case Outer(Ref(left, 0), right) if left in self.linear_names:
                parts = right.parts if isinstance(right, Concat) else (right,)
                start: Size = ()
                for part in parts:
                    assert isinstance(part, Ref)
                    stop = (*start, *self.derivation.shapes[part.name][0])
                    columns = (start, stop) if len(parts) > 1 else None
                    shares.append(Share(parameter, left, sign, part, False, columns, number=number))
                    start = stop
                return
            case Outer(left_node, Ref(right_name, 0)):
                # W.T @ concat(...) meets rows of W part by part.
                parts = left_node.parts if isinstance(left_node, Concat) else (left_node,)
                start = ()
                for part in parts:
                    assert isinstance(part, Ref)
                    stop = (*start, *self.derivation.shapes[part.name][0])
                    columns = (start, stop) if len(parts) > 1 else None
                    shares.append(
                        Share(parameter, right_name, sign, part, True, columns, number=number)
                    )
                    start = stop
                return
            case Ref(name, 0) if name in self.linear_names:
                if self._rows(name) == self._rows(parameter):
                    shares.append(Share(parameter, name, sign, number=number))
                    return
        inner = node.argument if isinstance(node, Reduce) else node
        source, coefficient = self._linear(inner)
        shares.append(Share(parameter, source, 1, coefficient=sign * coefficient, number=number))

    def _is_summed(self, node: Node) -> bool:
        """Whether everything but one adjoint of a vector's rows depends on parameters alone."""
        inner = node.argument if isinstance(node, Neg) else node
        if isinstance(inner, Ref) and inner.lag == 0:
            return False
        timed = [r for r in references(node) if r.lag is not None]
        if isinstance(inner, Outer):
            operands = inner.left, inner.right
            if any(isinstance(o, Concat) for o in operands):
                return False
        return len(timed) == 1 and timed[0].name in self.linear_names


def _joined(first: Edge, second: Edge) -> Edge:
    """Two paths from one adjoint as one."""
    numbers = tuple(dict.fromkeys((*first.numbers, *second.numbers)))
    return replace(first, coefficient=first.coefficient + second.coefficient, numbers=numbers)
