"""Equations as papers print them, in the notation: what is known of spellings, put right at once.

Every one of these spellings has an error of its own, at the first place where it stands. Whoever
copies a paper meets a dozen of them; this shows all lines as they should be, if that makes a cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gatecalc.equations.foreign import accent_suffix, greek_name
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
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
        "\xa0": " ",
    }
)

_UNCLEAR = re.compile(
    r"[Δ∆√]|\\Delta|\\sqrt"  # a step's length; how far does the root reach?
    r"|[Α-Ωα-ω][A-Za-z0-9]|[A-Za-z0-9][Α-Ωα-ω]"  # one name or two?
    r"|[Α-Ωα-ω] *\^|\be\^"  # a power or an index?
    r"|\bself\.\w+ *\("  # a layer, with a bias of its own
    r"|\w_next\b"
)
_BACK = re.compile(r"[_^]t ?-1\b")
_BACK_IN_BRACKETS = re.compile(r"\bt *- *1 *[})\]]")
_GLUED = re.compile(r"\b[A-Z][a-z]\w*\[t")

_SUBSCRIPTS = re.compile("[₀-₉ₐ-ₜ₊₋ᵢᵣᵤᵥ]+")
_VALUE = r"[A-Za-z]\w*\[t(?:-1)?\]"
_PART = rf"{_VALUE}(?: *[*·⊙] *{_VALUE})?"
_PARTS = rf"\[ *({_PART}(?: *[,;] *{_PART})+) *\]"
_WEIGHT = r"[WUVR](?:\d+|[a-z]{1,2}|_\w+)?"
_MATRIX = r"\b([A-Z](?:\d+|[a-z]{1,2}|_\w+)?(?:\.T)?)"
_SCALES = "alpha|beta|gamma|zeta|eta|epsilon|kappa|lambda_|mu|nu|rho|tau|omega"
_CALLED = "|".join((*PUBLIC, *REDUCTIONS))

_ELEMENTWISE = (
    re.compile(rf"\b({_WEIGHT}) *⊙"),
    re.compile(rf"⊙ *({_WEIGHT})\b(?! *[@\[.])"),
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


def _joined(found: re.Match[str]) -> str:
    return f"{found[1]} @ concat({found[2].replace(';', ',')})"


def _behind_brackets(found: re.Match[str]) -> str:
    """A product with what stands behind brackets, if these hold a value and no sum of matrices."""
    depth, start = 0, found.start()
    while start >= 0:
        depth += (found.string[start] == ")") - (found.string[start] == "(")
        if not depth:
            break
        start -= 1
    return ") * " if "[t" in found.string[start : found.start()] else found[0]


_CHANGES: tuple[_Change, ...] = tuple(
    (re.compile(pattern), change)
    for pattern, change in (
        (r"[,.;]? +\(\d+(?:\.\d+)*[a-z]?\) *[,.]? *$|[,.;] *$", ""),  # the number of an equation
        (r"\bself\.(?=[A-Za-z])", ""),
        (r"\b(?:np|numpy|jnp|torch|tf|nn|F|math)\.(?=[a-z])", ""),
        (r"\^ ?\{? *[Tᵀ] *\}?(?!\w)|ᵀ", ".T"),
        (r"\.\*", "⊙"),
        (TIME.pattern, _timed),
        (r"\b([A-Za-z]\w*?)(?:_t(-1)\b|\^t\b(-1)?)", _timed),  # z_t - 1 may be a difference
        (r"\b[A-Za-z]\w*\b(?! *[\[(])", _suffixed),
        (r"\[t *- *1\]", "[t-1]"),
        (r"\b([A-Za-z]\w*?)_\{ *(\w+) *\}(?=\w)", r"\1_\2 "),
        (r"\b([A-Za-z]\w*?)_\{ *(\w+) *\}", r"\1_\2"),
        (r"\b([WUVRb]\w*?)\^\{ *\(?([A-Za-z]\w*)\)? *\}", r"\1_\2"),
        (r"\b([WUVRb]\w*?)\^([A-Za-z]\w*)(?![\w(\[])", r"\1_\2"),
        (r"(?<=[\])])\^(?=\d)", "**"),
        (rf"{_MATRIX}(?: *[@*·.])? *{_PARTS}", _joined),
        (rf"{_MATRIX}(?: *· *| +)(?=[a-z]\w*\[t|concat\()", r"\1 @ "),
        (rf"\b({_WEIGHT}(?:\.T)?) *·? *(?=\()", r"\1 @ "),
        (rf"({_VALUE}) *(?={_VALUE})", r"\1 * "),
        (rf"({_VALUE}) *(?=\()", r"\1 * "),
        (rf"({_VALUE}) +(?=(?:{_CALLED})\()", r"\1 * "),
        (rf"\) *(?=\(|{_VALUE})", _behind_brackets),
        (rf"(?<![\w.])(\d+(?:\.\d+)?) *(?={_VALUE})", r"\1 * "),
        (rf"\b({_SCALES}) +(?={_VALUE}|(?:{_CALLED})\()", r"\1 * "),
        (rf"(?<=[\])]) *· *(?=\(|{_VALUE})", " * "),
    )
)


def respelled(text: str) -> str:
    """The text in the notation; the same text if fewer than two places are known to be foreign.

    >>> print(respelled("f_t = σ(W_f x_t + U_f h_{t−1})  # a gate"))
    f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1])  # a gate
    """
    plain = text.replace("−", "-")
    if len(text) > MOST_CHARACTERS or _UNCLEAR.search(text):
        return text
    if _BACK.search(plain) and _BACK_IN_BRACKETS.search(plain):
        return text  # z_t-1 is a difference, or is it a time step?
    total, lines = 0, []
    pins: dict[str, None] = {}
    for line in text.splitlines():
        code, sign, comment = line.partition("#")
        code, changes = _changed(code)
        if _GLUED.search(code):
            return text  # Wx[t]: a name, or a matrix and a vector?
        total += changes
        # Whoever prints a sign of its own for the elementwise product means it.
        pins |= dict.fromkeys(m[1] for pair in _ELEMENTWISE for m in pair.finditer(code))
        code = code.replace("⊙", "*")
        if changes and not sign:
            code = " ".join(code.split())
        lines.append(f"{code}{sign}{comment}")
    shown = "\n".join(lines)
    if pins and re.search(r"\bH\b", shown):
        return text  # whose H is it?
    return "\n".join([*(f"{name}: H" for name in pins), shown]) if total > 1 else text


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


def _lowered(found: re.Match[str]) -> str:
    return f"_{{{unicodedata.normalize('NFKC', found[0]).replace('−', '-')}}}"


def _in_ascii(code: str) -> str:
    """Letters and signs that the notation does not have by what stands for them in it."""
    code = without_latex(code).translate(_SIGNS)
    code = _SUBSCRIPTS.sub(_lowered, code)
    code = re.sub(r"[Σ∑](?=\()", "sum", code)
    code = re.sub(r"([αβγζλμν]) *(?=\()", r"\1 * ", code)  # φ(...) and δ(...) may be functions
    code = re.sub(r"σ(?=\()", "sigmoid", code)
    letters = []
    for letter in unicodedata.normalize("NFD", code):
        letters.append(greek_name(letter) or accent_suffix(letter) or letter)
    return "".join(letters)
