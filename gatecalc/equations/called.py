"""Functions that the notation does not have, and what to write for them."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Collection

from gatecalc.equations.elsewhere import elsewhere
from gatecalc.equations.functions import PUBLIC
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

_VARIANCE = "mean((v - mean(v))**2)"
_LAYER_NORM = (
    f"write (v - mean(v)) / sqrt({_VARIANCE} + epsilon) with v[t] for v and\n"
    "a line epsilon = 0.00001 above, as `gatecalc show lstm_layer_norm` does"
)
_CONDITIONS = "write maximum(a, b), minimum(a, b), relu(a) or abs(a): there are no conditions"
_FILLED = "write 0 or 1: a number is added to, and multiplies, every entry of a vector"
_VALUES = "leave it out: parameters get their values by init(values={...})"
_INVERSE = "the notation has no inverse of a matrix: give it as a parameter, A_inv @ v"
_NO_AXES = "leave it out: vectors have one axis; a step sees neither batch nor time"

_SYNONYMS = {
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "sigm": "sigmoid",
    "sig": "sigmoid",
    "sigma": "sigmoid",
    "swish": "silu",
    "fabs": "abs",
    "absolute": "abs",
    "ln": "log",
    "cat": "concat",
    "concatenate": "concat",
    "hstack": "concat",
    "vstack": "concat",
    "average": "mean",
    "hardsigmoid": "hard_sigmoid_6",
    "hardtanh": "hard_tanh",
    "leakyrelu": "leaky_relu",
}

_REWRITES = {
    "square": "write a**2",
    "max": "write maximum(a, b), entry by entry; no function takes the largest entry of a vector",
    "min": "write minimum(a, b), entry by entry; no function takes the smallest entry of a vector",
    "power": "write a**2",
    "pow": "write a**2",
    "dot": "write W @ x[t] for a matrix times a vector, sum(a * b) for a dot product",
    "inner": "write sum(a * b)",
    "matmul": "write W @ x[t] for a matrix times a vector",
    "mm": "write W @ x[t] for a matrix times a vector",
    "mv": "write W @ x[t] for a matrix times a vector",
    "linear": "write W @ x[t] + b",
    "multiply": "write a * b for the elementwise product",
    "mul": "write a * b for the elementwise product",
    "diag": "write a * v for a diagonal matrix times a vector",
    "transpose": "write W.T @ v[t]; vectors need no transpose",
    "einsum": "write W @ x[t] for a matrix times a vector, sum(a * b) for a dot product",
    "outer": "write a * sum(b * v): that is what the outer product of a and b makes of a vector v",
    "inv": _INVERSE,
    "pinv": _INVERSE,
    "solve": _INVERSE,
    "eye": "leave it out: the unit matrix changes nothing",
    "identity": "leave it out: it changes nothing",
    "zeros": _FILLED,
    "ones": _FILLED,
    "full": _FILLED,
    "zeroslike": _FILLED,
    "oneslike": _FILLED,
    "array": _VALUES,
    "tensor": _VALUES,
    "randn": _VALUES,
    "parameter": _VALUES,
    "var": f"write {_VARIANCE}",
    "std": f"write sqrt({_VARIANCE})",
    "layernorm": _LAYER_NORM,
    "LN": _LAYER_NORM,
    "rmsnorm": "write v / sqrt(mean(v**2) + epsilon) with v[t] for v and a line\n"
    "epsilon = 0.00001 above",
    "batchnorm": "the equations know one sequence, not its batch: no norm over a batch",
    "where": f"{_CONDITIONS}",
    "heaviside": f"{_CONDITIONS}",
    "sign": f"{_CONDITIONS}",
    "dropout": "the notation is deterministic: leave it out, or write m[t] * a with the mask m "
    "as an input",
    "unsqueeze": _NO_AXES,
    "squeeze": _NO_AXES,
    "reshape": _NO_AXES,
    "view": _NO_AXES,
    "flatten": _NO_AXES,
    "expanddims": _NO_AXES,
    "relu6": "write minimum(relu(a), 6)",
    "selu": "write 1.0507 * (relu(a) + 1.6733 * (exp(minimum(a, 0)) - 1))",
    "celu": "write elu(a)",
    "prelu": "write relu(a) + alpha * minimum(a, 0)",
    "hardswish": "write a * hard_sigmoid_6(a)",
    "tanhshrink": "write a - tanh(a)",
    "glu": "write a * sigmoid(b), with a map for each",
    "logsigmoid": "write -softplus(-a)",
    "logsoftmax": "write log(softmax(a))",
    "logsumexp": "write log(sum(exp(a)))",
    "softmin": "write softmax(-a)",
    "log1p": "write log(1 + a)",
    "log2": "write log(a) / log(2)",
    "log10": "write log(a) / log(10)",
    "expm1": "write exp(a) - 1",
    "exp2": "write exp(a * log(2))",
    "rsqrt": "write 1 / sqrt(a)",
    "reciprocal": "write 1 / a",
    "erfc": "write 1 - erf(a)",
    "tan": "write sin(a) / cos(a)",
    "sinh": "write 0.5 * (exp(a) - exp(-a))",
    "cosh": "write 0.5 * (exp(a) + exp(-a))",
    "arctanh": "write 0.5 * log((1 + a) / (1 - a))",
    "normalize": "write v / norm(v)",
    "add": "write a + b",
    "subtract": "write a - b",
    "divide": "write a / b",
    "median": "no function takes a median; write mean(v) for the average",
    "cumsum": "no function adds up along a vector",
    "round": "no function rounds: it would have no slope to learn from",
    "floor": "no function rounds: it would have no slope to learn from",
    "ceil": "no function rounds: it would have no slope to learn from",
    "mish": "write a * tanh(softplus(a))",
    **dict.fromkeys(
        ("concatenate", "cat", "hstack", "vstack"),
        "write W @ concat(a, b), without [ ]: only right of a matrix are vectors joined",
    ),
    "dense": "write W @ x[t] + b",
    "conv1d": "write W @ x[t]: the notation has no convolution",
    "prod": "no function multiplies all entries of a vector",
    "argmax": "no function takes the largest entry of a vector, nor its place",
    "clip": "write minimum(maximum(a, lo), hi), or hard_tanh(a) between -1 and 1",
    "clamp": "write minimum(maximum(a, lo), hi), or hard_tanh(a) between -1 and 1",
}


def unknown_function(
    name: str, place: Place, own: Collection[str] = (), *, dotted: bool = False
) -> NotationError:
    """The error for a function that neither the table nor the cell has; offers the nearest.

    `dotted` says that the name is the last part of one with dots: `np.tanh`, `torch.sigmoid`.
    """
    bare = name.rsplit(".", 1)[-1]
    known = (*PUBLIC, "concat", *REDUCTIONS, *own)
    if other := elsewhere(name):
        return NotationError(f"there is no function `{name}`", place, write=other)
    if rewrite := rewritten(bare):
        advice = rewrite
    elif bare in known:
        advice = f"write {bare}(...)"
    else:
        near = meant(bare) or next(iter(difflib.get_close_matches(bare.lower(), known, 1, 0.6)), "")
        everything = "\n".join(textwrap.wrap(f"there are {', '.join(known)}", 79))
        advice = f"did you mean {near}(...)?" if near else everything
        of_a_class = name.startswith("self.")
        if not near and (not dotted or of_a_class) and (len(bare) <= 2 or bare[0].isupper()):
            advice = f"for a product write {bare} * (...), or {bare} @ (...) for a matrix"
        if bare.startswith("_"):
            return NotationError(f"there is no function `{name}`", place, write=advice)
        advice += f"\na function of your own is defined by a line {bare} = lambda a: ..."
    return NotationError(f"there is no function `{name}`", place, write=advice)


def holds_values(name: str) -> bool:
    """Whether a function of other libraries, `np.zeros` say, makes an array of given values."""
    return rewritten(name) in (_VALUES, _FILLED)


def rewritten(name: str) -> str:
    """What to write for a function that the notation says in other words; may be empty.

    >>> rewritten("square"), rewritten("sigmoid")
    ('write a**2', '')
    """
    return _REWRITES.get(name.rsplit(".", 1)[-1]) or _REWRITES.get(_plain(name), "")


def meant(name: str) -> str:
    """The function of the notation that another library calls by this name; may be empty.

    >>> meant("torch.nn.Sigmoid"), meant("hstack"), meant("hard_sigmoid"), meant("frobnicate")
    ('sigmoid', 'concat', 'hard_sigmoid', '')
    """
    last, plain = name.rsplit(".", 1)[-1], _plain(name)
    known = (*PUBLIC, "concat", *REDUCTIONS)
    if last in known:
        return last
    return _SYNONYMS.get(plain) or next((k for k in known if k.replace("_", "") == plain), "")


def _plain(name: str) -> str:
    """`LayerNorm`, `layer_norm` and `nn.LayerNorm` are one."""
    return name.rsplit(".", 1)[-1].lower().replace("_", "")
