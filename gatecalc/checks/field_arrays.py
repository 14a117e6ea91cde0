"""Object arrays of field elements: drawing them, reading them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gatecalc.checks.constants import residue
from gatecalc.checks.field import Element
from gatecalc.checks.modular import PRIME
from gatecalc.checks.oracle import Oracle

Objects: TypeAlias = npt.NDArray[np.object_]


def random_array(
    shape: tuple[int, ...], rng: np.random.Generator, oracle: Oracle, *, tangent: bool = True
) -> Objects:
    """An object array of this shape, of elements drawn evenly from the field without 0.

    With `tangent`, their tangents are drawn too; else they are 0.

    >>> a = random_array((2, 3), np.random.default_rng(0), Oracle())
    >>> a.shape, bool(a[0, 0].tangent)
    ((2, 3), True)
    """
    size = int(np.prod(shape, dtype=int))
    values = rng.integers(1, PRIME, size).tolist()
    tangents = rng.integers(1, PRIME, size).tolist() if tangent else [0] * size
    elements = np.empty(size, dtype=object)
    elements[:] = [Element(u, du, oracle) for u, du in zip(values, tangents, strict=True)]
    return elements.reshape(shape)


def value_of(array: npt.ArrayLike) -> Objects:
    """The values of an array of elements and numbers, as an object array of Python ints."""
    return _map(_value, array)


def tangent_of(array: npt.ArrayLike) -> Objects:
    """The tangents of an array of elements and numbers, as an object array of Python ints."""
    return _map(lambda u: u.tangent if isinstance(u, Element) else 0, array)


def without_tangent(array: npt.ArrayLike) -> Objects:
    """The array with every element's tangent 0; numbers stay what they are.

    >>> without_tangent([Element(3, 1, Oracle())])
    array([Element(3, 0)], dtype=object)
    """
    return _map(lambda u: Element(u.value, 0, u.oracle) if isinstance(u, Element) else u, array)


def inner_product(left: Objects, right: Objects) -> int:
    """The sum of products of two integer arrays of the same shape, modulo PRIME.

    >>> inner_product(np.array([2, PRIME - 1], object), np.array([5, 4], object))
    6
    """
    if left.shape != right.shape:
        raise ValueError(f"shapes {left.shape} and {right.shape} differ")
    pairs = zip(left.ravel().tolist(), right.ravel().tolist(), strict=True)
    total: int = sum(a * b for a, b in pairs)
    return total % PRIME


def _value(u: Any) -> int:
    return u.value if isinstance(u, Element) else residue(u)


def _map(function: Any, array: npt.ArrayLike) -> Objects:
    objects = np.asarray(array, dtype=object)
    # frompyfunc gives a bare object for a 0-d array.
    return np.asarray(np.frompyfunc(function, 1, 1)(objects), dtype=object)
