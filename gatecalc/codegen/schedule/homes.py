"""Which values share rows: what a call may write over one of its operands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gatecalc.codegen.schedule.program import (
    Instruction,
    Linear,
    Previous,
    Program,
    Value,
    reads,
)

CONSTANT = "1"
"""The row of ones that biases multiply."""


def in_place(
    instructions: Sequence[Instruction],
    program: Program,
    keep: Iterable[str],
    calls: Iterable[Iterable[Instruction]] = (),
) -> dict[str, str]:
    """Before: every result has rows of its own.  After: a result may overwrite an operand.

    That is allowed for an operand that nothing else reads, now or in the backward pass. What one of
    the `calls` may compute in one go and is added up then stays where it is, side by side. Returns,
    for each value, the value whose rows it uses (the last of a chain).
    """
    call_of = {m.output: k for k, call in enumerate(calls) for m in call}
    kept = set(keep)
    readers = Counter(r.name for i in instructions for r in reads(i) if isinstance(r, Value))
    previous = {r.name for i in instructions for r in reads(i) if isinstance(r, Previous)}
    produced = {i.output.name for i in instructions}
    products = {i.output for i in instructions if isinstance(i, Linear)}
    target: dict[str, str] = {}
    for instruction in instructions:
        if isinstance(instruction, Linear) or instruction.function in ("sum", "largest"):
            continue
        rows = program.rows[instruction.output.name]
        # A product's first: then outputs of products can lie side by side, which saves most.
        for operand in sorted(instruction.inputs, key=lambda o: o not in products):
            if (
                isinstance(operand, Value)
                and not _is_shared(instruction, operand, call_of)
                and readers[operand.name] == 1
                and operand.name not in kept
                and operand.name not in previous
                and operand.name in produced
                and program.rows[operand.name] == rows
            ):
                target[operand.name] = instruction.output.name
                break
    return {name: _last(name, target) for name in produced}


def _is_shared(instruction: Instruction, operand: Value, call_of: Mapping[Value, int]) -> bool:
    """Whether the call that computes an operand computes another one of the instruction too."""
    call = call_of.get(operand)
    others = (o for o in reads(instruction) if isinstance(o, Value) and o != operand)
    return call is not None and any(call_of.get(o) == call for o in others)


def _last(name: str, target: dict[str, str]) -> str:
    while name in target:
        name = target[name]
    return name
