"""The backward pass: adjoints, what travels between steps, and the sum over time."""

from __future__ import annotations

from dataclasses import dataclass

from gatecalc.calculus.statements import Statement
from gatecalc.equations.tree import Reduce, Ref, walk
from gatecalc.notes.display import MEASURE, Display, Section
from gatecalc.notes.document import Document
from gatecalc.notes.equations import adjoints, summand
from gatecalc.notes.latex import text_of
from gatecalc.notes.opening import head
from gatecalc.notes.reasons import reference, references
from gatecalc.notes.style import Style
from gatecalc.notes.symbols import first_free
from gatecalc.notes.width import width


@dataclass(frozen=True, slots=True)
class Sum:
    """A gradient as its sum over time: the parameter, and what one step adds."""

    parameter: str
    share: str


@dataclass(frozen=True, slots=True)
class Paths:
    """An adjoint with several terms: what shows that each term is one path."""

    value: str
    adjoint: str
    number: str
    count: str
    ways: str


def backward(document: Document, style: Style) -> dict[str, object]:
    """What the templates print from the backward pass to the sum over time."""
    d, cell, label = document.derivation, document.cell, document.label
    steps = first_free(("T", "N", r"\mathcal{T}"), style.letters())
    parameters = document.of_role("parameter")
    return {
        "delta": style.symbols[d.cotangent].prefix,
        "loss": first_free(("L", r"\mathcal{L}"), style.letters()),
        "steps": steps,
        "output": style.ref(Ref(cell.output, 0)),
        "cotangent": style.ref(Ref(d.cotangent, 0)),
        "paths": _paths(document, style),
        "collects": _collects(document),
        "backward": [
            Section(head(g, style), "", (adjoints(g.statements, style, label),))
            for g in document.backward
        ],
        "inputs": _optional(document.of_role("input"), style, label),
        "carried": _optional(document.of_role("carried"), style, label),
        "parameters": _optional(parameters, style, label),
        "static": _optional(document.of_role("static"), style, label),
        "total": _total(parameters, style),
        "shares": references(tuple(s.number for s in parameters), label, " and "),
        "arrivals": _arrivals(document, style),
        "last_arrivals": [style.symbols[n].at(steps) for n in d.incoming.values()],
        "departures": [style.symbols[n].at(style.moment("1")) for n in _departing(document)],
    }


def _optional(found: tuple[Statement, ...], style: Style, label: str) -> Display | None:
    return adjoints(found, style, label) if found else None


def _collects(document: Document) -> bool:
    """Whether an adjoint of one number adds up what the entries of a vector send it."""
    return any(
        term.rule == "chain" and isinstance(node, Reduce)
        for statement in document.derivation.backward
        for term in statement.terms
        for node in walk(term.expression)
    )


def _paths(document: Document, style: Style) -> Paths | None:
    """An adjoint with several terms, to show what a term is; one with few terms shows it best."""
    roles = ("adjoint", "carried", "input")
    several = [
        s
        for s in document.derivation.backward
        if s.role in roles and len(s.terms) > 1 and any(t.source is not None for t in s.terms)
    ]
    if not several:
        return None
    label = document.label
    shown = min(several, key=lambda s: (roles.index(s.role), len(s.terms), s.number))
    sources = tuple(t.source for t in shown.terms if t.source is not None)
    uses = references(sources, label, " and ")
    ways = [f"it is used in~{uses}"]
    rules = [t.rule for t in shown.terms]
    if "carried" in rules:
        ways.append("it is carried to the next step")
    if "output" in rules:
        ways.append("the loss sees it")
    ref = Ref(shown.of, 1 if shown.role == "carried" else 0)
    return Paths(
        value=style.ref(ref),
        adjoint=style.ref(shown.target),
        number=reference(shown.number, label),
        count=_count(len(shown.terms)),
        ways=", and ".join(ways),
    )


def _count(value: int) -> str:
    names = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return names[value] if value < len(names) else str(value)


def _departing(document: Document) -> list[str]:
    """The adjoints that go back to the step before; a state that nothing reads has none."""
    sent = [s.target.name for s in document.of_role("carried")]
    return [name for name in document.derivation.outgoing.values() if name in sent]


def _arrivals(document: Document, style: Style) -> list[str]:
    """What arrives from the next step, for each state; as many in a line as find room."""
    d, sent = document.derivation, _departing(document)
    lines: list[str] = []
    for state, name in d.incoming.items():
        out = d.outgoing[state]
        right = style.symbols[out].at("t+1") if out in sent else "0"
        shown = f"{style.symbols[name].at('t')} = {right}"
        if lines and width(lines[-1]) + 2 + width(shown) < MEASURE:
            lines[-1] += rf", \qquad {shown}"
        else:
            lines.append(shown)
    return lines


def _total(parameters: tuple[Statement, ...], style: Style) -> Sum | None:
    """The gradient of the first parameter as a sum over all steps."""
    if not parameters:
        return None
    first = parameters[0]
    inside = text_of(summand(first.expression, style, first=True))
    if len(first.terms) > 1:
        inside = rf"\bigl( {inside} \bigr)"
    return Sum(style.symbols[first.of].at(), inside)
