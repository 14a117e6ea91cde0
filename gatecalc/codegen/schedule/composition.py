"""The pass that leaves an adjoint to the loop only where paths meet."""

from __future__ import annotations

from dataclasses import replace

from gatecalc.codegen.schedule.linear import Edge, LinearForm, merged
from gatecalc.equations.tree import Ref


def compose_adjoints(form: LinearForm) -> LinearForm:
    """An adjoint that comes from one other is its coefficient times that one.

    Before: `multiply(d_o, d_h, d_o)`, `multiply(d_a_o, d_o, d_a_o)` at each step, where the rows of
    d_o held tanh(c), and those of d_a_o held o (1 - o).
    After: `multiply(d_a_o, d_h, d_a_o)`, where the rows of d_a_o held tanh(c) o (1 - o): that is
    computed for many steps at once, because it depends on forward values alone.

    What remains are the nodes in which paths meet. An adjoint that matrices, inputs or parameters
    read keeps a value of its own, and what comes from it refers to its coefficient by a symbol.
    """
    composed = replace(form, adjoints={}, materialised={})
    for name, adjoint in form.adjoints.items():
        edges = merged(_through(composed, edge) for edge in adjoint.paths)
        if len(edges) != 1 or edges[0].kind != "elementwise":
            composed.adjoints[name] = replace(adjoint, edges=edges)
            continue
        (path,) = edges
        root, coefficient = path.source, path.coefficient
        if name in form.needed and (adjoint.rows != composed.rows(root) or coefficient != 1):
            composed.materialised[name] = form.algebra.symbol(Ref(f"{name}%", 0))
        numbers = (adjoint.number, *path.numbers)
        composed.adjoints[name] = replace(
            adjoint, root=root, coefficient=coefficient, numbers=numbers, edges=[]
        )
    return composed


def _through(form: LinearForm, edge: Edge) -> Edge:
    """A path from an adjoint as one from its root; a map reads the adjoint itself."""
    found = form.adjoints.get(edge.source)
    if edge.kind == "map" or found is None or found.is_node:
        return form.total(edge)
    if edge.source in form.materialised:
        coefficient = edge.coefficient * form.materialised[edge.source]
        return form.total(replace(edge, source=found.root, coefficient=coefficient))
    coefficient = edge.coefficient * found.coefficient
    through = replace(edge, source=found.root, coefficient=coefficient, numbers=found.numbers)
    return form.total(through)
