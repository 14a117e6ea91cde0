"""What must run step by step, and what may leave the loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gatecalc.codegen.schedule.program import Instruction, Previous, Value, reads


@dataclass(frozen=True, slots=True)
class Regions:
    """Instructions before the loop, in it and after it, each in order."""

    before: tuple[Instruction, ...]
    loop: tuple[Instruction, ...]
    after: tuple[Instruction, ...]
    states: tuple[str, ...]


def needed(instructions: Sequence[Instruction], wanted: Iterable[str]) -> list[Instruction]:
    """Without what nobody reads: factors of what turned out to be 0, say (`v * (x - x)`)."""
    names, found = set(wanted), []
    for instruction in reversed(instructions):
        if instruction.output.name in names:
            found.append(instruction)
            names |= {r.name for r in reads(instruction)}
    return found[::-1]


def one_loop(instructions: Iterable[Instruction], states: Iterable[str]) -> Regions:
    """Everything step by step."""
    return Regions((), tuple(instructions), (), tuple(states))


def leave_loop(regions: Regions) -> Regions:
    """What inputs alone decide runs before the loop, what feeds no state after it.

    Before: `for x, h, y in steps:` with `dot(W, x, a)`, ..., `dot(V, h, y)` at each step.
    After: `np.matmul(W, x_all, out=a_all)` for a chunk of steps, the loop, and
    `np.matmul(V, h_all, out=y_all)`.
    """
    recurrent: set[str] = set()
    for instruction in regions.loop:
        if any(
            isinstance(r, Previous) or (isinstance(r, Value) and r.name in recurrent)
            for r in reads(instruction)
        ):
            recurrent.add(instruction.output.name)
    wanted = set(regions.states)
    feeding: set[str] = set()
    for instruction in reversed(regions.loop):
        if instruction.output.name in wanted:
            feeding.add(instruction.output.name)
            wanted |= {r.name for r in reads(instruction) if isinstance(r, Value)}
    before: list[Instruction] = []
    loop: list[Instruction] = []
    after: list[Instruction] = []
    for instruction in regions.loop:
        name = instruction.output.name
        if name not in feeding:
            after.append(instruction)
        else:
            (loop if name in recurrent else before).append(instruction)
    return replace(regions, before=tuple(before), loop=tuple(loop), after=tuple(after))
