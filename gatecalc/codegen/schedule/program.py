"""The schedule's own form: operations on named values, not yet placed anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Matrix, Node, Ref, Size

Stretch = tuple[Size, Size] | None
"""From where to where, as sums of sizes; None for all."""

Rows = tuple[str, ...]
"""How many rows a value has, as a sum of sizes; `("1",)` for one number for each sample."""

ONE: Rows = ("1",)

KNOWN = "%known "
"""Begins the name of what is known of an adjoint before the loop; the adjoint's name follows."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value at step t: one of the statements', or a temporary (its name begins with `%`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Previous:
    """A state as the step finds it."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """What parameters alone decide, as one column for all samples: `scale * node`."""

    node: Node
    scale: Fraction = Fraction(1)

    @property
    def name(self) -> str:
        """A name that no other column has."""
        text = to_text(self.node)
        return text if self.scale == 1 else f"{self.scale} * {text}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Count:
    """A size as a number, or its inverse."""

    size: Size
    inverse: bool = False


Operand = Value | Previous | Column | Literal | Count


@dataclass(frozen=True, slots=True)
class Op:
    """`output = function(*inputs)`, one NumPy call; `numbers` are the statements behind it."""

    function: str
    inputs: tuple[Operand, ...]
    output: Value
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Slab:
    """A matrix parameter or a part of it, `W[rows, columns]`, then perhaps transposed."""

    name: str
    rows: Stretch = None
    columns: Stretch = None
    transposed: bool = False

    @classmethod
    def backward(cls, matrix: Matrix) -> Slab:
        """What a derivation's adjoint means by a matrix."""
        if matrix.transposed:
            return cls(matrix.name, None, matrix.columns, True)
        return cls(matrix.name, matrix.columns, None, False)

    @classmethod
    def forward(cls, matrix: Matrix, stretch: Stretch) -> Slab:
        """The part of a map that meets one operand of a concat, or all of it."""
        if matrix.transposed:
            return cls(matrix.name, stretch, None, True)
        return cls(matrix.name, None, stretch, False)


@dataclass(frozen=True, slots=True)
class SlabVec(Node):
    """A part of a map times what parameters alone decide: a column."""

    slab: Slab
    operand: Node


@dataclass(frozen=True, slots=True)
class Product:
    """One matrix of a linear form: `sign * M @ operand`."""

    matrix: Slab
    operand: Value | Previous
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Linear:
    """`output = sum of products + columns`: some rows of a stacked matrix product."""

    output: Value
    products: tuple[Product, ...]
    columns: tuple[tuple[int, Node], ...] = ()
    numbers: tuple[int, ...] = ()

    @property
    def operands(self) -> tuple[Value | Previous, ...]:
        """What the matrices multiply, each once."""
        return tuple(dict.fromkeys(p.operand for p in self.products))


Instruction = Op | Linear


def reads(instruction: Instruction) -> tuple[Value | Previous, ...]:
    """The values that an instruction reads."""
    if isinstance(instruction, Linear):
        return instruction.operands
    return tuple(dict.fromkeys(i for i in instruction.inputs if isinstance(i, Value | Previous)))


@dataclass(slots=True)
class Program:
    """Instructions of one step in an order in which they can run.

    `rows` gives the number of rows of every value. `scale` is what a value is multiplied with as
    it is stored (a gate kept as 2 sigma has 2); a missing name means 1. `wholes` says for each
    temporary what it is an intermediate result of.
    """

    instructions: list[Instruction] = field(default_factory=list)
    rows: dict[str, Rows] = field(default_factory=dict)
    scale: dict[str, Fraction] = field(default_factory=dict)
    wholes: dict[str, str] = field(default_factory=dict)

    def temporary(self, rows: Rows, whole: str) -> Value:
        """A new name for an intermediate result of `whole`."""
        value = Value(f"%{len(self.wholes) + 1}")
        self.rows[value.name] = rows
        self.wholes[value.name] = self.wholes.get(whole, whole)
        return value

    def label(self, name: str) -> str:
        """What generated code calls a value."""
        if name in self.wholes:
            return f"{self.label(self.wholes[name])}_part"
        if name.startswith(KNOWN):
            return f"{self.label(name.removeprefix(KNOWN))}_known"
        return name.removesuffix("%").replace(" ", "_")

    def scale_of(self, operand: Operand) -> Fraction:
        """What the stored operand is a multiple of."""
        if isinstance(operand, Value | Previous):
            return self.scale.get(operand.name, Fraction(1))
        return Fraction(1)


def operand_of(ref: Ref) -> Operand:
    """The operand that a reference of a statement means."""
    if ref.lag is None:
        return Column(Ref(ref.name))
    return Previous(ref.name) if ref.lag == 1 else Value(ref.name)
