"""The forward pass as source text: the methods `forward` and `_forward_steps`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gatecalc.codegen.schedule.calls import bindings, call_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.forward_loop import loop_lines
from gatecalc.codegen.schedule.forward_products import StackedProduct, stacked_products
from gatecalc.codegen.schedule.packing import grouped
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import (
    Count,
    Instruction,
    Linear,
    Literal,
    Op,
    Operand,
    Previous,
    Value,
)
from gatecalc.codegen.schedule.variables import Variables, block_lines, size_lines
from gatecalc.codegen.schedule.views import tape_view, view_of
from gatecalc.codegen.schedule.writer import Branch, Writer, head_text, numbers_text, words_of

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


@dataclass(frozen=True, slots=True)
class ForwardText:
    """The two methods, and whether there are rows of steps to run through."""

    forward: Writer
    steps: Writer
    has_steps: bool


def forward_text(emission: Emission) -> ForwardText:
    """Writes the forward pass."""
    plan, cell = emission.plan, emission.plan.cell
    variables = Variables(emission)
    before = _bulk_lines(emission, variables, plan.regions.before)
    rows_before = variables.chunk_lines()
    loop = loop_lines(emission, variables)
    after = _bulk_lines(emission, variables, plan.regions.after)
    rows_after = variables.chunk_lines()

    chunk = Writer(3)
    _write_inputs(chunk, plan)
    chunk.write(rows_before)
    chunk.write(before)
    if loop:
        _write_loop(chunk, variables, loop)
    chunk.write(rows_after)
    chunk.write(after)
    _write_outputs(chunk, emission, variables)
    head = Writer(3)
    head.line("count = min(self.T - start, self.chunk)")
    blocks = block_lines(words_of(chunk.lines), "first", "work")
    if "first" in words_of([*chunk.lines, *blocks]):
        head.line("first = start if self.keep else 0")
    for line in blocks:
        head.line(line)

    start, end = Writer(2), Writer(2)
    _write_start(start, emission, variables)
    _write_end(end, emission, variables)
    fixed = variables.head_lines()
    words = words_of([*head.lines, *chunk.lines, *start.lines, *end.lines, *fixed])
    writer = Writer(1)
    if plan.by_exp:
        writer.line('@np.errstate(over="ignore")', "2 / (1 + exp(-a)) is 0 where exp is infinite")
    with writer.block(head_text("forward", ["params", "xs", "state"], words | {"params"})):
        writer.line('"""All steps: the outputs, (T, B, n), and the states after the last one."""')
        writer.line("self._load(params)")
        for line in (*size_lines(cell.sizes, words), *bindings(words, "self.dtype"), *fixed):
            writer.line(line)
        writer.lines += start.lines
        writer.line("for start in range(0, self.T, self.chunk):")
        writer.lines += [*head.lines, *chunk.lines, *end.lines]
    return ForwardText(writer, _steps_method(variables, cell.sizes), bool(variables.stepped))


def _write_start(writer: Writer, emission: Emission, variables: Variables) -> None:
    """What callers hand in, into its place."""
    plan, cell = emission.plan, emission.plan.cell
    if not cell.states:
        writer.line("xs = [x.reshape(self.T, self.B, x.shape[2]) for x in xs]")
    writer.line("self.xs = xs")
    for position, state in enumerate(cell.states):
        target = f"self.tape[0, {plan.tape.span([state])}]"
        scale = plan.scale(Previous(state))
        writer.line(scaled_copy(variables, target, f"state[{position}].T", scale), state)
    if cell.output in cell.states:
        writer.line(f"self.outputs[0] = state[{cell.states.index(cell.output)}]")


def _write_inputs(writer: Writer, plan: Plan) -> None:
    for position, name in enumerate(plan.cell.inputs):
        if name in plan.tape.rows:
            source = f"xs[{position}][start : start + count].swapaxes(1, 2)"
            writer.line(f"np.copyto(now[:, {plan.tape.span([name])}], {source})", name)


def _write_loop(
    writer: Writer, variables: Variables, loop: Sequence[tuple[str, str] | Branch]
) -> None:
    if not variables.stepped:
        with writer.block("for _ in range(count):"):
            writer.write(loop)
        return
    with writer.block("if self.steps is None:"):
        writer.line("steps = self._forward_steps(first, count)")
    with writer.block("else:"):
        writer.line("steps = self.steps[first : first + count]")
    with writer.loop(variables.step_targets, "steps"):
        writer.write(loop)


def _write_outputs(writer: Writer, emission: Emission, variables: Variables) -> None:
    """The outputs into the array that callers get; the last states to where the next chunk is."""
    plan, cell = emission.plan, emission.plan.cell
    rows = plan.tape.span([plan.home_of(cell.output)])
    later = cell.output in cell.states
    source = f"{'later' if later else 'now'}[:, {rows}].swapaxes(1, 2)"
    shift = " + 1" if later else ""
    target = f"self.outputs[start{shift} : start{shift} + count]"
    scale = 1 / plan.scale(Value(cell.output))
    writer.line(scaled_copy(variables, target, source, scale), cell.output)
    if cell.states:
        with writer.block("if not self.keep:"):
            writer.line("self.tape[0] = self.tape[count]", "where the next chunk begins")


def _write_end(writer: Writer, emission: Emission, variables: Variables) -> None:
    plan, cell = emission.plan, emission.plan.cell
    if not cell.states:
        writer.line("return self.outputs.reshape(*self.shape, self.outputs.shape[2]), ()")
        return
    writer.line("last = self.tape[self.T if self.keep else 0]")
    parts = []
    for state in cell.states:
        source = f"last[{plan.tape.span([state])}].T"
        parts.append(fresh_copy(variables, source, 1 / plan.scale(Previous(state))))
    writer.tuple("state", parts)
    outputs = "self.outputs[1:]" if cell.output in cell.states else "self.outputs"
    writer.line(f"return {outputs}, state")


def _steps_method(variables: Variables, sizes: Sequence[str]) -> Writer:
    """The method that gives the rows of each step."""
    inner = Writer(2)
    with inner.display("return zip(", ")"):
        for text, label in variables.step_rows():
            inner.line(f"{text},", label)
        inner.line("strict=True,")
    words = words_of(inner.lines)
    writer = Writer(1)
    with writer.block("def _forward_steps(self, first, count):"):
        writer.line('"""For each of `count` steps from `first` on, the rows that its calls use."""')
        for line in (*size_lines(sizes, words), *block_lines(words, "first", "work")):
            writer.line(line)
        writer.lines += inner.lines
    return writer


def scaled_copy(variables: Variables, target: str, source: str, scale: Fraction) -> str:
    """`target = scale * source`, written in place."""
    if scale == 1:
        return f"np.copyto({target}, {source})"
    return f"multiply({source}, {variables.number(scale)}, {target})"


def fresh_copy(variables: Variables, source: str, scale: Fraction) -> str:
    """`scale * source` in memory of its own."""
    if scale == 1:
        return f'np.array({source}, order="C")'
    return f'multiply({source}, {variables.number(scale)}, order="C")'


# Chunks of steps.


def _bulk_lines(
    emission: Emission, variables: Variables, instructions: Sequence[Instruction]
) -> Lines:
    """Instructions for all steps of a chunk at once."""
    plan = emission.plan
    lines: Lines = []
    for group in grouped(instructions, plan.program):
        if group.is_linear:
            linears = [m for m in group.members if isinstance(m, Linear)]
            lines += _bulk_products(variables, plan, stacked_products(emission, linears))
            continue
        for op in (m for m in group.members if isinstance(m, Op)):
            inputs = [bulk_operand(plan, variables, o) for o in op.inputs]
            out = bulk_operand(plan, variables, op.output)
            lines.append((call_text(op.function, inputs, out), numbers_text(op.numbers)))
    return lines


def _bulk_products(variables: Variables, plan: Plan, products: Sequence[StackedProduct]) -> Lines:
    lines: Lines = []
    written: set[str] = set()
    for product in products:
        matrix = variables.attribute(product.stack)
        source = variables.at_chunk(tape_view(plan, product.operands, product.later))
        target = variables.at_chunk(view_of(plan, product.outputs))
        numbers = numbers_text(product.numbers)
        if target not in written:
            lines.append((f"np.matmul({matrix}, {source}, out={target})", numbers))
        else:
            lines.append((f"add({target}, np.matmul({matrix}, {source}), {target})", numbers))
        written.add(target)
    return lines


def bulk_operand(plan: Plan, variables: Variables, operand: Operand) -> str:
    """The variable or number for an operand at all steps of a chunk."""
    if isinstance(operand, Literal):
        return variables.number(operand.value)
    if isinstance(operand, Count):
        return variables.number(operand)
    return variables.at_chunk(view_of(plan, [operand]))
