"""Sums over time as matrix products: shares of parameters, and adjoints of inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.backward_maps import MapTarget, adjoint_edges, adjoint_stack
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.linear import Share
from gatecalc.codegen.schedule.program import Linear, Op, Previous, Value
from gatecalc.codegen.schedule.rows import stretches, sum_text
from gatecalc.codegen.schedule.views import view_of
from gatecalc.codegen.schedule.writer import numbers_text

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over steps and samples: its attribute, its rows, and the shares that are parts of it.

    `scale` is what the operand that the adjoints are multiplied with is a multiple of.
    """

    attribute: str
    run: tuple[str, ...]
    shares: tuple[Share, ...]
    scale: Fraction


@dataclass(slots=True)
class Weights:
    """The products at the end of a chunk of weights, and what they need."""

    lines: Lines = field(default_factory=list)
    shapes: dict[str, str] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Right:
    """What adjoints are multiplied with, `(steps * samples, n)`.

    `columns` is its width, empty for the ones that biases meet; `scale` what it is a multiple of.
    """

    label: str
    text: str
    columns: str = ""
    scale: Fraction = Fraction(1)
    buffer: str = ""
    source: str = ""


_ONES = Right("ones", "self.ones[:samples]")
"""What the adjoints of a bias are multiplied with."""


def input_maps(back: BackPlan) -> dict[str, Linear]:
    """Adjoints of inputs that are nothing but matrices times adjoints that are kept anyway."""
    found: dict[str, Linear] = {}
    derivation, backward = back.plan.derivation, back.backward
    names = {derivation.adjoints[n] for n in derivation.cell.inputs}
    read = {
        r.name
        for i in (*backward.before, *backward.after)
        if isinstance(i, Op)
        for r in i.inputs
        if isinstance(r, Value)
    }
    for instruction in (*backward.before, *backward.after):
        if isinstance(instruction, Linear) and instruction.output.name in names - read:
            homes = [back.delta_home(o.name) for o in instruction.operands]
            if all(h in back.left.rows for h in homes):
                found[instruction.output.name] = instruction
    return found


def weights(emission: Emission, back: BackPlan, inputs: dict[str, Linear]) -> Weights:
    """The products for one chunk of weights; `inputs` are those of `input_maps`."""
    found = Weights()
    groups: dict[Right, list[Share]] = {}
    for share in back.backward.form.shares:
        if share.coefficient is None:
            groups.setdefault(_right(back, share), []).append(share)
    for right, shares in groups.items():
        if right.text == _ONES.text:
            found.shapes["ones"] = "(self.weight_chunk * B,)"
        if right.buffer:
            buffer = emission.attributes.name(("right", right.label), right.buffer)
            found.shapes[buffer] = f"(self.weight_chunk, B, {right.columns})"
            found.lines.append((f"right = self.{buffer}[:length]", ""))
            found.lines.append((f"np.copyto(right, {right.source})", right.label))
        text = right.text
        if right.columns:
            text += f".reshape(samples, {right.columns})"
        found.lines.append((f"right = {text}", right.label))
        homes = {back.delta_home(s.delta) for s in shares}
        for run in stretches(back.left.order, homes):
            name = emission.attributes.name(("total", len(found.totals)), f"sum_{right.label}")
            rows = sum_text(s for n in run for s in back.rows(n))
            found.shapes[name] = (
                f"(2, {rows}, {right.columns})" if right.columns else f"(2, {rows})"
            )
            left = f"left[{back.left.span(run)}]"
            remark = numbers_text(s.number for s in shares if back.delta_home(s.delta) in run)
            found.lines.append((f"self._add_up({left}, right, self.{name}, stop)", remark))
            found.totals.append(Total(name, tuple(run), tuple(shares), right.scale))
    for name, linear in inputs.items():
        found.lines += _input_lines(emission, back, name, linear)
    return found


def _right(back: BackPlan, share: Share) -> Right:
    plan, cell, operand = back.plan, back.plan.cell, share.operand
    if operand is None or operand.lag is None:
        return _ONES
    columns = sum_text(plan.rows(operand.name))
    label = operand.name + ("_prev" if operand.lag else "")
    if operand.lag == 0 and operand.name in cell.inputs:
        position = cell.inputs.index(operand.name)
        return Right(label, f"self.xs[{position}][begin:stop]", columns)
    later = operand.lag == 0 and operand.name in cell.states
    steps = "begin + 1 : stop + 1" if later else "begin:stop"
    if operand.name == cell.output:
        return Right(label, f"self.outputs[{steps}]", columns)
    value = Previous(operand.name) if operand.lag == 1 else Value(operand.name)
    source = f"self.tape[{steps}, {view_of(plan, [value]).span}].swapaxes(1, 2)"
    scale = plan.scale(Value(operand.name))
    return Right(label, "right", columns, scale, f"right_{label}", source)


def _input_lines(emission: Emission, back: BackPlan, name: str, linear: Linear) -> Lines:
    """The adjoint of an input, from the adjoints that are kept for the weights."""
    derivation = back.plan.derivation
    position = next(
        k for k, n in enumerate(derivation.cell.inputs) if derivation.adjoints[n] == name
    )
    width = sum_text(back.rows(name))
    maps = adjoint_edges(linear)
    homes = list(dict.fromkeys(back.delta_home(e.source) for e in maps))
    lines: Lines = []
    lines.append((f"d_x = self.d_xs[{position}][begin:stop].reshape(samples, {width})", ""))
    for run in stretches(back.left.order, homes):
        goal = MapTarget(name, back.rows(name), maps, Fraction(1))
        stack = adjoint_stack(emission, back, [goal], run)
        product = f"left[{back.left.span(run)}].T, self.{stack}.T"
        text = f"np.matmul({product}, out=d_x)"
        if len(lines) > 1:
            text = f"np.add(d_x, np.matmul({product}), d_x)"
        lines.append((text, numbers_text(linear.numbers)))
    return lines
