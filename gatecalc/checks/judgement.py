"""All checks of one module, brought together to the rows of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gatecalc.calculus.statements import Derivation
from gatecalc.checks.comparison import compare
from gatecalc.checks.effort import LONGEST_FOR_AUTOGRAD, entries_moved
from gatecalc.checks.exact import exact
from gatecalc.checks.independent import BOUND, by_autograd, by_pytorch
from gatecalc.checks.numeric import (
    CENTRAL_BOUND,
    COMPLEX_BOUND,
    central_differences,
    complex_step,
)
from gatecalc.checks.points import Point, draw_point
from gatecalc.checks.quantities import (
    Results,
    arguments,
    equations_outcomes,
    outcomes,
    value,
)
from gatecalc.checks.report import Report, Row
from gatecalc.checks.subject import STRANGE, Subject, raised, run_sequences, run_steps
from gatecalc.checks.ways import ways
from gatecalc.equations.cell import Cell
from gatecalc.evaluate.problem import Problem, dimensions, random_problem, resolve_sizes

BOUNDS: dict[str, float] = {
    "central differences": CENTRAL_BOUND,
    "complex step": COMPLEX_BOUND,
    "autograd": BOUND,
    "PyTorch": BOUND,
}
"""How far a gradient may be from each numeric reference, relative to its largest entry."""

_STEP_BOUND = 1e-10

_EXACT_PRODUCTS = 100_000
"""The exact check takes about 15 microseconds for a product: a few seconds at most."""


def judge(
    subject: Subject,
    derivation: Derivation,
    sizes: Mapping[str, int],
    *,
    length: int,
    batch: int,
    seed: int,
) -> Report:
    """Runs every check that can be run here."""
    cell = subject.cell
    point = draw_point(derivation, sizes, length=length, batch=batch, seed=seed)
    remarks = [point.remark] if point.remark else []
    sequences = _attempt(run_sequences, subject, point.problem)
    references, left_out = _references(cell, point.problem)
    moved = entries_moved(cell, sizes, length, batch)
    if any(value(point.problem, a).size > moved for a in arguments(cell)):
        entries = "entry" if moved == 1 else "entries"
        remarks.append(f"central and complex move {moved} {entries} of each larger array")
    on_kinks = _entries_on_kinks(cell, references) if point.finite else 0
    if on_kinks:
        remarks.append(f"central leaves out {on_kinks} entries, as the loss has kinks there")
    numeric = [
        row
        for check, reference in references.items()
        for row in _numeric_rows(check, cell, sequences, reference, point)
    ]
    problem = _for_exact(cell, point.problem)
    if problem is not point.problem:
        small = {"T": problem.length, "B": problem.batch, **problem.sizes}
        listed = ", ".join(f"{n}={v}" for n, v in small.items())
        remarks.append(f"exact and step run at {listed}, as whole numbers take their time")
    exact_rows = exact(subject, problem, seed)
    steps = _step_rows(subject, sequences, point)
    rows = (
        *numeric,
        *(_settled(row, numeric) for row in exact_rows if row.check == "exact"),
        *(_settled(row, steps) for row in exact_rows if row.check == "step"),
        *(() if sequences.raised else _ways_rows(subject, sequences, point)),
    )
    return Report(
        cell=cell.name,
        sizes=dict(sizes),
        length=length,
        batch=batch,
        seed=seed,
        rows=rows,
        bounds={check: BOUNDS[check] for check in references},
        left_out=left_out,
        remarks=tuple(remarks),
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Results of the module or of a library, or what it raised instead."""

    results: Results
    raised: str = ""


def _attempt(run: Callable[[Subject, Problem], Results], subject: Subject, on: Problem) -> _Attempt:
    try:
        with np.errstate(all="ignore"):
            results = run(subject, on)
    except STRANGE as error:
        return _Attempt({}, raised(error))
    for quantity, array in results.items():
        if array.dtype.kind not in "fiu":
            words = f"{quantity.kind} {quantity.name} is an array of {array.dtype}"
            return _Attempt({}, f"the module returned no numbers: {words}")
    return _Attempt(results)


def _references(cell: Cell, problem: Problem) -> tuple[dict[str, _Attempt], dict[str, str]]:
    """What each numeric check compares with, and what cannot be compared with here."""
    by_equations = equations_outcomes(cell, problem)
    references = {
        "central differences": _Attempt(by_equations | central_differences(cell, problem)),
        "complex step": _Attempt(by_equations | complex_step(cell, problem)),
    }
    left_out = {}
    libraries: dict[str, Callable[[Cell, Problem], Results]] = {
        "autograd": by_autograd,
        "PyTorch": by_pytorch,
    }
    if problem.length > LONGEST_FOR_AUTOGRAD:
        del libraries["autograd"]
        left_out["autograd"] = f"slow beyond {LONGEST_FOR_AUTOGRAD} steps"
    for check, differentiate in libraries.items():
        try:
            with np.errstate(all="ignore"):
                references[check] = _Attempt(differentiate(cell, problem))
        except ImportError:
            left_out[check] = "not installed"
        except Exception as error:  # noqa: BLE001 - what a library cannot do is no one's traceback
            references[check] = _Attempt({}, raised(error, check))
    return references, left_out


def _entries_on_kinks(cell: Cell, references: Mapping[str, _Attempt]) -> int:
    central = references["central differences"].results
    complex_ = references["complex step"].results
    return sum(int((np.isnan(central[a]) & ~np.isnan(complex_[a])).sum()) for a in arguments(cell))


def _numeric_rows(
    check: str, cell: Cell, sequences: _Attempt, reference: _Attempt, point: Point
) -> tuple[Row, ...]:
    quantities = (*outcomes(cell), *arguments(cell))
    if sequences.raised:
        return tuple(Row(check, q, "failed", reason=sequences.raised) for q in quantities)
    if not point.finite:
        reason = "no point was found where all values and derivatives are finite"
        return tuple(Row(check, q, "not proved", reason=reason) for q in quantities)
    if reference.raised:
        return tuple(Row(check, q, "not proved", reason=reference.raised) for q in quantities)
    sent = _sent(point.problem)
    return compare(check, sequences.results, reference.results, BOUNDS[check], quantities, sent)


def _ways_rows(subject: Subject, sequences: _Attempt, point: Point) -> tuple[Row, ...]:
    if not point.finite:
        return ()
    return ways(subject, point.problem, sequences.results, _sent(point.problem))


def _sent(problem: Problem) -> float:
    """The largest entry of what the loss sends in, at the outputs and the last states."""
    arrays = (problem.d_hs, *problem.d_state.values())
    return float(max(np.abs(array).max(initial=0) for array in arrays))


def _step_rows(subject: Subject, sequences: _Attempt, point: Point) -> tuple[Row, ...]:
    """`step` and `step_backward` against `forward` and `backward` in floats."""
    quantities = (*outcomes(subject.cell), *arguments(subject.cell))
    steps = _attempt(run_steps, subject, point.problem)
    reason = steps.raised or sequences.raised
    if reason:
        return tuple(Row("step", q, "failed", reason=reason) for q in quantities)
    if not point.finite:
        return ()
    present = [q for q in quantities if q in sequences.results]
    sent = _sent(point.problem)
    return compare("step", steps.results, sequences.results, _STEP_BOUND, present, sent)


def _settled(row: Row, numeric: tuple[Row, ...] | list[Row]) -> Row:
    """What the exact check could not prove has failed where numbers show it as well."""
    if row.verdict == "proved":
        return row
    about = [other for other in numeric if other.quantity == row.quantity]
    failed = [other for other in about if other.verdict == "failed"]
    if failed and failed[0].check == row.check:
        return failed[0]
    if failed:
        seen = "" if row.reason == failed[0].reason else f"; {failed[0].check} shows it too"
        return replace(row, verdict="failed", reason=row.reason + seen)
    if about and about[0].check == row.check:
        return replace(row, error=about[0].error, index=row.index or about[0].index)
    return row


def _for_exact(cell: Cell, problem: Problem) -> Problem:
    """The problem, or a smaller one of the cell if whole numbers would take long."""
    entries = sum(int(np.prod(dimensions(cell.shapes[p], problem.sizes))) for p in cell.parameters)
    if entries * problem.length * problem.batch <= _EXACT_PRODUCTS:
        return problem
    sizes = {n: min(problem.sizes[n], size) for n, size in resolve_sizes(cell, None).items()}
    return random_problem(cell, sizes, length=min(problem.length, 3), batch=min(problem.batch, 2))
