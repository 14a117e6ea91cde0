"""Characters and spellings from papers, LaTeX, MATLAB and programs, and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

_ELEMENTWISE = "write * for the elementwise product"
_PRODUCT = "write * for the elementwise product, @ between a matrix and a vector"

_SIGNS = {
    "σ": "write sigmoid(...) for the function, sigma for a name",
    "Σ": "write sum(v) for a sum over the entries of a vector",
    "∑": "write sum(v) for a sum over the entries of a vector",
    "λ": "names are ASCII letters: write lambda_",
    "⊙": _ELEMENTWISE,
    "∘": _ELEMENTWISE,
    "◦": _ELEMENTWISE,
    "⊗": _ELEMENTWISE,
    "×": _PRODUCT,
    "·": _PRODUCT,
    "⋅": _PRODUCT,
    "∙": _PRODUCT,
    "∗": _PRODUCT,
    "⊕": "write +",
    "÷": "write /",
    "−": "write - (the plain minus sign)",
    "–": "write - (the plain minus sign)",
    "—": "write - (the plain minus sign)",
    "←": "write =",
    "≔": "write =",
    "ᵀ": "write W.T for the transpose",
    "⊤": "write W.T for the transpose",
    "√": "write sqrt(...)",
    "²": "write **2",
    "³": "write **3",
    "∥": "write norm(v)",
    "‖": "write norm(v)",
    "|": "write abs(a), or norm(v)",
    "′": "name it otherwise: letters, digits and _ only",
    "'": "write W.T for a transpose; the notation has no text in quotes",
    '"': "the notation has no text in quotes: write the name alone",
    ";": "write one equation a line, concat(a, b) to join vectors",
    "~": "write 1 - a for the complement of a gate",
    "&": "write one equation a line",
    "\\": "LaTeX is not read here: write sigmoid(W_r @ x[t]); an open bracket continues a line",
    "$": "LaTeX is not read here: write h[t] = tanh(W @ x[t])",
    "%": "comments begin with #; no function gives remainders",
    "\xa0": "write a plain space for the no-break space",
}

_ACCENTS = {
    "TILDE": "tilde",
    "CIRCUMFLEX ACCENT": "hat",
    "MACRON": "bar",
    "OVERLINE": "bar",
    "DOT ABOVE": "dot",
}


def foreign_character(character: str, place: Place) -> NotationError:
    """The error for a character that the notation does not have."""
    shown = character if character.isprintable() and not character.isspace() else repr(character)
    return NotationError(f"the notation has no `{shown}`", place, write=_advice(character))


def _advice(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    name = unicodedata.name(character, "")
    if found := re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", name):
        # Unicode says LAMDA, everybody else lambda.
        letter = found[2].lower().replace("lamda", "lambda")
        written = letter if found[1] == "SMALL" else letter.capitalize()
        return f"names are ASCII letters: write {written}"
    if "SUBSCRIPT" in name:
        return "write a subscript after _ (W_i), the time step in brackets (h[t])"
    for accent, suffix in _ACCENTS.items():
        if name == f"COMBINING {accent}":
            return f"write an accent as a suffix: c_{suffix}"
        if name.startswith("LATIN") and name.endswith(f" WITH {accent.removesuffix(' ACCENT')}"):
            return f"write {unicodedata.normalize('NFD', character)[0]}_{suffix}"
    if unicodedata.category(character) in ("Cf", "Cc", "Co", "Cn", "Cs"):
        return "remove the invisible character"
    plain = unicodedata.normalize("NFKC", character)
    if plain == " ":
        return "write a plain space"
    if len(plain) == 1 and "!" <= plain <= "~" and plain != character:
        return f"write {plain}"
    if len(plain) == 1 and plain != character:
        return _advice(plain)
    if character.isascii():
        return "remove it"
    return "names are ASCII letters, digits and _; comments may hold anything"


_NAME = r"\b([A-Za-z]\w*?)"

_TIME = re.compile(_NAME + r"[_^]?[{(<]{1,3} *t *(- *1)? *[})>]{1,3}")
_TIME_SUFFIX = re.compile(_NAME + r"(?:_t *(- *1)\b|\^t\b(-1)?)")

_SPELLINGS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(_NAME + r"_?\{ *(\w+) *\}"),
        "`{0}`: braces are not part of the notation",
        "write {1}_{2}",
    ),
    (re.compile(_NAME + r"\^\{?T\}?(?!\w)"), "`{0}`: a transpose", "write {1}.T"),
    (re.compile(r"\^"), "`^` is not a power here", "write ** for a power: a**2"),
)


def foreign_spelling(code: str, place: Callable[[int, int], Place]) -> None:
    """Raises NotationError for a spelling from LaTeX or a paper; `place` gives a stretch of it."""
    for pattern in (_TIME, _TIME_SUFFIX):
        for found in pattern.finditer(code):
            if found[1] in FUNCTIONS or found[1] in REDUCTIONS:
                continue
            back = any(found.groups()[1:])
            # A bracket may close behind it that was opened before it: tanh(h_{t-1}).
            more = len(re.findall("[})>]", found[0])) - len(re.findall("[{(<]", found[0]))
            end = found.end() - max(0, more)
            raise NotationError(
                f"`{code[found.start() : end]}`: time steps stand in square brackets",
                place(found.start(), end),
                write=f"write {found[1]}[t{'-1' if back else ''}]",
            )
    for pattern, message, write in _SPELLINGS:
        if first := pattern.search(code):
            groups = first[0], *first.groups()
            raise NotationError(
                message.format(*groups), place(*first.span()), write=write.format(*groups)
            )
