"""Adjoints that are computed for many steps at once, outside the backward loop."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from gatecalc.codegen.schedule.backward import Backward
from gatecalc.codegen.schedule.linear import Adjoint, Edge
from gatecalc.codegen.schedule.program import (
    ONE,
    Instruction,
    Linear,
    Op,
    Product,
    Rows,
    Value,
)
from gatecalc.equations.tree import Dim


class Bulk:
    """Writes instructions for a chunk of steps.

    Notes which adjoints of the loop must be stored for it, and whether the caller's array must be
    turned into rows.
    """

    def __init__(self, backward: Backward) -> None:
        self.backward, self.form = backward, backward.form
        self.program, self.lowering = backward.program, backward.lowering
        self.cotangent = backward.forward.derivation.cotangent
        self.expressions: dict[str, sympy.Expr] = {}

    def adjoint(self, adjoint: Adjoint) -> list[Instruction]:
        """An adjoint, if it has a value of its own."""
        if adjoint.is_node or adjoint.name in self.form.materialised:
            return self.combined(adjoint.name, adjoint.number, adjoint.paths)
        return []

    def combined(self, name: str, number: int, edges: Sequence[Edge]) -> list[Instruction]:
        """`name = sum of edges`."""
        out: list[Instruction] = []
        total: sympy.Expr = sympy.Integer(0)
        products: list[Product] = []
        numbers = (number, *(n for e in edges for n in self._numbers_within(e.source)))
        for edge in edges:
            if edge.kind == "map":
                assert edge.matrix is not None
                self.load(edge.source)
                source = self.value(edge.source)
                products.append(Product(edge.matrix, source, int(edge.coefficient)))
                continue
            expr = self._along(edge)
            rows = self.backward.rows_of(expr)
            if edge.kind == "sum" and rows != ONE:
                weighted = self._named(expr, rows, name, numbers, out)
                one = self.program.temporary(ONE, name)
                out.append(Op("sum", (weighted,), one, numbers))
                total = total + self.lowering.symbol(one)
            else:
                total = total + expr
        output = Value(name)
        scale = self.backward.scale(name)
        if products:
            target = output if total == 0 else self.program.temporary(self.program.rows[name], name)
            self.program.scale[target.name] = scale
            out.append(Linear(target, tuple(products), (), numbers=numbers))
            if total == 0:
                return out
            total = total + self.lowering.symbol(target)
        stored = self.lowering.rescaled(total) * sympy.Rational(scale.numerator, scale.denominator)
        out.extend(self.lowering.assign(stored, output, numbers))
        return out

    def value(self, name: str) -> Value:
        """The value that holds an adjoint for a whole chunk, after the loop if it is in it."""
        adjoint = self.form.adjoints.get(name)
        if adjoint is not None and not adjoint.is_node:
            if name in self.form.materialised:
                return Value(name)
            if adjoint.coefficient == 1:
                return self.value(adjoint.root)
        if name in self.backward.reach.loop:
            self.backward.stored.add(name)
        return Value(name)

    def load(self, name: str) -> None:
        """Notes whether the caller's array is needed for an adjoint."""
        if self.form.root(name) == self.cotangent:
            self.backward.loaded.add(self.cotangent)

    def _numbers_within(self, name: str) -> tuple[int, ...]:
        """The statements that `_expression` writes out."""
        adjoint = self.form.adjoints.get(name)
        if adjoint is None or adjoint.is_node or name in self.form.materialised:
            return ()
        return adjoint.numbers

    def _expression(self, name: str) -> sympy.Expr:
        """An adjoint in terms of adjoints that have a value of their own."""
        adjoint = self.form.adjoints.get(name)
        self.load(name)
        if adjoint is None or adjoint.is_node or name in self.form.materialised:
            return self.lowering.symbol(self.value(name))
        if name in self.expressions:
            return self.expressions[name]
        total: sympy.Expr = sympy.Integer(0)
        for edge in adjoint.paths:
            assert edge.kind != "map"
            total = total + self._along(edge)
        self.expressions[name] = total
        return total

    def _along(self, edge: Edge) -> sympy.Expr:
        """What an edge adds; of a sum the summands, but n times a number that n rows share."""
        expr = edge.coefficient * self._expression(edge.source)
        if edge.kind == "sum" and self.backward.rows_of(expr) == ONE:
            return expr * self.form.algebra.symbol(Dim(edge.summed))
        return expr

    def _named(
        self,
        expr: sympy.Expr,
        rows: Rows,
        whole: str,
        numbers: tuple[int, ...],
        out: list[Instruction],
    ) -> Value:
        value = self.program.temporary(rows, whole)
        out.extend(self.lowering.assign(self.lowering.rescaled(expr), value, numbers))
        return value
