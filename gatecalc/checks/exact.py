"""The exact check: the module's own functions, unmodified, on numbers of a finite field.

Two things must hold as equalities of integers. The outcomes of `forward` are those of the parsed
equations. And the gradients of `backward`, multiplied with a random direction and summed, are the
derivative of the loss along this direction, which the equations give when they run on dual
numbers. A wrong gradient satisfies that with a probability of about its degree over 2**61.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecalc.checks.field import Element
from gatecalc.checks.field_arrays import (
    Objects,
    inner_product,
    random_array,
    tangent_of,
    value_of,
    without_tangent,
)
from gatecalc.checks.literals import Literals, literals_of
from gatecalc.checks.modular import PRIME, FieldError
from gatecalc.checks.oracle import Oracle
from gatecalc.checks.quantities import (
    Quantity,
    Results,
    arguments,
    cotangent,
    equations_outcomes,
    outcomes,
    value,
    with_values,
)
from gatecalc.checks.report import Row
from gatecalc.checks.subject import STRANGE, Subject, in_one_line, raised, run_sequences, run_steps
from gatecalc.equations.cell import Cell
from gatecalc.evaluate.problem import Problem

SEEDS = 3
"""Draws, so that entries of either sign meet every branch."""


def exact(subject: Subject, problem: Problem, seed: int = 0) -> tuple[Row, ...]:
    """Rows of the checks "exact" and "step"; only the shapes of `problem` count.

    The verdict is "proved" or "not proved": identities beyond those of the oracle (exp(a + b)
    written as exp(a) * exp(b)) look like errors here.
    """
    quantities = (*outcomes(subject.cell), *arguments(subject.cell))
    found = {check: dict.fromkeys(quantities, _Finding()) for check in ("exact", "step")}
    literals = literals_of(subject.cell)
    for draw in range(SEEDS):
        duals = _over_the_field(problem, subject.cell, literals, seed + draw)
        _examine(subject, duals, found)
        if any(f.reason for findings in found.values() for f in findings.values()):
            for findings in found.values():
                _name_unknown(literals, findings)
            break
    return tuple(
        Row(check, q, "not proved" if f.reason else "proved", index=f.index, reason=f.reason)
        for check, findings in found.items()
        for q, f in findings.items()
    )


@dataclass(frozen=True, slots=True)
class _Finding:
    reason: str = ""
    index: tuple[int, ...] | None = None


def _examine(subject: Subject, duals: Problem, found: dict[str, dict[Quantity, _Finding]]) -> None:
    """One draw; what is wrong replaces the findings."""
    cell = subject.cell
    plain = with_values(duals, {a: without_tangent(value(duals, a)) for a in arguments(cell)})
    try:
        expected = equations_outcomes(cell, duals)
    except ArithmeticError as error:
        for findings in found.values():
            findings |= dict.fromkeys(findings, _Finding(f"the equations meet a {error}"))
        return
    # The module is a stranger's: whatever it raises, the check goes on and says so.
    try:
        sequences = run_sequences(subject, plain)
    except STRANGE as error:
        for findings in found.values():
            findings |= dict.fromkeys(findings, _Finding(raised(error)))
        return
    try:
        for outcome in outcomes(cell):
            found["exact"][outcome] = _difference(sequences, expected, outcome)
        found["exact"] |= _wrong_gradients(cell, duals, expected, sequences)
    except (FieldError, TypeError) as error:
        reason = f"forward or backward returned what is no number: {in_one_line(error)}"
        for findings in found.values():
            findings |= dict.fromkeys(findings, _Finding(reason))
        return
    try:
        steps = run_steps(subject, plain)
        found["step"] |= {q: _difference(steps, sequences, q) for q in found["step"]}
    except STRANGE as error:
        found["step"] |= dict.fromkeys(found["step"], _Finding(raised(error)))


def _name_unknown(literals: Literals, findings: dict[Quantity, _Finding]) -> None:
    """Adds to the reasons that a number of the module has no place in the field."""
    if not literals.unknown:
        return
    number = literals.unknown[0]
    for quantity, found in findings.items():
        if found.index is not None:
            reason = f"{found.reason}, or {number!r} in the module cannot be represented exactly"
            findings[quantity] = replace(found, reason=reason)


def _over_the_field(problem: Problem, cell: Cell, literals: Literals, seed: int) -> Problem:
    """A problem of the same shapes; constants are drawn too, so that none can be built in."""
    rng, oracle = np.random.default_rng(seed), Oracle(seed, literals.residue)

    def drawn(array: Any, *, tangent: bool = False) -> Objects:
        return random_array(np.shape(array), rng, oracle, tangent=tangent)

    constants = {c.name: drawn(problem.params[c.name]) for c in cell.constants}
    duals = {a: drawn(value(problem, a), tangent=True) for a in arguments(cell)}
    d_state = {n: drawn(a) for n, a in problem.d_state.items()}
    fresh = replace(
        problem,
        params={**problem.params, **constants},
        d_hs=drawn(problem.d_hs),
        d_state=d_state,
    )
    return with_values(fresh, duals)


def _difference(found: Results, expected: Results, quantity: Quantity) -> _Finding:
    if quantity not in found or quantity not in expected:
        return _Finding("is missing from what the module returns")
    left, right = value_of(found[quantity]), value_of(expected[quantity])
    if left.shape != right.shape:
        return _Finding(f"has shape {left.shape}; expected {right.shape}")
    unequal = np.argwhere(np.asarray(left != right, dtype=bool))
    if not len(unequal):
        return _Finding()
    return _Finding(_share(len(unequal), left.size), tuple(int(k) for k in unequal[0]))


def _share(count: int, size: int) -> str:
    return "differs" if size == 1 else f"differs in {count} of {size} entries"


def _wrong_gradients(
    cell: Cell, duals: Problem, expected: Results, found: Results
) -> dict[Quantity, _Finding]:
    """Findings for the gradients: none if all hold along one direction, else one by one."""
    wrong: dict[Quantity, _Finding] = {}
    for argument in arguments(cell):
        if argument not in found:
            wrong[argument] = _Finding("is missing from what the module returns")
        elif found[argument].shape != value(duals, argument).shape:
            wrong[argument] = _Finding(
                f"has shape {found[argument].shape}; expected {value(duals, argument).shape}"
            )
    if not wrong:
        along = sum(
            inner_product(value_of(found[a]), tangent_of(value(duals, a))) for a in arguments(cell)
        )
        if along % PRIME == _derivative(duals, expected):
            return {}
    for argument in arguments(cell):
        if argument not in wrong:
            index = _wrong_entry(cell, duals, argument, found[argument])
            if index is not None:
                wrong[argument] = _Finding("is not the derivative of the equations", index)
    return wrong


def _derivative(problem: Problem, results: Results) -> int:
    """The derivative of the loss along the tangents."""
    total = sum(
        inner_product(value_of(cotangent(problem, q)), tangent_of(array))
        for q, array in results.items()
    )
    return total % PRIME


def _wrong_entry(
    cell: Cell, duals: Problem, argument: Quantity, gradient: Any
) -> tuple[int, ...] | None:
    """An entry of a gradient that is wrong, found by halves; None if all hold."""
    start = value(duals, argument)
    still = with_values(duals, {a: without_tangent(value(duals, a)) for a in arguments(cell)})
    slopes, tangents = value_of(gradient).ravel(), tangent_of(start).ravel()

    def holds(entries: Iterable[int]) -> bool:
        moved = without_tangent(start).ravel()
        for k in entries:
            moved[k] = Element(moved[k].value, tangents[k], moved[k].oracle)
        problem = with_values(still, {argument: moved.reshape(start.shape)})
        along = sum(slopes[k] * tangents[k] for k in entries)
        return bool(along % PRIME == _derivative(problem, equations_outcomes(cell, problem)))

    entries = range(start.size)
    if holds(entries):
        return None
    while len(entries) > 1:
        half = len(entries) // 2
        first, second = entries[:half], entries[half:]
        entries = second if holds(first) else first
    return tuple(int(k) for k in np.unravel_index(entries[0], start.shape))
