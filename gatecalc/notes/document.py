"""What the notes say, before it is put into LaTeX: names, statements and numbers in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from zlib import crc32

from gatecalc.calculus.counts import CellFlops, flops
from gatecalc.calculus.own import OwnSlope, own_slope
from gatecalc.calculus.partials import Partial, partials
from gatecalc.calculus.show import behind_once
from gatecalc.calculus.statements import Derivation, Role, Statement
from gatecalc.calculus.worked import Worked, worked
from gatecalc.equations.cell import Cell, Equation, Nonlinearity
from gatecalc.equations.describe import meaning, roles
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.gates import gates
from gatecalc.equations.listing import listing
from gatecalc.equations.parameters import parameter_count
from gatecalc.equations.polynomials import Polynomial
from gatecalc.equations.tree import (
    Add,
    Call,
    MatVec,
    Mul,
    Neg,
    Node,
    Ref,
    Shape,
    Sub,
    children,
    walk,
)
from gatecalc.notes.codelines import CodeLine
from gatecalc.notes.example import Example

COUNT_SIZES = {"D": 128, "H": 256}
OTHER_SIZE = 64

LONGEST_HEAD = 45


@dataclass(frozen=True, slots=True)
class Use:
    """A statement that a parameter enters: the operand of a matrix, or how it stands there."""

    number: int
    operand: Node | None
    manner: str = "used"


@dataclass(frozen=True, slots=True)
class Name:
    """A row of the table of names; `value` is what an unnamed part of an equation stands for."""

    ref: Ref
    shape: Shape
    meaning: str = ""
    value: Node | None = None
    uses: tuple[Use, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names with one role."""

    role: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that belong to one of the author's equations."""

    equation: Equation
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The notes of a cell; `label` begins the labels of its equations."""

    derivation: Derivation
    label: str
    names: tuple[NameGroup, ...]
    equations: tuple[Group, ...]
    forward: tuple[Group, ...]
    functions: tuple[Worked, ...]
    own: tuple[tuple[Nonlinearity, OwnSlope], ...]
    slopes: tuple[tuple[Statement, tuple[Partial, ...]], ...]
    backward: tuple[Group, ...]
    parameters: Polynomial
    flops: CellFlops
    sizes: Mapping[str, int]
    code: tuple[CodeLine, ...]
    example: Example

    @property
    def cell(self) -> Cell:
        """The cell that the notes are about."""
        return self.derivation.cell

    def of_role(self, role: Role) -> tuple[Statement, ...]:
        """The backward statements of one role."""
        return tuple(s for s in self.derivation.backward if s.role == role)

    def has(self, *kinds: type[Node]) -> bool:
        """Whether a node of one of these types occurs in any statement."""
        every = (*self.derivation.forward, *self.derivation.backward)
        return any(isinstance(n, kinds) for s in every for n in walk(s.expression))


def document(
    derivation: Derivation,
    *,
    sizes: Mapping[str, int],
    code: tuple[CodeLine, ...],
    example: Example,
    label: str = "",
) -> Document:
    """The notes of a derivation. `sizes` are those at which the counts are given.

    Labels of equations begin with `label`, or with the cell's name.
    """
    cell = derivation.cell
    forward = derivation.forward
    return Document(
        derivation=derivation,
        label=label or cell.name,
        names=_names(derivation),
        equations=tuple(
            Group(e, tuple(s for s in forward if s.equation == k))
            for k, e in enumerate(cell.equations)
        ),
        forward=_grouped(cell, forward),
        functions=tuple(worked(name) for name in _functions(derivation)),
        own=tuple((n, own_slope(n)) for n in cell.nonlinearities),
        slopes=tuple((s, telling) for s in forward if (telling := _telling(s, derivation))),
        backward=_grouped(cell, (s for s in derivation.backward if s.role == "adjoint")),
        parameters=parameter_count(cell),
        flops=flops(derivation),
        sizes=sizes,
        code=code,
        example=example,
    )


def count_sizes(cell: Cell, given: Mapping[str, int]) -> dict[str, int]:
    """The sizes at which counts are given: those asked for, else D = 128, H = 256, the rest 64."""
    return {n: given.get(n, COUNT_SIZES.get(n, OTHER_SIZE)) for n in cell.sizes}


def own_label(cell: Cell) -> str:
    """A label that no other cell has, in another file of the same name, say.

    The same equations give the same label, whatever their comments say.

    >>> from gatecalc.equations import cell
    >>> own_label(cell("h[t] = W @ x[t]  # one")) == own_label(cell("h[t] = W @ x[t]  # two"))
    True
    >>> own_label(cell("h[t] = W @ x[t]")) == own_label(cell("h[t] = V @ x[t]"))
    False
    """
    equations = "\n".join(text for text, _ in listing(cell))
    return f"{cell.name}-{crc32(equations.encode()) & 0xFFFFFF:06x}"


def headline(explanation: str) -> tuple[str, str]:
    """What it is, and what more there is to say, cut at a colon near the beginning.

    >>> headline("input gate: 0 writes nothing")
    ('input gate', '0 writes nothing')
    """
    head, _, tail = explanation.partition(": ")
    return (head, tail) if len(head) <= LONGEST_HEAD else ("", explanation)


def _grouped(cell: Cell, statements: Iterable[Statement]) -> tuple[Group, ...]:
    """Statements by the equation that they come from and by role, in their own order."""
    groups: list[Group] = []
    for (index, _), found in groupby(statements, lambda s: (s.equation, s.role)):
        assert index is not None
        groups.append(Group(cell.equations[index], tuple(found)))
    return tuple(groups)


def _functions(derivation: Derivation) -> tuple[str, ...]:
    """The functions whose derivatives are needed, in order of first appearance."""
    sought = _with_gradient(derivation)
    return tuple(
        dict.fromkeys(
            n.function
            for s in derivation.forward
            if s.target.name in sought
            for n in walk(s.expression)
            if isinstance(n, Call)
            and (row := FUNCTIONS.get(n.function)) is not None
            and not row.internal
        )
    )


def _telling(statement: Statement, derivation: Derivation) -> tuple[Partial, ...]:
    """The partial derivatives that the backward pass uses and that are not 1.

    A plain summand needs no line, and nor does what has no gradient: a constant, or the root of a
    size.
    """
    sought = _with_gradient(derivation)
    if statement.target.name not in sought:
        return ()
    return tuple(
        p
        for p in partials(statement)
        if not p.is_one and not (isinstance(p.by, Ref) and p.by.name not in sought)
    )


def _with_gradient(derivation: Derivation) -> frozenset[str]:
    """The names that have an adjoint."""
    return frozenset(s.of for s in derivation.backward)


def _names(derivation: Derivation) -> tuple[NameGroup, ...]:
    cell = derivation.cell
    static = [s for s in derivation.forward if s.role == "static"]
    step = [s for s in derivation.forward if s.role == "step"]
    written = {e.target.name for e in cell.equations}
    gate_names = gates(cell)
    rest = [s for s in step if s.target.name in written and s.target.name not in cell.states]
    groups = (
        ("Inputs", [_name(derivation, Ref(n, 0)) for n in cell.inputs]),
        ("States", [_name(derivation, Ref(n, 0)) for n in cell.states]),
        (
            "Gates",
            [_statement_name(derivation, s) for s in rest if s.target.name in gate_names],
        ),
        (
            "Other values of a step",
            [_statement_name(derivation, s) for s in rest if s.target.name not in gate_names],
        ),
        (
            "Parts that the equations leave unnamed",
            [_statement_name(derivation, s) for s in step if s.target.name not in written],
        ),
        (
            f"Values that depend on {behind_once(derivation)} alone",
            [_statement_name(derivation, s) for s in static],
        ),
        ("Parameters", [_name(derivation, Ref(n)) for n in cell.parameters]),
        ("Constants", [_name(derivation, Ref(c.name)) for c in cell.constants]),
    )
    return tuple(NameGroup(role, tuple(names)) for role, names in groups if names)


def _statement_name(derivation: Derivation, statement: Statement) -> Name:
    cell, name = derivation.cell, statement.target.name
    if any(e.target.name == name for e in cell.equations):
        return _name(derivation, statement.target)
    return Name(
        ref=statement.target,
        shape=statement.shape,
        meaning=statement.explanation,
        value=statement.expression,
    )


def _name(derivation: Derivation, ref: Ref) -> Name:
    cell = derivation.cell
    defaults = {c.name: c.text for c in cell.constants}
    said = meaning(cell, ref.name)
    head, _ = headline(said)
    also = [r for r in roles(cell, ref.name) if r in ("output", "gate")]
    known = head or said or ("what comes in" if ref.name in cell.inputs else "")
    if ref.name in cell.states:
        known = ", ".join(filter(None, (known, *(r for r in also if r not in known))))
    return Name(
        ref=ref,
        shape=cell.shapes[ref.name],
        meaning=known,
        uses=tuple(_uses(derivation, ref.name)) if ref.name in cell.parameters else (),
        default=defaults.get(ref.name, ""),
    )


def _uses(derivation: Derivation, name: str) -> Iterable[Use]:
    for statement in derivation.forward:
        summands = list(_summands(statement.expression))
        factors = [
            side
            for node in walk(statement.expression)
            if isinstance(node, Mul)
            for side in (node.left, node.right)
        ]
        for node in walk(statement.expression):
            if isinstance(node, MatVec) and node.matrix.name == name:
                yield Use(statement.number, node.operand)
            elif node == Ref(name):
                manner = "added" if node in summands else "a factor" if node in factors else "used"
                yield Use(statement.number, None, manner)


def _summands(node: Node) -> Iterable[Node]:
    if isinstance(node, Add | Sub | Neg):
        for child in children(node):
            yield from _summands(child)
    else:
        yield node
