"""The loop of the forward pass as source text: a few calls a step."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gatecalc.codegen.schedule.calls import call_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.exponentials import tanhs_of, without
from gatecalc.codegen.schedule.forward_products import stacked_products
from gatecalc.codegen.schedule.packing import Group
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Count, Linear, Literal, Op, Operand
from gatecalc.codegen.schedule.variables import Variables
from gatecalc.codegen.schedule.views import packs, tape_view, view_of
from gatecalc.codegen.schedule.writer import Branch, numbers_text

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


def loop_lines(emission: Emission, variables: Variables) -> list[tuple[str, str] | Branch]:
    """Calls, each with the statements that it computes."""
    plan = emission.plan
    lines: list[tuple[str, str] | Branch] = []
    additions = [g for g in plan.groups if _names(g) <= set(plan.by_exp.values())]
    for group in plan.groups:
        if group in additions:
            continue  # it stands behind the tanhs that it belongs to
        sigmoids = {plan.by_exp[n] for n in tanhs_of(group) if n in plan.by_exp}
        if not sigmoids:
            lines += _group_lines(emission, variables, group)
            continue
        usual = _group_lines(emission, variables, group)
        fast = _group_lines(emission, variables, without(group, plan.by_exp))
        for later in additions:
            if _names(later) <= sigmoids:
                usual += _group_lines(emission, variables, later)
                fast += _exponential_lines(plan, variables, later)
        lines.append(Branch(variables.attribute("by_exp"), fast, usual))
    return lines


def _names(group: Group) -> set[str]:
    return {member.output.name for member in group.members}


def _group_lines(emission: Emission, variables: Variables, group: Group) -> Lines:
    if not group.members:
        return []
    if group.is_linear:
        linears = [m for m in group.members if isinstance(m, Linear)]
        return _product_lines(emission, variables, linears)
    return [
        (_call(emission.plan, variables, ops), numbers_text(n for op in ops for n in op.numbers))
        for ops in packs(emission.plan, group)
    ]


def _exponential_lines(plan: Plan, variables: Variables, group: Group) -> Lines:
    """Rows that hold a/2 become 2 / (1 + exp(-a)), twice the sigmoid."""
    number = [variables.number(Fraction(n)) for n in (-2, 1, 2)]
    lines: Lines = []
    for ops in packs(plan, group):
        rows = variables.at_step(view_of(plan, [op.output for op in ops]))
        numbers = numbers_text(n for op in ops for n in op.numbers)
        lines += [
            (call_text("multiply", [rows, number[0]], rows), ""),
            (call_text("exp", [rows], rows), ""),
            (call_text("add", [rows, number[1]], rows), ""),
            (call_text("divide", [number[2], rows], rows), numbers),
        ]
    return lines


def _product_lines(emission: Emission, variables: Variables, linears: Sequence[Linear]) -> Lines:
    plan = emission.plan
    lines: Lines = []
    written: set[str] = set()
    for product in stacked_products(emission, linears):
        matrix = variables.attribute(product.stack)
        operand = variables.at_step(tape_view(plan, product.operands, product.later))
        out = variables.at_step(view_of(plan, product.outputs))
        numbers = numbers_text(product.numbers)
        if out not in written:
            lines.append((f"dot({matrix}, {operand}, {out})", numbers))
        else:
            lines.append((f"add({out}, dot({matrix}, {operand}), {out})", numbers))
        written.add(out)
    return lines


def _call(plan: Plan, variables: Variables, ops: Sequence[Op]) -> str:
    """One call for operations that lie side by side."""
    positions = [[op.inputs[k] for op in ops] for k in range(len(ops[0].inputs))]
    shared = [
        len(set(operands)) == 1 and not isinstance(operands[0], Literal | Count)
        for operands in positions
    ]
    pack = len(ops) if len(ops) > 1 and any(shared) else 0
    inputs = [_operand(plan, variables, operands, pack) for operands in positions]
    out = view_of(plan, [op.output for op in ops]).packed(pack)
    return call_text(ops[0].function, inputs, variables.at_step(out))


def _operand(plan: Plan, variables: Variables, operands: Sequence[Operand], pack: int) -> str:
    """The variable or number for one position of a call."""
    first = operands[0]
    if isinstance(first, Literal):
        return variables.number(first.value)
    if isinstance(first, Count):
        return variables.number(first)
    if len(set(operands)) == 1:
        return variables.at_step(view_of(plan, operands[:1]))
    return variables.at_step(view_of(plan, operands).packed(pack))
