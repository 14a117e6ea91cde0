"""Lines with a colon: a shape that the author fixes, and which name is the output."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from gatecalc.equations.names import MAX_NAME, check_name
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import Shape
from gatecalc.errors import NotationError, Place

_NOT_A_SIZE = ("scalar", "rng", "dtype", "values")
"""`init` has arguments of these names beside the sizes."""

_KINDS = ("matrix", "vector", "number", "float", "int", "Scalar")
_SHAPES = "write W: (P, H) for a matrix, v: P for a vector, alpha: scalar"


@dataclass(frozen=True, slots=True)
class Pin:
    """A shape that the author fixed: `W_p: (P, H)`."""

    name: str
    shape: Shape
    place: Place


@dataclass(frozen=True, slots=True)
class Output:
    """The name that `output: y` declares."""

    name: str
    place: Place


def pin(statement: ast.AnnAssign, scope: Scope) -> Pin | Output:
    """The line `W_p: (P, H)`, or `output: y`. Raises NotationError."""
    place, target = scope.place(statement.target), statement.target
    if not isinstance(target, ast.Name) or not statement.simple:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            write = f"write {target.value.id}: P"
        else:
            write = "write W_p: (P, H), or c: P for a vector"
        raise NotationError("a pin names a bare name", place, write=write)
    if statement.value is not None:
        raise NotationError(
            "a pin has no value",
            scope.place(statement.value),
            write="write alpha: scalar for a parameter, alpha = 0.5 for a constant",
        )
    name, value = target.id, statement.annotation
    if name == "output":
        return _output(value, scope)
    check_name(name, place, matrix=True)
    match value:
        case ast.Constant(value=float(given)) if given != 1:
            raise NotationError(
                f"`{scope.line.source(value)}` is not a shape",
                scope.place(value),
                write=f"write {name} = {scope.line.source(value)} for a constant, "
                f"{name}: scalar for a parameter",
            )
        case ast.Tuple(
            elts=[ast.Constant(value=1), ast.Name(id=size)]
            | [ast.Name(id=size), ast.Constant(value=1)]
        ):
            raise NotationError(
                "`1` is no size",
                scope.place(value),
                write=f"write {name}: {size} for a vector; both sizes of a matrix are names",
            )
        case ast.Tuple(elts=[_, _, *_, ast.Name(id=last)]):
            raise NotationError(
                "a shape has at most two sizes",
                scope.place(value),
                write=f"write {name}: {last} for a vector: neither batch nor time has a part in it",
            )
    return Pin(name, _shape(value, scope), place)


def is_one_number(shape: ast.expr) -> bool:
    """Whether what stands right of the colon means one number: `scalar`, `()` or `1`."""
    match shape:
        case ast.Name(id="scalar") | ast.Tuple(elts=[]):
            return True
        case ast.Constant(value=value):
            return type(value) is int and value == 1  # not True, not 1.0
    return False


def _output(value: ast.expr, scope: Scope) -> Output:
    match value:
        case ast.Name(id=name):
            return Output(name, scope.place(value))
        case ast.Subscript(value=ast.Name(id=name)):
            write = f"write output: {name}"
        case _:
            write = "write output: h"
    raise NotationError("the output is one bare name", scope.place(value), write=write)


def _shape(value: ast.expr, scope: Scope) -> Shape:
    if is_one_number(value):
        return ()
    match value:
        case ast.Name(id=name) if name in _KINDS:
            raise NotationError(f"`{name}` is not a size", scope.place(value), write=_SHAPES)
        case ast.Constant(value=1):
            raise NotationError(
                f"`{scope.line.source(value)}` is not a shape",
                scope.place(value),
                write="write scalar for one number",
            )
        case ast.Tuple(elts=items) if len(items) <= 2:
            return tuple((_size(item, scope, items),) for item in items)
        case ast.Tuple() | ast.List():
            raise NotationError(
                "a shape is scalar, one size, or two in round brackets",
                scope.place(value),
                write=_SHAPES,
            )
    return ((_size(value, scope, [value]),),)


def _size(node: ast.expr, scope: Scope, shape: Sequence[ast.expr]) -> str:
    """The name of a size; `shape` is all that stands right of the colon."""
    place = scope.place(node)
    if not isinstance(node, ast.Name):
        free, shown = _free_name(shape, scope), scope.line.source(node)
        number = shown if isinstance(node, ast.Constant) and shown.isdigit() else "4"
        raise NotationError(
            f"`{shown}`: sizes are names",
            place,
            write=f"write a name, {free}, and give its value to init or by --size {free}={number}",
        )
    if node.id.startswith("_") or node.id in _NOT_A_SIZE or len(node.id) > MAX_NAME:
        raise NotationError(
            f"`{node.id}` cannot be the name of a size",
            place,
            write=f"write {_free_name(shape, scope)}",
        )
    return node.id


def _free_name(shape: Sequence[ast.expr], scope: Scope) -> str:
    """A name that no size has: under one name two sizes would be one."""
    names = {node.id for part in shape for node in ast.walk(part) if isinstance(node, ast.Name)}
    taken = {*scope.declared.sizes, *scope.declared.numbers, *scope.declared.computed, *names}
    return next(name for k in count() for name in _named(k) if name not in taken)


def _named(k: int) -> tuple[str, ...]:
    """P, Q and so on; P_1, Q_1 where these are all taken."""
    return tuple(f"{letter}_{k}" if k else letter for letter in "PQRSKLMN")
