"""The leaves of an expression: numbers, names, names with a time step, exponents."""

from __future__ import annotations

import ast
import re

from gatecalc.equations.functions import PUBLIC
from gatecalc.equations.names import check_name
from gatecalc.equations.steps import carried, in_future
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tokens import NUMBER
from gatecalc.equations.tree import Dim, Number, Ref
from gatecalc.errors import NotationError

MAX_POWER = 16

LONGEST_POWER = len("-300")


def number(node: ast.Constant, scope: Scope) -> Number:
    """A finite decimal literal, kept as typed."""
    place, text, value = scope.place(node), scope.line.source(node), node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not NUMBER.fullmatch(text):
        raise NotationError(f"`{text}` is not a number of the notation", place, write="write 0.5")
    if abs(value) > 1e300:
        raise NotationError(f"`{text}` is too large", place, write="write a number below 1e300")
    mantissa, _, power = text.lower().partition("e")
    if abs(value) < 1e-300 and re.search("[1-9]", mantissa):
        raise NotationError(f"`{text}` is too small", place, write="write 0")
    if len(power) > LONGEST_POWER:  # zero is not small: as a fraction it would never end
        raise NotationError(f"`{text}`: the exponent is too long", place, write=f"write {value:g}")
    return Number(text, place=place)


def bare(node: ast.Name, scope: Scope) -> Ref | Dim:
    """A name without a time step: a parameter, a constant, an argument of a lambda, a size."""
    name, place = node.id, scope.place(node)
    if scope.arguments is not None and name in scope.arguments:
        return Ref(name, place=place)
    if name == "t":
        raise NotationError(
            "`t` alone is not a value", place, write="give the time as an input: tau[t], say"
        )
    if name in PUBLIC or name in scope.declared.functions:
        raise NotationError(
            f"`{name}` is a function", place, write=f"write {name}(...) with its argument"
        )
    if name in scope.declared.sizes:
        return Dim((name,), place=place)
    check_name(name, place)
    return Ref(name, place=place)


def timed(node: ast.Subscript, scope: Scope) -> Ref:
    """A name at `[t]` or `[t-1]`."""
    place = scope.place(node)
    if isinstance(node.value, ast.Attribute):
        attribute, owner = node.value.attr, node.value.value
        if attribute.startswith("_") and isinstance(owner, ast.Name):
            shown = owner.id
        else:
            shown = attribute.strip("_") or "x"
        write = f"write a name without dots: {shown}[t]"
        if isinstance(owner, ast.Subscript):
            second = f"{attribute}[{scope.line.source(node.slice)}]"
            write = f"write sum({scope.line.source(owner)} * {second}) for a dot product"
        raise NotationError(
            f"`.{attribute}`: the notation has no attributes but .T", place, write=write
        )
    if isinstance(node.value, ast.Subscript):
        raise NotationError(
            "single entries of a vector cannot be taken",
            place,
            write=f"write {scope.line.source(node.value)}",
        )
    if not isinstance(node.value, ast.Name):
        raise NotationError("a time step belongs to a name", place, write="write h[t] or h[t-1]")
    name = node.value.id
    check_name(name, scope.place(node.value))
    lag = _lag(node.slice)
    if lag is None:
        raise NotationError(
            f"`{scope.line.source(node)}`: only [t] and [t-1] are subscripts",
            place,
            write=_instead_of_entry(name, node.slice, scope),
        )
    if lag < 0:
        raise NotationError(
            f"`{name}[t+{-lag}]` lies in the future",
            place,
            write=in_future(name),
        )
    if lag > 1:
        raise NotationError(
            f"`{name}[t-{lag}]`: a step reaches back one step only",
            place,
            write=carried(name, lag, scope.declared.computed),
        )
    if scope.arguments is not None:
        raise NotationError(
            "a nonlinearity knows its arguments only",
            place,
            write="write it in the equation itself, or give what it needs as an argument",
        )
    if name in scope.declared.functions:
        raise NotationError(
            f"`{name}` is a function here, not a value",
            place,
            write=f"write {name}(...), or give one of them another name",
        )
    return Ref(name, lag, place=place)


def _instead_of_entry(name: str, inside: ast.expr, scope: Scope) -> str:
    """For `W[0, 1]`, `b[0]` and `h[k]`: whether a time step was meant, the name may tell."""
    if isinstance(inside, ast.Tuple) and any(isinstance(e, ast.Subscript) for e in inside.elts):
        return f"write {name} @ concat({', '.join(scope.line.source(e) for e in inside.elts)})"
    if name[0].isupper():
        return f"write {name} without a subscript; single entries cannot be taken"
    if any(isinstance(n, ast.Name) for n in ast.walk(inside)):
        return f"write {name}[t] or {name}[t-1]; single entries of a vector cannot be taken"
    return (
        f"single entries of a vector cannot be taken: write {name}[t] or {name}[t-1] for what\n"
        f"changes with time, {name} alone for a parameter"
    )


def _lag(node: ast.expr) -> int | None:
    match node:
        case ast.Name(id="t"):
            return 0
        case ast.BinOp(ast.Name(id="t"), ast.Sub() | ast.Add() as sign, ast.Constant(value=steps)):
            if type(steps) is int:
                return steps if isinstance(sign, ast.Sub) else -steps
    return None


def exponent(node: ast.expr, base: ast.expr, scope: Scope) -> int:
    """A small whole exponent of a base."""
    sign, inner = 1, node
    if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
        sign, inner = -1, inner.operand
    place = scope.place(node)
    value = inner.value if isinstance(inner, ast.Constant) else None
    if type(value) is not int:
        write = "write a**2, sqrt(a), or exp(b * log(a))"
        if any(isinstance(n, ast.Name) for n in ast.walk(node)):
            write = _exponential(node, base, scope)
        raise NotationError("the exponent must be a small whole number", place, write=write)
    if value > MAX_POWER:
        raise NotationError(
            f"the exponent must be a whole number of at most {MAX_POWER}",
            place,
            write="write exp(k * log(a)) for a large power",
        )
    return sign * value


def _exponential(node: ast.expr, base: ast.expr, scope: Scope) -> str:
    """A power whose exponent is no literal, in terms of exp and log."""
    power, shown = scope.line.source(node), scope.line.source(base)
    if shown.rsplit(".", 1)[-1] == "e" and "e" not in scope.declared.numbers:
        return f"write exp({power})"
    factor = f"({power})" if isinstance(node, ast.BinOp) else power
    return f"write exp({factor} * log({shown}))"
