"""The backward program: coefficients for many steps at once, and a short loop that is linear.

Before: one adjoint after the other, every product and sum inside the loop.
After: `K[t] = coefficient(values at t)` for a chunk of steps; in the loop only `node += ...`,
`K[t] *= node` and the transposed matrices; then sums over time as matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy

from gatecalc.codegen.schedule.forward import Forward
from gatecalc.codegen.schedule.linear import Adjoint, Edge, LinearForm, Share, linear_form
from gatecalc.codegen.schedule.lowering import content_of
from gatecalc.codegen.schedule.program import (
    KNOWN,
    ONE,
    Instruction,
    Linear,
    Op,
    Product,
    Rows,
    Value,
    reads,
)
from gatecalc.equations.tree import Ref


@dataclass(frozen=True, slots=True)
class LoopProduct:
    """`name = coefficient * root`, inside the loop; `fixed` where parameters alone decide it."""

    name: str
    root: str
    rows: Rows
    numbers: tuple[int, ...]
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
    def every_node(self) -> tuple[LoopNode, ...]:
        """The nodes of the loop, then the adjoints that it hands to the step before."""
        return (*self.nodes, *self.carries.values())

    def node_of(self, name: str) -> LoopNode | None:
        """The node of an adjoint, if it has one."""
        return next((n for n in self.every_node if n.name == name), None)

    def scale(self, name: str) -> Fraction:
        """What a stored adjoint is a multiple of."""
        return self.forward.program.scale.get(name, Fraction(1))


def coefficient_name(name: str) -> str:
    """The value that holds an adjoint's coefficient before the loop, and the adjoint after it."""
    return f"{name}%"


def backward_program(forward: Forward) -> Backward:
    """Plans the backward pass of a cell."""
    compose = "compose_adjoints" in forward.passes
    form = linear_form(forward.derivation, forward.algebra, compose)
    return _Planner(forward, form).run()


class _Planner:
    def __init__(self, forward: Forward, form: LinearForm) -> None:
        self.forward, self.form = forward, form
        self.program, self.lowering = forward.program, forward.lowering
        self.expressions_of: dict[str, sympy.Expr] = {}
        self.lowering.known.clear()
        self.forward_products = list(self.lowering.products)
        self.plan = Backward(forward, form)
        d = forward.derivation
        self.incoming = {name: state for state, name in d.incoming.items()}
        self.cotangent = d.cotangent
        for name, rows in form.sources.items():
            self.program.rows[name] = rows
        for adjoint in form.adjoints.values():
            self.program.rows[adjoint.name] = adjoint.rows
            self.program.rows[coefficient_name(adjoint.name)] = adjoint.rows

    def run(self) -> Backward:
        self._dependencies()
        self._loop_structure()
        self._scales()
        self._before()
        self._coefficients()
        self._after()
        return self.plan

    # What depends on the next step, and what the previous step needs.

    def root(self, name: str) -> str:
        """The node that an adjoint is a multiple of; sources are their own roots."""
        found = self.form.adjoints.get(name)
        return name if found is None else found.root

    def _dependencies(self) -> None:
        self.recurrent: set[str] = set(self.incoming)
        for adjoint in self.form.adjoints.values():
            origins = (
                [adjoint.root]
                if not adjoint.is_node
                else [self.root(e.source) for e in adjoint.edges]
            )
            if any(o in self.recurrent for o in origins):
                self.recurrent.add(adjoint.name)
        outgoing = self.forward.derivation.outgoing.values()
        wanted: set[str] = set()
        pending = [n for n in outgoing if n in self.form.adjoints]
        while pending:
            name = pending.pop()
            if name in wanted:
                continue
            wanted.add(name)
            found = self.form.adjoints.get(name)
            if found is None:
                continue
            if not found.is_node:
                pending.append(found.root)
            for edge in found.edges:
                pending.append(edge.source)
        self.wanted = wanted
        self.outgoing = [n for n in outgoing if n in self.form.adjoints]
        self.loop = {
            a.name
            for a in self.form.adjoints.values()
            if a.is_node
            and a.name in wanted
            and a.name in self.recurrent
            and a.name not in self.outgoing
        } | set(self.incoming)

    def _in_loop(self, name: str) -> bool:
        """Whether an adjoint or source is known only inside the loop."""
        return self.root(name) in self.loop

    # The loop.

    def _loop_structure(self) -> None:
        for adjoint in self.form.adjoints.values():
            if adjoint.name in self.loop:
                self.plan.nodes.append(self._node(adjoint))
        for state, name in self.forward.derivation.outgoing.items():
            found = self.form.adjoints.get(name)
            if found is None:
                continue
            if found.is_node:
                self.plan.carries[state] = self._node(found)
            else:
                node = LoopNode(name, found.rows, found.number)
                self._add_edge(
                    node,
                    Edge("elementwise", found.root, found.coefficient, numbers=found.numbers[1:]),
                )
                self.plan.carries[state] = node
        for name in self.form.materialised:
            adjoint = self.form.adjoints[name]
            if adjoint.root in self.loop:
                self._product(name, adjoint.root, adjoint.rows, adjoint.numbers)

    def _node(self, adjoint: Adjoint) -> LoopNode:
        node = LoopNode(adjoint.name, adjoint.rows, adjoint.number)
        for edge in adjoint.edges:
            self._add_edge(node, edge)
        return node

    def _add_edge(self, node: LoopNode, edge: Edge) -> None:
        source = edge.source
        if edge.kind == "map":
            if self._in_loop(source):
                node.maps.append(edge)
            else:
                node.known = f"{KNOWN}{node.name}"
            return
        state = self.incoming.get(source, "")
        own = self.forward.derivation.adjoints.get(state) == node.name
        if own and edge.kind == "elementwise" and edge.coefficient == 1:
            node.incoming = state
            return
        if not self._in_loop(source):
            node.known = f"{KNOWN}{node.name}"
            return
        if edge.kind == "elementwise" and edge.coefficient == 1:
            node.direct.append(source)
            return
        name = f"{node.name} from {source}"
        rows = node.rows if edge.kind == "elementwise" else self.program.rows[source]
        if edge.kind == "sum":
            name = f"{node.name} summands"
            if node.totals:
                name += f" {len(node.totals) + 1}"
            if rows == ONE:
                rows = self._rows_of(edge.coefficient)
            node.totals.append(name)
        else:
            node.products.append(name)
        self.program.rows[coefficient_name(name)] = rows
        self._product(name, source, rows, (node.number, *edge.numbers), edge.coefficient)

    def _rows_of(self, expr: sympy.Expr) -> Rows:
        for symbol in expr.free_symbols:
            rows = self.lowering.rows_of(self.lowering.operand(symbol))
            if rows != ONE:
                return rows
        return ONE

    def _product(
        self,
        name: str,
        root: str,
        rows: Rows,
        numbers: tuple[int, ...],
        coefficient: sympy.Expr | None = None,
    ) -> None:
        self.program.rows[name] = rows
        self.plan.products[name] = LoopProduct(name, root, rows, numbers)
        self.coefficients: dict[str, sympy.Expr]
        if not hasattr(self, "coefficients"):
            self.coefficients = {}
        if coefficient is None:
            coefficient = self.form.adjoints[name].coefficient
        self.coefficients[name] = coefficient

    # Scales.

    def _scales(self) -> None:
        """Chooses scales so that coefficients carry no numbers.

        An adjoint that only matrices read may be stored as any multiple: the matrix copies undo
        it. So may a node into which only matrices and bulk values lead.
        """
        self.expressions: dict[str, sympy.Expr] = {}
        if not self.plan.products and not self.plan.nodes:
            return
        scale = self.program.scale
        enabled = "scale_values" in self.forward.passes
        free = {n.name for n in self.plan.nodes if self._is_free_node(n)} if enabled else set()
        ordered = sorted(
            self.plan.products.values(), key=lambda p: p.name in self.form.materialised
        )
        # Materialised adjoints first where others refer to them: keep the order of the form, but
        # let products into fixed nodes choose the scale of a free root.
        for product in ordered:
            if product.name in self.form.materialised or product.root not in free:
                continue
            if product.root in scale:
                continue
            content = self._content(product)
            if content != 1:
                scale[product.root] = content
        for state, name in self.forward.derivation.incoming.items():
            consumer = next((n for n in self.plan.nodes if n.incoming == state), None)
            if consumer is not None:
                scale[name] = self.plan.scale(consumer.name)
            if state in self.plan.carries:
                scale[self.plan.carries[state].name] = scale.get(name, Fraction(1))
        for name in self._dependency_order():
            product = self.plan.products[name]
            content, rest = content_of(self.lowering.rescaled(self.coefficients[name]))
            root = self.plan.scale(product.root)
            if name in self.form.materialised and enabled:
                scale[name] = root / content
            elif name not in self.form.materialised:
                scale[name] = self._target_scale(name)
            factor = self.plan.scale(name) / root
            scale[coefficient_name(name)] = factor
            number = content * factor
            self.expressions[name] = (
                rest if number == 1 else rest * sympy.Rational(number.numerator, number.denominator)
            )

    def _target_scale(self, name: str) -> Fraction:
        for node in self.plan.every_node:
            if name in node.products or name in node.totals:
                return self.plan.scale(node.name)
        raise KeyError(name)

    def _is_free_node(self, node: LoopNode) -> bool:
        if node.products or node.totals or node.direct:
            return False
        if node.incoming:
            carry = self.plan.carries.get(node.incoming)
            return carry is None or self._is_free_carry(carry)
        return True

    def _is_free_carry(self, carry: LoopNode) -> bool:
        return not carry.direct and not carry.products and not carry.totals

    def _content(self, product: LoopProduct) -> Fraction:
        true = self.coefficients[product.name].xreplace(
            dict.fromkeys(self.form.materialised.values(), sympy.Integer(0))
        )
        content, _ = content_of(self.lowering.rescaled(true))
        return abs(content)

    def _dependency_order(self) -> list[str]:
        symbols = {s: n for n, s in self.form.materialised.items()}
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order:
                return
            for symbol in sorted(self.coefficients[name].free_symbols, key=lambda s: s.name):
                if symbol in symbols and symbols[symbol] in self.plan.products:
                    visit(symbols[symbol])
            order.append(name)

        for name in self.plan.products:
            visit(name)
        return order

    # Instructions for a chunk of steps.

    def _before(self) -> None:
        """Adjoints that the next step has no part in, and what they add to nodes of the loop."""
        for adjoint in self.form.adjoints.values():
            if adjoint.name in self.recurrent:
                continue
            self.plan.before.extend(self._bulk(adjoint))
        for node in self.plan.every_node:
            if not node.known:
                continue
            edges = self._bulk_edges(node.name)
            scale = self.plan.scale(node.name)
            self.program.rows[node.known] = node.rows
            only = edges[0] if len(edges) == 1 else None
            if (
                only
                and only.kind == "elementwise"
                and only.source == self.cotangent
                and (only.coefficient == 1)
            ):
                # The copy that turns the caller's array into rows can scale on its way.
                self.program.scale[self.cotangent] = scale
                node.known = self.cotangent
                self.plan.loaded.add(self.cotangent)
                continue
            self.program.scale[node.known] = scale
            self.plan.before.extend(self._combine(node.known, node.number, edges))

    def _bulk_edges(self, name: str) -> list[Edge]:
        adjoint = self.form.adjoints[name]
        return [e for e in adjoint.paths if not self._in_loop(e.source)]

    def _bulk(self, adjoint: Adjoint) -> list[Instruction]:
        """An adjoint for a whole chunk of steps."""
        if adjoint.is_node or adjoint.name in self.form.materialised:
            return self._combine(adjoint.name, adjoint.number, adjoint.paths)
        return []

    def _combine(self, name: str, number: int, edges: list[Edge]) -> list[Instruction]:
        """`name = sum of edges`, for a chunk of steps."""
        out: list[Instruction] = []
        total: sympy.Expr = sympy.Integer(0)
        products: list[Product] = []
        numbers = (number, *(n for e in edges for n in self._numbers_within(e.source)))
        for edge in edges:
            if edge.kind == "map":
                assert edge.matrix is not None
                self._load(edge.source)
                source = self._value(edge.source)
                products.append(Product(edge.matrix, source, int(edge.coefficient)))
                continue
            expr = edge.coefficient * self._bulk_expression(edge.source)
            if edge.kind == "sum":
                rows = self._rows_of(expr)
                weighted = self._named(expr, rows, name, numbers, out)
                one = self.program.temporary(ONE, name)
                out.append(Op("sum", (weighted,), one, numbers))
                total = total + self.lowering.symbol(one)
            else:
                total = total + expr
        output = Value(name)
        scale = self.plan.scale(name)
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

    def _numbers_within(self, name: str) -> tuple[int, ...]:
        """The statements that `_bulk_expression` writes out."""
        adjoint = self.form.adjoints.get(name)
        if adjoint is None or adjoint.is_node or name in self.form.materialised:
            return ()
        return adjoint.numbers

    def _bulk_expression(self, name: str) -> sympy.Expr:
        """An adjoint, for a chunk of steps, in terms of adjoints that have a value of their own."""
        adjoint = self.form.adjoints.get(name)
        self._load(name)
        if adjoint is None or adjoint.is_node or name in self.form.materialised:
            return self.lowering.symbol(self._value(name))
        if name in self.expressions_of:
            return self.expressions_of[name]
        total: sympy.Expr = sympy.Integer(0)
        for edge in adjoint.paths:
            assert edge.kind == "elementwise"
            total = total + edge.coefficient * self._bulk_expression(edge.source)
        self.expressions_of[name] = total
        return total

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

    def _value(self, name: str) -> Value:
        """The value that holds an adjoint for a whole chunk, after the loop if it is in it."""
        adjoint = self.form.adjoints.get(name)
        if adjoint is not None and not adjoint.is_node:
            if name in self.form.materialised:
                return Value(name)
            if adjoint.coefficient == 1:
                return self._value(adjoint.root)
        if name in self.loop:
            self.plan.stored.add(name)
        return Value(name)

    def _load(self, name: str) -> None:
        if name == self.cotangent or self.root(name) == self.cotangent:
            self.plan.loaded.add(self.cotangent)

    def _coefficients(self) -> None:
        fixed: dict[sympy.Symbol, sympy.Expr] = {}
        for name in self._dependency_order():
            expr = self.expressions[name].xreplace(fixed)
            product = self.plan.products[name]
            if self.lowering.is_static(expr):
                self.plan.products[name] = replace(product, fixed=True)
                self.plan.fixed[name] = expr
                if name in self.form.materialised:
                    fixed[self.form.materialised[name]] = expr
                continue
            value = Value(coefficient_name(name))
            calls = self.lowering.assign(expr, value, product.numbers)
            self.plan.before.extend(calls)
            self.plan.coefficient_of |= {call.output.name: name for call in calls}

    def _after(self) -> None:
        """What the loop does not need: adjoints of inputs, and of what inputs alone decide."""
        # The loop turns coefficients into adjoints: what was computed from them is gone.
        self.lowering.known.clear()
        self.lowering.products[:] = self.forward_products
        needed = {s.delta for s in self.form.shares} | {
            self.forward.derivation.adjoints[n] for n in self.forward.derivation.cell.inputs
        }
        late = [
            a
            for a in self.form.adjoints.values()
            if a.name in self.recurrent
            and a.name not in self.loop
            and a.name not in self.outgoing
            and a.name not in self.plan.products
        ]
        wanted: set[str] = set()
        for adjoint in reversed(late):
            if adjoint.name in needed or adjoint.name in wanted:
                wanted.add(adjoint.name)
                origins = [e.source for e in adjoint.paths]
                wanted |= {*origins, *(self.root(o) for o in origins)}
        for adjoint in late:
            if adjoint.name in wanted:
                self.plan.after.extend(self._bulk(adjoint))
        for name in self.forward.derivation.cell.inputs:
            target = self.forward.derivation.adjoints[name]
            if target in self.form.adjoints:
                self._value(target)
                self._load(target)
        for share in self.form.shares:
            value = self._value(share.delta)
            self._load(share.delta)
            if share.coefficient is None:
                continue
            true = share.coefficient * self.lowering.symbol(value)
            content, rest = content_of(self.lowering.rescaled(true))
            rows = self.program.rows[value.name]
            rows = self._rows_of(rest) if rows == ONE else rows
            # Numbers wait until the sum is known.
            summand = self.program.temporary(rows, f"d_{share.parameter}")
            ops = self.lowering.assign(rest, summand, (share.number,))
            self.plan.after.extend(ops)
            self.plan.sums.append((share, summand, content))


def forward_reads(backward: Backward) -> set[str]:
    """Names of forward values that the backward pass reads."""
    found: set[str] = set()
    for instruction in (*backward.before, *backward.after):
        found |= {r.name for r in reads(instruction)}
    for share in backward.form.shares:
        if isinstance(share.operand, Ref):
            found.add(share.operand.name)
    return found
