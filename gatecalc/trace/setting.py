"""What is going to be run: a derivation and all arrays. Its size is known before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from gatecalc.calculus import Derivation, derive
from gatecalc.equations import Cell
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.problem import Problem
from gatecalc.evaluate.run import run_statements
from gatecalc.trace.inputs import problem
from gatecalc.trace.record import Trace, record


@dataclass(frozen=True, slots=True)
class Setting:
    """A cell with everything that it is run on.

    `seed` is None where nothing was drawn, `cotangent` is "given" where it is a user's array.
    """

    derivation: Derivation
    problem: Problem
    seed: int | None
    cotangent: str


def prepare(
    source: str | PathLike[str] | Cell,
    *,
    seed: int = 0,
    params: Mapping[str, Array] | None = None,
    xs: Array | Mapping[str, Array] | None = None,
    cotangent: str | Array = "last",
    **others: Any,
) -> Setting:
    """The setting of a trace, from what `gatecalc.trace` takes; it raises what that raises."""
    derivation = derive(source)
    given = problem(derivation.cell, seed=seed, params=params, xs=xs, cotangent=cotangent, **others)
    named = cotangent if isinstance(cotangent, str) else "given"
    drawn = params is None or xs is None or named == "random"
    return Setting(derivation, given, seed if drawn else None, named)


def run(setting: Setting) -> Trace:
    """Runs forward and backward and records every number."""
    # Numbers that are not finite are shown where they arise; a warning would say less.
    with np.errstate(all="ignore"):
        return record(
            run_statements(setting.derivation, setting.problem), setting.seed, setting.cotangent
        )
