"""From a derivation to a schedule: the stages, and the passes in between."""

from __future__ import annotations

from collections.abc import Iterable

from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.schedule.back_plan import BackPlan, beside, make_back_plan, pack_products
from gatecalc.codegen.schedule.backward import forward_reads
from gatecalc.codegen.schedule.backward_nodes import backward_nodes
from gatecalc.codegen.schedule.backward_program import backward_program
from gatecalc.codegen.schedule.backward_scales import scale_adjoints
from gatecalc.codegen.schedule.composition import compose_adjoints
from gatecalc.codegen.schedule.exponentials import exp_sigmoids
from gatecalc.codegen.schedule.forward import forward_program
from gatecalc.codegen.schedule.linear import linear_form
from gatecalc.codegen.schedule.packing import one_by_one, pack_calls
from gatecalc.codegen.schedule.passes import PASSES, Switches
from gatecalc.codegen.schedule.plan import chunks, make_plan, stack_parameters
from gatecalc.codegen.schedule.recomputation import recompute_products
from gatecalc.codegen.schedule.regions import leave_loop, needed, one_loop
from gatecalc.codegen.schedule.step import step_of
from gatecalc.codegen.schedule.step_passes import reuse_products, scale_values, tanh_sigmoids


def scheduled(derivation: Derivation, passes: Iterable[str] = PASSES) -> BackPlan:
    """The schedule of a cell's two loops, with the chosen passes switched on.

    Each pass takes a part of the schedule and returns that part rewritten. Without any, every
    statement is computed inside the loop by calls of its own, for all steps in one go.
    """
    on = Switches(frozenset(passes))
    step = step_of(derivation)
    step = on.apply(tanh_sigmoids, step)
    step = on.apply(scale_values, step)
    step = on.apply(reuse_products, step)
    forward = forward_program(step)
    form = linear_form(derivation, forward.algebra)
    form = on.apply(compose_adjoints, form)
    backward = backward_nodes(forward, form)
    backward = on.apply(scale_adjoints, backward)
    backward = backward_program(backward)
    backward = on.apply(recompute_products, backward)
    cell, back_reads = derivation.cell, forward_reads(backward)
    wanted = {cell.output, *cell.states, *back_reads}
    forward.program.instructions[:] = needed(forward.program.instructions, wanted)
    regions = one_loop(forward.program.instructions, cell.states)
    regions = on.apply(leave_loop, regions)
    calls = one_by_one(regions.loop, forward.program)
    calls = on.apply(pack_calls, calls)
    code = [*backward.before, *backward.after]
    plan = make_plan(forward, regions, calls, back_reads, code, beside(backward))
    plan = on.apply(exp_sigmoids, plan)
    plan = on.apply(chunks, plan)
    plan = on.apply(stack_parameters, plan)
    back = make_back_plan(plan, backward)
    return on.apply(pack_products, back)
