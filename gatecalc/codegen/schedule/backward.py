"""What is known of the backward pass before its values are placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import sympy

from gatecalc.codegen.schedule.backward_reach import Reach
from gatecalc.codegen.schedule.forward import Forward
from gatecalc.codegen.schedule.linear import Edge, LinearForm, Share
from gatecalc.codegen.schedule.lowering import Lowering
from gatecalc.codegen.schedule.program import ONE, Instruction, Program, Rows, Value, reads
from gatecalc.equations.tree import Ref


@dataclass(frozen=True, slots=True)
class LoopProduct:
    """`name = coefficient * root`, inside the loop; `fixed` where parameters alone decide it."""

    name: str
    root: str
    rows: Rows
    numbers: tuple[int, ...]
    coefficient: sympy.Expr
    fixed: bool = False


@dataclass(slots=True)
class LoopNode:
    """An adjoint in which paths meet inside the loop, with what is added up.

    `known` is what is known of it before the loop; `incoming` a state whose adjoint the next step
    sent; `products` and `totals` (sums over rows) are loop products; `direct` are other nodes;
    `maps` are transposed matrices times adjoints.
    """

    name: str
    rows: Rows
    number: int
    known: str = ""
    incoming: str = ""
    products: list[str] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    direct: list[str] = field(default_factory=list)
    maps: list[Edge] = field(default_factory=list)

    @property
    def addends(self) -> int:
        """How many values are added up, maps apart."""
        several = len(self.products) + len(self.totals) + len(self.direct)
        return several + bool(self.known) + bool(self.incoming)


@dataclass(slots=True)
class Backward:
    """Everything about the backward pass that does not depend on where values are placed."""

    forward: Forward
    form: LinearForm
    reach: Reach
    before: list[Instruction] = field(default_factory=list)
    nodes: list[LoopNode] = field(default_factory=list)
    carries: dict[str, LoopNode] = field(default_factory=dict)
    products: dict[str, LoopProduct] = field(default_factory=dict)
    after: list[Instruction] = field(default_factory=list)
    sums: list[tuple[Share, Value, Fraction]] = field(default_factory=list)
    fixed: dict[str, sympy.Expr] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    coefficient_of: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The rows and scales of all values, those of the forward pass too."""
        return self.forward.program

    @property
    def lowering(self) -> Lowering:
        """What writes instructions for expressions."""
        return self.forward.lowering

    @property
    def every_node(self) -> tuple[LoopNode, ...]:
        """The nodes of the loop, then the adjoints that it hands to the step before."""
        return (*self.nodes, *self.carries.values())

    def node_of(self, name: str) -> LoopNode | None:
        """The node of an adjoint, if it has one."""
        return next((n for n in self.every_node if n.name == name), None)

    def scale(self, name: str) -> Fraction:
        """What a stored adjoint is a multiple of."""
        return self.program.scale.get(name, Fraction(1))

    def rows_of(self, expr: sympy.Expr) -> Rows:
        """How many rows an expression has."""
        for symbol in sorted(expr.free_symbols, key=lambda s: s.name):
            rows = self.lowering.rows_of(self.lowering.operand(symbol))
            if rows != ONE:
                return rows
        return ONE


def coefficient_name(name: str) -> str:
    """The value that holds an adjoint's coefficient before the loop, and the adjoint after it."""
    return f"{name}%"


def forward_reads(backward: Backward) -> set[str]:
    """Names of forward values that the backward pass reads."""
    found: set[str] = set()
    for instruction in (*backward.before, *backward.after):
        found |= {r.name for r in reads(instruction)}
    for share in backward.form.shares:
        if isinstance(share.operand, Ref):
            found.add(share.operand.name)
    return found
