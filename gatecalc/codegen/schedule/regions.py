"""What must run step by step, and what may leave the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatecalc.codegen.schedule.program import Instruction, Previous, Value, reads


@dataclass(frozen=True, slots=True)
class Regions:
    """Instructions before the loop, in it and after it, each in order."""

    before: tuple[Instruction, ...]
    loop: tuple[Instruction, ...]
    after: tuple[Instruction, ...]


def split_regions(
    instructions: Sequence[Instruction], states: Sequence[str], *, leave: bool = True
) -> Regions:
    """Before: everything in the loop.

    After: what depends on inputs alone stands before it, what feeds no state after it; both run
    for a whole chunk of steps at once.
    """
    recurrent: set[str] = set()
    for instruction in instructions:
        if any(
            isinstance(r, Previous) or (isinstance(r, Value) and r.name in recurrent)
            for r in reads(instruction)
        ):
            recurrent.add(instruction.output.name)
    wanted = set(states)
    feeding: set[str] = set()
    for instruction in reversed(instructions):
        if instruction.output.name in wanted:
            feeding.add(instruction.output.name)
            wanted |= {r.name for r in reads(instruction) if isinstance(r, Value)}
    before: list[Instruction] = []
    loop: list[Instruction] = []
    after: list[Instruction] = []
    for instruction in instructions:
        name = instruction.output.name
        if not leave:
            loop.append(instruction)
        elif name in feeding:
            (loop if name in recurrent else before).append(instruction)
        else:
            after.append(instruction)
    return Regions(tuple(before), tuple(loop), tuple(after))
