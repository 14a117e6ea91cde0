"""How many numbers a value holds, and all parameters of a cell, as formulas in the sizes."""

from __future__ import annotations

from gatecalc.equations.cell import Cell
from gatecalc.equations.polynomials import Polynomial
from gatecalc.equations.tree import Shape

NOTHING = Polynomial()
ONE = Polynomial.constant(1)


def entries(shape: Shape) -> Polynomial:
    """How many numbers a value of this shape holds.

    >>> print(entries((("H",), ("H", "D"))))
    D*H + H**2
    """
    count = ONE
    for size in shape:
        count = count * Polynomial.of_size(size)
    return count


def parameter_count(cell: Cell) -> Polynomial:
    """The numbers that training changes: all parameters, constants not among them.

    >>> from gatecalc.equations import cell
    >>> print(parameter_count(cell("lstm")))
    4*D*H + 4*H**2 + 4*H
    """
    return sum((entries(cell.shapes[name]) for name in cell.parameters), NOTHING)
