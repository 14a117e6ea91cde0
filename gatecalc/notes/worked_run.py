"""The worked example: a small run with its numbers put into the equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatecalc.calculus.statements import Statement
from gatecalc.equations.tree import Ref
from gatecalc.notes.display import Display, Entry, Piece, display
from gatecalc.notes.document import Document
from gatecalc.notes.equations import numbers_first
from gatecalc.notes.latex import AT_SUM, Token, tokens
from gatecalc.notes.literals import decimal
from gatecalc.notes.numbers import StepNumbers, array, number, row
from gatecalc.notes.reasons import reference
from gatecalc.notes.style import Style
from gatecalc.notes.tables import run_table, sizes_text

MOST_STATEMENTS = 16
"""Cells with more forward statements get their numbers as tables alone."""


@dataclass(frozen=True, slots=True)
class WorkedRun:
    """What the worked example prints."""

    sizes: str
    given: tuple[str, ...]
    forward: tuple[tuple[str, ...], ...]
    backward: tuple[tuple[str, ...], ...]
    once: tuple[str, ...]
    forward_in_full: Display | None
    backward_in_full: Display | None
    gradients: tuple[str, ...]
    first_states: tuple[str, ...]
    loss: str
    weighted: bool
    output: str
    check: tuple[str, str, str] | None
    apart: tuple[str, str] | None


def worked_run(document: Document, style: Style, label: str) -> WorkedRun:
    """The numbers of the example, as LaTeX."""
    d, cell, run = document.derivation, document.cell, document.example.run
    steps = [StepNumbers(run, t) for t in range(run.problem.length)]
    forward = [s for s in d.forward if s.role == "step"]
    backward = [s for s in d.backward if s.role in ("adjoint", "input", "carried")]
    small = len(forward) <= MOST_STATEMENTS
    checked = document.example.check
    last = _at_step(style, len(steps))
    first = _at_step(style, 1)
    return WorkedRun(
        sizes=sizes_text(run.problem.sizes, style),
        given=tuple(_given(document, style)),
        forward=run_table(forward, steps, style, label),
        backward=run_table(backward, steps, style, label),
        once=tuple(f"{style.ref(Ref(n))} = {array(a)}" for n, a in run.static.items()),
        forward_in_full=_in_full(forward, steps[0], first, label) if small else None,
        backward_in_full=_in_full(backward, steps[-1], last, label) if small else None,
        gradients=tuple(
            f"{style.ref(Ref(d.adjoints[p]))} = {array(run.gradients[p])}" for p in cell.parameters
        ),
        first_states=tuple(
            f"{style.symbols[d.outgoing[s]].at(style.moment('1'))} = {row(run.d_initial[s][0])}"
            for s in cell.states
            if any(b.target.name == d.outgoing[s] for b in backward)
        ),
        loss=number(document.example.loss),
        weighted=document.example.weighted,
        output=style.symbols[cell.output].at(last.now),
        check=None
        if checked is None
        else (
            _entry_name(style, checked.parameter, checked.index),
            number(checked.quotient, 6),
            number(checked.gradient, 6),
        ),
        apart=_apart(style),
    )


def _at_step(style: Style, step: int) -> Style:
    return replace(style, now=style.moment(str(step)), before=style.moment(str(step - 1)))


def _apart(style: Style) -> tuple[str, str] | None:
    """A value at the first step, and the name that it would look like without `t=`."""
    pair = style.numbered()
    if pair is None:
        return None
    value, name = pair
    return _at_step(style, 1).ref(Ref(value, 0)), style.symbols[name].at()


def _given(document: Document, style: Style) -> list[str]:
    cell, problem = document.cell, document.example.problem
    shown = [f"{style.ref(Ref(c.name))} = {decimal(c.text)}" for c in cell.constants]
    shown += [f"{style.ref(Ref(p))} = {array(problem.params[p], 1)}" for p in cell.parameters]
    for name in cell.inputs:
        for t in range(problem.length):
            values = problem.xs[name][t, 0]
            vector = values if cell.shapes[name] else values[0]
            known = style.symbols[name].at(style.moment(str(t + 1)))
            shown.append(f"{known} = {array(np.asarray(vector), 1)}")
    for name in cell.states:
        values = problem.state[name][0]
        vector = values if cell.shapes[name] else values[0]
        known = style.symbols[name].at(style.moment("0"))
        shown.append(f"{known} = {array(np.asarray(vector), 1)}")
    return shown


def _in_full(
    statements: Sequence[Statement], step: StepNumbers, style: Style, label: str
) -> Display:
    """Each statement with the numbers put in, and the result."""
    inner = replace(style, numbers=step)
    entries: list[Entry] = []
    for s in statements:
        result = step.of(s.target)
        pieces = tokens(numbers_first(s.expression), inner)
        if not isinstance(s.expression, Ref):
            pieces = (*pieces, Token(f" = {result}", AT_SUM))
        note = reference(s.number, label)
        entries.append(Entry(style.ref(s.target), (Piece(pieces, note),)))
    return display(entries)


def _entry_name(style: Style, name: str, index: tuple[int, ...]) -> str:
    shown = style.ref(Ref(name))
    if not index:
        return shown
    whole = f"({shown})" if "_" in shown or "^" in shown else shown
    return rf"{whole}_{{{','.join(str(i + 1) for i in index)}}}"
