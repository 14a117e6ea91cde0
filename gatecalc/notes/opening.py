"""The first pages of the notes: conventions, names and the forward pass."""

from __future__ import annotations

from gatecalc.calculus.show import behind_once
from gatecalc.equations.cell import Cell
from gatecalc.equations.tree import Call, Concat, Node, Reduce, Ref, references, walk
from gatecalc.notes.display import Section
from gatecalc.notes.document import Document, Group, headline
from gatecalc.notes.equations import authors_equations, statements
from gatecalc.notes.prose import capital, enumeration, prose, sentence, words
from gatecalc.notes.reasons import references as equation_numbers
from gatecalc.notes.style import Style
from gatecalc.notes.symbols import symbol
from gatecalc.notes.tables import name_table


def opening(document: Document, style: Style) -> dict[str, object]:
    """What the templates print up to the end of the forward pass."""
    cell = document.cell
    once = [g for g in document.forward if g.statements[0].role == "static"]
    step = [g for g in document.forward if g.statements[0].role != "static"]
    return {
        "title": prose(cell.title),
        "source": words(cell.source),
        "source_sentence": sentence(f"Source: {cell.source}", words) if cell.source else "",
        "conventions": [prose(note) for note in cell.notes],
        "explains": _explains(document),
        "names": name_table(document, style, document.label),
        "sizes": _sizes(cell, style),
        "forced": _forced(cell, style),
        "equations": authors_equations(
            document.equations, cell.nonlinearities, style, document.label
        ),
        "behind_once": behind_once(document.derivation),
        "once": [_once(g, document, style) for g in once],
        "forward": [_section(g, style) for g in step],
    }


def head(group: Group, style: Style) -> str:
    """What stands before the statements of an equation: what it is, and its symbol."""
    said, _ = headline(group.equation.explanation)
    shown = rf"\textbf{{{prose(capital(said))}}}" if said else "For"
    return f"{shown} ${style.ref(group.equation.target)}$"


def _section(group: Group, style: Style) -> Section:
    return Section(
        head(group, style),
        sentence(capital(headline(group.equation.explanation)[1])),
        (statements(group.statements, style),),
    )


def _once(group: Group, document: Document, style: Style) -> Section:
    """What is computed once; parts of a step's equation go by where they are used, not by it."""
    if group.equation.target.lag is None:
        return _section(group, style)
    own = {s.target.name for s in group.statements}
    used = tuple(
        s.number
        for s in document.derivation.forward
        if s not in group.statements and own & {r.name for r in references(s.expression)}
    )
    where = equation_numbers(used, document.label, " and ")
    return Section(f"For~{where}", "", (statements(group.statements, style),))


def _explains(document: Document) -> dict[str, object]:
    """Which ways of writing occur, so that the notes explain no more than those."""
    d = document.derivation
    nodes: list[Node] = [n for s in (*d.forward, *d.backward) for n in walk(s.expression)]
    called = {n.function for n in nodes if isinstance(n, Call)}
    wholes = {n.kind for s in d.forward for n in walk(s.expression) if isinstance(n, Reduce)}
    return {
        "wholes": enumeration(sorted(wholes)),
        "stacks": any(isinstance(n, Concat) for n in nodes),
        "numbers": any(isinstance(n, Reduce) and n.kind != "softmax" for n in nodes),
        "brackets": bool({"step", "maximum", "minimum"} & called),
    }


def _sizes(cell: Cell, style: Style) -> list[dict[str, str]]:
    """Each size with the first value that has it."""
    found = []
    for size in cell.sizes:
        candidates = (*cell.inputs, *cell.states, *cell.computed, *cell.parameters)
        owner = next((n for n in candidates if cell.shapes[n] == ((size,),)), "")
        lag = 0 if owner in (*cell.inputs, *cell.computed) else None
        found.append(
            {
                "symbol": style.sizes[size].at(),
                "of": style.ref(Ref(owner, lag)) if owner else "",
            }
        )
    return found


def _forced(cell: Cell, style: Style) -> str:
    """Sizes that the equations make one; only one of them is left among the cell's sizes."""
    shown = [style.sizes[n].at() if n in style.sizes else symbol(n).at() for n in cell.equal_sizes]
    return " = ".join(shown) if len({*cell.equal_sizes} & {*cell.sizes}) < 2 else ""
