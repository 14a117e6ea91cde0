"""What follows from a cell: its statements, their adjoints, and what they count up to."""

from __future__ import annotations

from os import PathLike

from gatecalc.calculus.adjoints import with_adjoints
from gatecalc.calculus.forward import forward_statements
from gatecalc.calculus.naming import Names
from gatecalc.calculus.statements import Derivation, Statement, Term
from gatecalc.equations import Cell, cell

__all__ = ["Derivation", "Statement", "Term", "derive"]


def derive(source: str | PathLike[str] | Cell) -> Derivation:
    """Differentiates a cell: forward statements, then the adjoint of each.

    `source` is what `gatecalc.cell` takes. Raises what `gatecalc.cell` raises.

    >>> d = derive("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)")
    >>> [s.target.name for s in d.backward]
    ['d_h', 'd_a_h', 'd_x', 'd_h_prev', 'd_W', 'd_U', 'd_b']
    """
    it = cell(source)
    own = (n.name for n in it.nonlinearities)
    names = Names([*it.shapes, *own, *(f"{s}_prev" for s in it.states)])
    forward, shapes = forward_statements(it, names)
    return with_adjoints(it, forward, shapes, names)
