"""A logical line as Python's syntax tree, and what its reader must know of the other lines."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gatecalc.equations.lines import LogicalLine
from gatecalc.equations.sentence import check_tokens
from gatecalc.errors import NotationError, Place


@dataclass(frozen=True, slots=True)
class Declared:
    """Names that any line may use, whichever line declares them.

    `scalars` hold one number (constants and pins), `numbers` are these and what is computed from
    them alone; `functions` are the cell's own nonlinearities with their number of arguments,
    `computed` the targets with `[t]`.
    """

    scalars: Collection[str] = ()
    numbers: Collection[str] = ()
    functions: Mapping[str, int] = field(default_factory=dict)
    computed: Collection[str] = ()
    sizes: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the reader of one line knows: the line, what is declared, and where it stands.

    `arguments` are those of the lambda being read; `internal` lets the rows of the table of
    functions use functions that users may not.
    """

    line: LogicalLine
    declared: Declared = Declared()
    arguments: tuple[str, ...] | None = None
    internal: bool = False

    def place(self, node: ast.AST) -> Place:
        """Where an `ast` node stands in the user's text."""
        return self.line.place(
            getattr(node, "lineno", 1),
            getattr(node, "col_offset", 0),
            getattr(node, "end_lineno", None),
            getattr(node, "end_col_offset", None),
        )


def parse_line(line: LogicalLine) -> ast.Assign | ast.AnnAssign:
    """The assignment or annotation that a logical line holds. Raises NotationError otherwise."""
    check_tokens(line)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(line.code).body
    except SyntaxError as error:
        place = line.whole()
        if error.lineno and error.offset and error.lineno <= len(line.lines):
            place = line.place(error.lineno, error.offset - 1, error.lineno, error.offset)
        pin = ":" in line.code and "lambda" not in line.code
        raise NotationError(
            "this is not an equation",
            place,
            write="write a pin as W: (P, H), v: P or alpha: scalar"
            if pin
            else "an equation looks like this: h[t] = tanh(W @ x[t] + U @ h[t-1] + b)",
        ) from None
    except (MemoryError, RecursionError, ValueError, OverflowError):
        # Bounded before, so this is a line of defence; which error it is depends on the version.
        raise NotationError(
            "the equation is nested too deeply",
            line.whole(),
            write="name parts of it by equations of their own",
        ) from None
    match body:
        case [ast.Assign() | ast.AnnAssign() as statement]:
            return statement
    raise NotationError("this is not an equation", line.whole(), write="write one equation a line")
