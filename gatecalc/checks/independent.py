"""Derivatives of the equations by the automatic differentiation of others.

The parsed equations run on the arrays of HIPS autograd or of PyTorch; the adjoints are theirs.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np

from gatecalc.checks.quantities import (
    Quantity,
    Results,
    arguments,
    cotangent,
    equations_outcomes,
    value,
    with_values,
)
from gatecalc.equations.cell import Cell
from gatecalc.equations.functions import IN_NUMPY
from gatecalc.evaluate.functions import Arithmetic, Array, primitive
from gatecalc.evaluate.problem import Problem

BOUND = 1e-10

_ELEMENTWISE = (*IN_NUMPY, "ones_like", "zeros_like")


def by_autograd(cell: Cell, problem: Problem) -> dict[Quantity, Array]:
    """Outcomes and gradients from HIPS autograd. Raises ImportError where it is not installed."""
    autograd, numpy = import_module("autograd"), import_module("autograd.numpy")
    using = _arithmetic_of_autograd(numpy)
    names = arguments(cell)

    def loss(arrays: Any) -> Any:
        moved = with_values(problem, dict(zip(names, arrays, strict=True)))
        return _loss(problem, equations_outcomes(cell, moved, using))

    with warnings.catch_warnings():
        # A loss that depends on no argument: its gradients are zeros, as they should be.
        warnings.filterwarnings("ignore", "Output seems independent of input")
        gradients = autograd.grad(loss)([value(problem, a) for a in names])
    return _marked(
        equations_outcomes(cell, problem, using) | dict(zip(names, gradients, strict=True))
    )


def _arithmetic_of_autograd(numpy: Any) -> Arithmetic:
    extend = import_module("autograd.extend")
    erf = extend.primitive(lambda a: primitive("erf", [a]))
    extend.defvjp(
        erf, lambda _, a: lambda g: g * (2 / math.sqrt(math.pi) * numpy.exp(-numpy.square(a)))
    )

    def where(condition: Any, a: Any, b: Any) -> Any:
        # Its own does not sum over what a branch was spread over.
        spread = np.zeros(np.broadcast_shapes(*(np.shape(part) for part in (condition, a, b))))
        return numpy.where(condition, a + spread, b + spread)

    names = ("real", "max", "swapaxes", "stack", "concatenate")
    library = SimpleNamespace(
        **{name: getattr(numpy, name) for name in (*_ELEMENTWISE, *names)},
        where=where,
        # Its own does not differentiate where a new axis leads.
        broadcast_to=lambda a, shape: a + np.zeros(shape),
    )
    return Arithmetic(library, lambda a: a > 0, erf)


def by_pytorch(cell: Cell, problem: Problem) -> dict[Quantity, Array]:
    """Outcomes and gradients from PyTorch. Raises ImportError where it is not installed."""
    torch = import_module("torch")
    leaves = {
        a: torch.tensor(value(problem, a), dtype=torch.float64, requires_grad=True)
        for a in arguments(cell)
    }
    constants = {
        Quantity("parameter", c.name): torch.tensor(problem.params[c.name]) for c in cell.constants
    }
    moved = with_values(problem, leaves | constants)
    results: dict[Quantity, Any] = dict(
        equations_outcomes(cell, moved, _arithmetic_of_torch(torch))
    )
    weighted = (array * torch.tensor(cotangent(problem, q)) for q, array in results.items())
    loss = sum(product.sum() for product in weighted)
    if loss.requires_grad:  # else it depends on no argument: all gradients are zeros
        loss.backward()
    found = {q: np.asarray(array.detach()) for q, array in results.items()}
    return _marked(
        found
        | {
            a: np.zeros(tuple(leaf.shape)) if leaf.grad is None else np.asarray(leaf.grad)
            for a, leaf in leaves.items()
        }
    )


def _arithmetic_of_torch(torch: Any) -> Arithmetic:
    """PyTorch under NumPy's names, for Python numbers among the arguments too."""

    def tensor(a: Any) -> Any:
        return torch.as_tensor(a, dtype=None if isinstance(a, torch.Tensor) else torch.float64)

    def elementwise(name: str) -> Callable[..., Any]:
        function = getattr(torch, name)
        return lambda *arrays: function(*map(tensor, arrays))

    library = SimpleNamespace(
        **{name: elementwise(name) for name in _ELEMENTWISE},
        real=tensor,
        where=lambda condition, a, b: torch.where(condition, tensor(a), tensor(b)),
        max=torch.amax,
        swapaxes=torch.swapaxes,
        stack=torch.stack,
        concatenate=torch.cat,
        broadcast_to=lambda a, shape: torch.broadcast_to(tensor(a), shape),
    )
    return Arithmetic(library, lambda a: tensor(a) > 0, elementwise("erf"))


def _loss(problem: Problem, results: Results) -> Any:
    return sum((array * cotangent(problem, q)).sum() for q, array in results.items())


def _marked(results: Results) -> dict[Quantity, Array]:
    """NaN as infinity: the library's own trouble, not an entry to pass over."""
    return {q: np.nan_to_num(array, nan=np.inf, posinf=np.inf) for q, array in results.items()}
