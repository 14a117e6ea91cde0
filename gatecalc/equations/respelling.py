"""Equations as papers print them, in the notation: what is known of spellings, put right at once.

Every one of these spellings has an error of its own, at the first place where it stands. Whoever
copies a paper meets a dozen of them; this shows all lines as they should be, if that makes a cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gatecalc.equations.foreign import accent_suffix, greek_name
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.latex import without_latex
from gatecalc.equations.names import time_suffix
from gatecalc.equations.spellings import TIME
from gatecalc.equations.tree import REDUCTIONS

MOST_CHARACTERS = 4_000
"""Longer texts are no single page of a paper."""

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("∘◦⊗", "⊙"),
        **dict.fromkeys("−–—", "-"),
        **dict.fromkeys("←≔≜≡", "="),
        **dict.fromkeys("⋅∙×", "·"),
        "⊤": "ᵀ",
        "∗": "*",
        "⊕": "+",
        "÷": "/",
        "²": "**2",
        "³": "**3",
        "√": "sqrt",
        "\xa0": " ",
    }
)

_SUBSCRIPTS = re.compile("[₀-₉ₐ-ₜ₊₋ᵢᵣᵤᵥ]+")
_VALUE = r"[A-Za-z]\w*\[t(?:-1)?\]"
_PART = rf"{_VALUE}(?: *[*·] *{_VALUE})?"
_PARTS = rf"\[ *({_PART}(?: *[,;] *{_PART})+) *\]"
_MATRIX = r"\b([A-Z]\w*(?:\.T)?)"

_ELEMENTWISE = (
    re.compile(r"\b([WUVR](?:\d+|[a-z]{1,3}|_\w+)?) *⊙"),
    re.compile(r"⊙ *([WUVR](?:\d+|[a-z]{1,3}|_\w+)?)\b(?! *@)"),
)

_Change = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _timed(found: re.Match[str]) -> str:
    """`h[t-1]` for `h_{t-1}`; a bracket may close behind it that was opened before it."""
    if found[1] in FUNCTIONS or found[1] in REDUCTIONS:
        return found[0]
    back = any(found.groups()[1:])
    more = len(re.findall("[})>]", found[0])) - len(re.findall("[{(<]", found[0]))
    behind = found[0][len(found[0]) - max(0, more) :]
    return f"{found[1]}[t{'-1' if back else ''}]{behind}"


def _suffixed(found: re.Match[str]) -> str:
    """`h[t-1]` for `h_prev`; `W_t` stays what it is."""
    return found[0] if found[0][0].isupper() else time_suffix(found[0]) or found[0]


def _multiplied(found: re.Match[str]) -> str:
    return found[0] if found[1] in FUNCTIONS or found[1] in REDUCTIONS else f"{found[1]} * "


def _joined(found: re.Match[str]) -> str:
    return f"{found[1]} @ concat({found[2].replace(';', ',')})"


_CHANGES: tuple[_Change, ...] = tuple(
    (re.compile(pattern), change)
    for pattern, change in (
        (r"\b(?:self|np|numpy|jnp|torch|tf|nn|F|math)\.(?=[A-Za-z])", ""),
        (r"\^ ?\{? *[Tᵀ] *\}?(?!\w)|ᵀ", ".T"),
        (r"\.\*", "⊙"),
        (TIME.pattern, _timed),
        (r"\b([A-Za-z]\w*?)(?:_t(-1)\b|\^t\b(-1)?)", _timed),  # z_t - 1 may be a difference
        (r"\b[A-Za-z]\w*\b(?! *[\[(])", _suffixed),
        (r"\[t *- *1\]", "[t-1]"),
        (r"\b([A-Za-z]\w*?)_?\^?\{ *\(?(\w+)\)? *\}(?=\w)", r"\1_\2 "),
        (r"\b([A-Za-z]\w*?)_?\^?\{ *\(?(\w+)\)? *\}", r"\1_\2"),
        (r"\b([A-Za-z]\w*)\^([A-Za-z]\w*)(?![\w(\[])", r"\1_\2"),
        (r"(?<=[\w\])])\^(?=\d)", "**"),
        (rf"{_MATRIX}(?: *[@*·.])? *{_PARTS}", _joined),
        (rf"{_MATRIX}(?: *· *| +)(?=[a-z]\w*\[t|concat\()", r"\1 @ "),
        (rf"{_MATRIX} *·? *(?=\()", r"\1 @ "),
        (r"\b([WUVR](?:\d+|[a-z]{1,3}|_\w+)?) *\* *(?=[a-z]\w*\[t|\()", r"\1 @ "),
        (rf"({_VALUE}) *(?={_VALUE})", r"\1 * "),
        (rf"({_VALUE}) *(?=\()", r"\1 * "),
        (rf"\) *(?=\(|{_VALUE})", ") * "),
        (rf"(?<![\w.])(\d+(?:\.\d+)?) *(?={_VALUE})", r"\1 * "),
        (r"\b([a-z]\w*) +(?=[a-z]\w*\[t)", _multiplied),
        ("·", "*"),
    )
)


def respelled(text: str) -> str:
    """The text in the notation; the same text if fewer than two places are known to be foreign.

    >>> print(respelled("f_t = σ(W_f x_t + U_f h_{t−1})  # a gate"))
    f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1])  # a gate
    """
    if len(text) > MOST_CHARACTERS:
        return text
    total, lines = 0, []
    pins: dict[str, None] = {}
    for line in text.splitlines():
        code, sign, comment = line.partition("#")
        code, changes = _changed(code)
        total += changes
        # Whoever prints a sign of its own for the elementwise product means it.
        pins |= dict.fromkeys(m[1] for pair in _ELEMENTWISE for m in pair.finditer(code))
        code = code.replace("⊙", "*")
        if changes and not sign:
            code = " ".join(code.split())
        lines.append(f"{code}{sign}{comment}")
    lines = [*(f"{name}: H" for name in pins), *lines]
    return "\n".join(lines) if total > 1 else text


def _changed(code: str) -> tuple[str, int]:
    """A line without its comment, and in how many places it was changed."""
    new = _in_ascii(code)
    total = sum(not c.isascii() or c in "\\$" for c in code)
    for pattern, change in _CHANGES:
        places = [m for m in pattern.finditer(new) if _new(m, change) != m[0]]
        if places:
            total += len(places)
            new = pattern.sub(change, new)
    return new, total


def _new(found: re.Match[str], change: str | Callable[[re.Match[str]], str]) -> str:
    return found.expand(change) if isinstance(change, str) else change(found)


def _in_ascii(code: str) -> str:
    """Letters and signs that the notation does not have by what stands for them in it."""
    code = without_latex(code).translate(_SIGNS)
    code = _SUBSCRIPTS.sub(lambda m: f"_{{{unicodedata.normalize('NFKC', m[0])}}}", code)
    code = re.sub(r"[Σ∑](?= *\()", "sum", code)
    code = re.sub(r"([αβγδεζηκλμντω]) *(?=\()", r"\1 * ", code)  # φ(...) is a function
    code = re.sub(r"σ(?=_?\w* *[(\[])", "sigmoid", code.replace("−", "-"))
    letters = []
    for letter in unicodedata.normalize("NFD", code):
        letters.append(greek_name(letter) or accent_suffix(letter) or letter)
    return "".join(letters)
