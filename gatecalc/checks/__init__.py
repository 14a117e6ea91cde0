"""What is proved: numeric, exact and independent checks of a derivation."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from gatecalc.calculus import derive
from gatecalc.checks.effort import refuse_too_much
from gatecalc.checks.judgement import judge
from gatecalc.checks.report import Report, Row
from gatecalc.checks.subject import subject
from gatecalc.codegen import generate, load
from gatecalc.equations import Cell, cell
from gatecalc.evaluate.problem import resolve_sizes, whole

__all__ = ["Report", "Row", "check"]


def check(
    source: str | PathLike[str] | Cell,
    module: Any = None,
    *,
    sizes: Mapping[str, int] | None = None,
    length: int = 3,
    batch: int = 2,
    seed: int = 0,
) -> Report:
    """Checks the module of a cell against its equations, in every way that can be run here.

    Central differences, the complex step and, where they are installed, HIPS autograd and PyTorch
    differentiate the equations in floats; the exact check compares whole numbers of a finite
    field. `module` is any object with the functions of a generated module; without it, one is
    generated. `sizes` are as in `{"D": 3, "H": 4}`, `length` is T, `batch` is B.

    Raises what `gatecalc.cell` raises, and InputError for a module that cannot be that of the
    cell, for unknown sizes, for a length or batch below 1, and where it all would take many
    minutes. Large cells have fewer entries moved; the report says how many.

    >>> report = check("rnn")
    >>> bool(report), report.verdict("exact")
    (True, 'proved')
    """
    it = cell(source)
    length, batch = whole("length", length, 1), whole("batch", batch, 1)
    seed = whole("seed", seed, 0)
    resolved = resolve_sizes(it, sizes)
    refuse_too_much(it, resolved, length, batch)
    if module is None:
        module = load(generate(it))
    return judge(
        subject(it, module, resolved),
        derive(it),
        resolved,
        length=length,
        batch=batch,
        seed=seed,
    )
