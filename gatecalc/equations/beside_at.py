"""What stands beside `@` and cannot: row vectors, calls, numbers, sums of matrices."""

from __future__ import annotations

import ast

from gatecalc.equations.called import rewritten, unknown_function
from gatecalc.equations.syntax import Scope
from gatecalc.errors import NotationError


def check_row_vector(node: ast.BinOp, scope: Scope) -> None:
    """`x[t] @ W`, as in code that keeps vectors in rows."""
    match node.right:
        case ast.Name(id=name):
            write = f"{name}.T @ {{0}}; if {name} belongs left of its vector, {name} @ {{0}}"
        case ast.Attribute(value=ast.Name(id=name), attr="T"):
            write = f"{name} @ {{0}}"
        case _:
            return
    last = _untransposed(node.left)
    shown = as_factor(last, scope)
    while isinstance(last, ast.BinOp):
        last = last.right
    # Whose states have capital letters, X[t] @ W, has capital letters right of @ as well.
    capital = _is_time_of_matrix(last) and not name[0].isupper()
    if isinstance(last, ast.Subscript | ast.Call) and not capital:
        raise NotationError(
            f"`{shown}` is a vector; the matrix stands left of @",
            scope.place(node.left),
            write=f"write {write.format(shown)}",
        )


def _untransposed(node: ast.expr) -> ast.expr:
    """`x[t]` of `x[t].T`, `x[t].transpose()` and `transpose(x[t])`; all else as it is."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[inner, *_]):
            pass
        case ast.Attribute(value=inner, attr=name):
            pass
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            pass
        case _:
            return node
    return inner if name in _TRANSPOSES else node


def _is_time_of_matrix(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and getattr(node.value, "id", "x")[0].isupper()


def as_factor(node: ast.expr, scope: Scope) -> str:
    """What the author typed, in brackets where it is a sum or a product."""
    shown = scope.line.source(node)
    return f"({shown})" if isinstance(node, ast.BinOp) else shown


def not_a_matrix(left: ast.expr, node: ast.expr, scope: Scope) -> NotationError:
    """What stands left of `@` and cannot: `W[t]`, `x[t]` as in row-vector code, a number."""
    shown = scope.line.source(left)
    behind = scope.line.source(node.right) if isinstance(node, ast.BinOp) else "x[t]"
    if transposed := _transposed(left):
        message, write = f"`{shown}`: a transpose is written .T", f"write {transposed}.T"
        return NotationError(message, scope.place(left), write=write)
    match left:
        case ast.Subscript(value=ast.Name(id=name)) if name[0].isupper():
            message = f"`{shown}`: a matrix parameter does not change with time"
            write = f"write {name}"
        case ast.Subscript():
            message = f"`{shown}` is a vector; a matrix parameter stands left of @"
            write = (
                f"write {shown} * {behind} elementwise, sum({shown} * {behind}) for a dot product"
            )
        case ast.Attribute(value=ast.Attribute(attr="T"), attr="T"):
            message = "a transpose of a transpose"
            write = f"write {shown.removesuffix('.T').removesuffix('.T')} @ {behind}"
        case ast.Attribute(attr="T", value=ast.Attribute(attr=name)):
            message = f"`.{name}`: the notation has no attributes but .T"
            write = f"write {name}.T"
        case ast.Attribute(attr="T"):
            message = "only a matrix parameter is transposed"
            write = "write W.T @ v[t]; sum(a * b) for a dot product"
        case ast.Attribute():
            message = f"`.{left.attr}`: the notation has no attributes but .T"
            write = f"write {left.attr}"
        case ast.Call() if rewritten(called := scope.line.source(left.func)):
            return unknown_function(called, scope.place(left.func), scope.declared.functions)
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            message, write = f"`{shown}`: a power of a matrix", rewritten("inv")
        case ast.Constant():
            message, write = "a number stands left of @", f"write {shown} * {behind}"
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            message = "a sum of matrices stands left of @"
            write = f"write {_distributed(left, scope)}"
        case ast.BinOp(op=ast.MatMult()):
            message = f"`{shown}` is a vector; a matrix parameter stands left of @"
            write = (
                f"write ({shown}) * {behind} elementwise, sum(({shown}) * {behind}) for a dot "
                "product"
            )
        case _:
            message = "only a matrix parameter stands left of @"
            write = "write W @ x[t], and * between vectors"
    return NotationError(message, scope.place(left), write=write)


def looks_like_matrix(node: ast.expr) -> bool:
    """Whether `node @ ...` may be a product of a matrix: a bare name, transposed or scaled."""
    match node:
        case ast.Name() | ast.Attribute(value=ast.Name(), attr="T"):
            return True
        case ast.UnaryOp(operand=inner) | ast.BinOp(op=ast.Mult() | ast.MatMult(), right=inner):
            return looks_like_matrix(inner)
    return False


def _distributed(node: ast.expr, scope: Scope) -> str:
    """`W @ ... - gamma * (U @ ...)` for the matrix `W - gamma * U`."""
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() as sign, right):
            sign_text = "+" if isinstance(sign, ast.Add) else "-"
            return f"{_distributed(left, scope)} {sign_text} {_distributed(right, scope)}"
        case ast.BinOp(left, ast.Mult(), right):
            return f"{scope.line.source(left)} * ({scope.line.source(right)} @ ...)"
    return f"{scope.line.source(node)} @ ..."


_TRANSPOSES = ("t", "T", "H", "mT", "mH", "transpose", "permute", "swapaxes", "adjoint")


def _transposed(left: ast.expr) -> str:
    """The matrix of `W.t()`, `W.H`, `np.transpose(W)`, `transpose(W)`; empty for all else."""
    match left:
        case ast.Call(
            func=ast.Attribute(attr=name) | ast.Name(id=name), args=[ast.Name(id=matrix), *_]
        ):
            pass
        case (
            ast.Attribute(value=ast.Name(id=matrix), attr=name)
            | ast.Call(func=ast.Attribute(value=ast.Name(id=matrix), attr=name))
        ):
            pass
        case _:
            return ""
    return matrix if name in _TRANSPOSES else ""
