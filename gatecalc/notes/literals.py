"""Numbers of the equations as they print."""

from __future__ import annotations

CONSTANTS = {
    "0.7071067811865476": r"\tfrac{1}{\sqrt{2}}",
    "1.1283791670955126": r"\tfrac{2}{\sqrt{\pi}}",
    "0.3989422804014327": r"\tfrac{1}{\sqrt{2\pi}}",
}
"""The long decimals of the table of functions, as what they are."""


def decimal(text: str) -> str:
    r"""A literal as printed.

    >>> decimal("0.25"), decimal("1e-5"), decimal("2.5E3")
    ('0.25', '10^{-5}', '2.5 \\cdot 10^{3}')
    """
    digits, _, exponent = text.lower().partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits in ("1", "1.", "1.0") else rf"{digits} \cdot {power}"
