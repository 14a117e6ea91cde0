"""What the passes run in as source text: `__init__`, and the methods that load parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from gatecalc.codegen.numpy_text import is_plain_number
from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.backward_text import BackwardText
from gatecalc.codegen.schedule.calls import bindings
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.filling import fill_lines
from gatecalc.codegen.schedule.forward_text import ForwardText
from gatecalc.codegen.schedule.homes import CONSTANT
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Count
from gatecalc.codegen.schedule.rows import product_text, sum_text
from gatecalc.codegen.schedule.stacks import Stack
from gatecalc.codegen.schedule.text import number_text, static_text
from gatecalc.codegen.schedule.variables import size_lines
from gatecalc.codegen.schedule.writer import Writer, head_text, numbers_text, words_of
from gatecalc.equations.shapes import shape_of


def init_text(
    emission: Emission,
    back: BackPlan,
    texts: tuple[ForwardText, BackwardText],
    stacks: tuple[Sequence[Stack], Sequence[Stack]],
) -> Writer:
    """The method `__init__`; `stacks` are those of the forward and of the backward pass."""
    plan, cell = emission.plan, emission.plan.cell
    forward, backward = texts
    body = Writer(2)
    body.line("self.sizes, self.keep, self.reused = sizes, keep, reused")
    if not cell.states:
        _write_blocks(body, plan)
    body.line("self.T, self.B, self.dtype = T, B, dtype")
    if plan.chunked:
        body.line("row = B * dtype.itemsize", "bytes")
    rows = [*plan.tape.sizes, *plan.work.sizes]
    _write_chunk(body, plan, "chunk", rows, "_FORWARD_BYTES")
    steps = "T if keep else min(T, self.chunk)"
    # The first state stands before the values of the first step.
    body.line(f"steps = ({steps}) + 1" if cell.states else f"steps = {steps}")
    _write_shapes(body, "shapes = {", _forward_shapes(plan, stacks[0]))
    with body.block("if keep:"):
        _write_chunks(body, back)
        _write_back_shapes(body, back, backward, stacks[1])
    body.line("vars(self).update(_in_one_piece(shapes, dtype))")
    if CONSTANT in plan.tape.rows:
        body.line(f"self.tape[:, {plan.tape.span([CONSTANT])}] = 1")
    steps = "T + 1" if cell.output in cell.states else "T"
    width = sum_text(plan.rows(cell.output))
    body.line(f"self.outputs = np.empty(({steps}, B, {width}), dtype)")
    _write_zeros(body, stacks[0])
    if emission.has_numbers:
        body.line("self._set_numbers(1)")
    if cell.states or forward.has_steps or backward.has_steps:
        body.line("self.steps = self.back_steps = None")
    if plan.by_exp:
        entries = sum_text(s for name in plan.by_exp.values() for s in plan.rows(name))
        body.line("many = _EXP_ENTRIES.get(dtype.name, math.inf)")
        body.line(f'self.by_exp = dtype.kind == "O" or many <= {product_text(entries)} * B')
    with body.block("if not keep:"):
        body.line("return")
    _write_backward(body, back, backward)
    _write_zeros(body, stacks[1])
    _write_lists(body, forward, backward)
    writer = Writer(1)
    with writer.block("def __init__(self, sizes, T, B, dtype, keep=True, reused=False):"):
        for line in size_lines(cell.sizes, words_of(body.lines)):
            writer.line(line.replace("self.sizes", "sizes"))
        writer.lines += body.lines
    return writer


def _write_blocks(writer: Writer, plan: Plan) -> None:
    """Steps and samples are one where no state tells the steps apart: blocks that fit the cache."""
    if not plan.chunked:
        writer.line("# Without a state all samples of all steps are one batch.")
        writer.line("self.shape = (T, B)")
        writer.line("T, B = 1, T * B")
        return
    writer.line("# Without a state steps are samples too, and all are cut into blocks of one size.")
    writer.line("self.shape, samples = (T, B), T * B")
    writer.line("B = next((n for n in _BLOCK_SAMPLES if samples % n == 0), samples)")
    writer.line("T = samples // B")


def _write_chunk(writer: Writer, plan: Plan, name: str, rows: Sequence[str], limit: str) -> None:
    """How many steps are done at once."""
    if not plan.chunked:
        writer.line(f"self.{name} = T")
        return
    size = product_text(sum_text(rows))
    writer.line(f"self.{name} = max(1, min(T, {limit} // ({size} * row)))")


def _write_zeros(writer: Writer, stacks: Sequence[Stack]) -> None:
    """What no parameter fills of a stack stays zero."""
    for stack in stacks:
        writer.line(f"self.{stack.name}.fill(0)")


def _write_chunks(writer: Writer, back: BackPlan) -> None:
    """How many steps the backward pass does at once, and the products for the weights."""
    rows = [*back.coef.sizes, *back.work.sizes]
    _write_chunk(writer, back.plan, "back_chunk", rows or ["1"], "_BACKWARD_BYTES")
    if not back.plan.chunked:
        writer.line("self.weight_chunk = T")
        return
    size = product_text(back.left.total) if back.left.order else "1"
    writer.line(f"most = max(_WEIGHT_BYTES // ({size} * row), -(-_WEIGHT_SAMPLES // B))")
    writer.line("most = -(-most // self.back_chunk) * self.back_chunk", "whole chunks")
    writer.line("self.weight_chunk = min(T, most)")


Shapes = dict[str, str]
"""The shapes of attributes, as Python text."""


def _forward_shapes(plan: Plan, stacks: Sequence[Stack]) -> Shapes:
    found = {"tape": f"(steps, {plan.tape.total}, B)"}
    if plan.work.order:
        found["work"] = f"(self.chunk, {plan.work.total}, B)"
    if plan.scratch.order:
        found["scratch"] = f"({plan.scratch.total}, B)"
    if plan.columns.order:
        found["columns"] = f"({plan.columns.total}, 1)"
    return found | _stack_shapes(stacks)


def _stack_shapes(stacks: Sequence[Stack]) -> Shapes:
    return {stack.name: f"({stack.rows}, {stack.columns})" for stack in stacks}


def _write_back_shapes(
    writer: Writer, back: BackPlan, text: BackwardText, stacks: Sequence[Stack]
) -> None:
    found = {
        name: f"(self.back_chunk, {block.total}, B)"
        for block, name in ((back.coef, "coef"), (back.work, "back_work"))
        if block.order
    }
    if text.scratch.order:
        found["back_scratch"] = f"({text.scratch.total}, B)"
    if back.left.order:
        found["left_memory"] = f"({product_text(back.left.total)} * self.weight_chunk * B,)"
    found |= text.weights.shapes | _stack_shapes(stacks)
    if found:
        _write_shapes(writer, "shapes |= {", found)
    if back.backward.loaded:
        writer.line("self.pad = None")
        rows = sum_text(back.plan.rows(back.plan.cell.output))
        with writer.block(f"if {product_text(rows)} * dtype.itemsize % 1024 == 0 and B >= 16:"):
            writer.line(f'shapes["pad"] = (self.back_chunk, B, {rows} + 16)')


def _write_shapes(writer: Writer, opening: str, shapes: Shapes) -> None:
    with writer.display(opening, "}"):
        for name, shape in shapes.items():
            writer.line(f'"{name}": {shape},')


def _write_backward(writer: Writer, back: BackPlan, text: BackwardText) -> None:
    plan, cell = back.plan, back.plan.cell
    if "ones" in text.weights.shapes:
        writer.line("self.ones.fill(1)")
    widths = [sum_text(plan.rows(n)) for n in cell.inputs]
    arrays = ", ".join(f"np.empty((T, B, {w}), dtype)" for w in widths)
    writer.line(f"self.d_xs = [{arrays}]")
    writer.line("self.fresh = True")
    if back.backward.sums:
        shapes = [plan.derivation.shapes[s.parameter] for s, _, _ in back.backward.sums]
        sums = [f"np.empty({sum_text(s[0]) if s else '()'}, dtype)" for s in shapes]
        writer.line(f"self.sums = [{', '.join(sums)}]")


def _write_lists(writer: Writer, forward: ForwardText, backward: BackwardText) -> None:
    """Rows of every step as lists: looking them up is faster than making them."""
    if not (forward.has_steps or backward.has_steps):
        return
    with writer.block("if reused and T <= _LISTED_STEPS:"):
        if forward.has_steps:
            with writer.display("self.steps = [", "]"):
                writer.line("rows")
                writer.line("for start in range(0, T, self.chunk)")
                writer.line("for rows in self._forward_steps(start, min(T - start, self.chunk))")
        if backward.has_steps:
            writer.line("self.back_steps = list(self._backward_steps(self.back_chunk))")


def numbers_method(emission: Emission) -> Writer:
    """The method that makes numbers: as arrays without dimensions NumPy reads them fastest."""
    writer = Writer(1)
    with writer.block("def _set_numbers(self, unit):"):
        writer.line('"""Numbers of the kind that the arrays hold."""')
        counts = [sum_text(rows) for f in emission.vectors for _, rows in f.parts]
        for line in size_lines(emission.plan.cell.sizes, words_of(counts)):
            writer.line(line)
        for value, name in emission.numbers.items():
            text = f"unit * {_value_text(value)}"
            writer.line(f"self.{name} = np.array({text}, self.dtype)")
        for factors, name in emission.vectors.items():
            parts = ", ".join(f"unit * {_value_text(factor)}" for factor, _ in factors.parts)
            writer.line(f"numbers = np.array([{parts}], self.dtype)")
            text = f"np.repeat(numbers, [{', '.join(sum_text(r) for _, r in factors.parts)}])"
            writer.line(f"self.{name} = {text}{'.reshape(-1, 1)' if factors.column else ''}")
    return writer


def _value_text(value: Fraction | Count) -> str:
    if not isinstance(value, Count):
        return number_text(value) if value >= 0 else f"({number_text(value)})"
    size = " + ".join(f'self.sizes["{s}"]' for s in value.size)
    return f"(1 / ({size}))" if value.inverse else f"(1.0 * ({size}))"


def load_method(emission: Emission, stacks: Sequence[Stack]) -> Writer:
    """The method `_load`: copies of parameters, stacked and scaled, for one call."""
    plan = emission.plan
    body = Writer(2)
    static = [s for s in plan.derivation.forward if s.role == "static"]
    if static:
        body.line("self.static = {}")
    for statement in static:
        spelling = replace(emission.spelling, exact=plan.forward.step.stable)
        text = static_text(statement.expression, spelling)
        if is_plain_number(statement.expression):
            text = f"{emission.spelling.one()} * ({text})"
        if shape_of(statement.expression, plan.derivation.shapes) != statement.shape:
            # One number, of which the value is to have many.
            text = f"np.full({sum_text(statement.shape[0])}, {text})"
        target = emission.spelling.local(statement.target.name)
        body.line(f"{target} = {text}", numbers_text([statement.number]))
    for key, column in plan.column_nodes.items():
        text = static_text(column.node, emission.spelling)
        if column.scale != 1:
            simple = f"({text})" if " " in text else text
            text = f"self.{emission.number(column.scale)} * {simple}"
        body.line(f"self.columns[{plan.columns.span([key])}, 0] = {text}")
    for stack in stacks:
        body.write(fill_lines(emission, stack))
    return _loader(emission, "_load", "Stacks and scales what the parameters decide.", body)


def load_back_method(emission: Emission, back: BackPlan, stacks: Sequence[Stack]) -> Writer:
    """The method `_load_back`: the same for the backward pass."""
    body = Writer(2)
    factors = []
    for expr in back.backward.fixed.values():
        coefficient, rest = expr.as_coeff_Mul()
        content = Fraction(int(coefficient.p), int(coefficient.q))
        number = f"self.{emission.number(content)}"
        if rest == 1:
            factors.append(number)
            continue
        text = static_text(emission.plan.forward.algebra.to_tree(rest), emission.spelling)
        if content != 1:
            text = f"{number} * {f'({text})' if ' ' in text else text}"
        factors.append(f"np.asarray({text}, self.dtype).reshape(-1, 1)")
    if factors:
        body.line(f"self.factors = [{', '.join(factors)}]")
    for stack in stacks:
        body.write(fill_lines(emission, stack))
    words = "The same for the matrices that carry adjoints back."
    return _loader(emission, "_load_back", words, body)


def _loader(emission: Emission, name: str, words: str, body: Writer) -> Writer:
    head = Writer(2)
    if name == "_load" and emission.has_numbers:
        with head.block('if self.dtype.kind == "O":'):
            head.line("self._set_numbers(params.one)")
    used = words_of([*head.lines, *body.lines])
    writer = Writer(1)
    with writer.block(head_text(name, ["params"], used)):
        writer.line(f'"""{words}"""')
        writer.lines += head.lines
        for line in (*size_lines(emission.plan.cell.sizes, used), *bindings(used, "self.dtype")):
            writer.line(line)
        writer.lines += body.lines
    return writer
