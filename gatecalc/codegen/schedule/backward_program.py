"""The backward program: coefficients for many steps at once, and a short loop that is linear.

Before: one adjoint after the other, every product and sum inside the loop.
After: `K[t] = coefficient(values at t)` for a chunk of steps; in the loop only `node += ...`,
`K[t] *= node` and the transposed matrices; then sums over time as matrix products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from gatecalc.codegen.schedule.backward import Backward, coefficient_name
from gatecalc.codegen.schedule.backward_bulk import Bulk
from gatecalc.codegen.schedule.backward_scales import scaled_coefficients
from gatecalc.codegen.schedule.forms import content_of
from gatecalc.codegen.schedule.linear import Adjoint
from gatecalc.codegen.schedule.program import ONE, Value


def backward_program(backward: Backward) -> Backward:
    """Writes the instructions for what runs outside the loop of a backward pass."""
    lowering, bulk = backward.lowering, Bulk(backward)
    products = list(lowering.products)
    # Whether a value of the forward pass is still there is known only to its own pass.
    lowering.known.clear()
    coefficients = scaled_coefficients(backward)
    _before(backward, bulk)
    _coefficients(backward, coefficients)
    # The loop turns coefficients into adjoints: what was computed from them is gone.
    lowering.known.clear()
    lowering.products[:] = products
    _after(backward, bulk)
    _sums(backward, bulk)
    return backward


def _before(backward: Backward, bulk: Bulk) -> None:
    """Adjoints that the next step has no part in, and what they add to nodes of the loop."""
    scales, reach = backward.program.scale, backward.reach
    for adjoint in backward.form.adjoints.values():
        if adjoint.name not in reach.recurrent:
            backward.before.extend(bulk.adjoint(adjoint))
    for node in backward.every_node:
        if not node.known:
            continue
        edges = [e for e in backward.form.adjoints[node.name].paths if not reach.in_loop(e.source)]
        scale = backward.scale(node.name)
        backward.program.rows[node.known] = node.rows
        only = edges[0] if len(edges) == 1 else None
        if (
            only
            and only.kind == "elementwise"
            and only.source == bulk.cotangent
            and only.coefficient == 1
        ):
            # The copy that turns the caller's array into rows can scale on its way.
            scales[bulk.cotangent] = scale
            node.known = bulk.cotangent
            backward.loaded.add(bulk.cotangent)
            continue
        scales[node.known] = scale
        backward.before.extend(bulk.combined(node.known, node.number, edges))


def _coefficients(backward: Backward, coefficients: Mapping[str, sympy.Expr]) -> None:
    """What the loop multiplies adjoints with, for a chunk of steps."""
    materialised, lowering = backward.form.materialised, backward.lowering
    fixed: dict[sympy.Symbol, sympy.Expr] = {}
    for name, coefficient in coefficients.items():
        expr = coefficient.xreplace(fixed)
        product = backward.products[name]
        if lowering.is_static(expr):
            backward.products[name] = replace(product, fixed=True)
            backward.fixed[name] = expr
            if name in materialised:
                fixed[materialised[name]] = expr
            continue
        calls = lowering.assign(expr, Value(coefficient_name(name)), product.numbers)
        backward.before.extend(calls)
        backward.coefficient_of |= {call.output.name: name for call in calls}


def _after(backward: Backward, bulk: Bulk) -> None:
    """What the loop does not need: adjoints of inputs, and of what inputs alone decide."""
    form, derivation = backward.form, backward.forward.derivation
    inputs = [derivation.adjoints[n] for n in derivation.cell.inputs]
    needed = {s.delta for s in form.shares} | set(inputs)
    for adjoint in _late(backward, needed):
        backward.after.extend(bulk.adjoint(adjoint))
    for target in inputs:
        if target in form.adjoints:
            bulk.value(target)
            bulk.load(target)


def _late(backward: Backward, needed: set[str]) -> list[Adjoint]:
    """Adjoints that depend on the loop, and that what is needed depends on."""
    form, reach = backward.form, backward.reach
    late = [
        a
        for a in form.adjoints.values()
        if a.name in reach.recurrent
        and a.name not in reach.loop
        and a.name not in reach.outgoing
        and a.name not in backward.products
    ]
    wanted: set[str] = set()
    for adjoint in reversed(late):
        if adjoint.name in needed or adjoint.name in wanted:
            wanted.add(adjoint.name)
            origins = [e.source for e in adjoint.paths]
            wanted |= {*origins, *(form.root(o) for o in origins)}
    return [a for a in late if a.name in wanted]


def _sums(backward: Backward, bulk: Bulk) -> None:
    """What is added up over steps and samples for the parameters."""
    for share in backward.form.shares:
        value = bulk.value(share.delta)
        bulk.load(share.delta)
        if share.coefficient is None:
            continue
        true = share.coefficient * backward.lowering.symbol(value)
        content, rest = content_of(backward.lowering.rescaled(true))
        rows = backward.program.rows[value.name]
        rows = backward.rows_of(rest) if rows == ONE else rows
        # Numbers wait until the sum is known.
        summand = backward.program.temporary(rows, f"d_{share.parameter}")
        backward.after.extend(backward.lowering.assign(rest, summand, (share.number,)))
        backward.sums.append((share, summand, content))
