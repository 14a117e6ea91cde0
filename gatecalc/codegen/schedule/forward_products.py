"""Which rows of which maps are one matrix product in the forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.homes import CONSTANT
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Linear, Slab, Value
from gatecalc.codegen.schedule.rows import stretches, sum_text
from gatecalc.codegen.schedule.stacks import Piece, Span
from gatecalc.codegen.schedule.text import matrix_text, static_text
from gatecalc.codegen.schedule.views import is_later, view_of
from gatecalc.equations.tree import Ref


@dataclass(frozen=True, slots=True)
class StackedProduct:
    """One matrix product: the attribute of the stacked matrix, its rows, the operands' homes.

    `later` where the operand is a state's new value, which stands in the next step's rows.
    """

    stack: str
    linears: tuple[Linear, ...]
    operands: tuple[str, ...]
    later: bool

    @property
    def outputs(self) -> list[Value]:
        """What the product computes."""
        return [linear.output for linear in self.linears]

    @property
    def numbers(self) -> list[int]:
        """The statements behind it."""
        return [n for linear in self.linears for n in linear.numbers]


def stacked_products(emission: Emission, linears: Sequence[Linear]) -> list[StackedProduct]:
    """The products for linears of the same operands.

    Rows that do not lie side by side, or operands that do not, take a product each; of several
    products for the same rows the first one writes and the others are added.
    """
    plan = emission.plan
    # A state's new value stands in the next step's rows, so it cannot share a call with others.
    by_block: dict[tuple[str, bool], list[Linear]] = {}
    for linear in linears:
        home = plan.home_of(linear.output.name)
        key = plan.block_of(home).name, home in plan.cell.states
        by_block.setdefault(key, []).append(linear)
    found: list[StackedProduct] = []
    for members in by_block.values():
        block = plan.block_of(members[0].output.name)
        homes = {plan.home_of(m.output.name): m for m in members}
        for run in stretches(block.order, homes):
            rows = tuple(homes[n] for n in run)
            for operands, later in _operand_runs(plan, linears[0]):
                stack = _stack(emission, rows, operands, later)
                found.append(StackedProduct(stack, rows, tuple(operands), later))
    return found


def _operand_runs(plan: Plan, linear: Linear) -> list[tuple[list[str], bool]]:
    now = [plan.home_of(o.name) for o in linear.operands if not is_later(plan, o)]
    later = [o.name for o in linear.operands if is_later(plan, o)]
    if linear.columns:
        (now or later).append(CONSTANT)
    order = plan.tape.order
    return [(run, False) for run in stretches(order, now)] + [
        (run, True) for run in stretches(order, later)
    ]


def _stack(
    emission: Emission, linears: Sequence[Linear], operands: Sequence[str], later: bool
) -> str:
    """The matrix that takes these operands to the linears' outputs."""
    plan = emission.plan
    pieces: list[Piece] = []
    above: list[str] = []
    for linear in linears:
        height = plan.rows(linear.output.name)
        rows = sum_text(above), sum_text([*above, *height])
        above += height
        left: list[str] = []
        for operand in operands:
            width = plan.rows(operand)
            columns = sum_text(left), sum_text([*left, *width])
            left += width
            pieces += _pieces(emission, linear, operand, later, (rows, columns))
    width_text = sum_text(size for o in operands for size in plan.rows(o))
    label = view_of(plan, [linear.output for linear in linears]).label
    return emission.stack(label, sum_text(above), width_text, pieces)


def _pieces(
    emission: Emission, linear: Linear, operand: str, later: bool, place: tuple[Span, Span]
) -> list[Piece]:
    """What one linear has of one operand; several maps of the same operand add up."""
    plan, found = emission.plan, list[Piece]()
    scale = plan.scale(linear.output)
    if operand == CONSTANT:
        for sign, node in linear.columns:
            text = static_text(node, emission.spelling)
            slab = Slab(node.name) if isinstance(node, Ref) else None
            found.append(Piece(*place, text, sign * scale, slab, bool(found), flat=True))
        return found
    for product in linear.products:
        here = plan.home_of(product.operand.name) == operand
        if here and is_later(plan, product.operand) == later:
            factor = scale * product.sign / plan.scale(product.operand)
            text = matrix_text(product.matrix, emission.spelling.local)
            found.append(Piece(*place, text, factor, product.matrix, bool(found)))
    return found
