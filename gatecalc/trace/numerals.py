"""Numbers as a reader takes them in: about four digits."""

from __future__ import annotations

import math


def numeral(value: float) -> str:
    """A number in at most seven characters, if its exponent allows.

    An exact zero is a bare `0`, so that what vanished can be told from what is small.

    >>> [numeral(v) for v in (0.62034, -12.3456, 0.0, 5.31e-4, -1e20, float("nan"))]
    ['0.6203', '-12.346', '0', '5.31e-4', '-1.0e20', 'nan']
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return str(float(value))
    size = abs(value)
    for limit, digits in ((9.99995, 4), (99.9995, 3), (999.995, 2), (9999.95, 1)):
        if 0.001 <= size < limit:
            return f"{value:.{digits}f}"
    mantissa, exponent = f"{value:.{1 if value < 0 else 2}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def listed(values: list[float], width: int) -> str:
    """Numbers with commas between; the middle is left out where they do not fit.

    >>> listed([0.25] * 40, 40)
    '0.2500, 0.2500, ..., 0.2500, 0.2500'
    """
    texts = [numeral(v) for v in values]
    whole = ", ".join(texts)
    shown = len(texts)
    while len(whole) > width and shown > 2:
        shown -= 1
        first = (shown + 1) // 2
        whole = ", ".join([*texts[:first], "...", *texts[len(texts) - shown + first :]])
    return whole
