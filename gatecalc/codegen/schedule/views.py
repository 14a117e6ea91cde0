"""Rows that a call reads or writes: neighbours in a block, at a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gatecalc.codegen.schedule.homes import CONSTANT
from gatecalc.codegen.schedule.names import shared_name
from gatecalc.codegen.schedule.packing import Group
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Column, Op, Operand, Previous, Rows, Value
from gatecalc.equations.tree import Ref, walk

FIXED = ("scratch", "columns", "back_scratch")
"""Blocks that have no steps: their rows serve every step again."""


@dataclass(frozen=True, slots=True)
class View:
    """Neighbouring rows of a block: `span` is what stands between the brackets.

    `later` where the next step's rows are meant: there stands a state's new value. `pack` is the
    number of values that are stacked along an axis of their own, or 0; each takes `rows` rows.
    `label` is what the rows are called.
    """

    block: str
    span: str
    later: bool = False
    pack: int = 0
    rows: Rows = field(default=(), compare=False)
    label: str = field(default="", compare=False)

    def packed(self, count: int) -> View:
        """The same rows, `count` values along an axis of their own."""
        return replace(self, pack=count)


def view_of(plan: Plan, operands: Sequence[Operand]) -> View:
    """The rows of operands that lie side by side."""
    first = operands[0]
    if isinstance(first, Column):
        keys = [c.name for c in operands if isinstance(c, Column)]
        label = shared_name([_column_label(c) for c in operands if isinstance(c, Column)])
        rows = plan.columns.rows[keys[0]]
        return View("columns", plan.columns.span(keys), rows=rows, label=label)
    values = [o for o in operands if isinstance(o, Value | Previous)]
    names = [plan.home_of(v.name) for v in values]
    block = plan.block_of(names[0])
    later = is_later(plan, first)
    label = shared_name([row_label(plan, n, later) for n in names])
    return View(block.name, block.span(names), later, rows=plan.rows(names[0]), label=label)


def tape_view(plan: Plan, names: Sequence[str], later: bool) -> View:
    """Rows of the tape by the names of what lives there."""
    label = shared_name([row_label(plan, n, later) for n in names])
    return View("tape", plan.tape.span(names), later, label=label)


def is_later(plan: Plan, operand: Operand) -> bool:
    """Whether an operand is a state's new value: it is what the next step finds."""
    return isinstance(operand, Value) and plan.home_of(operand.name) in plan.cell.states


def row_label(plan: Plan, home: str, later: bool) -> str:
    """What rows are called: by what they hold in the end."""
    if home == CONSTANT:
        return "ones"
    if home in plan.cell.states and not later:
        return f"{home}_prev"
    return plan.program.label(home)


def _column_label(column: Column) -> str:
    names = [node.name for node in walk(column.node) if isinstance(node, Ref)]
    return "_".join(dict.fromkeys(names)) or "column"


def packs(plan: Plan, group: Group) -> list[list[Op]]:
    """A group's members as the calls that placement allows."""
    ops = [m for m in group.members if isinstance(m, Op)]
    if len(ops) < 2:
        return [[op] for op in ops]
    ranked = sorted(ops, key=lambda o: _place(plan, o.output) or ("", 0, False))
    runs: list[list[Op]] = [[ranked[0]]]
    for op in ranked[1:]:
        if _continues(plan, runs[-1], op):
            runs[-1].append(op)
        else:
            runs.append([op])
    return runs


def _place(plan: Plan, operand: Operand) -> tuple[str, int, bool] | None:
    """Block, position in it, and whether it is the next step's."""
    if isinstance(operand, Column):
        return "columns", plan.columns.order.index(operand.name), False
    if isinstance(operand, Value | Previous):
        home = plan.home_of(operand.name)
        block = plan.block_of(home)
        return block.name, block.order.index(home), is_later(plan, operand)
    return None


def _continues(plan: Plan, run: Sequence[Op], op: Op) -> bool:
    """Whether every operand goes on where the run's last one ends, or is the same throughout."""
    last = run[-1]
    for position in range(-1, len(op.inputs)):
        before = last.output if position < 0 else last.inputs[position]
        here = op.output if position < 0 else op.inputs[position]
        constant = len(run) > 1 and position >= 0 and run[-2].inputs[position] == before
        if before == here:
            if len(run) > 1 and not constant:
                return False
            continue
        a, b = _place(plan, before), _place(plan, here)
        if constant or a is None or b is None or b != (a[0], a[1] + 1, a[2]):
            return False
        if a[0] == "columns":
            # Of neighbours, one number for all rows would meet one row only.
            lengths = {plan.columns.rows[o.name] for o in (before, here) if isinstance(o, Column)}
            if lengths != {plan.rows(op.output.name)}:
                return False
    return True
