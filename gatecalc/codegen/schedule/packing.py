"""Which operations of a step can share a call: candidates first, then what placement allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gatecalc.codegen.schedule.program import (
    Instruction,
    Linear,
    Literal,
    Operand,
    Previous,
    Program,
    Value,
    reads,
)

OVER_ROWS = ("sum", "largest")
"""Functions that are not elementwise, so that they never share a call or write in place."""


@dataclass(frozen=True, slots=True)
class Group:
    """Instructions that may run as one call: linears of the same operands, or the same function."""

    members: tuple[Instruction, ...]

    @property
    def is_linear(self) -> bool:
        """Whether the members are rows of a stacked matrix product."""
        return isinstance(self.members[0], Linear)


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a step, in an order in which they can run."""

    groups: tuple[Group, ...]
    program: Program


def one_by_one(instructions: Iterable[Instruction], program: Program) -> Calls:
    """A call for each instruction."""
    return Calls(tuple(Group((i,)) for i in instructions), program)


def pack_calls(calls: Calls) -> Calls:
    """Maps of the same vectors, and equal functions, share a call in the forward loop.

    Before: `dot(to_i, x, i)`, `dot(to_f, x, f)`, `tanh(i, i)`, `tanh(f, f)`.
    After: `dot(to_i_f, x, i_f)`, `tanh(i_f, i_f)`.

    A group is a candidate: it is one call if its rows come to lie side by side, else a few.
    """
    members = [m for group in calls.groups for m in group.members]
    return replace(calls, groups=tuple(grouped(members, calls.program)))


def grouped(instructions: Sequence[Instruction], program: Program) -> list[Group]:
    """The instructions in groups, in an order in which the groups can run.

    Greedy: of what is ready, products first, then the function with the most members.
    """
    pending = {i.output.name: i for i in instructions}
    kinds = {name: _kind(i, program) for name, i in pending.items()}
    needs = {
        name: {r.name for r in reads(i) if isinstance(r, Value)} for name, i in pending.items()
    }
    groups: list[Group] = []
    while pending:
        buckets: dict[object, list[str]] = {}
        for name in pending:
            if needs[name].isdisjoint(pending):
                buckets.setdefault(kinds[name], []).append(name)
        # The first of equals: an author's order is kept.
        chosen = max(
            buckets.values(), key=lambda names: (isinstance(pending[names[0]], Linear), len(names))
        )
        groups.append(Group(tuple(pending.pop(name) for name in chosen)))
    return groups


def _kind(instruction: Instruction, program: Program) -> object:
    """Instructions of equal kind may share a call."""
    if isinstance(instruction, Linear):
        names = frozenset((r.name, isinstance(r, Previous)) for r in instruction.operands)
        return ("linear", names, bool(instruction.columns))
    rows = program.rows[instruction.output.name]
    if instruction.function in OVER_ROWS:
        return instruction.output
    return (
        instruction.function,
        rows,
        tuple(_operand_kind(o, rows, program) for o in instruction.inputs),
    )


def _operand_kind(operand: Operand, rows: object, program: Program) -> object:
    if isinstance(operand, Value | Previous):
        return "value" if program.rows[operand.name] == rows else operand
    if isinstance(operand, Literal):
        return operand
    return type(operand)
