"""The backward loop as it is run: linear in the adjoints, with coefficients known beforehand."""

from __future__ import annotations

from dataclasses import replace

from gatecalc.calculus.algebra import Algebra
from gatecalc.codegen.schedule.composition import compose_adjoints
from gatecalc.codegen.schedule.linear import Adjoint, Edge, LinearForm, linear_form
from gatecalc.codegen.schedule.program import Slab
from gatecalc.equations.tree import Matrix, MatVec, Mul, Neg, Node, Number, Reduce, Ref
from gatecalc.notes.display import Entry, Piece, display, plain
from gatecalc.notes.document import Document
from gatecalc.notes.equations import numbers_first, summand
from gatecalc.notes.latex import tokens
from gatecalc.notes.style import Style
from gatecalc.notes.symbols import Symbol, first_free


def backward_loop(document: Document, style: Style) -> dict[str, object]:
    """What the templates print of the linear form: coefficients, and the loop that uses them.

    `loop` is None for a cell without a state, which has no loop.
    """
    derivation = document.derivation
    if not derivation.cell.states:
        return {"loop": None}
    algebra = Algebra()
    form = compose_adjoints(linear_form(derivation, algebra))
    return _LinearText(document, form, algebra, style).values()


class _LinearText:
    def __init__(
        self, document: Document, form: LinearForm, algebra: Algebra, style: Style
    ) -> None:
        self.document, self.form, self.algebra = document, form, algebra
        self.derivation = document.derivation
        letter = first_free(("K", "C", r"\kappa", r"\mathcal{K}"), style.letters())
        of = {a: n for n, a in self.derivation.adjoints.items()}
        coefficients = {
            f"{name}%": Symbol(letter, (style.symbols[of[name]].at(),))
            for name in form.materialised
            if name in of
        }
        shapes = {f"{name}%": style.shapes[name] for name in form.materialised if name in of}
        for name in form.adjoints:
            # Parts of a softmax, which no statement names: "d_a weighted", "d_a total".
            if name not in style.symbols:
                whole, _, part = name.partition(" ")
                coefficients[name] = replace(style.symbols[whole], superscript=part)
                shapes[name] = () if part.startswith("total") else style.shapes[whole]
        self.letter = letter
        self.style = replace(
            style,
            symbols={**style.symbols, **coefficients},
            shapes={**style.shapes, **shapes},
        )

    def values(self) -> dict[str, object]:
        inputs = {self.derivation.adjoints[n] for n in self.derivation.cell.inputs}
        shown = [
            a for a in self.form.adjoints.values() if self._is_shown(a) and (a.name not in inputs)
        ]
        known = [
            plain(self._left(f"{a.name}%"), tokens(self._tree(a.coefficient), self.style))
            for a in shown
            if a.name in self.form.materialised and not a.is_node
        ]
        awaited = self._awaited()
        loop = [self._entry(a) for a in shown if a.name in awaited]
        aside = [self._entry(a) for a in shown if a.name not in awaited]
        return {
            "loop": display(loop) if loop else None,
            "aside": display(aside) if aside else None,
            "coefficients": display(known) if known else None,
            "coefficient": self.letter,
        }

    def _awaited(self) -> set[str]:
        """Adjoints that an earlier step waits for: those on the way to what is carried back."""
        found: set[str] = set()
        waiting = list(self.derivation.outgoing.values())
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.form.adjoints:
                continue
            found.add(name)
            adjoint = self.form.adjoints[name]
            if adjoint.is_node:
                waiting += [edge.source for edge in adjoint.edges]
            else:
                waiting.append(adjoint.root)
        return found

    def _is_shown(self, adjoint: Adjoint) -> bool:
        """Nodes, and adjoints that maps or gradients read; not what is only passed through."""
        return adjoint.name in self.style.symbols and (
            adjoint.is_node
            or adjoint.name in self.form.materialised
            or adjoint.name in self.derivation.outgoing.values()
        )

    def _left(self, name: str) -> str:
        return self.style.symbols[name].at(self.style.now)

    def _tree(self, expr: object) -> Node:
        return numbers_first(self.algebra.to_tree(expr))

    def _entry(self, adjoint: Adjoint) -> Entry:
        if not adjoint.is_node:
            slope: Node = (
                Ref(f"{adjoint.name}%", 0)
                if adjoint.name in self.form.materialised
                else self._tree(adjoint.coefficient)
            )
            node = _scaled(slope, Ref(adjoint.root, 0))
            return plain(self._left(adjoint.name), tokens(node, self.style), adjoint.number)
        summands = [
            summand(self._term(edge), self.style, first=not k)
            for k, edge in enumerate(adjoint.edges)
        ]
        right = tuple(token for piece in summands for token in piece)
        return Entry(self._left(adjoint.name), (Piece(right),), adjoint.number)

    def _term(self, edge: Edge) -> Node:
        source = Ref(edge.source, 0)
        if edge.kind == "map":
            assert edge.matrix is not None
            node: Node = MatVec(_matrix(edge.matrix), source)
            return node if int(edge.coefficient) > 0 else Neg(node)
        node = _scaled(self._tree(edge.coefficient), source)
        return Reduce("sum", node) if edge.kind == "sum" else node


def _matrix(slab: Slab) -> Matrix:
    return Matrix(slab.name, slab.transposed, slab.columns if slab.transposed else slab.rows)


def _scaled(slope: Node, source: Ref) -> Node:
    """`slope * source`, the coefficient first; a sum keeps its brackets."""
    if isinstance(slope, Number) and slope.value == 1:
        return source
    if isinstance(slope, Neg):
        return Neg(_scaled(slope.argument, source))
    return Mul(slope, source)
