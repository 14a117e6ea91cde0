"""Sigmoids of the forward loop by way of exp, where that is faster than tanh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import replace
from fractions import Fraction

from gatecalc.codegen.schedule.packing import Group
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Literal, Op, Value, reads

_ONE = Literal(Fraction(1))


def exp_sigmoids(plan: Plan) -> Plan:
    """Many sigmoids go by way of exp, which takes less time than tanh.

    Before: `tanh(g_i_f, g_i_f)`, `add(i_f, one, i_f)`, for rows that hold a/2 and shall hold
    2 sigmoid(a).
    After: `if by_exp:` `tanh(g, g)`, `multiply(i_f, minus_two, i_f)`, `exp(i_f, i_f)`,
    `add(i_f, one, i_f)`, `divide(two, i_f, i_f)`, `else:` the calls of before.

    These are two calls more, so it is worth it from some hundred entries on in float64, where
    NumPy's tanh takes 13 ns an entry and exp 5, and from two thousand on in float32, with 3 and 2
    (x86 with AVX2; with AVX-512 they take the same). It is more exact as well where a sigmoid is
    close to 0.
    """
    return replace(plan, by_exp=_doubled_sigmoids(plan))


def _doubled_sigmoids(plan: Plan) -> dict[str, str]:
    """By the output of a tanh: the sigmoid, doubled, that one more makes of it in the same rows.

    The additions must be a group of their own, and their tanhs parts of one group before. A tanh
    that keeps its argument for others, and gives its result elsewhere, stays a tanh.
    """
    in_place = {
        op.output.name
        for op in plan.program.instructions
        if isinstance(op, Op) and op.function == "tanh" and _same_rows(plan, op)
    }
    readers = Counter(r.name for i in plan.program.instructions for r in reads(i))
    found: dict[str, str] = {}
    for position, group in enumerate(plan.groups):
        pairs = [_pair(plan, member) for member in group.members]
        names = {pair[0] for pair in pairs if pair is not None}
        alone = all(readers[name] == 1 for name in names)
        if not names or None in pairs or not alone or not names <= in_place:
            continue
        if any(names <= tanhs_of(earlier) for earlier in plan.groups[:position]):
            found |= {pair[0]: pair[1] for pair in pairs if pair is not None}
    return found


def _pair(plan: Plan, member: object) -> tuple[str, str] | None:
    """A tanh's output and what one more makes of it, in the same rows."""
    if not (isinstance(member, Op) and member.function == "add" and member.inputs[1:] == (_ONE,)):
        return None
    source = member.inputs[0]
    if not isinstance(source, Value) or not _same_rows(plan, member):
        return None
    return source.name, member.output.name


def _same_rows(plan: Plan, op: Op) -> bool:
    """Whether the first operand of a call stands where its result goes."""
    source = op.inputs[0]
    return isinstance(source, Value) and (plan.home_of(source.name) == plan.home_of(op.output.name))


def tanhs_of(group: Group) -> set[str]:
    """The outputs of a group's tanhs."""
    return {m.output.name for m in group.members if isinstance(m, Op) and m.function == "tanh"}


def without(group: Group, names: Container[str]) -> Group:
    """A group without some of its members, which may leave none."""
    return Group(tuple(m for m in group.members if m.output.name not in names))
