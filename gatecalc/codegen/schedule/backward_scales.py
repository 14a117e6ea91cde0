"""Which multiples the adjoints of the loop are stored as, so that coefficients carry no numbers."""

from __future__ import annotations

from fractions import Fraction

import sympy

from gatecalc.codegen.schedule.backward import Backward, LoopNode, LoopProduct, coefficient_name
from gatecalc.codegen.schedule.forms import content_of


def scale_adjoints(backward: Backward) -> Backward:
    """Adjoints are stored as multiples, so that coefficients need no number.

    Before: K = 1/4 g (2 - 2i) 2i, with a call for the quarter, and d_a = K d_c.
    After: K = g (2 - 2i) 2i, and 4 d_a = K d_c; the copies of the matrices that read d_a, and the
    gradients of the weights, are quartered.

    An adjoint that only matrices read may be stored as any multiple: the matrix copies undo
    it. So may a node into which only matrices and bulk values lead.
    """
    if not backward.products and not backward.nodes:
        return backward
    scale, form = backward.program.scale, backward.form
    free = {n.name for n in backward.nodes if _is_free_node(backward, n)}
    # Products into fixed nodes choose the scale of a free root.
    for product in backward.products.values():
        if product.name in form.materialised or product.root not in free:
            continue
        if product.root in scale:
            continue
        content = _content(backward, product)
        if content != 1:
            scale[product.root] = content
    for state, name in backward.forward.derivation.incoming.items():
        consumer = next((n for n in backward.nodes if n.incoming == state), None)
        if consumer is not None:
            scale[name] = backward.scale(consumer.name)
        if state in backward.carries:
            scale[backward.carries[state].name] = scale.get(name, Fraction(1))
    for name in _dependency_order(backward):
        if name in form.materialised:
            product = backward.products[name]
            content, _ = content_of(backward.lowering.rescaled(product.coefficient))
            scale[name] = backward.scale(product.root) / content
            scale[coefficient_name(name)] = 1 / content
    return backward


def scaled_coefficients(backward: Backward) -> dict[str, sympy.Expr]:
    """The coefficient of each product of the loop in values as they are stored.

    A coefficient stands behind those that it reads.
    """
    scale = backward.program.scale
    found: dict[str, sympy.Expr] = {}
    for name in _dependency_order(backward):
        product = backward.products[name]
        content, rest = content_of(backward.lowering.rescaled(product.coefficient))
        if name not in backward.form.materialised:
            scale[name] = _target_scale(backward, name)
        factor = backward.scale(name) / backward.scale(product.root)
        scale[coefficient_name(name)] = factor
        number = content * factor
        found[name] = (
            rest if number == 1 else rest * sympy.Rational(number.numerator, number.denominator)
        )
    return found


def _target_scale(backward: Backward, name: str) -> Fraction:
    for node in backward.every_node:
        if name in node.products or name in node.totals:
            return backward.scale(node.name)
    raise KeyError(name)


def _is_free_node(backward: Backward, node: LoopNode) -> bool:
    if node.products or node.totals or node.direct:
        return False
    if node.incoming:
        carry = backward.carries.get(node.incoming)
        return carry is None or not (carry.direct or carry.products or carry.totals)
    return True


def _content(backward: Backward, product: LoopProduct) -> Fraction:
    true = product.coefficient.xreplace(
        dict.fromkeys(backward.form.materialised.values(), sympy.Integer(0))
    )
    content, _ = content_of(backward.lowering.rescaled(true))
    return abs(content)


def _dependency_order(backward: Backward) -> list[str]:
    symbols = {s: n for n, s in backward.form.materialised.items()}
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        expr = backward.products[name].coefficient
        for symbol in sorted(expr.free_symbols, key=lambda s: s.name):
            if symbol in symbols and symbols[symbol] in backward.products:
                visit(symbols[symbol])
        order.append(name)

    for name in backward.products:
        visit(name)
    return order
