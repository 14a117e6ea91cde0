"""Equations to forward statements: every nonlinear application and every map gets a name."""

from __future__ import annotations

from collections import Counter

from gatecalc.calculus.naming import Names
from gatecalc.calculus.statements import Statement
from gatecalc.equations.cell import Cell, Equation, Nonlinearity
from gatecalc.equations.order import ordered
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Dim,
    MatVec,
    Neg,
    Node,
    Number,
    Reduce,
    Ref,
    Shape,
    Sub,
    children,
    rebuild,
    references,
    substitute,
    walk,
)


def forward_statements(cell: Cell, names: Names) -> tuple[tuple[Statement, ...], dict[str, Shape]]:
    """The statements of one step, in an order in which they can be computed, and all shapes.

    A statement's expression is one of: a nonlinearity of names; a reduction of a name; or sums and
    products of names in which maps of names stand only as summands.
    """
    # Whether two maps are one shows once their operands have names: `W @ n[t]` may be written
    # `W @ tanh(x[t])`. Such maps get a name, from the first of them on.
    repeated: frozenset[MatVec] = frozenset()
    while True:
        flattener = _Flattener(cell, names.copy(), repeated)
        statements, shapes = flattener.run()
        if not (more := flattener.twice() - repeated):
            names.take(shapes)
            return statements, shapes
        repeated |= more


class _Flattener:
    """`repeated` are maps, as the author wrote them, that stand more than once."""

    def __init__(self, cell: Cell, names: Names, repeated: frozenset[MatVec]) -> None:
        self.cell, self.names, self.repeated = cell, names, repeated
        self.shapes: dict[str, Shape] = dict(cell.shapes)
        self.drafts: list[tuple[Ref, Node, int, str]] = []
        # A value that is spread over a vector is not the one that it is spread from.
        self.known: dict[tuple[Node, Shape], Ref] = {}
        self.spellings: dict[MatVec, list[MatVec]] = {}
        self.owner = ""
        self.index = 0

    def run(self) -> tuple[tuple[Statement, ...], dict[str, Shape]]:
        positions = {e.target.name: k for k, e in enumerate(self.cell.equations)}
        for equation in ordered(self.cell.equations):
            self.owner, self.index = equation.target.name, positions[equation.target.name]
            self._equation(equation)
        drafts = sorted(self.drafts, key=lambda d: d[0].lag is not None)
        statements = tuple(
            Statement(
                number=number,
                target=target,
                operation="=",
                expression=expression,
                shape=self.shapes[target.name],
                role="static" if target.lag is None else "step",
                of=target.name,
                equation=index,
                explanation=explanation,
            )
            for number, (target, expression, index, explanation) in enumerate(drafts, start=1)
        )
        return statements, self.shapes

    def twice(self) -> frozenset[MatVec]:
        """The maps that stand in two places still, in each of their spellings."""
        counts = Counter(
            n
            for _, expression, *_ in self.drafts
            for n in walk(expression)
            if isinstance(n, MatVec)
        )
        return frozenset(
            spelling for n, count in counts.items() if count > 1 for spelling in self.spellings[n]
        )

    def _equation(self, equation: Equation) -> None:
        tree, target = equation.expression, Ref(equation.target.name, equation.target.lag)
        expression, shape = self._whole(tree), self.shapes[target.name]
        once = target.lag == 0 and _is_static(expression)
        spread = shape_of(expression, self.shapes) != shape
        if (once or spread) and isinstance(tree, Call | MatVec | Reduce):
            # What parameters alone give is computed once, and only handed on at each step; one
            # number is computed once for all entries.
            expression = self._elementwise(tree, additive=False)
        elif isinstance(expression, Call | MatVec | Reduce):
            if (expression, shape) in self.known:
                expression = self.known[expression, shape]
            else:
                self.known[expression, shape] = target
        self.drafts.append((target, expression, self.index, equation.explanation))

    def _whole(self, node: Node) -> Node:
        """A node as the right side of a statement of its own."""
        match node:
            case Call(function, _):
                if (own := self.cell.nonlinearity(function)) is not None:
                    return self._whole(self._inlined(own, node))
                return Call(function, self._arguments(node))
            case Reduce(kind, argument):
                return Reduce(kind, self._name(argument, f"v_{self.owner}"))
            case MatVec():
                return self._map(node)
        return self._elementwise(node, additive=True)

    def _inlined(self, own: Nonlinearity, node: Call) -> Node:
        """The body of one of the cell's own nonlinearities, with names for arguments."""
        table = {Ref(n): a for n, a in zip(own.arguments, self._arguments(node), strict=True)}
        return substitute(own.body, table)

    def _map(self, node: MatVec) -> MatVec:
        wanted, operand = f"m_{self.owner}", node.operand
        if isinstance(operand, Concat):
            operand = Concat(self._names(operand.parts, wanted))
        else:
            operand = self._name(operand, wanted)
        found = MatVec(node.matrix, operand)
        self.spellings.setdefault(found, []).append(node)
        return found

    def _elementwise(self, node: Node, *, additive: bool) -> Node:
        """Sums and products of names; maps stay where they are summands of the whole."""
        match node:
            case Number() | Ref() | Dim():
                return node
            case MatVec():
                if additive and node not in self.repeated:
                    found = self._map(node)
                    return self.known.get((found, shape_of(found, self.shapes)), found)
                return self._name(node, f"p_{node.matrix.name}")
            case Call():
                return self._name(node, self._call_name(node))
            case Reduce(kind, _):
                return self._name(node, f"{kind}_{self.owner}")
            case Add() | Sub() | Neg():
                if not additive and _has_map_summand(node):
                    return self._name(node, f"q_{self.owner}")
            case _:
                additive = False
        below = tuple(self._elementwise(c, additive=additive) for c in children(node))
        return rebuild(node, below)

    def _call_name(self, node: Call) -> str:
        (first, *rest) = node.arguments
        if isinstance(first, Ref) and not rest:
            return f"{node.function}_{first.name}" + ("_prev" if first.lag == 1 else "")
        return f"{node.function}_{self.owner}"

    def _arguments(self, node: Call) -> tuple[Node, ...]:
        """Names for what a nonlinearity is applied to."""
        whole = node is self.cell.equations[self.index].expression
        note = f"pre-activation of {self.owner}" if whole else f"argument of {node.function}"
        return self._names(node.arguments, f"a_{self.owner}", note)

    def _names(self, nodes: tuple[Node, ...], wanted: str, note: str = "") -> tuple[Node, ...]:
        return tuple(self._name(node, wanted, note) for node in nodes)

    def _name(self, node: Node, wanted: str, note: str = "") -> Node:
        """The name of a value; the same value gets the same name."""
        if isinstance(node, Number | Ref | Dim):
            return node
        # A nonlinearity of one's own may come down to one number: it is still a vector.
        shape = shape_of(node, self.shapes)
        if (node, shape) in self.known:
            return self.known[node, shape]
        expression = self._whole(node)
        if (expression, shape) in self.known:
            return self.known[expression, shape]
        if isinstance(expression, Ref) and self.shapes[expression.name] == shape:
            return expression
        target = Ref(self.names.numbered(wanted), None if _is_static(expression) else 0)
        self.shapes[target.name] = shape
        self.drafts.append((target, expression, self.index, note))
        self.known[node, shape] = self.known[expression, shape] = target
        return target


def _is_static(expression: Node) -> bool:
    """Whether parameters alone decide a value."""
    return all(r.lag is None for r in references(expression))


def _has_map_summand(node: Node) -> bool:
    if isinstance(node, MatVec):
        return True
    return isinstance(node, Add | Sub | Neg) and any(_has_map_summand(c) for c in children(node))
