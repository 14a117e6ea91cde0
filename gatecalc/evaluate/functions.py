"""The functions of the notation on arrays, plainly, for any dtype: the oracle, not the fast code.

Arrays of floats, of complex numbers (for the complex step) and of objects that answer to methods
of the functions' names (for the exact check) all pass through, and so do the arrays of libraries
that have NumPy's names (for automatic differentiation).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.functions import IN_NUMPY
from gatecalc.equations.rows import definition
from gatecalc.equations.tree import Ref

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]


def one_like(array: Any) -> Any:
    """The number 1 as the entries of an array are made, 1.0 for arrays of other libraries.

    >>> one_like(np.zeros(3, dtype=np.float32))
    np.float32(1.0)
    """
    if not isinstance(array, np.ndarray) or not array.size:
        return 1.0
    return array.flat[0] * 0 + 1 if of_objects(array) else array.dtype.type(1)


def of_objects(a: Any) -> bool:
    """Whether it is an array of objects, as in the exact check."""
    return isinstance(a, np.ndarray) and a.dtype.kind == "O"


def above_zero(a: Any) -> Any:
    """Where the real part of an array is above 0."""
    # Comparisons of objects may give an array of objects.
    return np.asarray(np.real(a) > 0, dtype=bool)


_erf_of_floats = np.frompyfunc(math.erf, 1, 1)
_erf_of_objects = np.frompyfunc(lambda u: u.erf(), 1, 1)


def _erf(a: Array) -> Array:
    """erf; for complex arguments to first order in the imaginary part, as the complex step asks."""
    a = np.asarray(a)
    if a.dtype.kind == "O":
        return np.asarray(_erf_of_objects(a), dtype=object)
    if a.dtype.kind == "c":
        slope = 2 / math.sqrt(math.pi) * np.exp(-np.square(a.real))
        value = np.asarray(_erf_of_floats(a.real), dtype=a.real.dtype)
        return np.asarray(value + 1j * (slope * a.imag))
    return np.asarray(_erf_of_floats(a), dtype=a.dtype if a.dtype.kind == "f" else float)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What trees compute with: NumPy, unless said otherwise.

    `library` is NumPy or a namespace with its names for the functions that are used here.
    `positive` tells where an array is above 0; every branch that a function has is taken by it.
    `erf` stands apart because NumPy has none. `one` is a 1 of the kind that the arrays hold: what
    literals alone give is multiplied by it, for NumPy would answer in float64.
    """

    library: Any = np
    positive: Callable[[Any], Any] = above_zero
    erf: Callable[[Any], Any] = _erf
    one: Any = 1.0


NUMPY = Arithmetic()


def primitive(name: str, arguments: Sequence[Any], arithmetic: Arithmetic = NUMPY) -> Any:
    """What a row of the table without a definition computes. Raises KeyError for other names.

    >>> primitive("maximum", [np.array([-1.0, 2.0]), 0])
    array([0., 2.])
    """
    if name in IN_NUMPY:
        return getattr(arithmetic.library, name)(*arguments)
    if name == "erf":
        return arithmetic.erf(*arguments)
    return _BRANCHING[name](arithmetic, *arguments)


def _step(using: Arithmetic, a: Any) -> Any:
    library = using.library
    return library.where(using.positive(a), library.ones_like(a), library.zeros_like(a))


def _sign(using: Arithmetic, a: Any) -> Any:
    return _step(using, a) - _step(using, -a)


def _abs(using: Arithmetic, a: Any) -> Any:
    return a * _sign(using, a)


def _maximum(using: Arithmetic, a: Any, b: Any) -> Any:
    return _chosen(using, a - b, a, b)


def _minimum(using: Arithmetic, a: Any, b: Any) -> Any:
    return _chosen(using, b - a, a, b)


def _chosen(using: Arithmetic, test: Any, a: Any, b: Any) -> Any:
    chosen = using.library.where(using.positive(test), a, b)
    if of_objects(chosen):
        return chosen + 0 * test  # a literal among objects would have no tanh
    return chosen


def _reciprocal(using: Arithmetic, a: Any) -> Any:
    library, zero = using.library, a == 0
    return library.where(zero, 0, 1 / library.where(zero, 1, a))


_BRANCHING: dict[str, Callable[..., Any]] = {
    "abs": _abs,
    "maximum": _maximum,
    "minimum": _minimum,
    "step": _step,
    "sign": _sign,
    "reciprocal": _reciprocal,
}


def apply(
    name: str,
    arguments: Sequence[Array],
    nonlinearities: Sequence[Nonlinearity],
    values: Callable[[Any, dict[Ref, Array]], Array],
    arithmetic: Arithmetic = NUMPY,
) -> Array:
    """A nonlinearity on arrays: a primitive, a row with a definition, or one of the cell's own.

    `values(node, table)` evaluates a tree in which bare names mean the arrays of `table`. What one
    of the cell's own gives is as large as its arguments, though its body may not read all of them.
    """
    own = next((n for n in nonlinearities if n.name == name), None)
    if own is not None:
        table = {Ref(n): a for n, a in zip(own.arguments, arguments, strict=True)}
        return _spread(values(own.body, table), arguments, arithmetic.library, arithmetic.one)
    names = "ab"[: len(arguments)]
    body = definition(name, [Ref(n) for n in names])
    if body is None:
        result: Array = primitive(name, arguments, arithmetic)
        return result
    return values(body, {Ref(n): a for n, a in zip(names, arguments, strict=True)})


def _spread(value: Array, arguments: Sequence[Array], library: Any, one: Any) -> Array:
    """A value in the shape that the arguments have together."""
    shape = np.broadcast_shapes(*map(np.shape, arguments))
    if np.shape(value) == shape:
        return value
    spread: Array = library.broadcast_to(value if np.shape(value) else value * one, shape)
    return spread
