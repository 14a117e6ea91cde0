"""The docstring of the generated class: how its loops follow from the statements."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from fractions import Fraction

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.homes import CONSTANT
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Instruction, Linear
from gatecalc.codegen.wrapping import INDENT, WIDTH
from gatecalc.equations.tree import Call

_MOST = 12
"""As many names are listed; the rest are counted."""


def description(plan: Plan, back: BackPlan) -> str:
    """The docstring as lines of the class."""
    lines = ['"""Memory for T steps of B samples, and the two passes that run in it.']
    for paragraph in _paragraphs(plan, back):
        lines += ["", *textwrap.wrap(paragraph, WIDTH - INDENT)]
    lines.append('"""')
    return "\n".join(" " * INDENT + line if line else "" for line in lines) + "\n"


def _paragraphs(plan: Plan, back: BackPlan) -> Iterator[str]:
    yield (
        "Computed are the statements of `step` and `step_backward`, in another order; their "
        "numbers stand beside the calls. A vector of n entries is n rows of B columns here, and "
        "the values of a step lie one below the other, so that neighbours are one operand of one "
        "call. Rows are named after what they hold in the end: joined by `_` where they are "
        "several values, with `_all` behind where they are those of all steps of a chunk."
    )
    if forward := " ".join(_forward(plan)):
        yield f"Forward: {forward}"
    yield " ".join(_backward(plan, back))
    if gradients := " ".join(_gradients(back)):
        yield f"Gradients: {gradients}"


def _forward(plan: Plan) -> Iterator[str]:
    if any(isinstance(i, Linear) for i in plan.program.instructions):
        bias = CONSTANT in plan.tape.rows
        yield (
            "matrices that meet the same vectors are stacked where their results lie side by "
            "side; a stack is named after what it leads to"
            + ("; a bias is a column of it that meets a row of ones." if bias else ".")
        )
    if any(plan.program.scale.get(n) == 2 for n in _sigmoids(plan)):
        yield "sigmoid(a) is computed as (1 + tanh(a/2)) / 2."
        if plan.by_exp:
            yield (
                "Where there are many it is 1 / (1 + exp(-a)), for which NumPy takes less time; "
                "objects go that way too."
            )
    if scaled := _multiples(plan.program.scale, _values(plan)):
        yield (
            f"To keep numbers out of the loop, the rows hold {scaled}; what reads them makes up "
            "for it, above all the copies of the matrices, where that costs nothing."
        )
    if plan.cell.states and (early := _outputs(plan, plan.regions.before)):
        yield f"What inputs alone decide is computed before the loop, for many steps: {early}."
    if plan.cell.states and (late := _outputs(plan, plan.regions.after)):
        yield f"What feeds no state is computed after the loop, for many steps: {late}."


def _backward(plan: Plan, back: BackPlan) -> Iterator[str]:
    yield (
        "Backward: each adjoint is linear in the adjoints that it comes from, with coefficients "
        "that depend on forward values alone."
    )
    backward = back.backward
    if backward.products and plan.cell.states:
        yield (
            "The coefficients are computed for a chunk of steps at once; a remark such as `d_a to "
            "d_b` says which adjoint one multiplies and what that gives. Left to the loop are: to "
            "multiply (in place: rows of coefficients become rows of adjoints), to add where paths "
            "meet, and to carry back through transposed matrices what the step before needs."
        )
    names = [*backward.form.adjoints, *plan.derivation.incoming.values()]
    if scaled := _multiples(plan.program.scale, names):
        yield f"Here the rows hold {scaled}."


def _gradients(back: BackPlan) -> Iterator[str]:
    products = [s.operand for s in back.backward.form.shares if s.coefficient is None]
    if products:
        bias = any(operand is None or operand.lag is None for operand in products)
        yield (
            "what each step adds to a parameter's gradient is summed by a matrix product for many "
            "steps: their adjoints, side by side, times the values that the parameter meets"
            + (" (ones where it is a bias)." if bias else ".")
        )
    if back.backward.sums:
        names = _listed([f"d_{s.parameter}" for s, _, _ in back.backward.sums])
        yield f"Products entry by entry are added up for a chunk at once: {names}."


def _values(plan: Plan) -> list[str]:
    return [s.target.name for s in plan.forward.step.live]


def _sigmoids(plan: Plan) -> list[str]:
    return [
        s.target.name
        for s in plan.forward.step.live
        if isinstance(s.expression, Call) and s.expression.function == "sigmoid"
    ]


def _multiples(scale: dict[str, Fraction], names: Iterable[str]) -> str:
    """Values that are stored as multiples: `2 i, 2 f and c/2`."""
    found = [_multiple(scale[n], n) for n in names if scale.get(n, 1) != 1 and " " not in n]
    return _listed(found)


def _multiple(factor: Fraction, name: str) -> str:
    number = {1: "", -1: "-"}.get(factor.numerator, f"{factor.numerator} ")
    return f"{number}{name}" + (f"/{factor.denominator}" if factor.denominator != 1 else "")


def _listed(names: list[str]) -> str:
    if len(names) > _MOST:
        names = [*names[: _MOST - 1], f"{len(names) - _MOST + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _outputs(plan: Plan, instructions: Iterable[Instruction]) -> str:
    wanted = set(_values(plan))
    return _listed([i.output.name for i in instructions if i.output.name in wanted])
