"""A cell as the lines that define it, the author's comment beside each."""

from __future__ import annotations

from collections.abc import Iterator

from gatecalc.equations.cell import Cell
from gatecalc.equations.roles import result_of
from gatecalc.equations.text import size_text, to_text
from gatecalc.equations.tree import Shape


def listing(cell: Cell) -> Iterator[tuple[str, str]]:
    """Each line in the notation, with its comment; read again, they are the same cell.

    >>> from gatecalc.equations.notation import read
    >>> list(listing(read("U: (H, H)\\nrate = 0.5  # how fast\\nh[t] = rate * (U @ x[t])")))
    ... # doctest: +NORMALIZE_WHITESPACE
    [('rate = 0.5', 'how fast'), ('U: (H, H)', ''), ('h[t] = rate * (U @ x[t])', '')]
    """
    for own in cell.nonlinearities:
        text = f"{own.name} = lambda {', '.join(own.arguments)}: {to_text(own.body)}"
        yield text, own.explanation
    for constant in cell.constants:
        yield f"{constant.name} = {constant.text}", constant.explanation
    for name, shape in cell.pins.items():
        yield f"{name}: {_pin_text(_pinned(cell, name, shape))}", cell.remarks.get(name, "")
    for equation in cell.equations:
        text = f"{to_text(equation.target)} = {to_text(equation.expression)}"
        yield text, equation.explanation
    if cell.output != result_of(cell.equations, cell.nonlinearities):
        yield f"output: {cell.output}", ""


def _pinned(cell: Cell, name: str, shape: Shape) -> Shape:
    """A pin as typed; of sizes that are forced equal, the one that stands in the equations.

    Otherwise a line `b: R` would stand above equations that say Q where the author said R.
    """
    sizes = [size for part in shape for size in part]
    typed = [size in cell.sizes or size not in cell.equal_sizes for size in sizes]
    return shape if all(typed) else cell.shapes[name]


def _pin_text(shape: Shape) -> str:
    if len(shape) == 2:
        return f"({size_text(shape[0])}, {size_text(shape[1])})"
    return size_text(shape[0]) if shape else "scalar"
