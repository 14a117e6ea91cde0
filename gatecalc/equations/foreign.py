"""Characters from papers and programs, and what to write instead."""

from __future__ import annotations

import re
import unicodedata

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
    "≈": "write =",
    "≡": "write =",
    "≜": "write =",
    "ᵀ": "write W.T for the transpose",
    "⊤": "write W.T for the transpose",
    "√": "write sqrt(...)",
    "²": "write **2",
    "³": "write **3",
    "⁻": "write a**-1 for a power; the notation has no inverse of a matrix",
    "∥": "write norm(v)",
    "‖": "write norm(v)",
    "|": "write abs(a), or norm(v); concat(a, b) to join vectors",
    "′": "name it otherwise: letters, digits and _ only",
    "'": "write W.T for a transpose; names hold letters, digits and _ only",
    '"': "the notation has no text in quotes: write the name alone",
    ";": "write one equation a line, concat(a, b) to join vectors",
    "~": "write 1 - a for the complement of a gate",
    "&": "write a * b where both gates are to be open; one equation a line",
    "!": "write 1 - a for the complement of a gate; there are no comparisons",
    "?": "write maximum(a, b), minimum(a, b), relu(a) or abs(a): there are no conditions",
    "∂": "write the equations alone: derivatives are what gatecalc adds",
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


def greek_name(character: str) -> str:
    """What a Greek letter is called; empty for others.

    >>> greek_name("β"), greek_name("λ"), greek_name("b")
    ('beta', 'lambda_', '')
    """
    found = re.fullmatch(
        r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", unicodedata.name(character, "")
    )
    if not found:
        return ""
    # Unicode says LAMDA, everybody else lambda.
    letter = found[2].lower().replace("lamda", "lambda")
    return letter.capitalize() if found[1] == "CAPITAL" else letter.replace("lambda", "lambda_")


def accent_suffix(character: str) -> str:
    """The suffix for an accent over the letter before it, `_tilde`; empty for others."""
    name = unicodedata.name(character, "")
    return next((f"_{s}" for accent, s in _ACCENTS.items() if name == f"COMBINING {accent}"), "")


def _advice(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    name = unicodedata.name(character, "")
    if written := greek_name(character):
        return f"names are ASCII letters: write {written}"
    if "SUPERSCRIPT" in name and character.isdigit():
        return f"write **{unicodedata.digit(character)}"
    if "FRACTION" in name and character.isnumeric():
        return f"write {unicodedata.numeric(character):.4g}"
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
