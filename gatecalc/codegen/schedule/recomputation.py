"""What the backward pass computes again instead of reading it from the tape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gatecalc.codegen.schedule.backward import Backward, forward_reads
from gatecalc.codegen.schedule.program import (
    Instruction,
    Linear,
    Op,
    Operand,
    Value,
    reads,
)

_CHEAP = ("multiply", "add", "subtract")


def recompute_products(backward: Backward) -> Backward:
    """A product or sum of what is on the tape anyway is computed again, for many steps at once.

    Before: the loop writes `c_part = i * g` to the tape, coefficients read it there.
    After: `c_part` has rows for one step, and `multiply(i_all, g_all, c_part_all)` stands before
    the coefficients.

    The tape becomes smaller (by two of nine values for an LSTM), at the price of a call for each
    chunk of steps.
    """
    kept = forward_reads(backward) | {*backward.forward.derivation.cell.states}
    kept.add(backward.forward.derivation.cell.output)
    elsewhere = {r.name for i in backward.after for r in reads(i)}
    elsewhere |= {r.name for i in backward.before if isinstance(i, Linear) for r in reads(i)}
    new: dict[str, Value] = {}
    again: list[Instruction] = []
    program = backward.program
    for instruction in backward.forward.program.instructions:
        name = instruction.output.name
        if not name.startswith("%") or name not in kept or name in elsewhere:
            continue
        if not isinstance(instruction, Op) or instruction.function not in _CHEAP:
            continue
        if any(isinstance(o, Value) and o.name not in kept for o in instruction.inputs):
            continue
        new[name] = program.temporary(program.rows[name], name)
        again.append(replace(_renamed(instruction, new), output=new[name]))
    before = [_renamed(i, new) if isinstance(i, Op) else i for i in backward.before]
    return replace(backward, before=[*_needed(again, before), *before])


def _renamed(op: Op, new: dict[str, Value]) -> Op:
    def renamed(operand: Operand) -> Operand:
        return new.get(operand.name, operand) if isinstance(operand, Value) else operand

    return replace(op, inputs=tuple(renamed(o) for o in op.inputs))


def _needed(again: Iterable[Instruction], before: Iterable[Instruction]) -> list[Instruction]:
    """What is read, itself or by way of another."""
    found: list[Instruction] = []
    wanted = {r.name for i in before for r in reads(i)}
    for instruction in reversed(list(again)):
        if instruction.output.name in wanted:
            found.append(instruction)
            wanted |= {r.name for r in reads(instruction)}
    return found[::-1]
