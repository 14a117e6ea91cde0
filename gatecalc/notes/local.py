"""The derivatives of single statements: rules, functions worked out, and each statement's own."""

from __future__ import annotations

from gatecalc.calculus.partials import Partial
from gatecalc.calculus.statements import Statement
from gatecalc.calculus.worked import Worked
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tree import Call, MatVec, Reduce, walk
from gatecalc.notes.display import Section
from gatecalc.notes.document import Document
from gatecalc.notes.equations import (
    function_title,
    is_short,
    kink,
    own_derivative,
    remark,
    slopes,
    worked_derivative,
)
from gatecalc.notes.prose import capital, sentence
from gatecalc.notes.reasons import references
from gatecalc.notes.style import Style, column_blocks


def local_derivatives(document: Document, style: Style) -> dict[str, object]:
    """What the templates print about single statements."""
    short = _short(document, style)
    return {
        "rules": _rules(document),
        "blocks": _blocks(document, style),
        "functions": [
            Section(
                function_title(f.name),
                _function_text(f, document, style),
                worked_derivative(f, style),
            )
            for f in document.functions
        ],
        "own": [
            Section(
                function_title(n.name),
                sentence(capital(n.explanation)),
                (own_derivative(n, own, style),),
            )
            for n, own in document.own
        ],
        "slopes": slopes(short, style, document.label) if short else None,
        "omitted": short != document.slopes,
    }


def _rules(document: Document) -> frozenset[str]:
    """The kinds of statements that have a rule of their own: maps, and functions of a vector."""
    nodes = [n for s in document.derivation.forward for n in walk(s.expression)]
    kinds = {n.kind for n in nodes if isinstance(n, Reduce)}
    return frozenset(kinds | ({"map"} if any(isinstance(n, MatVec) for n in nodes) else set()))


def _function_text(function: Worked, document: Document, style: Style) -> str:
    """Where a function is applied, what its derivation starts from, and what holds at a kink."""
    users = [
        s.number
        for s in document.derivation.forward
        if any(isinstance(n, Call) and n.function == function.name for n in walk(s.expression))
    ]
    parts = [f"applied in~{references(tuple(users), document.label, ' and ')}."]
    if FUNCTIONS[function.name].latex == r"\sigma":
        parts[0] = "the logistic sigmoid, " + parts[0]
    if function.remark:
        parts.append(remark(f"{capital(function.remark)}.", style))
    if function.kink:
        parts.append(f"By convention, {kink(function.kink)}.")
    return " ".join(parts)


def _blocks(document: Document, style: Style) -> list[str]:
    """How matrices that multiply a stack are cut: the first one stands for all cut alike."""
    seen: dict[tuple[str, ...], list[str]] = {}
    for matrix, blocks in column_blocks(document.derivation).items():
        labels = tuple(style.blocks[matrix, columns] for columns in blocks)
        seen.setdefault(labels, []).append(matrix)
    shown = []
    for labels, matrices in seen.items():
        symbol = style.symbols[matrices[0]]
        parts = r" \;\; ".join(symbol.at("", f"[{x}]") for x in labels)
        shown.append(rf"{symbol.at()} = \bigl( {parts} \bigr)")
    return shown


def _short(document: Document, style: Style) -> tuple[tuple[Statement, tuple[Partial, ...]], ...]:
    found = [(s, tuple(p for p in ps if is_short(p, style))) for s, ps in document.slopes]
    return tuple((s, ps) for s, ps in found if ps)
