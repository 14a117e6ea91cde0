"""Where parameters live: a few blocks in one flat vector, into which the names are views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatecalc.calculus import Derivation
from gatecalc.equations.tree import Shape, Size

ONE = "1"
"""The name of the size 1 in a sum: `("D", "H", "1")` is D + H + 1."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where one parameter lives: a block, the first row and column in it, the parameter's shape.

    A matrix is a rectangle of the block, a vector of n entries a stretch of n rows in one column,
    one number a single entry.
    """

    block: int
    row: Size
    column: Size
    shape: Shape


@dataclass(frozen=True, slots=True)
class Layout:
    """Blocks as (rows, columns), in their order in the flat vector, and a home for each parameter.

    >>> Layout(((("H",), ("D", "1")),), {"b": Home(0, (), ("D",), (("H",),))}).homes["b"].column
    ('D',)
    """

    blocks: tuple[tuple[Size, Size], ...]
    homes: Mapping[str, Home]


def default_layout(derivation: Derivation) -> Layout:
    """Each parameter in a block of its own, in the cell's order.

    >>> from gatecalc.calculus import derive
    >>> layout = default_layout(derive("y[t] = W @ x[t] + b"))
    >>> layout.blocks
    ((('H',), ('D',)), (('H',), ('1',)))
    """
    cell = derivation.cell
    shapes = [cell.shapes[name] for name in cell.parameters]
    blocks = tuple((*shape, (ONE,), (ONE,))[:2] for shape in shapes)
    homes = {
        name: Home(k, (), (), shape)
        for k, (name, shape) in enumerate(zip(cell.parameters, shapes, strict=True))
    }
    return Layout(tuple((rows, columns) for rows, columns in blocks), homes)
