"""The check "ways": however a sequence is run through a module, the results are the same."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from gatecalc.checks.comparison import compare
from gatecalc.checks.quantities import Quantity, Results, arguments, outcomes
from gatecalc.checks.report import Row
from gatecalc.checks.subject import STRANGE, Subject, raised, run_sequences
from gatecalc.evaluate.problem import Problem

WAYS_BOUND = 1e-10
"""How far results may be apart: sums are formed in another order."""

_SMALL: dict[str, Any] = {
    "_FORWARD_BYTES": 1,
    "_BACKWARD_BYTES": 1,
    "_WEIGHT_BYTES": 1,
    "_WEIGHT_SAMPLES": 1,
    "_BLOCK_SAMPLES": range(1, 2),
    "_EXP_ENTRIES": {"float32": 1, "float64": 1},
}
"""What generated modules cut a sequence by: with these, every step is a chunk of its own."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Options of `forward`, and whether in chunks of one step."""

    words: str
    options: dict[str, Any] = field(default_factory=dict)
    chunks: bool = False


def ways(subject: Subject, problem: Problem, expected: Results, sent: float) -> tuple[Row, ...]:
    """The worst row for each array over all ways; `expected` are the results of the usual one.

    `sent` is what the loss sends in (see `compare`). A module without an option (checkpoint,
    workspace, tape), as others may write them, is not asked for it.
    """
    found: dict[Quantity, Row] = {}
    for way in _ways(subject.module):
        for row in _rows(way, subject, problem, expected, sent):
            before = found.get(row.quantity)
            if before is None or _badness(row) > _badness(before):
                found[row.quantity] = row
    return tuple(found.values())


def _badness(row: Row) -> tuple[bool, float]:
    return row.verdict != "proved", np.inf if row.error is None else row.error


def _ways(module: Any) -> Iterator[_Way]:
    yield _Way("between other calls", {"between": True})
    try:
        known = set(inspect.signature(module.forward).parameters)
    except (TypeError, ValueError):
        known = set()
    chunked = isinstance(module, ModuleType) and any(hasattr(module, name) for name in _SMALL)
    if "workspace" in known and callable(getattr(module, "workspace", None)):
        yield _Way("in a workspace", {"workspace": True})
    if chunked:
        yield _Way("in chunks of one step", chunks=True)
    if "checkpoint" in known:
        yield _Way("with checkpoint=2", {"checkpoint": 2})
    if "tape" in known:
        yield _Way("without a tape", {"tape": False}, chunks=chunked)


def _rows(
    way: _Way, subject: Subject, problem: Problem, expected: Results, sent: float
) -> Iterator[Row]:
    quantities = outcomes(subject.cell)
    if way.options.get("tape", True):
        quantities = (*quantities, *arguments(subject.cell))
    present = [q for q in quantities if q in expected]
    try:
        with np.errstate(all="ignore"), _cut(subject.module, chunks=way.chunks):
            results = run_sequences(subject, problem, **way.options)
    except STRANGE as error:
        for quantity in present:
            yield Row("ways", quantity, "failed", reason=f"{way.words}: {raised(error)}")
        return
    for row in compare("ways", results, expected, WAYS_BOUND, present, sent):
        yield replace(row, reason=f"{way.words} {row.reason}" if row.reason else "")


@contextmanager
def _cut(module: Any, *, chunks: bool) -> Iterator[None]:
    """Lets a module cut sequences into single steps meanwhile."""
    before = {n: getattr(module, n) for n in _SMALL if hasattr(module, n)} if chunks else {}
    try:
        for name in before:
            setattr(module, name, _SMALL[name])
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
