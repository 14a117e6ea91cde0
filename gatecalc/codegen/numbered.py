"""Where the statements of a derivation stand in a generated module."""

from __future__ import annotations

import ast
import io
import re
import tokenize

_NUMBERED = re.compile(r"# \((\d+)\)")


def line_numbers(text: str) -> dict[int, tuple[int, ...]]:
    """Where the statements stand in a generated module: number to lines, counted from 1.

    >>> from gatecalc.codegen import generate
    >>> text = generate("y[t] = W @ x[t] + b")
    >>> lines = line_numbers(text)
    >>> text.splitlines()[lines[1][0] - 1]
    '    y = x @ W.T + b  # (1)'
    """
    functions = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name in ("step", "step_backward")
    ]
    stretches = {statement.end_lineno: statement.lineno for f in functions for statement in f.body}
    found: dict[int, tuple[int, ...]] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not token.line[: token.start[1]].strip():
            continue
        number, last = _NUMBERED.match(token.string), token.start[0]
        if number and last in stretches:
            found[int(number[1])] = tuple(range(stretches[last], last + 1))
    return dict(sorted(found.items()))
