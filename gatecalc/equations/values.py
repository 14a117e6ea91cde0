"""Lines that give a name values, or a function: `b = [0, 0]`, `f = np.tanh`."""

from __future__ import annotations

import ast

from gatecalc.equations.called import holds_values, meant
from gatecalc.equations.elsewhere import elsewhere
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError


def check_value(name: str, value: ast.expr, scope: Scope) -> None:
    """Raises NotationError for a right side that is an array or a function without argument."""
    function = ""
    match value:
        case ast.List() | ast.Tuple():
            raise _values(name, value, scope)
        case ast.Call(func=called) if holds_values(shown := scope.line.source(called)):
            if shown in scope.declared.functions:
                return
            raise _values(name, value, scope)
        case ast.Call(func=called, args=[], keywords=[]):
            function = meant(scope.line.source(called))
        case ast.Attribute():
            function = meant(value.attr)
        case ast.Name(id=given) if given in PUBLIC:
            function = given
        case ast.Name(id=given) if given in REDUCTIONS:
            raise NotationError(
                f"`{given}` is a function",
                scope.place(value),
                write=f"write {given}(...) where it is used; functions of your own are elementwise",
            )
    if (isinstance(value, ast.Attribute) or function) and (other := _elsewhere(value, scope)):
        shown = scope.line.source(value)
        raise NotationError(f"`{shown}` is a function", scope.place(value), write=other)
    if function in FUNCTIONS:
        arguments = ", ".join(FUNCTIONS[function].arguments)
        raise NotationError(
            f"`{scope.line.source(value)}` is a function",
            scope.place(value),
            write=f"write {name} = lambda {arguments}: {function}({arguments})",
        )


def _elsewhere(value: ast.expr, scope: Scope) -> str:
    called = value.func if isinstance(value, ast.Call) else value
    return elsewhere(scope.line.source(called))


def _values(name: str, value: ast.expr, scope: Scope) -> NotationError:
    return NotationError(
        "the equations hold names and single numbers, not arrays",
        scope.place(value),
        write=f"leave the line out: {name} is a parameter then, and its values are given to the\n"
        f'module\'s init(values={{"{name}": ...}})',
    )
