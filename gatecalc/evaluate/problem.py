"""A small problem for a cell: parameters, inputs, states and cotangents, all drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from gatecalc.equations.cell import Cell
from gatecalc.equations.tree import Shape
from gatecalc.errors import InputError
from gatecalc.evaluate.functions import Array


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a run needs, by name.

    `params` holds parameters and constants; `xs` one `(T, B, n)` array for each input; `state` one
    `(B, n)` array for each state; `d_hs` `(T, B, n)` is what flows in at the output of every step,
    `d_state` `(B, n)` what flows into each last state. One number for each sample has n = 1.
    """

    sizes: Mapping[str, int]
    params: Mapping[str, Array]
    xs: Mapping[str, Array]
    state: Mapping[str, Array]
    d_hs: Array
    d_state: Mapping[str, Array]

    def __repr__(self) -> str:
        return f"<Problem {self.axes}; {self.d_hs.dtype}>"

    @property
    def axes(self) -> str:
        """How long every axis is, as in `T=3, B=2, D=3, H=4`."""
        lengths = [("T", self.length), ("B", self.batch), *self.sizes.items()]
        return ", ".join(f"{name}={length}" for name, length in lengths)

    @property
    def length(self) -> int:
        """T, the number of steps."""
        return int(self.d_hs.shape[0])

    @property
    def batch(self) -> int:
        """B, the number of samples."""
        return int(self.d_hs.shape[1])


def dimensions(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape in numbers.

    >>> dimensions((("H",), ("H", "D")), {"D": 3, "H": 4})
    (4, 7)
    """
    return tuple(sum(sizes[name] for name in size) for size in shape)


def width(shape: Shape, sizes: Mapping[str, int]) -> int:
    """The last dimension of a value at t: n for a vector, 1 for one number."""
    return dimensions(shape, sizes)[-1] if shape else 1


def resolve_sizes(cell: Cell, sizes: Mapping[str, int] | None, default: int = 4) -> dict[str, int]:
    """The sizes of a cell: those given; otherwise D = 3, H = 4 and 2 for other names.

    A cell's only size, or one listed first that is not D, is 4. Another `default` than 4 moves all
    of them with it.

    Raises InputError for a size that the cell does not have, or below 1.

    >>> from gatecalc.equations import cell
    >>> resolve_sizes(cell("gru"), {"H": 5})
    {'D': 3, 'H': 5}
    """
    if not isinstance(sizes, Mapping | None):
        raise InputError(
            f"sizes is {type(sizes).__name__}, expected a mapping from names to numbers: "
            '{"D": 3, "H": 4}'
        )
    given = dict(sizes or {})
    for name, value in given.items():
        if name not in cell.sizes:
            if name in cell.equal_sizes:
                why = f"; its equations force {' = '.join(cell.equal_sizes)}"
            elif not cell.sizes or name in {size.swapcase() for size in cell.sizes}:
                why = ""
            else:
                pin = f"V: ({name}, {cell.sizes[-1]})"
                why = f"; a line such as {pin}, which pins the shape of a matrix V, gives it one"
            raise InputError(
                f"the cell {cell.name} has no size {name}: its sizes are "
                f"{', '.join(cell.sizes) or 'none, as all is single numbers'}{why}"
            )
        given[name] = whole(f"size {name}", value, 1)
    found: dict[str, int] = {}
    for position, name in enumerate(cell.sizes):
        fallback = default - 1 if name == "D" and len(cell.sizes) > 1 else default
        if name not in ("D", "H"):
            fallback = default - 2 if default > 2 and position else default
        found[name] = given.get(name, fallback)
    return found


def whole(label: str, value: object, least: int) -> int:
    """A whole number, NumPy's too. Raises InputError for anything else, naming what it is for.

    >>> whole("length", np.int64(3), 1)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{label}={value!r}: a whole number of at least {least} is expected")
    return int(value)


def precision(label: str, value: DTypeLike) -> str:
    """The name of float32 or float64, however NumPy lets it be said. Raises InputError for others.

    >>> precision("dtype", np.float32), precision("dtype", np.dtype("f8"))
    ('float32', 'float64')
    """
    if value is not None:  # which is float64 to NumPy
        with suppress(TypeError, ValueError, SyntaxError):
            for name in ("float32", "float64"):
                if np.dtype(value) == np.dtype(name):
                    return name
    given = "is an array" if isinstance(value, np.ndarray) else repr(value)
    raise InputError(f"{label} {given}: expected float32 or float64")


def random_problem(
    cell: Cell,
    sizes: Mapping[str, int] | None = None,
    *,
    length: int = 3,
    batch: int = 2,
    seed: int = 0,
    dtype: str = "float64",
    positive: bool = False,
) -> Problem:
    """Values drawn from a seed, biases and cotangents too: zeros hide real errors.

    `positive` draws all parameters, inputs and states above 0.1, for cells with log or sqrt.
    The same seed gives the same numbers in every dtype, rounded.
    """
    resolved = resolve_sizes(cell, sizes)
    rng = np.random.default_rng(seed)

    def draw(*shape: int, scale: float = 1.0, above: bool = False) -> Array:
        values = np.asarray(rng.uniform(-1.0, 1.0, size=shape) * scale)
        if above:
            values = 0.1 + np.abs(values)
        return np.asarray(values, dtype=dtype)

    params: dict[str, Array] = {}
    for name in cell.parameters:
        shape = dimensions(cell.shapes[name], resolved)
        fan_in = shape[1] if len(shape) == 2 else 1
        params[name] = draw(*shape, scale=1.5 / max(fan_in, 1) ** 0.5, above=positive)
    for constant in cell.constants:
        params[constant.name] = np.asarray(constant.value, dtype=dtype)
    xs = {
        n: draw(length, batch, width(cell.shapes[n], resolved), above=positive) for n in cell.inputs
    }
    state = {n: draw(batch, width(cell.shapes[n], resolved), above=positive) for n in cell.states}
    d_hs = draw(length, batch, width(cell.shapes[cell.output], resolved))
    d_state = {n: draw(batch, width(cell.shapes[n], resolved)) for n in cell.states}
    return Problem(resolved, params, xs, state, d_hs, d_state)
