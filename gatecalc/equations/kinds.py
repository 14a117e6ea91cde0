"""Which names are matrices, which vectors, and which hold one number."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from gatecalc.equations.cell import Equation
from gatecalc.equations.pins import Pin
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import (
    Call,
    Concat,
    MatVec,
    Mul,
    Node,
    Reduce,
    Ref,
    children,
    walk,
)
from gatecalc.errors import Place, ShapeError

Kind = Literal["matrix", "vector", "number"]

# W, W_r, W1, Wx, U_hf: what papers call the matrices of a recurrent cell.
_MATRIX_NAME = re.compile(r"[WUVR](\d+|[a-z]{1,3}|_\w+)?")


def infer_kinds(
    equations: Sequence[Equation],
    free: Sequence[str],
    constants: frozenset[str],
    pins: Sequence[Pin],
) -> dict[str, Kind]:
    """The kind of every name; `free` are inputs and parameters. Raises ShapeError.

    What stands left of `@` is a matrix, other inputs and parameters are vectors if no pin says
    otherwise. What an equation computes is a vector as soon as a vector takes part.
    """
    pinned = {pin.name: pin for pin in pins}
    _check_constants(constants, pins)
    matrices = _matrix_uses(equations)
    _check_matrices(equations, matrices, pinned)
    _check_lost_matrices(equations, free, pinned)
    kinds: dict[str, Kind] = {}
    for name in free:
        kinds[name] = "matrix" if name in matrices else "vector"
    for pin in pins:
        kinds[pin.name] = ("number", "vector", "matrix")[len(pin.shape)]
    kinds |= dict.fromkeys(constants, "number")
    _spread(equations, constants, frozenset(pinned), kinds)
    for equation in equations:
        _check_number(equation, kinds, constants, pinned)
    return kinds


def elsewhere(place: Place | None) -> str:
    """The other one of two uses that cannot agree, for the end of a message."""
    return f"the other use, line {place.line}:\n{place.quoted()}" if place else ""


def _matrix_uses(equations: Sequence[Equation]) -> dict[str, Place | None]:
    found: dict[str, Place | None] = {}
    for equation in equations:
        for node in walk(equation.expression):
            if isinstance(node, MatVec):
                found.setdefault(node.matrix.name, node.place)
    return found


def _check_constants(constants: frozenset[str], pins: Sequence[Pin]) -> None:
    for pin in pins:
        if pin.name in constants and pin.shape:
            raise ShapeError(
                f"`{pin.name}` is a constant, which is one number, and is pinned to something else",
                pin.place,
                write="remove the pin; for a parameter of this shape remove the line that gives "
                f"{pin.name} its value",
            )


def _check_matrices(
    equations: Sequence[Equation], matrices: Mapping[str, Place | None], pinned: Mapping[str, Pin]
) -> None:
    for equation in equations:
        for node in walk(equation.expression):
            if isinstance(node, Ref) and node.name in matrices:
                raise ShapeError(
                    f"`{node.name}` is used as a vector here and as a matrix elsewhere",
                    node.place,
                    write=f"{elsewhere(matrices[node.name])}\n"
                    "write @ between a matrix and a vector, or give one of them another name",
                )
    for name, pin in pinned.items():
        if name in matrices and len(pin.shape) != 2:
            raise ShapeError(
                f"`{name}` is pinned to something else than a matrix",
                pin.place,
                write=f"{elsewhere(matrices[name])}\nwrite {name}: {_two_sizes(pin)}",
            )
        if name not in matrices and len(pin.shape) == 2:
            (first,), (last,) = pin.shape
            write = f"write @ for the product, or pin one size: {name}: {first}"
            if name in _changing(equations):  # two sizes are those of a batch, which comes first
                write = f"write {name}: {last}; a step sees one vector, the batch has no part in it"
            raise ShapeError(
                f"`{name}` is pinned to a matrix, but does not stand left of @",
                pin.place,
                write=write,
            )


def _two_sizes(pin: Pin) -> str:
    """`(H, D)` for `HxD`, which reads as one size."""
    joined = re.fullmatch(r"([A-Z]\w*?)x([A-Z]\w*)", pin.shape[0][0]) if pin.shape else None
    return f"({joined[1]}, {joined[2]})" if joined else "(P, H), say"


def _changing(equations: Sequence[Equation]) -> set[str]:
    """What stands with a time step: inputs, states and what is computed from them."""
    used = (n for e in equations for n in (e.target, *walk(e.expression)))
    return {n.name for n in used if isinstance(n, Ref) and n.lag is not None}


def _check_lost_matrices(
    equations: Sequence[Equation], free: Sequence[str], pinned: Mapping[str, Pin]
) -> None:
    """`W * x[t]` would quietly make a vector of what is meant as a matrix."""
    suspects = {n for n in free if n not in pinned and _MATRIX_NAME.fullmatch(n)}
    products = (n for e in equations for n in walk(e.expression) if isinstance(n, Mul))
    for product in products:
        sides = product.left, product.right
        for factor, other in (sides, sides[::-1]):
            lost = factor.right if isinstance(factor, Mul) else factor
            changes = any(isinstance(n, Ref) and n.lag is not None for n in walk(other))
            if isinstance(lost, Ref) and lost.lag is None and lost.name in suspects and changes:
                size = "D" if isinstance(other, Ref) and other.name == free[0] else "H"
                raise _lost_matrix(lost.name, other, size, product.place)


def _lost_matrix(name: str, other: Node, size: str, place: Place | None) -> ShapeError:
    shown = to_text(other) if isinstance(other, Ref | Call | Reduce) else f"({to_text(other)})"
    return ShapeError(
        f"`{name} * {shown}`: `*` is elementwise, and {name} looks like a matrix",
        place,
        write=f"write {name} @ {shown} for a matrix times a vector; "
        f"if an elementwise weight is meant, pin it: {name}: {size}",
    )


def _leaves(node: Node, constants: frozenset[str]) -> Iterator[Kind | Ref]:
    """What decides the kind of an expression: kinds that are certain, and references."""
    match node:
        case MatVec() | Concat():
            yield "vector"
        case Reduce(kind, _):
            yield "vector" if kind == "softmax" else "number"
        case Ref(name, lag):
            # A constant says nothing: 0.9 * c[t-1] does not make c one number.
            if lag is not None or name not in constants:
                yield node
        case _:
            for child in children(node):
                yield from _leaves(child, constants)


def _spread(
    equations: Sequence[Equation],
    constants: frozenset[str],
    pinned: frozenset[str],
    kinds: dict[str, Kind],
) -> None:
    """Kinds of computed names, from those that are known; number may still become vector."""
    leaves = {
        e.target.name: tuple(dict.fromkeys(_leaves(e.expression, constants)))
        for e in equations
        if e.target.name not in pinned
    }
    users: dict[str, list[str]] = {}
    for name, deciding in leaves.items():
        for leaf in deciding:
            if isinstance(leaf, Ref):
                users.setdefault(leaf.name, []).append(name)

    def settle(names: Iterable[str]) -> None:
        pending = deque(names)
        while pending:
            name = pending.popleft()
            found = {kinds.get(x.name) if isinstance(x, Ref) else x for x in leaves[name]}
            kind: Kind | None = "vector" if "vector" in found else None
            if kind is None and "number" in found:
                kind = "number"
            if kind and kinds.get(name) not in ("vector", kind):
                kinds[name] = kind
                pending.extend(users.get(name, ()))

    settle(leaves)
    # What depends on numbers alone is one number if it is computed once, else a vector: f[t] = 1.
    static = {e.target.name for e in equations if e.target.lag is None}
    for name in leaves:
        kinds.setdefault(name, "number" if name in static else "vector")
    settle(leaves)


def _check_number(
    equation: Equation,
    kinds: Mapping[str, Kind],
    constants: frozenset[str],
    pinned: Mapping[str, Pin],
) -> None:
    name = equation.target.name
    if kinds[name] != "number" or name not in pinned:
        return
    for leaf in _leaves(equation.expression, constants):
        if (kinds[leaf.name] if isinstance(leaf, Ref) else leaf) == "vector":
            raise ShapeError(
                f"`{name}` is pinned to one number, but its equation gives a vector",
                equation.place,
                write=f"{elsewhere(pinned[name].place)}\n"
                "write sum(...) or mean(...) for one number",
            )
