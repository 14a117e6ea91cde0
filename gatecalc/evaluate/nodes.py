"""Trees on arrays: a vector of n entries is `(B, n)`, a parameter `(n,)` or `(m, n)`.

More axes may lead, for many problems at once: `(K, B, n)`; parameters are then `(K, 1, n)` and
`(K, m, n)`, or without K where they are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecalc.equations.cell import Nonlinearity
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Dim,
    Div,
    Matrix,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Outer,
    Pow,
    Reduce,
    Ref,
    Size,
    Sub,
)
from gatecalc.evaluate.functions import NUMPY, Arithmetic, Array, apply, of_objects


@dataclass(frozen=True, slots=True)
class Context:
    """What names mean: arrays by reference, sizes by name, the cell's own nonlinearities.

    `arithmetic` says which array library computes.
    """

    values: Mapping[Ref, Array]
    sizes: Mapping[str, int]
    nonlinearities: Sequence[Nonlinearity] = ()
    arithmetic: Arithmetic = NUMPY

    def array(self, ref: Ref) -> Array:
        """The array of a reference; constants and parameters stand under a lag of None."""
        return self.values[ref]

    def size(self, size: Size) -> int:
        """A size as a number."""
        return sum(self.sizes[name] for name in size)


def evaluate(node: Node, context: Context) -> Array:
    """The value of a tree: `(B, n)` for a vector at t, `(B, 1)` for one number at t.

    What literals alone give is one number of the kind that `arithmetic.one` is. An `Outer` is
    summed over the samples, which is what a gradient needs. Raises KeyError for a reference that
    the context does not have.

    >>> one = np.array([[1.0, 2.0]])
    >>> evaluate(Mul(Ref("x", 0), Number("3")), Context({Ref("x", 0): one}, {}))
    array([[3., 6.]])
    """
    value: Array = _of_the_kind(_value(node, context), context)
    return value


def _value(node: Node, context: Context) -> Any:
    match node:
        case Number():
            return _literal(node)
        case Ref():
            return context.array(node)
        case Dim(size):
            return context.size(size)
        case Neg(argument):
            return -_value(argument, context)
        case Add(left, right):
            return _value(left, context) + _value(right, context)
        case Sub(left, right):
            return _value(left, context) - _value(right, context)
        case Mul(left, right):
            return _value(left, context) * _value(right, context)
        case Div(left, right):
            return _value(left, context) / _value(right, context)
        case Pow(base, exponent):
            return _power(_value(base, context), exponent)
        case Call(function, arguments):
            arrays = [_value(a, context) for a in arguments]
            if all(type(a) in (int, float) for a in arrays):
                arrays = [_of_the_kind(a, context) for a in arrays]
            return apply(
                function,
                arrays,
                context.nonlinearities,
                lambda body, table: _value(
                    body, replace(context, values={**context.values, **table})
                ),
                context.arithmetic,
            )
        case Reduce(kind, argument):
            return _reduce(kind, _value(argument, context), context.arithmetic.library)
        case Concat(parts):
            return _concatenate([_value(p, context) for p in parts], context.arithmetic.library)
        case MatVec(matrix, operand):
            return _value(operand, context) @ _transposed(matrix, context)
        case Outer(left, right):
            return _outer(_value(left, context), _value(right, context))
    raise TypeError(f"cannot evaluate {type(node).__name__}")


def _of_the_kind(value: Any, context: Context) -> Any:
    return value * context.arithmetic.one if type(value) in (int, float) else value


def _outer(left: Array, right: Array) -> Any:
    """Summed over samples; what parameters alone define is the same for each of them."""
    rows = np.broadcast_shapes(np.atleast_2d(left).shape[:1], np.atleast_2d(right).shape[:1])
    columns, lines = (np.broadcast_to(a, (*rows, a.shape[-1])) for a in (left, right))
    return columns.T @ lines


def _literal(node: Number) -> Any:
    """A Python number, so that the dtype of the arrays wins."""
    value = node.value
    return int(value) if value.denominator == 1 and abs(value) < 2**53 else float(node.text)


def _transposed(matrix: Matrix, context: Context) -> Array:
    """The transposed matrix of a map, so that rows of samples may stand left of it."""
    array = context.array(Ref(matrix.name))
    if matrix.columns is not None:
        start, stop = (context.size(s) for s in matrix.columns)
        # Of W.T the part that meets an operand is a stretch of rows.
        array = array[..., start:stop] if matrix.transposed else array[..., start:stop, :]
    if matrix.transposed:
        return array
    swapped: Array = context.arithmetic.library.swapaxes(array, -1, -2)
    return swapped


def _concatenate(parts: Sequence[Array], library: Any) -> Array:
    """Side by side along the last axis; a parameter is repeated for every sample."""
    leading = np.broadcast_shapes(*(p.shape[:-1] for p in parts))
    spread = [library.broadcast_to(p, (*leading, p.shape[-1])) for p in parts]
    joined: Array = library.concatenate(spread, axis=-1)
    return joined


def _power(base: Array, exponent: int) -> Array:
    """Whole powers by multiplication, so that every kind of number can be raised."""
    result = base * 0 + 1 if exponent == 0 else base
    for _ in range(abs(exponent) - 1):
        result = result * base
    return 1 / result if exponent < 0 else result


def _reduce(kind: str, array: Array, library: Any) -> Any:
    match kind:
        case "sum":
            return array.sum(axis=-1, keepdims=True)
        case "mean":
            return array.sum(axis=-1, keepdims=True) / array.shape[-1]
        case "norm":
            return library.sqrt((array * array).sum(axis=-1, keepdims=True))
        case "softmax":
            if not of_objects(array):  # objects do not overflow, and have no largest one
                # The result does not depend on the shift, but exp must not overflow.
                array = array - library.max(library.real(array), axis=-1, keepdims=True)
            weights = library.exp(array)
            return weights / weights.sum(axis=-1, keepdims=True)
    raise AssertionError(kind)
