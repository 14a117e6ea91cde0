"""Blocks of parameters: what a stacked matrix takes one below the other lives that way too.

Then one statement fills many rows of the matrix, and one fills the gradients of as many parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.layout import ONE, Home, Layout
from gatecalc.codegen.schedule.program import Slab, Stretch
from gatecalc.codegen.schedule.rows import slice_text, sum_text
from gatecalc.codegen.schedule.stacks import Stack
from gatecalc.equations.tree import Shape, Size


def stacked_layout(derivation: Derivation, stacks: Sequence[Stack]) -> Layout:
    """Parameters that meet the same operand in one stack share a block, in the stack's order.

    Before: W_i, U_i, W_f and U_f in blocks of their own.
    After: W_i above W_f in one block, U_i above U_f in another.

    Blocks come in the order in which the cell names their first parameter. A parameter that stands
    in several stacks lives where the first has it.
    """
    shapes, cell = derivation.shapes, derivation.cell
    owned = set(cell.parameters)
    groups: list[list[str]] = []
    for stack in stacks:
        places: dict[tuple[object, ...], list[str]] = {}
        for piece in stack.pieces:
            slab = piece.slab
            if slab is None or slab.name not in owned or slab.transposed or slab.rows is not None:
                continue
            shape = shapes[slab.name]
            if shape:
                owned.remove(slab.name)
                places.setdefault((piece.columns, shape[1:]), []).append(slab.name)
        groups += places.values()
    of = {name: group for group in groups for name in group}
    blocks: list[tuple[Size, Size]] = []
    homes: dict[str, Home] = {}
    for name in cell.parameters:
        if name in homes:
            continue
        above: Size = ()
        for member in of.get(name, [name]):
            shape = shapes[member]
            homes[member] = Home(len(blocks), above, (), shape)
            above += shape[0] if shape else (ONE,)
        blocks.append((above, shapes[name][1] if len(shapes[name]) > 1 else (ONE,)))
    return Layout(tuple(blocks), {name: homes[name] for name in cell.parameters})


@dataclass(frozen=True, slots=True)
class Part:
    """Some parameters that live one below the other, or the same columns of each."""

    names: tuple[str, ...]
    columns: Stretch = None


def continues(layout: Layout, name: str, other: str) -> bool:
    """Whether one parameter's rows begin where another's end."""
    before, here = layout.homes[name], layout.homes[other]
    return here.block == before.block and here.row == _stop(before)


def part_text(layout: Layout, part: Part, blocks: str, *, flat: bool = False) -> str:
    """The rows of a block that hold the parameters; `flat` gives a block of vectors one axis.

    >>> home = Home(0, ("H",), (), (("H",), ("D",)))
    >>> layout = Layout(((("H", "H"), ("D",)),), {"W_f": home})
    >>> part_text(layout, Part(("W_f",)), "blocks")
    'blocks[0][H : 2 * H]'
    """
    first, last = (layout.homes[n] for n in (part.names[0], part.names[-1]))
    rows, columns = (sum_text(first.row), sum_text(_stop(last))), part.columns
    text = f"{blocks}[{first.block}]"
    whole = rows == ("0", sum_text(layout.blocks[first.block][0]))
    if flat:
        return f"{text}[{':' if whole else slice_text(*rows)}, 0]"
    if columns is not None:
        stretch = slice_text(sum_text(columns[0]), sum_text(columns[1]))
        return f"{text}[{':' if whole else slice_text(*rows)}, {stretch}]"
    return text if whole else f"{text}[{slice_text(*rows)}]"


def _stop(home: Home) -> Size:
    return (*home.row, *_height(home.shape))


def _height(shape: Shape) -> Size:
    return shape[0] if shape else (ONE,)


def is_rows(slab: Slab | None, layout: Layout) -> bool:
    """Whether a slab is whole rows of a parameter that has a home, or some columns of them."""
    return slab is not None and slab.rows is None and slab.name in layout.homes
