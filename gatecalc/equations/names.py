"""What a user may call things."""

from __future__ import annotations

import re
from keyword import iskeyword

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

RESERVED = ("t", "concat", "scalar", "output", *REDUCTIONS, *FUNCTIONS)
"""Names that the notation has taken."""

MAX_NAME = 40

OUTPUTS = ("output", "outputs", "out", "returns", "result")
"""What `output:` is called elsewhere."""

ROLE_WORDS = ("input", "inputs", "state", "states", "param", "params", "parameters", "weights")
NOT_DECLARED = "remove the line: the equations tell what is input, state and parameter"
"""For lines such as `params: W, b`."""

_TIME_SUFFIX = re.compile(
    r"(?P<base>\w+?)_(?P<when>t|prev|previous|tm1|t_1|t_minus_1|old|last|next)"
    r"|(?:prev|previous|last)_(?P<after>[a-z])|(?P<before>[a-z])prev"
)

_WEIGHTS = "WUVR"
_JOINED = re.compile(r"(?P<matrix>[A-Z](?:_?\d+|_[a-z]{1,2}\d?)?)(?P<vector>[a-z]\[.*)")


def time_suffix(name: str) -> str:
    """`h[t]` for `h_t`, `h[t-1]` for `h_prev`; empty for a name without such a suffix.

    >>> time_suffix("h_prev"), time_suffix("prev_h"), time_suffix("W_h")
    ('h[t-1]', 'h[t-1]', '')
    """
    found = _TIME_SUFFIX.fullmatch(name)
    if not found:
        return ""
    base = found["base"] or found["after"] or found["before"]
    return f"{base}[t]" if found["when"] in ("t", "next") else f"{base}[t-1]"


def as_product(spelling: str) -> str:
    """A matrix and a vector, for what may be both written together; may be empty.

    >>> as_product("Wx[t]"), as_product("U_rh[t-1]"), as_product("h[t]")
    ('W @ x[t]', 'U_r @ h[t-1]', '')
    """
    joined = _JOINED.fullmatch(spelling)
    return f"{joined['matrix']} @ {joined['vector']}" if joined else ""


def with_time(spelling: str) -> str:
    """The advice to write `h[t]`, and what else the author may have meant.

    >>> print(with_time("h[t]"), with_time("W_zx[t]"), sep="\\n")
    write h[t]
    write W_z @ x[t] for a matrix W_z, or W_zx[t]
    """
    product = as_product(spelling)
    matrix = product.partition(" ")[0]
    if likely(spelling) != spelling:
        return f"write {product} for a matrix {matrix}, or {spelling}"
    return f"write {spelling}" + (f", or {product} for a matrix {matrix}" if product else "")


def likely(spelling: str) -> str:
    """`W_z @ x[t]` for `W_zx[t]`, as no value with time steps is called; all else as it is."""
    product = as_product(spelling)
    matrix = product.partition(" ")[0]
    return product if "_" in matrix and matrix[0] in _WEIGHTS else spelling


def check_name(name: str, place: Place, *, matrix: bool = False) -> None:
    """Raises NotationError for a name that users may not take.

    Of a `matrix`, which has no time steps, `W_prev` is a fair name; `W_t` is still refused.
    """
    if name.startswith("_"):
        better = name.strip("_")
        raise NotationError(
            f"`{name}`: names that begin with _ are reserved",
            place,
            write=f"write {better if better.isidentifier() and not iskeyword(better) else 'w_1'}",
        )
    if name in RESERVED:
        what = "the time step" if name == "t" else "a word of the notation"
        raise NotationError(
            f"`{name}` is {what} and cannot name anything else",
            place,
            write=f"write {name}_g, say" + (", or output: h" if name == "output" else ""),
        )
    spelling = time_suffix(name)
    if spelling and matrix and name[0].isupper():
        spelling = "" if not name.endswith("_t") else name.removesuffix("_t") + "_T, say"
    if spelling:
        write = with_time(spelling)
        if name in ("Delta_t", "delta_t"):
            write = f"write dt for the length of a step, with a line dt = 0.1; else {spelling}"
        raise NotationError(
            f"`{name}`: the time step stands in square brackets", place, write=write
        )
    if len(name) > MAX_NAME:
        raise NotationError(
            f"a name of more than {MAX_NAME} characters", place, write="write a shorter name"
        )
