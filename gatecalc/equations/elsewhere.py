"""Functions that a library has under a name of the notation, and that are not the same there."""

from __future__ import annotations

import re

_TANH_GELU = (
    "write gelu_tanh(...), with a line above that says what JAX computes by default:\n"
    "gelu_tanh = lambda a: 0.5 * a * (1 + tanh(0.7978845608 * (a + 0.044715 * a**3)))\n"
    "with approximate=False it is gelu(...)"
)
_KERAS_HARD_SIGMOID = (
    "write hard_sigmoid_6(...), a / 6 + 0.5, for Keras 3;\n"
    "hard_sigmoid(...), 0.2 * a + 0.5, for Keras 2 (each between 0 and 1)"
)
_TWO_TENTHS = (
    "write maximum(a, 0.2 * a): below 0 its slope is 0.2, unless the call gives another one\n"
    "(that of leaky_relu here is 0.01)"
)
_BY_N_LESS_1 = (
    "write {}: torch divides by H - 1, H being the\n"
    "size of v, which a pin v: H names; with correction=0, {}"
)
_SQUARES, _VARIANCE = "sum((v - mean(v))**2)", "mean((v - mean(v))**2)"

_ADVICE = {
    ("jax", "hardsigmoid"): "write hard_sigmoid_6(...): a / 6 + 0.5 between 0 and 1\n"
    "(hard_sigmoid is 0.2 * a + 0.5 here)",
    ("jax", "gelu"): _TANH_GELU,
    ("keras", "hardsigmoid"): _KERAS_HARD_SIGMOID,
    ("keras", "leakyrelu"): "write maximum(a, s * a), its slope below 0 for s: in Keras 0.2, in\n"
    "the layer LeakyReLU 0.3, unless the call gives another one (leaky_relu here has 0.01)",
    ("tensorflow", "leakyrelu"): _TWO_TENTHS,
    ("torch", "std"): _BY_N_LESS_1.format(f"sqrt({_SQUARES} / (H - 1))", f"sqrt({_VARIANCE})"),
    ("torch", "var"): _BY_N_LESS_1.format(f"{_SQUARES} / (H - 1)", _VARIANCE),
}
"""By library and by the function's name in small letters without `_`."""

_LIBRARIES = {
    "keras": "keras",  # first, since it is found in tf.keras too
    "jax": "jax",
    "flax": "jax",
    "jnn": "jax",
    "tf": "tensorflow",
    "tensorflow": "tensorflow",
    "torch": "torch",
}
_DOTTED = r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+"


def elsewhere(called: str) -> str:
    """What to write for a function of a library that means something else there; may be empty.

    >>> elsewhere("jax.nn.hard_sigmoid").partition(":")[0], elsewhere("torch.nn.functional.gelu")
    ('write hard_sigmoid_6(...)', '')
    """
    *path, name = called.split(".")
    library = next((_LIBRARIES[part] for part in _LIBRARIES if part in path), "")
    if path == ["nn"] and name.islower():  # PyTorch has layers there, Sigmoid; JAX functions
        library = "jax"
    return _ADVICE.get((library, name.lower().replace("_", "")), "")


def means_something_else(text: str) -> bool:
    """Whether a text calls a function that means something else in the library that it names."""
    return any(elsewhere(found[0]) for found in re.finditer(_DOTTED, text))
