"""A peer's numbers against ours, before anything is timed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatecalc.bench.arrays import Array

BOUNDS = {"float32": 2e-3, "float64": 1e-7}
"""How far apart two right answers may be after a long sequence, relative to the largest entry.

A wrong gradient is off by far more; rounding at the kink of a relu can shift single entries.
"""


def disagreement(ours: Mapping[str, Array], theirs: Mapping[str, Array], dtype: str) -> str:
    """What is wrong with a peer's results, or nothing.

    >>> disagreement({"hs": np.ones(2)}, {"hs": np.array([1, 1.5])}, "float64")
    'hs differ by 0.5 relative to the largest entry'
    """
    for name, expected in ours.items():
        found = theirs.get(name)
        if found is None:
            return f"there is no {name}"
        if found.shape != expected.shape:
            return f"{name} has shape {found.shape} instead of {expected.shape}"
        scale = float(np.max(np.abs(expected), initial=0.0)) or 1.0
        with np.errstate(invalid="ignore"):
            difference = float(np.max(np.abs(found - expected), initial=0.0)) / scale
        if not difference <= BOUNDS[dtype] and not _same(found, expected):
            verb = "differ" if name == "hs" else "differs"
            return f"{name} {verb} by {difference:.2g} relative to the largest entry"
    return ""


def is_finite(results: Mapping[str, Array]) -> bool:
    """Whether there is neither an infinity nor a NaN."""
    return all(bool(np.isfinite(a).all()) for a in results.values())


def _same(found: Array, expected: Array) -> bool:
    """Equal where both are not numbers, too."""
    return bool(np.array_equal(found, expected, equal_nan=True))
