"""Commands of LaTeX, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.names import as_product
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

_COMMAND = re.compile(r"\\(?:(?P<name>[A-Za-z]+)\*?(?: *\{ *\\?(?P<argument>\w+) *\})?|.?)")

_ACCENTS = {
    **{name: name for name in ("tilde", "hat", "bar", "dot")},
    "widetilde": "tilde",
    "widehat": "hat",
    "overline": "bar",
}
_FONTS = re.compile(r"math\w+|text\w*|operatorname|boldsymbol|bm|vec|rm|bf|it")
_GREEK = re.compile(
    r"(?i:alpha|beta|gamma|delta|(var)?epsilon|zeta|eta|theta|iota|kappa|mu|nu|xi|pi|rho|tau|phi"
    r"|chi|psi|omega)"
)
_BRACKETS = ("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr")

_ADVICE = {
    **dict.fromkeys(
        ("langle", "rangle"), "write h[t] for a time step, sum(a * b) for an inner product"
    ),
    "frac": "write (a) / (b)",
    "dfrac": "write (a) / (b)",
    "sigma": "write sigmoid(...) for the function, sigma for a name",
    "lambda": "write lambda_",
    "odot": "write * for the elementwise product",
    "circ": "write * for the elementwise product",
    "otimes": "write * for the elementwise product",
    "cdot": "write * for the elementwise product, @ between a matrix and a vector",
    "times": "write * for the elementwise product, @ between a matrix and a vector",
    "oplus": "write + for a sum, concat(a, b) to join vectors",
    "leftarrow": "write =",
    "approx": "write =",
    "top": "write W.T for the transpose",
    "intercal": "write W.T for the transpose",
    "in": "write a shape as a pin: W: (P, H)",
    "begin": "leave it out: one equation a line",
    "end": "leave it out: one equation a line",
    "sum": "write sum(v) for a sum over the entries of a vector",
    "max": "write maximum(a, b)",
    "min": "write minimum(a, b)",
    "ln": "write log(...)",
    "mid": "write concat(a, b) to join vectors",
    "Vert": "write concat(a, b) to join vectors, norm(v) for a norm",
    "|": "write concat(a, b) to join vectors, norm(v) for a norm",
    "\\": "leave it out: one equation a line",
    "{": "write round brackets",
    "}": "write round brackets",
    "": "leave it out: an open bracket continues a line",
}
_TIME = re.compile(
    r"(?:\b([A-Za-z]\w*) *\^? *\{? *)?"
    r"\\(?:left *)?\\?langle *t *(- *1)? *\\(?:right *\\)?rangle *\}?"
)
_ENVIRONMENT_ENDS = re.compile(r"\\(?:begin|end) *\{[^{}]*\}")
_ALIGNMENT = re.compile(r"&+ *=|=[ ]*&")


def check_latex(code: str, place: Callable[[int, int], Place]) -> None:
    """Raises NotationError for a line of LaTeX; `place` gives a stretch of it."""
    found = _COMMAND.search(code)
    if found and (time := _TIME.search(code)) and time.start() <= found.start() < time.end():
        spelling = f"{time[1] or 'h'}[t{'-1' if time[2] else ''}]"
        raise NotationError(
            f"`{time[0]}`: time steps stand in square brackets",
            place(*time.span()),
            write=f"write {spelling}{as_product(spelling)}",
        )
    if found:
        name = found["name"] or found[0][1:]
        shown = found[0] if name in _ACCENTS or _FONTS.fullmatch(name) else f"\\{name}"
        if environment := _ENVIRONMENT_ENDS.match(code, found.start()):
            shown = environment[0]
        raise NotationError(
            f"`{shown}`: LaTeX is not read here",
            place(found.start(), found.start() + len(shown)),
            write=_advice(name, found["argument"]),
        )
    if found := _ALIGNMENT.search(code):
        raise NotationError(
            f"`{found[0]}`: LaTeX is not read here", place(*found.span()), write="write ="
        )


_SIGNS = {
    **dict.fromkeys(("odot", "circ"), "⊙"),
    "otimes": "⊗",
    **dict.fromkeys(("cdot", "times"), "·"),
    **dict.fromkeys(("top", "intercal"), "ᵀ"),
    **dict.fromkeys((",", ";", "!", " ", "quad", "qquad"), " "),
    "leftarrow": "=",
    "sigma": "σ",
    "lambda": "lambda_",
    "ln": "log",
    "max": "maximum",
    "min": "minimum",
}
_DISPLAYED = re.compile(
    r"\\(?:begin|end) *\{(?:align|aligned|eqnarray|equation|gather|gathered|multline|split)\*?\}"
    r"|\$|&(?= *=)|(?<==)&"
)
_BREAK = r"\\\\(?: *\[[^\[\]]*\])?"
_LAST_BREAK = re.compile(_BREAK + " *$")
_COLUMN = re.compile(
    r"\\begin *\{([bp])matrix\}((?:(?!\\begin|\\end).)*?)(?:\\\\ *)?\\end *\{\1matrix\}"
)
_MOST_ROUNDS = 10
"""Commands stand inside one another; deeper than this they do in no equation."""


def without_latex(code: str) -> str:
    """A line with what can be said of its commands of LaTeX, signs as papers print them.

    >>> without_latex(r"\\tilde{\\mathbf{c}}_t &= \\tanh\\left(W x_t\\right) \\odot \\alpha")
    'c_tilde_t = tanh(W x_t) ⊙ alpha'
    """
    code = _COLUMN.sub(_joined, _LAST_BREAK.sub("", _DISPLAYED.sub("", code)))
    for _ in range(_MOST_ROUNDS):
        before, code = code, _COMMAND.sub(_plain, code)
        if code == before:
            break
    return code


def _joined(found: re.Match[str]) -> str:
    """`[a; b]` for a column of vectors in brackets; a matrix of several columns stays."""
    return found[0] if "&" in found[2] else f"[{re.sub(_BREAK, ';', found[2])}]"


def _plain(found: re.Match[str]) -> str:
    name, argument = found["name"] or found[0][1:], found["argument"]
    behind = found[0].partition(name)[2] if found["name"] else ""
    apart = " " * found.string[found.end() : found.end() + 1].isalnum()
    if name in _BRACKETS:
        return behind
    if found.string[: found.start()][-1:].isalnum():
        return f" {found[0]}"  # a name of its own; the next round reads it
    if name in _ACCENTS and argument:
        return f"{argument}_{_ACCENTS[name]}{apart}"
    if _FONTS.fullmatch(name) and argument:
        return f"{argument}{apart}"
    if name in _SIGNS:
        return _SIGNS[name] + behind
    if name in FUNCTIONS or name in REDUCTIONS or _GREEK.fullmatch(name):
        return name.replace("var", "") + behind
    return found[0]


def _advice(name: str, argument: str | None) -> str:
    if name in _ADVICE:
        return _ADVICE[name]
    if name in _ACCENTS:
        return f"write an accent as a suffix: {argument or 'c'}_{_ACCENTS[name]}"
    if _FONTS.fullmatch(name):
        name = argument or ""
    if name in FUNCTIONS or name in REDUCTIONS:
        return f"write {name}(...)"
    if name == argument or _GREEK.fullmatch(name):
        return f"write {name}"
    if name in _BRACKETS:
        return "write the bracket alone"
    return "write names and functions without \\: r[t] = sigmoid(W_r @ x[t])"
