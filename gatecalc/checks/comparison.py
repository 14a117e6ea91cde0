"""Arrays against arrays: how far apart, relative to the largest entry, and where."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gatecalc.checks.quantities import Quantity, Results
from gatecalc.checks.report import Row
from gatecalc.evaluate.functions import Array

OUTCOMES_BOUND = 1e-12
"""Two evaluations of the same equations in float64 differ by rounding alone."""

_SMALL_ARRAY = 1e-4

_LEVEL = 1e-8
_LEVEL_FLOOR = 1e-2


def compare(
    check: str,
    found: Results,
    expected: Results,
    bound: float,
    quantities: Iterable[Quantity],
    sent: float = 0.0,
) -> tuple[Row, ...]:
    """A row for each quantity; outcomes are held to OUTCOMES_BOUND, gradients to `bound`.

    NaN in `expected` marks an entry that is not compared, an infinity one of which the reference
    cannot tell. Errors are relative to the largest
    entry of the array; where that is less than a ten-thousandth of the largest among all
    gradients (of the largest among all outcomes), to that, for a gradient that is 0 has rounding
    errors of the size of what cancels in it. Where all gradients are next to nothing beside
    `sent`, the largest entry of what the loss sends in (the entries of a softmax always add up to
    1), to a hundredth of that.

    >>> q = Quantity("output", "h")
    >>> (row,) = compare("demo", {q: np.array([[1.0, 4.1]])}, {q: np.array([[1.0, 4.0]])}, 0, [q])
    >>> row.verdict, round(row.error, 3), row.index
    ('failed', 0.025, (0, 1))
    """
    quantities = tuple(quantities)
    rows = []
    for quantity in quantities:
        alike = [q for q in quantities if q.is_outcome == quantity.is_outcome and q in expected]
        largest = max((_largest(expected[q]) for q in alike), default=0.0)
        level = not quantity.is_outcome and largest <= _LEVEL * sent
        floor = _LEVEL_FLOOR * sent if level else _SMALL_ARRAY * largest
        limit = OUTCOMES_BOUND if quantity.is_outcome else bound
        rows.append(_row(check, quantity, found, expected, limit, floor))
    return tuple(rows)


def _row(
    check: str, quantity: Quantity, found: Results, expected: Results, bound: float, floor: float
) -> Row:
    reference = expected[quantity]
    if quantity not in found:
        return Row(check, quantity, "failed", reason="missing from what the module returns")
    array = found[quantity]
    if array.shape != reference.shape:
        reason = f"has shape {array.shape}; expected {reference.shape}"
        return Row(check, quantity, "failed", reason=reason)
    if array.dtype.kind not in "fiu":
        return Row(check, quantity, "failed", reason=f"has dtype {array.dtype}; expected float64")
    compared = ~np.isnan(reference)
    if np.isinf(reference).any() or not compared.any():
        if not reference.size:
            return Row(check, quantity, "proved", 0.0)
        reason = "is not finite in the reference"
        return Row(check, quantity, "not proved", reason=reason)
    with np.errstate(invalid="ignore"):
        deviation = np.abs(array - reference)
    deviation = np.where(compared, np.nan_to_num(deviation, nan=np.inf), 0.0)
    index = tuple(int(k) for k in np.unravel_index(deviation.argmax(), deviation.shape))
    worst = float(deviation[index])
    scale = max(_largest(reference), floor) or 1.0
    error = worst / scale
    if error <= bound:
        return Row(check, quantity, "proved", error, index)
    reason = "is {}, should be {}".format(*_distinguished(array[index], reference[index]))
    return Row(check, quantity, "failed", error, index, reason)


def _largest(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def _distinguished(found: float, expected: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12, 17):
        texts = f"{found:.{digits}g}", f"{expected:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
