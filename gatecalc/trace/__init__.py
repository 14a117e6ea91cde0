"""What is watched: every number of a small run, forward and backward, with its equation."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from numpy.typing import DTypeLike

from gatecalc.equations import Cell
from gatecalc.evaluate.functions import Array
from gatecalc.trace.files import load_arrays
from gatecalc.trace.record import Trace
from gatecalc.trace.setting import prepare, run

__all__ = ["Trace", "load_arrays", "trace"]


def trace(
    source: str | PathLike[str] | Cell,
    *,
    length: int | None = None,
    batch: int | None = None,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
    dtype: DTypeLike = "float64",
    params: Mapping[str, Array] | None = None,
    xs: Array | Mapping[str, Array] | None = None,
    state: Mapping[str, Array] | None = None,
    cotangent: str | Array = "last",
) -> Trace:
    """Runs a cell forward and backward over a short sequence and records every number.

    `source` is what `gatecalc.cell` takes. Without arrays of one's own, parameters and inputs are
    drawn from the seed (T = 4 steps, B = 1 sample, D = 3, H = 4, others 2), and states begin at
    zero. Own arrays replace them: `params` holds all parameters by name, constants where they
    should differ from their defaults; `xs` is `(T, B, n)` for each input, by name, or the array
    alone where there is one input; `state` is `(B, n)` for each state. Sizes, length and batch
    follow from the arrays.

    `cotangent` is what flows in at the outputs: "last" (ones at the last step), "all" (ones at
    every step), "random" (drawn from the seed), or an array `(T, B, n)`. `dtype` is float32 or
    float64, as a name or as NumPy's type.

    Raises what `gatecalc.cell` raises, and InputError for arrays or options that do not fit.

    >>> run = trace("lstm", length=2)
    >>> run["f", 1].round(3)
    array([[0.468, 0.345, 0.18 , 0.548]])
    """
    return run(
        prepare(
            source,
            length=length,
            batch=batch,
            sizes=sizes,
            seed=seed,
            dtype=dtype,
            params=params,
            xs=xs,
            state=state,
            cotangent=cotangent,
        )
    )
