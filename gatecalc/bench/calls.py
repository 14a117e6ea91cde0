"""How many calls of NumPy a generated module makes at each step."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_STEPS = "steps"
"""What the loops over time run through in a generated module."""


def calls_per_step(text: str) -> dict[str, int]:
    """Calls in the loop over time, by method: its overhead is that many times half a microsecond.

    Of two branches the shorter one counts: the other is for many entries, where overhead is small.
    Methods without such a loop are left out: all of their work is done for many steps at once.

    >>> from gatecalc.codegen import generate
    >>> sorted(name.strip("_") for name in calls_per_step(generate("rnn")))
    ['backward', 'forward']
    """
    found: dict[str, int] = {}
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            loops = [n for n in ast.walk(function) if isinstance(n, ast.For) and _is_over_time(n)]
            count = sum(_calls(loop.body) for loop in loops)
            if loops:
                found[function.name] = count
    return found


def _is_over_time(loop: ast.For) -> bool:
    return isinstance(loop.iter, ast.Name) and loop.iter.id == _STEPS


def _calls(body: Sequence[ast.stmt]) -> int:
    return sum(
        min(_calls(statement.body), _calls(statement.orelse))
        if isinstance(statement, ast.If)
        else sum(isinstance(below, ast.Call) for below in ast.walk(statement))
        for statement in body
    )
