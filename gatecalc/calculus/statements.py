"""The shared form: statements, which notes, generated code and trace all read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gatecalc.equations.cell import Cell
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Node, Ref, Shape

Rule = Literal["output", "carried", "chain", "map", "matrix", "sum", "mean", "norm", "softmax"]
"""Why an adjoint has a term:

output   the loss looks at the output of this step
carried  the state flows into step t+1, whose adjoint comes back
chain    the partial derivative of an elementwise expression
map      the transposed matrix
matrix   the outer product that is a matrix's gradient
sum, mean, norm, softmax   the derivative of a function of a whole vector
"""

Role = Literal["static", "step", "adjoint", "input", "carried", "parameter"]
"""What a statement computes:

static     forward: what depends on parameters alone, once before the first step;
           backward: gradients through those, once after the last
step       a value at t
adjoint    the adjoint of a value at t
input      the adjoint of an input at t
carried    what goes back to t-1: the adjoint of a state, as seen from this step
parameter  this step's share of a parameter's gradient, added over time and samples
"""


@dataclass(frozen=True, slots=True)
class Term:
    """One path: a summand of an adjoint, its rule, and the statement whose use it follows."""

    expression: Node
    rule: Rule
    source: int | None = None

    def __repr__(self) -> str:
        source = "" if self.source is None else f" of ({self.source})"
        return f"<Term {to_text(self.expression)}: {self.rule}{source}>"


@dataclass(frozen=True, slots=True)
class Statement:
    """`target operation expression`, under one number in notes, code and trace alike.

    `operation` is `=`, or `+=` where shares of several steps add up. `of` is the name whose value
    or adjoint this is. `equation` is the index of the author's equation behind it (None where
    there is none, or more than one). In the backward pass `expression` is the sum of `terms`.
    `shape` is that of one sample.
    """

    number: int
    target: Ref
    operation: Literal["=", "+="]
    expression: Node
    shape: Shape
    role: Role
    of: str
    equation: int | None = None
    terms: tuple[Term, ...] = ()
    explanation: str = ""

    def __repr__(self) -> str:
        text = f"{to_text(self.target)} {self.operation} {to_text(self.expression)}"
        return f"<Statement ({self.number}) {text}>"


@dataclass(frozen=True, slots=True)
class Derivation:
    """A cell with what follows from it: forward statements, then their adjoints.

    `shapes` covers every name that a statement mentions. `adjoints` gives the adjoint's name for
    each name that has one. `cotangent` is what flows in at the output; `incoming[s]` is the
    adjoint of state `s` as it arrives from step t+1, `outgoing[s]` as it leaves to step t-1.

    >>> from gatecalc.calculus import derive
    >>> d = derive("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    >>> [s.target.name for s in d.forward], d.backward[0].target.name
    (['a_h', 'h'], 'd_h')
    >>> d
    <Derivation of cell: 2 statements forward, 6 backward>
    >>> d[2]
    <Statement (2) h[t] = tanh(a_h[t])>
    """

    cell: Cell
    forward: tuple[Statement, ...]
    backward: tuple[Statement, ...]
    shapes: Mapping[str, Shape]
    adjoints: Mapping[str, str]
    cotangent: str
    incoming: Mapping[str, str]
    outgoing: Mapping[str, str]

    def __repr__(self) -> str:
        counts = f"{len(self.forward)} statements forward, {len(self.backward)} backward"
        return f"<Derivation of {self.cell.name}: {counts}>"

    def __str__(self) -> str:
        """What `gatecalc derive` prints."""
        from gatecalc.calculus.show import derivation_text

        return derivation_text(self).removesuffix("\n")

    def __getitem__(self, number: int) -> Statement:
        """The statement with a number, forward or backward. Raises KeyError."""
        statements = (*self.forward, *self.backward)
        if not 1 <= number <= len(statements):
            raise KeyError(number)
        return statements[number - 1]

    def defining(self, name: str) -> Statement:
        """The forward statement that computes a name. Raises KeyError."""
        for statement in self.forward:
            if statement.target.name == name:
                return statement
        raise KeyError(name)
