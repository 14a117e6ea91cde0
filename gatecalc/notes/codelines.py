"""Where a statement stands in the generated module: the comment `# (n)` behind its line."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

FUNCTIONS = ("step", "step_backward")

_COMMENT = re.compile(r"#\s*((?:\(\d+\)(?:,\s*)?)+)")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """The line that begins at `line` (from 1) of the module, in `function`, computes `number`."""

    number: int
    function: str
    line: int


def code_lines(source: str) -> tuple[CodeLine, ...]:
    """The lines of `step` and `step_backward` that carry a statement's number, by number.

    A line of Python that runs over several lines of text counts from its first. A number that
    stands behind several is given with the first.

    >>> text = "def step(x):\\n    h = x  # (1) hidden state\\n    return h\\n"
    >>> code_lines(text)
    (CodeLine(number=1, function='step', line=2),)
    """
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: dict[int, CodeLine] = {}
    for function in ast.parse(source).body:
        if not isinstance(function, ast.FunctionDef) or function.name not in FUNCTIONS:
            continue
        for node in function.body:
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                if comment := _COMMENT.match(comments.get(line, "")):
                    for digits in re.findall(r"\d+", comment[1]):
                        here = CodeLine(int(digits), function.name, node.lineno)
                        found.setdefault(here.number, here)
    return tuple(found[number] for number in sorted(found))
