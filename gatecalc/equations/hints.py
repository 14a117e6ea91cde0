"""The nearest thing that exists to what was typed."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Collection, Iterable

from gatecalc.equations.functions import PUBLIC
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

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

REWRITES = {
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
    "transpose": "write W.T",
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
    if bare.lower() in REWRITES:
        advice = REWRITES[bare.lower()]
    elif bare in known:
        advice = f"write {bare}(...)"
    else:
        near = _SYNONYMS.get(bare.lower()) or next(
            iter(difflib.get_close_matches(bare.lower(), known, 1, 0.6)), ""
        )
        everything = "\n".join(textwrap.wrap(f"there are {', '.join(known)}", 79))
        advice = f"did you mean {near}(...)?" if near else everything
        if not near and not dotted and (len(bare) <= 2 or bare[0].isupper()):
            advice = f"for a product write {bare} * (...), or {bare} @ (...) for a matrix"
        if bare.startswith("_"):
            return NotationError(f"there is no function `{name}`", place, write=advice)
        advice += f"\na function of your own is defined by a line {bare} = lambda a: ..."
    return NotationError(f"there is no function `{name}`", place, write=advice)


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing.

    >>> nearest("W_rr", ["W_r", "U_z"]), nearest("foo", ["floor"])
    ('did you mean W_r?', '')
    """
    # Most letters of a short name are soon found in a longer one that has nothing to do with it.
    alike = [n for n in known if len(name) > 3 or abs(len(n) - len(name)) <= 1]
    found = difflib.get_close_matches(name, alike, 1, 0.6)
    return f"did you mean {found[0]}?" if found else ""
