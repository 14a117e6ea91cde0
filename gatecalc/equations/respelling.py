"""Equations as papers print them, in the notation: what is known of spellings, put right at once.

Every one of these spellings has an error of its own, at the first place where it stands. Whoever
copies a paper meets a dozen of them; this shows all lines as they should be, if that makes a cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from gatecalc.equations import brackets
from gatecalc.equations.dots import without_dots
from gatecalc.equations.foreign import accent_suffix, greek_name
from gatecalc.equations.functions import FUNCTIONS, PUBLIC
from gatecalc.equations.latex import without_latex
from gatecalc.equations.names import MAX_NAME, time_suffix
from gatecalc.equations.spellings import TIME
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.equations.unclear import (
    MAP,
    PRODUCT,
    SCALES,
    VALUE,
    WEIGHT,
    clear_pins,
    unclear_names,
    unclear_products,
    unclear_text,
)

MOST_CHARACTERS = 4_000
"""Longer texts are no single page of a paper."""

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("∘◦", "⊙"),
        **dict.fromkeys("−–—", "-"),
        **dict.fromkeys("←≔≜≡", "="),
        **dict.fromkeys("⋅∙×", "·"),
        "⊤": "ᵀ",
        "∗": "*",
        "÷": "/",
        "²": "**2",
        "³": "**3",
        "\xa0": " ",
    }
)

_LONG = re.compile(rf"\w{{{MAX_NAME + 1}}}")
_SUBSCRIPTS = re.compile("[₀-₉ₐ-ₜ₊₋ᵢᵣᵤᵥ]+")
_PART = rf"{VALUE}(?: *[*·⊙⊗] *{VALUE})?"
_PARTS = rf"\[ *({_PART}(?: *[,;] *{_PART})+) *\]"
_FACTOR = VALUE.replace("A-Z", "", 1)  # A_t is a matrix in many papers
_MATRIX = r"\b([A-Z](?:\d+|[a-z]{1,2}|_\w+)?(?:\.T)?)"
_SCALE_ALONE = re.compile(rf"\b(?:{SCALES})\b(?! *[(\[])")
_CALLED = "|".join((*PUBLIC, *REDUCTIONS))

_ELEMENTWISE = (
    re.compile(rf"\b(?P<weight>{WEIGHT}) *⊙(?: *(?P<beside>[A-Za-z]\w*)\[t)?"),
    re.compile(
        rf"(?:\b(?P<beside>[A-Za-z]\w*)\[t(?:-1)?\] *)?⊙ *(?P<weight>{WEIGHT})\b(?! *[@\[.])"
    ),
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
    return f"{found[1]} {MAP} concat({', '.join(re.split(' *[,;] *', found[2]))})"


def _behind_brackets(found: re.Match[str]) -> str:
    """A product with what stands behind brackets, if these hold a value and no sum of matrices."""
    depth, start = 0, found.start()
    while start >= 0:
        depth += (found.string[start] == ")") - (found.string[start] == "(")
        if not depth:
            break
        start -= 1
    return f") {PRODUCT} " if "[t" in found.string[start : found.start()] else found[0]


def _compiled(*changes: tuple[str, str | Callable[[re.Match[str]], str]]) -> tuple[_Change, ...]:
    return tuple((re.compile(pattern), change) for pattern, change in changes)


_NAMES = _compiled(
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
)
_PRODUCTS = _compiled(
    (r"\b([WUVRb]\w*?)\^\{ *\(?([A-Za-z]\w*)\)? *\}", r"\1_\2"),
    (r"\b([WUVRb]\w*?)\^([A-Za-z]\w*)(?![\w(\[])", r"\1_\2"),
    (r"(?<=[\])])\^(?=[2-9])", "**"),
    (rf"{_MATRIX}(?: *[@*·.])? *{_PARTS}", _joined),
    (rf"{_MATRIX}(?: *· *| +)(?=[a-z]\w*\[t|concat\()", rf"\1 {MAP} "),
    # W(x[t]) is a layer: brackets around a vector alone have no other use.
    (rf"\b({WEIGHT}(?:\.T)?) *(?:· *(?=\()|(?=\()(?!\( *{VALUE} *\)))", rf"\1 {MAP} "),
    (rf"({_FACTOR}) *(?={VALUE})", rf"\1 {PRODUCT} "),
    (rf"({_FACTOR}) *(?=\()", rf"\1 {PRODUCT} "),
    (rf"({_FACTOR}) +(?=(?:{_CALLED})\()", rf"\1 {PRODUCT} "),
    (rf"\) *(?=\(|{VALUE})", _behind_brackets),
    (rf"(?<![\w.])(\d+(?:\.\d+)?) *(?={VALUE})", rf"\1 {PRODUCT} "),
    (rf"\b({SCALES}) +(?={VALUE}|(?:{_CALLED})\()", rf"\1 {PRODUCT} "),
    # Nobody applies a function to what a gate leaves.
    (rf"\b({SCALES}) *(?=\( *1 *- *{VALUE} *\))", rf"\1 {PRODUCT} "),
)
_WRITTEN = str.maketrans({MAP: "@", PRODUCT: "*", "⊙": "*"})


def respelled(text: str) -> str:
    """The text in the notation; the same text if fewer than two places are known to be foreign.

    >>> print(respelled("f_t = σ(W_f x_t + U_f h_{t−1})  # a gate"))
    f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1])  # a gate
    """
    if len(text) > MOST_CHARACTERS:
        return text
    split = [line.partition("#") for line in text.splitlines()]
    if unclear_text("\n".join(code for code, _, _ in split)):
        return text
    read = [_in_ascii(code) for code, _, _ in split]
    if any(map(_LONG.search, read)) or not brackets.fit(read):
        return text  # no cell in any spelling, and slow to search
    counts = [sum(not c.isascii() or c in "\\$" for c in code) for code, _, _ in split]
    codes = _changed(read, _NAMES, counts)
    if unclear_names(codes):
        return text
    codes = _changed(codes, (*_PRODUCTS, *_scales(codes)), counts)
    pins = [m.group("weight", "beside") for p in _ELEMENTWISE for c in codes for m in p.finditer(c)]
    equations = brackets.joined(codes)
    if unclear_products(equations) or not clear_pins(pins, codes):
        return text
    codes = brackets.split(without_dots(equations))
    lines = []
    for code, count, (_, sign, comment) in zip(codes, counts, split, strict=True):
        code = code.translate(_WRITTEN)
        lines.append(f"{' '.join(code.split()) if count and not sign else code}{sign}{comment}")
    # Whoever prints a sign of its own for the elementwise product means it.
    shown = [*dict.fromkeys(f"{weight}: H" for weight, _ in pins), "\n".join(lines)]
    return "\n".join(shown) if sum(counts) > 1 else text


def _changed(codes: Sequence[str], changes: Sequence[_Change], counts: list[int]) -> list[str]:
    """Lines without their comments; in how many places each was changed is added to `counts`."""
    changed = []
    for k, code in enumerate(codes):
        for pattern, change in changes:
            places = sum(_new(m, change) != m[0] for m in pattern.finditer(code))
            if places:
                counts[k] += places
                code = pattern.sub(change, code)
        changed.append(code)
    return changed


def _scales(codes: Sequence[str]) -> tuple[_Change, ...]:
    """Greek letters before brackets are factors if they stand alone elsewhere, else functions."""
    names = sorted({m[0] for code in codes for m in _SCALE_ALONE.finditer(code)})
    return _compiled((rf"\b({'|'.join(names)}) *(?=\()", rf"\1 {PRODUCT} ")) if names else ()


def _new(found: re.Match[str], change: str | Callable[[re.Match[str]], str]) -> str:
    return found.expand(change) if isinstance(change, str) else change(found)


def _lowered(found: re.Match[str]) -> str:
    return f"_{{{unicodedata.normalize('NFKC', found[0]).replace('−', '-')}}}"


def _in_ascii(code: str) -> str:
    """Letters and signs that the notation does not have by what stands for them in it."""
    code = without_latex(code).translate(_SIGNS)
    code = _SUBSCRIPTS.sub(_lowered, code)
    code = re.sub(r"[Σ∑](?=\()", "sum", code)
    code = re.sub(r"σ(?=\()", "sigmoid", code)
    letters = []
    for letter in unicodedata.normalize("NFD", code):
        letters.append(greek_name(letter) or accent_suffix(letter) or letter)
    return "".join(letters)
