"""The table of nonlinearities: one row each, read by every other part.

A row says what the function is, in the notation itself, and what its derivative is. `a` and `b`
are the arguments, `y` is the function's own value, so that σ' can be `y * (1 - y)`. Where a row has
no definition it is a primitive: `evaluate` and `codegen` know how to compute it. To add a
nonlinearity, add a row.

Lists of functions that other parts need are columns of this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Function:
    """A row.

    `derivatives` has one text for each argument; `latex` is the command that prints the name.
    """

    name: str
    arguments: tuple[str, ...]
    derivatives: tuple[str, ...]
    latex: str
    definition: str | None = None
    kink: str = ""
    "What the derivative is where there is none (the tie rule); empty for smooth functions."
    internal: bool = False
    "Appears only in derivatives and definitions; users may not write it."
    in_numpy: bool = False
    "NumPy has it under this name, for complex numbers and for objects too."
    branches: bool = False
    "A primitive that compares, so that it does not extend to complex arguments."


def _row(
    name: str,
    derivative: str | tuple[str, ...],
    latex: str = "",
    definition: str | None = None,
    *,
    kink: str = "",
    internal: bool = False,
    in_numpy: bool = False,
    branches: bool = False,
) -> Function:
    derivatives = (derivative,) if isinstance(derivative, str) else derivative
    arguments = ("a", "b")[: len(derivatives)]
    printed = latex or rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
    return Function(
        name, arguments, derivatives, printed, definition, kink, internal, in_numpy, branches
    )


_SQRT_HALF = "0.7071067811865476"
_TWO_OVER_SQRT_PI = "1.1283791670955126"
_ONE_OVER_SQRT_TWO_PI = "0.3989422804014327"

FUNCTIONS: dict[str, Function] = {
    row.name: row
    for row in (
        _row("sigmoid", "y * (1 - y)", r"\sigma", "0.5 + 0.5 * tanh(0.5 * a)"),
        _row("tanh", "1 - y**2", r"\tanh", in_numpy=True),
        _row("relu", "step(a)", "", "maximum(a, 0)", kink="relu'(0) = 0"),
        _row(
            "leaky_relu",
            "0.01 + 0.99 * step(a)",
            "",
            "maximum(a, 0) + 0.01 * minimum(a, 0)",
            kink="leaky_relu'(0) = 0.01",
        ),
        _row(
            "elu",
            "step(a) + (1 - step(a)) * exp(minimum(a, 0))",
            "",
            "maximum(a, 0) + expm1(minimum(a, 0))",
        ),
        _row(
            "gelu",
            f"0.5 * (1 + erf({_SQRT_HALF} * a)) + {_ONE_OVER_SQRT_TWO_PI} * a * exp(-0.5 * a**2)",
            "",
            f"0.5 * a * (1 + erf({_SQRT_HALF} * a))",
        ),
        _row("silu", "sigmoid(a) + y * (1 - sigmoid(a))", "", "a * sigmoid(a)"),
        _row("softplus", "sigmoid(a)", "", "maximum(a, 0) + log1p(exp(-abs(a)))"),
        _row("softsign", "1 / (1 + abs(a))**2", "", "a / (1 + abs(a))"),
        _row(
            "hard_sigmoid",
            "0.2 * step(y) * step(1 - y)",
            "",
            "minimum(maximum(0.2 * a + 0.5, 0), 1)",
            kink="0 where the slope changes (a = -2.5 and a = 2.5)",
        ),
        _row(
            "hard_sigmoid_6",
            "step(y) * step(1 - y) / 6",
            r"\operatorname{hard\_sigmoid}_6",
            "minimum(maximum(a / 6 + 0.5, 0), 1)",
            kink="0 where the slope changes (a = -3 and a = 3)",
        ),
        _row(
            "hard_tanh",
            "step(y + 1) * step(1 - y)",
            "",
            "minimum(maximum(a, -1), 1)",
            kink="0 where the slope changes (a = -1 and a = 1)",
        ),
        _row("erf", f"{_TWO_OVER_SQRT_PI} * exp(-a**2)"),
        _row("exp", "y", r"\exp", in_numpy=True),
        _row("log", "1 / a", r"\log", in_numpy=True),
        _row("sqrt", "0.5 / y", r"\sqrt", in_numpy=True),
        _row("abs", "sign(a)", r"\operatorname{abs}", kink="abs'(0) = 0", branches=True),
        _row("sin", "cos(a)", r"\sin", in_numpy=True),
        _row("cos", "-sin(a)", r"\cos", in_numpy=True),
        _row(
            "maximum",
            ("step(a - b)", "1 - step(a - b)"),
            r"\max",
            kink="where both are equal the second argument gets the whole derivative",
            branches=True,
        ),
        _row(
            "minimum",
            ("step(b - a)", "1 - step(b - a)"),
            r"\min",
            kink="where both are equal the second argument gets the whole derivative",
            branches=True,
        ),
        _row("expm1", "1 + y", internal=True, in_numpy=True),
        _row("log1p", "1 / (1 + a)", internal=True, in_numpy=True),
        _row("step", "0", r"\operatorname{step}", kink="step(0) = 0", internal=True, branches=True),
        _row("sign", "0", r"\operatorname{sign}", kink="sign(0) = 0", internal=True, branches=True),
        _row(
            "reciprocal",
            "-y**2",
            r"\operatorname{recip}",
            kink="0 at 0, so that norm has the derivative 0 at 0",
            internal=True,
            branches=True,
        ),
    )
}
"""By name, in the order in which they are listed for users."""

PUBLIC: tuple[str, ...] = tuple(name for name, row in FUNCTIONS.items() if not row.internal)
"""The functions that a user may write."""

IN_NUMPY: tuple[str, ...] = tuple(name for name, row in FUNCTIONS.items() if row.in_numpy)
"""The functions that NumPy has under the same name."""


@cache
def elementary() -> frozenset[str]:
    """The functions that others are made of: their meaning cannot be changed.

    >>> "tanh" in elementary(), "silu" in elementary()
    (True, False)
    """
    texts = [text for row in FUNCTIONS.values() for text in (*row.derivatives, row.definition)]
    called = {name for text in texts for name in re.findall(r"(\w+)\(", text or "")}
    primitive = {name for name, row in FUNCTIONS.items() if row.definition is None}
    return frozenset(called | primitive)
