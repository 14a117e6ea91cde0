"""The backward pass as source text: the methods `backward` and `_backward_steps`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.backward_loop import BackwardLoop
from gatecalc.codegen.schedule.backward_maps import (
    MapTarget,
    adjoint_edges,
    adjoint_runs,
    adjoint_stack,
)
from gatecalc.codegen.schedule.calls import bindings, call_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.forward_text import fresh_copy, scaled_copy
from gatecalc.codegen.schedule.gradients_text import Gradients
from gatecalc.codegen.schedule.program import (
    Count,
    Instruction,
    Linear,
    Literal,
    Operand,
    Value,
)
from gatecalc.codegen.schedule.rows import Block
from gatecalc.codegen.schedule.variables import Variables, block_lines, size_lines
from gatecalc.codegen.schedule.weights_text import Weights, input_maps, weights
from gatecalc.codegen.schedule.writer import Writer, head_text, numbers_text, words_of

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


@dataclass(frozen=True, slots=True)
class BackwardText:
    """The two methods, and what `__init__` must make for them."""

    backward: Writer
    steps: Writer
    scratch: Block
    weights: Weights
    has_steps: bool


def backward_text(emission: Emission, back: BackPlan) -> BackwardText:
    """Writes the backward pass."""
    return _Text(emission, back).write()


class _Text:
    def __init__(self, emission: Emission, back: BackPlan) -> None:
        self.emission, self.back = emission, back
        self.plan, self.backward = emission.plan, back.backward
        self.cell, self.derivation = emission.plan.cell, emission.plan.derivation
        self.variables = Variables(emission)

    def write(self) -> BackwardText:
        variables = self.variables
        maps = input_maps(self.back)
        chunk = Writer(4)
        before = self._bulk_lines([i for i in self.backward.before if i.output.name not in maps])
        cotangent = self._cotangent()
        rows_before = variables.chunk_lines()
        loop = BackwardLoop(self.emission, self.back, variables)
        late = [i for i in self.backward.after if i.output.name not in maps]
        after = [
            *self._bulk_lines(late),
            *self._inputs(set(maps)),
            *self._sums(),
        ]
        rows_after = variables.chunk_lines()
        chunk.write([*rows_before, *cotangent, *before])
        if loop.lines and self.cell.states:
            self._write_loop(chunk, loop)
        chunk.write([*rows_after, *after, *self._left_copies()])
        products = weights(self.emission, self.back, maps)
        head = Writer(4)
        head.line("count = min(self.back_chunk, stop - start)")
        for line in block_lines(words_of(chunk.lines), "start", "back_work"):
            head.line(line)
        begin, sums, end = Writer(2), Writer(3), Writer(2)
        self._write_start(begin, loop)
        sums.write(products.lines)
        Gradients(self.emission, self.back, variables, end).write(products)
        self._write_end(end, loop)

        fixed = variables.head_lines()
        inner = [*begin.lines, *head.lines, *chunk.lines, *sums.lines, *end.lines]
        words = words_of([*inner, *fixed])
        arguments = head_text("backward", ["params", "d_hs", "d_state"], words)
        writer = Writer(1)
        with writer.block(arguments):
            writer.line(
                '"""Gradients, the adjoints of the inputs, and those of the first state."""'
            )
            writer.line("self._load_back(params)")
            for line in (
                *size_lines(self.cell.sizes, words),
                *bindings(words, "self.dtype"),
                *fixed,
            ):
                writer.line(line)
            writer.lines += begin.lines
            with writer.block("for stop in range(self.T, 0, -self.weight_chunk):"):
                writer.line("begin = max(0, stop - self.weight_chunk)")
                if "samples" in words:
                    writer.line("length = stop - begin")
                    writer.line("samples = length * self.B")
                if self.back.left.order:
                    writer.line("left, left_rows = self._left_of(length)")
                writer.line("for start in reversed(range(begin, stop, self.back_chunk)):")
            writer.lines += [*head.lines, *chunk.lines, *sums.lines, *end.lines]
        steps = self._steps_method()
        has_steps = bool(variables.stepped)
        return BackwardText(writer, steps, loop.scratch_block, products, has_steps)

    # Whole chunks.

    def _operand(self, operand: Operand) -> str:
        """The variable or number for an operand at all steps of a chunk."""
        if isinstance(operand, Literal):
            return self.variables.number(operand.value)
        if isinstance(operand, Count):
            return self.variables.number(operand)
        return self.variables.at_chunk(self.back.view(operand))

    def _bulk_lines(self, instructions: Sequence[Instruction]) -> Lines:
        """Instructions for all steps of a chunk at once."""
        lines: Lines = []
        for instruction in instructions:
            numbers = numbers_text(instruction.numbers)
            product = self.backward.coefficient_of.get(instruction.output.name)
            if product is not None:
                root = self.backward.products[product].root
                target = product.partition(" ")[0]
                numbers = f"{root} to {target} {numbers}"
            if isinstance(instruction, Linear):
                lines += [(text, numbers) for text in self._products(instruction)]
                continue
            inputs = [self._operand(o) for o in instruction.inputs]
            out = self._operand(instruction.output)
            lines.append((call_text(instruction.function, inputs, out), numbers))
        return lines

    def _products(self, linear: Linear) -> list[str]:
        out = self._operand(linear.output)
        label = self.plan.program.label(linear.output.name)
        edges, scale = adjoint_edges(linear), self.backward.scale(linear.output.name)
        goal = MapTarget(label, self.back.rows(linear.output.name), edges, scale)
        texts: list[str] = []
        for run in adjoint_runs(self.back, [e.source for e in edges]):
            matrix = self.variables.attribute(adjoint_stack(self.emission, self.back, [goal], run))
            block = self.back.block_of(run[0])
            assert block is not None
            source = self.variables.at_chunk(self.back.rows_view(block, run))
            if not texts:
                texts.append(f"np.matmul({matrix}, {source}, out={out})")
            else:
                texts.append(f"add({out}, np.matmul({matrix}, {source}), {out})")
        return texts

    def _cotangent(self) -> Lines:
        name = self.derivation.cotangent
        if name not in self.backward.loaded:
            return []
        target = self._operand(Value(name))
        source = "self._exchanged(d_hs[start : start + count])"
        return [(scaled_copy(self.variables, target, source, self.backward.scale(name)), "")]

    def _inputs(self, done: set[str]) -> Lines:
        """Adjoints of inputs that are not done by a product over many steps."""
        produced = {i.output.name for i in (*self.backward.before, *self.backward.after)}
        lines: Lines = []
        for position, name in enumerate(self.cell.inputs):
            adjoint = self.derivation.adjoints[name]
            if adjoint in done:
                continue
            target = f"self.d_xs[{position}][start : start + count]"
            home = self._input_home(adjoint, produced)
            if home is None:
                lines.append((f"{target} = 0", adjoint))
                continue
            source = f"{self._operand(Value(home))}.swapaxes(1, 2)"
            scale = 1 / self.backward.scale(home)
            lines.append((scaled_copy(self.variables, target, source, scale), adjoint))
        return lines

    def _input_home(self, adjoint: str, produced: set[str]) -> str | None:
        if adjoint not in self.backward.form.adjoints:
            return None
        home = self.back.delta_home(adjoint)
        held = home in produced or home in self.backward.stored or home in self.backward.products
        return home if held or home == self.derivation.cotangent else adjoint

    def _sums(self) -> Lines:
        """Shares of parameters that are not matrix products."""
        lines: Lines = []
        for position, (share, value, _) in enumerate(self.backward.sums):
            axes = "(0, 2)" if self.derivation.shapes[share.parameter] else "None"
            total = f"self.sums[{position}]"
            text = f"add({total}, np.add.reduce({self._operand(value)}, {axes}), {total})"
            lines.append((text, numbers_text([share.number])))
        return lines

    def _left_copies(self) -> Lines:
        """Adjoints to where the products over many steps find them."""
        lines: Lines = []
        for block, local in ((self.back.coef, "coef"), (self.back.work, "work")):
            inside = [n for n in self.back.left.order if self.back.home_of(n) in block.rows]
            for run in self._parallel_runs(inside, block.order):
                homes = [self.back.home_of(n) for n in run]
                target = (
                    f"left_rows[{self.back.left.span(run)}, start - begin : start - begin + count]"
                )
                source = f"{local}[:, {block.span(homes)}].transpose(1, 0, 2)"
                lines.append((f"np.copyto({target}, {source})", ""))
        return lines

    def _parallel_runs(self, members: Sequence[str], order: Sequence[str]) -> list[list[str]]:
        """Members that are neighbours, in the same order, both in a block and in `left`."""
        runs: list[list[str]] = []
        places: list[tuple[int, int]] = []
        for name in members:
            here = order.index(self.back.home_of(name)), self.back.left.order.index(name)
            if places and here == (places[-1][0] + 1, places[-1][1] + 1):
                runs[-1].append(name)
            else:
                runs.append([name])
            places.append(here)
        return runs

    # The frame.

    def _write_loop(self, writer: Writer, loop: BackwardLoop) -> None:
        if not self.variables.stepped:
            with writer.block("for _ in range(count):"):
                writer.write(loop.lines)
        else:
            with writer.block("if self.back_steps is None:"):
                writer.line("steps = self._backward_steps(count)")
            with writer.block("else:"):
                writer.line("steps = self.back_steps[self.back_chunk - count :]")
            with writer.loop(self.variables.step_targets, "steps"):
                writer.write(loop.lines)
        for state in loop.moving:
            arriving, kept = loop.arriving(state), loop.leaving(state)
            writer.line(f"np.copyto({kept}, {arriving})", "the next chunk uses its rows again")
            writer.line(f"{arriving} = {kept}")

    def _write_start(self, writer: Writer, loop: BackwardLoop) -> None:
        if not self.cell.states:
            writer.line("d_hs = d_hs.reshape(self.T, self.B, d_hs.shape[2])")
        for position, state in enumerate(self.cell.states):
            arriving, rows = loop.arriving(state), loop.leaving(state)
            scale = self.backward.scale(self.derivation.incoming[state])
            writer.line(f"{arriving} = {rows}")
            writer.line(scaled_copy(self.variables, arriving, f"d_state[{position}].T", scale))
        if self.backward.sums:
            with writer.block("for total in self.sums:"):
                writer.line("total[...] = 0")
        with writer.block("if not (self.reused or self.fresh):"):
            writer.line("# What an earlier call returned belongs to its caller.")
            writer.line("self.d_xs = [np.empty_like(d) for d in self.d_xs]")
        writer.line("self.fresh = False")

    def _write_end(self, writer: Writer, loop: BackwardLoop) -> None:
        if not self.cell.states:
            writer.line("d_xs = [d.reshape(*self.shape, d.shape[2]) for d in self.d_xs]")
            writer.line("return gradients, tuple(d_xs), ()")
            return
        parts = []
        for state in self.cell.states:
            arriving = loop.arriving(state)
            scale = 1 / self.backward.scale(self.derivation.incoming[state])
            if state in self.backward.carries:
                parts.append(fresh_copy(self.variables, f"{arriving}.T", scale))
            else:
                parts.append(f'np.zeros_like({arriving}.T, order="C")')
        writer.tuple("d_state", parts)
        writer.line("return gradients, tuple(self.d_xs), d_state")

    def _steps_method(self) -> Writer:
        """The method that gives the rows of each step, last step first."""
        inner = Writer(2)
        with inner.display("return zip(", ")"):
            for text, label in self.variables.step_rows():
                inner.line(f"{text},", label)
            inner.line("strict=True,")
        words = words_of(inner.lines)
        writer = Writer(1)
        with writer.block("def _backward_steps(self, count):"):
            writer.line(
                '"""For each of `count` steps, last one first, the rows that its calls use."""'
            )
            for line in (
                *size_lines(self.cell.sizes, words),
                *block_lines(words, "", "back_work", turned=True),
            ):
                writer.line(line)
            writer.lines += inner.lines
        return writer
