"""Identifiers as mathematicians write them: `W_i` with a subscript, `c_tilde` with an accent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gatecalc.equations.functions import FUNCTIONS

ACCENTS = {"tilde": "tilde", "hat": "hat", "bar": "bar"}

_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name prints as: `prefix` (the sign of an adjoint), a letter, subscripts, superscript.

    >>> Symbol("h", superscript="next", prefix="\\\\delta").at("t")
    '\\\\delta h_{t}^{\\\\mathrm{next}}'
    """

    base: str
    subscripts: tuple[str, ...] = ()
    superscript: str = ""
    prefix: str = ""

    def at(self, time: str = "", extra: str = "") -> str:
        """The LaTeX at a time step; `extra` is one more superscript (a power, a transposition)."""
        below = ",".join((*self.subscripts, *((time,) if time else ())))
        own = rf"\mathrm{{{self.superscript}}}" if self.superscript else ""
        above = ",".join(part for part in (own, extra) if part)
        text = self.base
        if below:
            text += f"_{{{below}}}"
        if above:
            text += f"^{{{above}}}"
        return f"{self.prefix} {text}" if self.prefix else text


def symbol(name: str) -> Symbol:
    """The symbol of an identifier.

    A name that begins with a function's, as that of an inner call does, keeps the function whole.

    >>> symbol("W_i").at(), symbol("c_tilde").at("t"), symbol("alpha_vf").at()
    ('W_{i}', '\\\\tilde{c}_{t}', '\\\\alpha_{\\\\mathrm{vf}}')
    >>> symbol("leaky_relu_h").at("t")
    '\\\\mathrm{leaky\\\\_relu}_{h,t}'
    """
    parts = [part for part in name.split("_") if part] or ["?"]
    position = _function_words(parts) or 1
    first, digits = _split_digits("_".join(parts[:position]))
    base = _letter(first)
    below = [digits] if digits else []
    while position < len(parts) and parts[position] in ACCENTS and not below:
        base = _accented(base, parts[position])
        position += 1
    for part in parts[position:]:
        if part in ACCENTS and below and not below[-1].isdigit():
            below[-1] = _accented(below[-1], part)
        else:
            below.append(_letter(part))
    return Symbol(base, tuple(below))


def verbatim(name: str) -> Symbol:
    """The identifier as typed, for names that would otherwise look alike."""
    return Symbol(rf"\mathtt{{{name.replace('_', chr(92) + '_')}}}")


def distinct(symbols: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The same symbols; those that print alike are printed as typed.

    >>> [s.at() for s in distinct({n: symbol(n) for n in ("h_1", "h1", "c")}).values()]
    ['\\\\mathtt{h\\\\_1}', '\\\\mathtt{h1}', 'c']
    """
    seen: dict[str, list[str]] = {}
    for name, shown in symbols.items():
        seen.setdefault(shown.at(), []).append(name)
    return {
        name: shown if len(seen[shown.at()]) == 1 else verbatim(name)
        for name, shown in symbols.items()
    }


def adjoint(of: Symbol, sign: str, superscript: str = "") -> Symbol:
    """The symbol of an adjoint: the sign before what it is the adjoint of."""
    return replace(of, prefix=sign, superscript=superscript)


def first_free(wanted: Iterable[str], taken: Iterable[str]) -> str:
    """The first of several symbols that nobody uses; the last one if all are used."""
    used = set(taken)
    options = list(wanted)
    return next((option for option in options if option not in used), options[-1])


def _function_words(parts: Sequence[str]) -> int:
    """How many words at the beginning are the name of a function; digits are left to the index."""
    counts = range(len(parts), 0, -1)
    return next(
        (n for n in counts if "_".join(parts[:n]) in FUNCTIONS and not parts[n - 1].isdigit()), 0
    )


def _split_digits(part: str) -> tuple[str, str]:
    found = re.fullmatch(r"([A-Za-z]+)(\d+)", part)
    return (found[1], found[2]) if found else (part, "")


def _accented(letter: str, accent: str) -> str:
    """A letter under an accent, which takes the place of the dot of i and j."""
    bare = {"i": r"\imath", "j": r"\jmath"}.get(letter, letter)
    return rf"\{ACCENTS[accent]}{{{bare}}}"


def _letter(part: str) -> str:
    if _GREEK.fullmatch(part):
        return rf"\{part}"
    if part == "omicron":
        return "o"
    if len(part) == 1 or part.isdigit():
        return part
    # An empty group keeps TeX from joining f and i of `R_fi` to one letter.
    shown = re.sub(r"f(?=[fil])", "f{}", part).replace("_", r"\_")
    return rf"\mathrm{{{shown}}}"
