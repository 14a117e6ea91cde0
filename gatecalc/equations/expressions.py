"""Python syntax to nodes: an explicit list of what is permitted, nothing evaluated."""

from __future__ import annotations

import ast

from gatecalc.equations.beside_at import (
    as_factor,
    check_row_vector,
    looks_like_matrix,
    not_a_matrix,
)
from gatecalc.equations.called import unknown_function
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.equations.leaves import MAX_POWER, bare, exponent, number, timed
from gatecalc.equations.names import check_name
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import (
    REDUCTIONS,
    Add,
    Binary,
    Call,
    Concat,
    Div,
    Matrix,
    MatVec,
    Mul,
    Neg,
    Node,
    Pow,
    Reduce,
    Ref,
    Sub,
    children,
)
from gatecalc.errors import NotationError, Place

_NUMBERS = {
    "pi": "add a line pi = 3.141592653589793 above, and write pi",
    "e": "write exp(a) for e**a, exp(1) for e itself",
    "inf": "write a finite number",
    "nan": "write a finite number",
}
"""Numbers that modules hold."""


def expression(node: ast.expr, scope: Scope) -> Node:
    """An expression of the notation. Raises NotationError for anything else.

    A sign before a product belongs to the product, as on paper: -a * b is -(a * b).
    """
    place = scope.place(node)
    match node:
        case ast.Constant():
            return number(node, scope)
        case ast.Name():
            return bare(node, scope)
        case ast.Subscript():
            return timed(node, scope)
        case ast.UnaryOp(op=ast.USub()):
            return Neg(expression(node.operand, scope), place=place)
        case ast.UnaryOp(op=ast.UAdd()):
            return expression(node.operand, scope)
        case ast.BinOp(op=ast.MatMult()):
            check_row_vector(node, scope)
            return _map(node.left, expression(node.right, scope), node, scope)
        case ast.BinOp(op=ast.Pow()):
            return _power(node, scope)
        case ast.BinOp(op=ast.Add()):
            return Add(expression(node.left, scope), expression(node.right, scope), place=place)
        case ast.BinOp(op=ast.Sub()):
            return Sub(expression(node.left, scope), expression(node.right, scope), place=place)
        case ast.BinOp(op=ast.Mult()):
            left, right = expression(node.left, scope), expression(node.right, scope)
            return _signed(Mul, left, right, place)
        case ast.BinOp(op=ast.Div()):
            left, right = expression(node.left, scope), expression(node.right, scope)
            return _signed(Div, left, right, place)
        case ast.Call():
            return _call(node, scope)
        case ast.Attribute(attr="T", value=ast.Name()):
            raise NotationError(
                "a transpose stands only left of @", place, write="write W.T @ v[t]"
            )
        case ast.Attribute(attr="T"):
            raise NotationError(
                "only a matrix parameter is transposed",
                place,
                write="write W.T @ v[t]; sum(a * b) for a dot product",
            )
        case ast.Attribute(attr=name):
            raise NotationError(
                f"`.{name}`: the notation has no attributes but .T", place, write=_dotted(name)
            )
    raise _not_permitted(node, place, scope)


def _dotted(name: str) -> str:
    """What to write for `self.W` or `np.pi`; `name` is what stands behind the dot."""
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name in PUBLIC or name in REDUCTIONS:
        return f"write {name}(...)"
    shown = "" if name.startswith("_") else f": {name}"
    return f"write a name without dots{shown}"


def _signed(kind: type[Binary], left: Node, right: Node, place: Place) -> Node:
    if isinstance(left, Neg):
        return Neg(kind(left.argument, right, place=place), place=place)
    return kind(left, right, place=place)


def _not_permitted(node: ast.expr, place: Place, scope: Scope) -> NotationError:
    what, write = "this", "write + - * / ** @, functions, concat, sum, mean, norm or softmax"
    match node:
        case ast.Lambda():
            what = "a lambda inside an equation"
            write = "define it on a line of its own: silu = lambda a: a * sigmoid(a)"
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            what = "a list of values"
            shown = ", ".join(scope.line.source(part) for part in parts)
            write = f"write concat({shown if len(parts) > 1 else 'a, b'}) as operand of @"
        case ast.BinOp():
            what = "this operator"
    return NotationError(f"{what} is not part of the notation", place, write=write)


def _power(node: ast.BinOp, scope: Scope) -> Node:
    power = exponent(node.right, node.left, scope)
    base = expression(node.left, scope)
    if abs(power) * _degree(base) > MAX_POWER:
        raise NotationError(
            f"powers of powers come to more than {MAX_POWER}",
            scope.place(node),
            write="write exp(k * log(a)) for a large power",
        )
    return Pow(base, power, place=scope.place(node))


def _degree(node: Node) -> int:
    """What nested powers multiply up to."""
    below = max((_degree(child) for child in children(node)), default=1)
    return below * max(1, abs(node.exponent)) if isinstance(node, Pow) else below


def _call(node: ast.Call, scope: Scope) -> Node:
    place = scope.place(node)
    name = _called(node.func, scope)
    own = scope.declared.functions
    arity: int | None
    if name in own:
        arity = own[name]
    elif name in FUNCTIONS and (scope.internal or not FUNCTIONS[name].internal):
        arity = len(FUNCTIONS[name].arguments)
    elif name in REDUCTIONS:
        arity = 1
    elif name == "concat":
        arity = None
    else:
        raise unknown_function(name, scope.place(node.func), own)
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
        raise NotationError(
            f"`{name}(...)` takes plain arguments only",
            place,
            write=f"write {_example(name, arity)}",
        )
    if arity is not None and len(node.args) != arity:
        other = name in FUNCTIONS and len(node.args) > arity
        raise NotationError(
            f"`{name}` takes {arity} argument{'s' if arity != 1 else ''}, not {len(node.args)}",
            place,
            write=f"write {_example(name, arity)}"
            + (f"\na function of your own is defined by a line my_{name} = lambda a: ..." * other),
        )
    if scope.arguments is not None and (name in REDUCTIONS or name == "concat"):
        raise NotationError(
            f"`{name}` inside a nonlinearity: it would not be elementwise",
            place,
            write="write it in the equation itself",
        )
    if name == "concat":
        return _concat(node, scope)
    arguments = tuple(expression(a, scope) for a in node.args)
    if name in REDUCTIONS:
        return Reduce(name, arguments[0], place=place)
    return Call(name, arguments, place=place)


def _called(function: ast.expr, scope: Scope) -> str:
    """The name of a function. Raises NotationError for whatever else is called."""
    if isinstance(function, ast.Name):
        return function.id
    shown = scope.line.source(function)
    raise unknown_function(shown, scope.place(function), scope.declared.functions, dotted=True)


def _example(name: str, arity: int | None) -> str:
    letters = "abcdefg"[: 2 if arity is None else arity] if (arity or 2) < 8 else "..."
    return f"{name}({', '.join(letters)})"


def _concat(node: ast.Call, scope: Scope) -> Concat:
    """`concat(a, b)`; one inside another is the same as one of all parts."""
    given = node.args
    if len(given) == 1 and isinstance(given[0], ast.List | ast.Tuple):
        raise NotationError(
            "`concat` takes plain arguments only",
            scope.place(given[0]),
            write=f"write concat({', '.join(scope.line.source(e) for e in given[0].elts)})",
        )
    if len(given) < 2:
        raise NotationError(
            "`concat` joins two vectors or more",
            scope.place(node),
            write="write W @ concat(h[t-1], x[t])",
        )
    parts: list[Node] = []
    for part in (expression(a, scope) for a in given):
        parts.extend(part.parts if isinstance(part, Concat) else (part,))
    return Concat(tuple(parts), place=scope.place(node))


def _map(left: ast.expr, operand: Node, node: ast.expr, scope: Scope) -> Node:
    """`left @ operand`; Python's equal rank of `*` and `@` is undone here."""
    place = scope.place(node)
    if scope.arguments is not None:
        raise NotationError(
            "a map inside a nonlinearity: it would not be elementwise",
            place,
            write="write it in the equation itself",
        )
    match left:
        case ast.Name(id=name):
            return MatVec(_matrix(left, name, scope), operand, place=place)
        case ast.Attribute(value=ast.Name(id=name), attr="T"):
            return MatVec(_matrix(left, name, scope, transposed=True), operand, place=place)
        case ast.UnaryOp(op=ast.USub()):
            return Neg(_map(left.operand, operand, node, scope), place=place)
        case ast.UnaryOp(op=ast.UAdd()):
            return _map(left.operand, operand, node, scope)
        case ast.BinOp(op=ast.MatMult()) if looks_like_matrix(left.right):
            return _map(left.left, _map(left.right, operand, node, scope), node, scope)
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return _scaled_map(left, operand, node, scope)
    raise not_a_matrix(left, node, scope)


def _matrix(node: ast.expr, name: str, scope: Scope, *, transposed: bool = False) -> Matrix:
    place = scope.place(node)
    check_name(name, place, matrix=True)
    if name in scope.declared.numbers:
        raise NotationError(
            f"`{name}` is one number, not a matrix", place, write=f"write {name} * ..."
        )
    if name in scope.declared.functions:
        raise NotationError(f"`{name}` is a function", place, write=f"write {name}(...)")
    return Matrix(name, transposed)


def _scaled_map(left: ast.BinOp, operand: Node, node: ast.expr, scope: Scope) -> Node:
    """`alpha * W @ v`: one number moves in front of the map, a vector must not stand there."""
    place = scope.place(node)
    factor = expression(left.left, scope)
    if isinstance(left.op, ast.Mult) and _is_scalar(factor, scope):
        return _signed(Mul, factor, _map(left.right, operand, node, scope), place)
    first, second = as_factor(left.left, scope), as_factor(left.right, scope)
    if isinstance(left.op, ast.Div) and not looks_like_matrix(left.left):
        behind = as_factor(node.right, scope) if isinstance(node, ast.BinOp) else "..."
        message, write = "a quotient before @", f"write {first} / ({second} @ {behind})"
    elif isinstance(left.op, ast.Div):
        message, write = "a quotient before @", f"write ({first} @ ...) / {second}"
    elif isinstance(left.right, ast.Constant) or _is_number(left.right, scope):
        message, write = "a number behind a matrix", f"write {second} * {first} @ ..."
    elif isinstance(left.left, ast.Name) and left.left.id[0].isupper():
        message = "a product of matrices before @"
        write = f"write {first} @ ... or {second} @ ...: one matrix parameter holds their product"
    else:
        message = "a vector before a matrix product: * and @ bind equally, from the left"
        write = f"write {first} * ({second} @ ...)"
    raise NotationError(message, place, write=write)


def _is_number(node: ast.expr, scope: Scope) -> bool:
    return isinstance(node, ast.Name) and node.id in scope.declared.numbers


def _is_scalar(node: Node, scope: Scope) -> bool:
    """Whether a node is one number, as far as its line can tell."""
    match node:
        case Ref(name, lag):
            return lag is None and name in scope.declared.numbers
        case Reduce(kind, _):
            return kind != "softmax"
        case MatVec() | Concat():
            return False
    return all(_is_scalar(child, scope) for child in children(node))
