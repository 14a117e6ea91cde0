"""One NumPy call as text: which function, and how results are written in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gatecalc.codegen.schedule.writer import unpacked
from gatecalc.equations.functions import IN_NUMPY

SHORT = ("multiply", "add", "subtract", "divide", "tanh", "exp", "dot")
"""Functions that a method binds to local names: a loop finds those faster."""

_REAL = {
    "abs": "np.absolute",
    "sign": "np.sign",
    "largest": "lambda a, out: np.maximum.reduce(a, -2, None, out, True)",
    "step": "lambda a, out: np.greater(a, 0, out)",
    "maximum": "lambda a, b, out: np.maximum(a, b, out=out)",
    "minimum": "lambda a, b, out: np.minimum(a, b, out=out)",
}
"""How functions that compare are written in place for real numbers."""

_INTO = '''\
def _into(function):
    """The function with its output as last argument, as NumPy's own have it."""
    return lambda *arguments: np.copyto(arguments[-1], function(*arguments[:-1]))
'''

_LARGEST = '''\
def _largest(a):
    """What softmax is shifted by: the largest entry; for symbols, which have none, nothing."""
    return a[..., :1, :] * 0 if a.dtype == object else np.real(a).max(-2, keepdims=True)
'''


def call_text(function: str, inputs: Sequence[str], output: str) -> str:
    """`function(inputs, output)`, the output passed by position: that is quicker than `out=`.

    >>> call_text("multiply", ["a", "b"], "c"), call_text("relu", ["a"], "a")
    ('multiply(a, b, c)', '_relu_into(a, a)')
    """
    if function == "copy":
        return f"np.copyto({output}, {inputs[0]})"
    if function == "sum":
        return f"np.add.reduce({inputs[0]}, -2, None, {output}, True)"
    name = function
    if function not in SHORT:
        name = f"np.{function}" if function in IN_NUMPY else f"_{function}_into"
    return f"{name}({', '.join([*inputs, output])})"


def functions_called(words: Iterable[str]) -> list[str]:
    """The functions that lines of these words call as `_name_into(inputs, output)`."""
    return sorted(m[1] for w in words if (m := re.fullmatch(r"_([a-z0-9]+)_into", w)))


def definition_texts(functions: Sequence[str]) -> list[str]:
    """Source of what gives those functions, by the kind of numbers.

    Comparing complex numbers (their real parts count) and the exact check's elements goes by way of
    the module's own functions; so does what NumPy does not have.
    """
    if not functions:
        return []
    texts = [_INTO, *([_LARGEST] if "largest" in functions else [])]
    for name in functions:
        real = f'    if dtype.kind == "f":\n        return {_REAL[name]}\n' if name in _REAL else ""
        argument = "dtype" if real else "_"
        texts.append(
            f"def _{name}_in_place({argument}):\n"
            f'    """`_{name}`, written into its last argument."""\n'
            f"{real}    return _into(_{name})\n"
        )
    return texts


def bindings(words: set[str], dtype: str) -> list[str]:
    """Local names for the functions that a method's lines call."""
    short = unpacked([(name, f"np.{name}") for name in SHORT if name in words])
    made = (f"_{name}_into = _{name}_in_place({dtype})" for name in functions_called(words))
    return [*short, *made]
