"""The nodes of the backward loop, and the products in between."""

from __future__ import annotations

from gatecalc.codegen.schedule.backward import (
    Backward,
    LoopNode,
    LoopProduct,
    coefficient_name,
)
from gatecalc.codegen.schedule.backward_reach import reach_of
from gatecalc.codegen.schedule.forward import Forward
from gatecalc.codegen.schedule.linear import Adjoint, Edge, LinearForm
from gatecalc.codegen.schedule.program import KNOWN, ONE


def backward_nodes(forward: Forward, form: LinearForm) -> Backward:
    """Finds what the loop adds up: its nodes, what it hands to the step before, and products."""
    reach = reach_of(form, forward.derivation)
    backward = Backward(forward, form, reach)
    rows = backward.program.rows
    rows |= form.sources
    for adjoint in form.adjoints.values():
        rows[adjoint.name] = rows[coefficient_name(adjoint.name)] = adjoint.rows
    for adjoint in form.adjoints.values():
        if adjoint.name in reach.loop:
            backward.nodes.append(_node(backward, adjoint))
    for state, name in backward.forward.derivation.outgoing.items():
        found = form.adjoints.get(name)
        if found is None:
            continue
        if found.is_node:
            backward.carries[state] = _node(backward, found)
            continue
        node = LoopNode(name, found.rows, found.number)
        path = Edge("elementwise", found.root, found.coefficient, numbers=found.numbers[1:])
        _add_edge(backward, node, path)
        backward.carries[state] = node
    for name in form.materialised:
        adjoint = form.adjoints[name]
        if adjoint.root in reach.loop:
            _add_product(
                backward,
                LoopProduct(name, adjoint.root, adjoint.rows, adjoint.numbers, adjoint.coefficient),
            )
    return backward


def _node(backward: Backward, adjoint: Adjoint) -> LoopNode:
    node = LoopNode(adjoint.name, adjoint.rows, adjoint.number)
    for edge in adjoint.edges:
        _add_edge(backward, node, edge)
    return node


def _add_edge(backward: Backward, node: LoopNode, edge: Edge) -> None:
    source, derivation = edge.source, backward.forward.derivation
    if edge.kind == "map":
        if backward.reach.in_loop(source):
            node.maps.append(edge)
        else:
            node.known = f"{KNOWN}{node.name}"
        return
    state = next((s for s, name in derivation.incoming.items() if name == source), "")
    own = derivation.adjoints.get(state) == node.name
    if own and edge.kind == "elementwise" and edge.coefficient == 1:
        node.incoming = state
        return
    if not backward.reach.in_loop(source):
        node.known = f"{KNOWN}{node.name}"
        return
    if edge.kind == "elementwise" and edge.coefficient == 1:
        node.direct.append(source)
        return
    name = f"{node.name} from {source}"
    rows = node.rows if edge.kind == "elementwise" else backward.program.rows[source]
    if edge.kind == "sum":
        name = f"{node.name} summands"
        if node.totals:
            name += f" {len(node.totals) + 1}"
        if rows == ONE:
            rows = backward.rows_of(edge.coefficient)
        node.totals.append(name)
    else:
        node.products.append(name)
    backward.program.rows[coefficient_name(name)] = rows
    numbers = (node.number, *edge.numbers)
    _add_product(backward, LoopProduct(name, source, rows, numbers, edge.coefficient))


def _add_product(backward: Backward, product: LoopProduct) -> None:
    backward.program.rows[product.name] = product.rows
    backward.products[product.name] = product
