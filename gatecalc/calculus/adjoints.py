"""Reverse mode over the statements, last to first: one term for each path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatecalc.calculus.algebra import negated
from gatecalc.calculus.naming import Names
from gatecalc.calculus.partials import partials
from gatecalc.calculus.slopes import slope_of
from gatecalc.calculus.statements import Derivation, Role, Rule, Statement, Term
from gatecalc.equations.cell import Cell
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
    Outer,
    Reduce,
    Ref,
    Shape,
    Size,
    Sub,
    matrices,
    references,
)


def with_adjoints(
    cell: Cell, forward: tuple[Statement, ...], shapes: dict[str, Shape], names: Names
) -> Derivation:
    """The derivation: forward statements and the adjoint of each.

    Terms stand in one order: what the loss sends in, what the next step sends back, then the uses
    in the order of the forward statements.
    """
    return _Reverse(cell, forward, shapes, names).run()


class _Reverse:
    def __init__(
        self, cell: Cell, forward: tuple[Statement, ...], shapes: dict[str, Shape], names: Names
    ) -> None:
        self.cell, self.forward, self.shapes = cell, forward, dict(shapes)
        self.fixed = _without_parameters(cell, forward)
        computed = [s.target.name for s in forward]
        wanted = (*cell.inputs, *computed, *cell.parameters)
        self.adjoints = {
            n: names.fresh(f"d_{n}") for n in dict.fromkeys(wanted) if n not in self.fixed
        }
        self.cotangent = names.fresh(f"d_{cell.output}_out")
        self.incoming = {s: names.fresh(f"d_{s}_next") for s in cell.states}
        self.outgoing = {s: names.fresh(f"d_{s}_prev") for s in cell.states}
        self.terms: dict[Ref, list[Term]] = {}
        self.backward: list[Statement] = []

    def run(self) -> Derivation:
        for name, adjoint in self.adjoints.items():
            self.shapes[adjoint] = self.shapes[name]
        self.shapes[self.cotangent] = self.shapes[self.cell.output]
        for state in self.cell.states:
            self.shapes[self.incoming[state]] = self.shapes[state]
            self.shapes[self.outgoing[state]] = self.shapes[state]
        output = Ref(self.cell.output, 0)
        self.terms[output] = [Term(Ref(self.cotangent, 0), "output")]
        for state in self.cell.states:
            carried = Term(Ref(self.incoming[state], 0), "carried")
            self.terms.setdefault(Ref(state, 0), []).append(carried)
        for statement in reversed([s for s in self.forward if s.role == "step"]):
            if self._emit(statement.target, "adjoint", statement.equation):
                self._propagate(statement)
        for name in self.cell.inputs:
            self._emit(Ref(name, 0), "input", None)
        for name in self.cell.states:
            self._emit(Ref(name, 1), "carried", None)
        static = [s for s in self.forward if s.role == "static"]
        for name in (*(s.target.name for s in static), *self.cell.parameters):
            self._emit(Ref(name), "parameter", None)
        self._static(static)
        return Derivation(
            cell=self.cell,
            forward=self.forward,
            backward=tuple(self.backward),
            shapes=self.shapes,
            adjoints=self.adjoints,
            cotangent=self.cotangent,
            incoming=self.incoming,
            outgoing=self.outgoing,
        )

    def _static(self, static: Sequence[Statement]) -> None:
        """Gradients through what depends on parameters alone: once, after the sum over time."""
        reached = {s.of for s in self.backward if s.role == "parameter"}
        for statement in reversed(static):
            if self._emit(statement.target, "static", None) or statement.target.name in reached:
                self._propagate(statement)
        for name in self.cell.parameters:
            self._emit(Ref(name), "static", None)

    def _emit(self, ref: Ref, role: Role, equation: int | None) -> bool:
        terms = sorted(self.terms.pop(ref, []), key=lambda t: t.source or 0)
        if not terms:
            return False
        expression = terms[0].expression
        for term in terms[1:]:
            if isinstance(term.expression, Neg):
                expression = Sub(expression, term.expression.argument)
            else:
                expression = Add(expression, term.expression)
        if ref.lag == 1:
            target = Ref(self.outgoing[ref.name], 0)
        else:
            target = Ref(self.adjoints[ref.name], ref.lag)
        self.backward.append(
            Statement(
                number=len(self.forward) + len(self.backward) + 1,
                target=target,
                operation="+=" if role in ("parameter", "static") else "=",
                expression=expression,
                shape=self.shapes[target.name],
                role=role,
                of=ref.name,
                equation=equation,
                terms=tuple(terms),
            )
        )
        return True

    def _propagate(self, statement: Statement) -> None:
        value = statement.target
        adjoint = Ref(self.adjoints[value.name], value.lag)
        for ref, term in self._contributions(statement, adjoint, value):
            if ref.name in self.fixed:
                continue
            self.terms.setdefault(ref, []).append(term)

    def _contributions(
        self, statement: Statement, adjoint: Ref, value: Ref
    ) -> Iterator[tuple[Ref, Term]]:
        number, expression = statement.number, statement.expression
        match expression:
            case Call(function, arguments):
                for position, argument in enumerate(arguments):
                    if isinstance(argument, Ref):
                        slope = slope_of(function, position, arguments, value)
                        yield from self._chain(argument, adjoint, slope, number)
                return
            case Reduce(kind, Ref() as argument):
                yield (
                    argument,
                    Term(
                        _reduced(kind, adjoint, value, argument, self.shapes), _RULES[kind], number
                    ),
                )
                return
        for found in partials(statement):
            if isinstance(found.by, MatVec):
                yield from self._map(found.by, times(adjoint, found.slope), number)
            else:
                yield from self._chain(found.by, adjoint, found.slope, number)

    def _chain(
        self, ref: Ref, adjoint: Ref, slope: Node, number: int
    ) -> Iterator[tuple[Ref, Term]]:
        if isinstance(slope, Number) and slope.value == 0:
            return
        term = times(adjoint, slope)
        if self.shapes[ref.name] == () and shape_of(term, self.shapes) != ():
            term = _summed(term)
        yield ref, Term(term, "chain", number)

    def _map(self, node: MatVec, adjoint: Node, number: int) -> Iterator[tuple[Ref, Term]]:
        matrix, operand = node.matrix, node.operand
        sign = isinstance(adjoint, Neg)
        delta = adjoint.argument if isinstance(adjoint, Neg) else adjoint
        outer = Outer(operand, delta) if matrix.transposed else Outer(delta, operand)
        yield Ref(matrix.name), Term(negated(outer) if sign else outer, "matrix", number)
        parts = operand.parts if isinstance(operand, Concat) else (operand,)
        start: Size = ()
        for part in parts:
            assert isinstance(part, Ref)
            stop = (*start, *self.shapes[part.name][0])
            columns = (start, stop) if len(parts) > 1 else None
            back = MatVec(Matrix(matrix.name, not matrix.transposed, columns), delta)
            yield part, Term(negated(back) if sign else back, "map", number)
            start = stop


_RULES: dict[str, Rule] = {"sum": "sum", "mean": "mean", "norm": "norm", "softmax": "softmax"}


def _summed(term: Node) -> Node:
    """The sum over the entries, the sign in front."""
    return Neg(Reduce("sum", term.argument)) if isinstance(term, Neg) else Reduce("sum", term)


def _without_parameters(cell: Cell, forward: Sequence[Statement]) -> set[str]:
    """Constants, and what is computed from them alone: nothing there has a gradient."""
    fixed = {c.name for c in cell.constants}
    for statement in forward:
        expression = statement.expression
        used = {r.name for r in references(expression)} | {m.name for m in matrices(expression)}
        if statement.role == "static" and used <= fixed:
            fixed.add(statement.target.name)
    return fixed


def _reduced(
    kind: str, adjoint: Ref, value: Ref, argument: Ref, shapes: Mapping[str, Shape]
) -> Node:
    """The adjoint of a reduction's argument: sum spreads, mean spreads evenly."""
    match kind:
        case "sum":
            return adjoint
        case "mean":
            return Div(adjoint, Dim(shapes[argument.name][0]))
        case "norm":
            return Mul(Mul(adjoint, argument), Call("reciprocal", (value,)))
        case "softmax":
            return Mul(value, Sub(adjoint, Reduce("sum", Mul(value, adjoint))))
    raise AssertionError(kind)


def times(delta: Node, slope: Node) -> Node:
    """`delta * slope`, printed from the left: the adjoint first, then the factors."""
    match slope:
        case Number() if slope.value == 1:
            return delta
        case Neg(argument):
            return negated(times(delta, argument))
        case Mul(left, right):
            return Mul(times(delta, left), right)
        case Div(left, right):
            return Div(times(delta, left), right)
    return Mul(delta, slope)
