"""What every name of a derivation prints as; with it, nodes become LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from gatecalc.calculus.statements import Derivation
from gatecalc.equations.tree import (
    Call,
    Concat,
    Matrix,
    MatVec,
    Reduce,
    Ref,
    Shape,
    Size,
    walk,
)
from gatecalc.notes.symbols import Symbol, adjoint, distinct, first_free, symbol, verbatim

Columns = tuple[Size, Size]


class Numbers(Protocol):
    """What stands for a name where numbers are put in."""

    def of(self, node: Ref | Concat, transposed: bool = False) -> str:
        """A value, or a stack of values."""

    def matrix(self, matrix: Matrix) -> str:
        """A matrix, or the stretch of its columns that is meant."""

    def size(self, size: Size) -> str:
        """How many entries a vector has."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a derivation is printed.

    `now` and `before` are the time indices of `[t]` and `[t-1]`. `blocks` names stretches of
    columns after what they multiply. With `numbers`, values are printed in place of symbols.
    `fixed` are the names that have no time index.
    """

    symbols: Mapping[str, Symbol]
    shapes: Mapping[str, Shape]
    sizes: Mapping[str, Symbol] = field(default_factory=dict)
    blocks: Mapping[tuple[str, Columns], str] = field(default_factory=dict)
    now: str = "t"
    before: str = "t-1"
    numbers: Numbers | None = None
    fixed: tuple[str, ...] = ()

    def ref(self, ref: Ref, extra: str = "") -> str:
        """A reference as a symbol with its time step."""
        time = {0: self.now, 1: self.before, None: ""}[ref.lag]
        return self.symbols[ref.name].at(time, extra)

    def size(self, size: Size) -> str:
        """A dimension: `H + D`."""
        return " + ".join(self.sizes[name].at() for name in size) or "0"

    def moment(self, step: str) -> str:
        """A certain step as a subscript, so that it does not look like a part of a name."""
        return f"t={step}" if self.numbered() else step

    def numbered(self) -> tuple[str, str] | None:
        """Two names of which one is the other with a number behind it, as x and x_1 are."""
        alone = {(s.prefix, s.base, s.subscripts, s.superscript): n for n, s in self.timed()}
        for name, s in self.symbols.items():
            if s.subscripts and s.subscripts[-1].isdigit():
                key = (s.prefix, s.base, s.subscripts[:-1], s.superscript)
                if key in alone:
                    return alone[key], name
        return None

    def timed(self) -> list[tuple[str, Symbol]]:
        """The symbols of values, which print with a time step, in order."""
        return [(n, s) for n, s in self.symbols.items() if n not in self.fixed]

    def letters(self) -> tuple[str, ...]:
        """What stands for names and sizes, without subscripts and time: nothing else may."""
        shown = (*self.symbols.values(), *self.sizes.values())
        return tuple(s.base for s in shown)

    def block(self, matrix: Matrix) -> str:
        """The name of a stretch of columns; empty for a whole matrix."""
        if matrix.columns is None:
            return ""
        return self.blocks[matrix.name, matrix.columns]


def style_of(derivation: Derivation) -> Style:
    """The style of a derivation, in which no two names print alike.

    >>> from gatecalc.calculus import derive
    >>> style = style_of(derive("h[t] = tanh(W @ x[t] + U @ h[t-1])"))
    >>> style.ref(Ref("d_a_h", 0)), style.ref(Ref("d_h_next", 0))
    ('\\\\delta a_{h,t}', '\\\\delta h_{t}^{\\\\mathrm{next}}')
    """
    cell, d = derivation.cell, derivation
    special = {*d.adjoints.values(), *d.incoming.values(), *d.outgoing.values(), d.cotangent}
    symbols = distinct({n: symbol(n) for n in d.shapes if n not in special})
    letters = _function_letters(d)
    symbols |= {
        n: verbatim(n) for n in _without_time(d) if n in symbols and symbols[n].at() in letters
    }
    taken = [s.at() for s in symbols.values()]
    sign = first_free((r"\delta", r"\nabla", r"\partial"), taken)
    named = dict(symbols)
    named |= {a: adjoint(symbols[n], sign) for n, a in d.adjoints.items()}
    named |= {a: adjoint(symbols[n], sign, "next") for n, a in d.incoming.items()}
    named |= {a: adjoint(symbols[n], sign, "prev") for n, a in d.outgoing.items()}
    named[d.cotangent] = adjoint(symbols[cell.output], sign, "out")
    sizes = distinct({n: symbol(n) for n in cell.sizes})
    if {s.at() for s in sizes.values()} & {*taken, *letters, "t"}:
        sizes = {n: Symbol(rf"\mathsf{{{s.at()}}}") for n, s in sizes.items()}
    fixed = _without_time(d)
    fixed = (*fixed, *(d.adjoints[n] for n in fixed if n in d.adjoints))
    style = Style(symbols=named, shapes=d.shapes, sizes=sizes, fixed=fixed)
    return replace(style, blocks=_blocks(d, style))


_FUNCTION_LETTERS = {"sigmoid": r"\sigma", "exp": "e", "softmax": "e"}
"""What the notes write for functions, and a cell may mean something else by."""


def _function_letters(derivation: Derivation) -> frozenset[str]:
    nodes = [n for s in derivation.forward for n in walk(s.expression)]
    called = {n.function for n in nodes if isinstance(n, Call)}
    called |= {n.kind for n in nodes if isinstance(n, Reduce)}
    return frozenset(letter for name, letter in _FUNCTION_LETTERS.items() if name in called)


def _without_time(derivation: Derivation) -> tuple[str, ...]:
    """Names that print without a time step, which would tell them from a function."""
    cell = derivation.cell
    static = (s.target.name for s in derivation.forward if s.role == "static")
    return (*cell.parameters, *(c.name for c in cell.constants), *static)


def column_blocks(derivation: Derivation) -> dict[str, dict[Columns, Ref]]:
    """For each matrix that multiplies a stack: its stretches of columns and what meets them."""
    found: dict[str, dict[Columns, Ref]] = {}
    for statement in derivation.forward:
        for node in walk(statement.expression):
            if isinstance(node, MatVec) and isinstance(node.operand, Concat):
                start: Size = ()
                blocks = found.setdefault(node.matrix.name, {})
                for part in node.operand.parts:
                    assert isinstance(part, Ref)
                    stop = (*start, *derivation.shapes[part.name][0])
                    blocks.setdefault((start, stop), part)
                    start = stop
    return found


def _blocks(derivation: Derivation, style: Style) -> dict[tuple[str, Columns], str]:
    named: dict[tuple[str, Columns], str] = {}
    for matrix, blocks in column_blocks(derivation).items():
        labels = [style.symbols[part.name].at() for part in blocks.values()]
        if len(set(labels)) < len(labels):
            labels = [str(k) for k in range(1, len(labels) + 1)]
        for columns, label in zip(blocks, labels, strict=True):
            named[matrix, columns] = label
    return named
