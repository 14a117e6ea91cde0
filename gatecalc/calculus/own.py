"""The derivative of a cell's own nonlinearity, by naming its parts and using the chain rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecalc.calculus.algebra import Algebra, partial
from gatecalc.calculus.slopes import slope_of
from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tree import (
    Add,
    Call,
    Mul,
    Neg,
    Node,
    Number,
    Ref,
    Sub,
    children,
    rebuild,
    substitute,
    walk,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A function inside the body, under a name, and its derivative by each argument."""

    name: str
    value: Node
    slopes: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class OwnSlope:
    """A nonlinearity in terms of its named parts, and its derivative by each argument.

    A derivative of a part is a reference of its own; `slope_names[part, argument]` says which.
    `inserted` holds the derivatives with those references replaced, for arguments where that
    makes them disappear; it is empty where there is nothing to replace.

    >>> from gatecalc.equations import cell
    >>> from gatecalc.equations.text import to_text
    >>> c = cell("silu2 = lambda a: a * sigmoid(a)\\nh[t] = silu2(x[t])")
    >>> own = own_slope(c.nonlinearities[0])
    >>> [(p.name, to_text(p.value), to_text(p.slopes["a"])) for p in own.parts]
    [('u', 'sigmoid(a)', 'u * (1 - u)')]
    >>> to_text(own.value), to_text(own.slopes["a"]), to_text(own.inserted["a"])
    ('a * u', 'u + a * u_by_a', 'u + a * (u * (1 - u))')
    """

    parts: tuple[Part, ...]
    value: Node
    slopes: Mapping[str, Node]
    inserted: Mapping[str, Node]
    slope_names: Mapping[tuple[str, str], str]


def own_slope(nonlinearity: Nonlinearity) -> OwnSlope:
    """The derivative of one of the cell's own nonlinearities, whose body is elementwise."""
    return _Chain(nonlinearity).run()


@dataclass(slots=True)
class _Chain:
    nonlinearity: Nonlinearity
    parts: list[Part] = field(default_factory=list)
    known: dict[Node, Ref] = field(default_factory=dict)
    slope_names: dict[tuple[str, str], str] = field(default_factory=dict)
    letter: str = ""
    calls: int = 0

    def run(self) -> OwnSlope:
        taken = {n.name for n in walk(self.nonlinearity.body) if isinstance(n, Ref)}
        self.letter = next(c for c in ("u", "v", "s", "q", "part") if c not in taken)
        body = self.nonlinearity.body
        self.calls = len({n for n in walk(body) if isinstance(n, Call)})
        value = self._named(body)
        slopes = {a: self._total(value, a) or Number("0") for a in self.nonlinearity.arguments}
        table: dict[Ref, Node] = {
            Ref(self.slope_names[p.name, a]): slope
            for p in self.parts
            for a, slope in p.slopes.items()
        }
        inserted: dict[str, Node] = {}
        for argument, slope in slopes.items():
            new = substitute(slope, table)
            left = {n for n in walk(new) if isinstance(n, Ref)} & set(table)
            if new != slope and not left:
                inserted[argument] = new
        return OwnSlope(tuple(self.parts), value, slopes, inserted, self.slope_names)

    def _named(self, node: Node) -> Node:
        below = children(node)
        new = rebuild(node, tuple(self._named(c) for c in below)) if below else node
        if not isinstance(new, Call):
            return new
        if new not in self.known:
            name = self.letter if self.calls == 1 else f"{self.letter}_{len(self.parts) + 1}"
            ref = Ref(name)
            slopes = {}
            for argument in self.nonlinearity.arguments:
                total = self._call(new, ref, argument)
                if total is not None:
                    slopes[argument] = total
                    self.slope_names[name, argument] = f"{name}_by_{argument}"
            self.parts.append(Part(name, new, slopes))
            self.known[new] = ref
        return self.known[new]

    def _call(self, call: Call, value: Ref, by: str) -> Node | None:
        total: Node | None = None
        for position, argument in enumerate(call.arguments):
            inner = self._total(argument, by)
            if inner is not None:
                total = _plus(total, _times(self._outer(call, position, value), inner))
        return total

    def _outer(self, call: Call, position: int, value: Ref) -> Node:
        if call.function in FUNCTIONS:
            return slope_of(call.function, position, call.arguments, value)
        # Another one of the cell's own: its derivative is worked out under its own name.
        mark = "'" * (position + 1)
        return Call(call.function + mark, call.arguments)

    def _total(self, node: Node, by: str) -> Node | None:
        """The derivative of an elementwise tree in arguments and parts; None for 0."""
        algebra = Algebra()
        whole = algebra.to_sympy(node)
        total: Node | None = None
        for symbol in sorted(whole.free_symbols, key=lambda s: s.name):
            ref = algebra.node(symbol)
            if not isinstance(ref, Ref):
                continue  # a size
            slope = algebra.to_tree(partial(whole, symbol))
            if ref.name == by:
                total = _plus(total, slope)
            elif (ref.name, by) in self.slope_names:
                total = _plus(total, _times(slope, Ref(self.slope_names[ref.name, by])))
        return total


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 1


def _times(left: Node, right: Node) -> Node:
    if _is_one(left):
        return right
    if _is_one(right):
        return left
    if isinstance(left, Neg):
        return Neg(_times(left.argument, right))
    return Mul(left, right)


def _plus(left: Node | None, right: Node) -> Node:
    if left is None:
        return right
    if isinstance(right, Neg):
        return Sub(left, right.argument)
    return Add(left, right)
