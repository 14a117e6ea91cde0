"""How many calls of NumPy a generated module makes at each step."""

from __future__ import annotations

import ast

_STEPS = "steps"
"""What the loops over time run through in a generated module."""


def calls_per_step(text: str) -> dict[str, int]:
    """Calls in the loop over time, by method: its overhead is that many times half a microsecond.

    Methods without such a loop are left out: all of their work is done for many steps at once.

    >>> from gatecalc.codegen import generate
    >>> sorted(name.strip("_") for name in calls_per_step(generate("rnn")))
    ['backward', 'forward']
    """
    found: dict[str, int] = {}
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            loops = [n for n in ast.walk(function) if isinstance(n, ast.For) and _is_over_time(n)]
            count = sum(isinstance(n, ast.Call) for loop in loops for n in _body(loop))
            if loops:
                found[function.name] = count
    return found


def _is_over_time(loop: ast.For) -> bool:
    return isinstance(loop.iter, ast.Name) and loop.iter.id == _STEPS


def _body(loop: ast.For) -> list[ast.AST]:
    return [below for statement in loop.body for below in ast.walk(statement)]
