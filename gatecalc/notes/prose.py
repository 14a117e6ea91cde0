"""What people wrote, as LaTeX text: special characters escaped, identifiers in typewriter.

The result is plain ASCII, whatever the comment held: accents become TeX accents, Greek letters and
common signs become formulas, and what TeX's standard fonts do not have is named by its code point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    # Not \$, \S and \copyright: those are bitmaps where no more fonts than these are installed,
    # and microtype cannot stretch a line that has one.
    "$": r"$\mathdollar$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}

_SIGNS = {
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "„": "``",
    "…": r"\dots{}",
    "\xa0": "~",
    "−": "$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "⋅": r"$\cdot$",
    "⊙": r"$\odot$",
    "∘": r"$\circ$",
    "⊗": r"$\otimes$",
    "⊕": r"$\oplus$",
    "±": r"$\pm$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≠": r"$\ne$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "←": r"$\gets$",
    "⇒": r"$\Rightarrow$",
    "∞": r"$\infty$",
    "∂": r"$\partial$",
    "∇": r"$\nabla$",
    "∑": r"$\sum$",
    "∈": r"$\in$",
    "√": r"$\surd$",
    "°": r"$^\circ$",
    "²": "$^2$",
    "³": "$^3$",
    "ᵀ": r"$^\top$",
    "⊤": r"$\top$",
    "½": r"$\frac12$",
    "§": r"$\mathsection$",
    "©": "(c)",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "å": r"\aa{}",
    "Å": r"\AA{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ı": r"\i{}",
}

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        re.findall(
            r"\w+",
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma "
            "tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega",
        ),
        strict=True,
    )
)

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}


def escaped(text: str) -> str:
    r"""Text without any meaning to TeX.

    >>> escaped("50% of W_i & Böhm")
    '50\\% of W\\_i \\& B\\"{o}hm'
    """
    return "".join(_character(c) for c in unicodedata.normalize("NFC", text))


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _GREEK:
        return rf"$\{_GREEK[character]}$"
    if character.isascii():
        return character if character.isprintable() else " "
    decomposed = unicodedata.normalize("NFKD", character)
    base, marks = decomposed[0], decomposed[1:]
    if base.isascii() and base.isprintable():
        shown = _SPECIAL.get(base, base)
        known = [_ACCENTS[m] for m in marks if m in _ACCENTS]
        if len(known) == len(marks):
            for mark in known:
                letter = rf"\{shown}{{}}" if shown in "ij" and mark != "c" else shown
                shown = rf"\{mark}{{{letter}}}"
            return shown
        if all(m.isascii() and m.isprintable() for m in marks):
            return shown + "".join(_SPECIAL.get(m, m) for m in marks)
    return f"[U+{ord(character):04X}]"


def typewriter(code: str) -> str:
    r"""Code in a typewriter font; it may break after a blank.

    >>> typewriter("c[t-1]")
    '\\texttt{c[t-1]}'
    """
    # Two hyphens would become a dash.
    return rf"\texttt{{{escaped(code).replace('--', '-{}-')}}}"


_NAME = r"[A-Za-z]\w*"
_NUMBER = r"\d+(?:\.\d+)?(?:[eE]-?\d+)?"
_GROUP = r"\((?:[^()]|\([^()]*\))*\)"
_TIMES = rf"(?:\d+ (?={_NAME}\())?"
_ATOM = rf"-?(?:{_TIMES}{_NAME}(?:\[t(?: ?- ?1)?\])?(?:\.T)?(?:{_GROUP})?|{_NUMBER}|{_GROUP})"
_INFIX = r"(?: (?:[-+/=@]|\*\*?) |\*\*)"
_OPERATION = rf"{_ATOM}(?:{_INFIX}{_ATOM})+"
_STACK = rf"\[{_NAME}(?: \* {_NAME})?(?:, {_NAME}(?: \* {_NAME})?)+\]"
_SHAPE = r"\([A-Z](?: \+ [A-Z])?(?:, [A-Z](?: \+ [A-Z])?)*,?\)"
_KEYWORD = rf"\b{_NAME}=(?:\'\w+\'|\w+)"
_CALL = rf"\b(?:\d+ )?{_NAME}\((?:-?{_NAME}(?:/\d)?|[ab], [ab])\)"
_TIMED = rf"(?:\b{_NAME})?\[t(?: ?[-+] ?\d)?\]"
_IDENTIFIER = r"\b(?:[A-Za-z]\w*_\w*|lstm|gru|mgu|rnn)\b"
_SCIENTIFIC = r"\b\d+(?:\.\d+)?e-?\d+\b"
_LETTER = r"(?<![\w.'-])[B-HJ-Zb-z](?: [b-z])*(?![\w'-]|\.(?!\s|$))"

_CODE = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"(?<![\w)'-]){_OPERATION}",
            _STACK,
            _SHAPE,
            _KEYWORD,
            _CALL,
            _TIMED,
            _IDENTIFIER,
            _SCIENTIFIC,
            _LETTER,
        )
    )
)

_MINUS = re.compile(r"(?<![\w.)-])-(?=\d)")
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_QUOTED = re.compile(r'"([^"]*)"')
_SINGLE = re.compile(r"(?<!\w)'([^']+)'(?!\w)")


def prose(text: str) -> str:
    r"""A comment as running text; what is code in it (names, indices, products) as typewriter.

    >>> prose("a high z keeps the past; set b_f = 1")
    'a high \\texttt{z} keeps the past; set \\texttt{b\\_f = 1}'
    """
    pieces: list[str] = []
    position = 0
    for found in _CODE.finditer(text):
        code = found.group()
        if not _is_code(code):
            continue
        pieces += [words(text[position : found.start()]), typewriter(code)]
        position = found.end()
    return "".join((*pieces, words(text[position:])))


def _is_code(code: str) -> bool:
    """Whether what looks like a formula is one: `A + B` is, `1997 - 2000` is not."""
    return re.search(r"[A-Za-z]", code) is not None


def words(text: str) -> str:
    """Text without code in it, with the dashes, minus signs and quotation marks of print.

    >>> words("pages 226-234, between -1 and 1")
    'pages 226--234, between $-$1 and 1'
    """
    quoted = _QUOTED.sub(lambda m: f"“{m[1]}”", text)
    quoted = _SINGLE.sub(lambda m: f"‘{m[1]}’", quoted)
    negative = _MINUS.sub("−", quoted)
    ranged = _RANGE.sub("–", negative.replace(" - ", " – "))
    # To TeX a stop after a capital ends an initial, and one before a blank ends a sentence.
    shown = re.sub(r"et al\. (?=[a-z0-9(])", r"et al.\\ ", escaped(ranged.replace("...", "…")))
    return re.sub(r"(?<=[A-Z]{2})(?=[.:?!](?: |$))", r"\\@", shown)


def sentence(text: str, form: Callable[[str], str] = prose) -> str:
    """A comment as a sentence: a full stop behind it, unless it ends with a sign already.

    >>> sentence("what is kept")
    'what is kept.'
    """
    plain = text.strip()
    return form(plain if not plain or plain[-1] in ".!?:" else plain + ".")


def capital(text: str) -> str:
    """A capital at the beginning, unless the first word is a name.

    >>> capital("a weighted mean"), capital("r lets it through")
    ('A weighted mean', 'r lets it through')
    """
    first = text.partition(" ")[0]
    is_word = first == "a" or (len(first) > 1 and first[:2].isalpha())
    return text[:1].upper() + text[1:] if is_word else text


def enumeration(names: Sequence[str]) -> str:
    """Words in a row; nothing where there are none.

    >>> enumeration(["mean", "norm", "sum"])
    'mean, norm and sum'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
