"""What a paper may mean in two ways: respelling is silent there, lest it show a wrong cell.

Some of it shows in the text as it is printed, some only when products that are printed without a
sign have one: `MAP` between a matrix and a vector, `PRODUCT` between two vectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from gatecalc.equations.brackets import BREAK, partners
from gatecalc.equations.names import time_suffix

MAP, PRODUCT = "⊛", "⨯"
"""Signs of products that the paper prints without one; the paper itself has none like them."""

VALUE = r"\b[A-Za-z]\w*\[t(?:-1)?\]"
WEIGHT = r"[WUVR](?:\d+|[a-z]{1,2}|_\w+)?"

SCALES = "alpha|beta|gamma|zeta|eta|epsilon|kappa|lambda_|mu|nu|rho|tau|omega"
"""Greek letters that are numbers or parameters in most papers."""

_DIFFERENT = re.compile(r"\b(?:leaky_relu|gelu|hard_sigmoid)\b")
_TWO_MEANINGS = re.compile(
    rf"[Δ∆√{MAP}{PRODUCT}]|\\Delta|\\sqrt"  # a step's length; how far does the root reach?
    r"|[Α-Ωα-ω][A-Za-z0-9]|[A-Za-z0-9][Α-Ωα-ω]"  # one name or two?
    r"|[Α-Ωα-ω] *\^|\be\^"  # a power or an index?
    r"|\bself\.\w+ *\("  # a layer, with a bias of its own
    r"|\w_next\b"
    r"|\u0307|\\dot(?![A-Za-z])"  # a derivative by time
)
_BACK = re.compile(r"[_^]t ?-1\b")
_BACK_IN_BRACKETS = re.compile(r"\bt *- *1 *[})\]]|(?<!\w)\( *\w+[_^]t ?-1 *\)")
_PROGRAM = re.compile(r"\b(?:self|np|numpy|jnp|torch|tf|keras|nn|F)\.[A-Za-z]")
_LAYER = re.compile(rf"\b{WEIGHT}\(")
_GLUED = re.compile(r"\b[A-Z][a-z]\w*\[t")
_INDEX = re.compile(r"\b([WUVRb])\w*?\^(?:\{ *([A-Za-z]) *\}|([A-Za-z])(?![\w(\[]))")
_EXPONENTS = "kmnpKMNP"
_PARAMETER = re.compile(rf"b(?:\d+|[a-z]|_\w+)?|[A-Z]\w*|(?:{SCALES})(?:_\w+)?")
_OPERAND = re.compile(r" *-? *(?:[A-Za-z]\w*(?:\.T)?(?:\[t(?:-1)?\])?|\d+(?:\.\d+)?)")
_FACTOR = re.compile(rf" *(?:[{MAP}{PRODUCT}⊙⊗·])")
_FACTOR_OR_SIGN = re.compile(rf" *(?:[{PRODUCT}⊙⊗·]|\*(?!\*)|/(?! *\d))")
_POWER = re.compile(r"\*\*\d+")


def unclear_text(text: str) -> bool:
    """Whether a text as it is printed may mean two things.

    >>> unclear_text("h_t = √d x_t"), unclear_text("h_t = W x_t")
    (True, False)
    """
    plain = text.replace("−", "-")
    old = any(time_suffix(word).endswith("-1]") for word in re.findall(r"[A-Za-z]\w*", text))
    program = _PROGRAM.search(text)
    return bool(
        _TWO_MEANINGS.search(unicodedata.normalize("NFD", text))
        or (program and _DIFFERENT.search(text))  # TensorFlow's leaky_relu has another slope
        # z_t-1 is a difference, or is it a time step?
        or (_BACK.search(plain) and (old or _BACK_IN_BRACKETS.search(plain)))
        # A program's W(...) is a layer, with a bias of its own.
        or (_LAYER.search(text) and (old or program))
    )


def unclear_names(lines: Iterable[str]) -> bool:
    """Whether names may mean two things, time steps apart, which stand in square brackets."""
    code = "\n".join(lines)
    if _GLUED.search(code):
        return True  # Wx[t]: a name, or a matrix and a vector?
    timed = set(re.findall(r"\b([A-Za-z]\w*)\[t", code))
    for base, braced, bare in _INDEX.findall(code):
        index = braced or bare
        if index not in timed and (base != "b" or index in _EXPONENTS):
            return True  # U^k: a power, or an index?
    # W[t], beside another input: a parameter whose index is a time step.
    given = timed - set(re.findall(r"^ *([A-Za-z]\w*)\[t\] *=", code, re.MULTILINE))
    return len(given) > 1 and any(_PARAMETER.fullmatch(name) for name in given)


def unclear_products(lines: Iterable[str]) -> bool:
    """Whether brackets would be needed to say what a product takes in.

    >>> (
    ...     unclear_products(["h[t] = U ⊛ r[t] ⨯ h[t-1]"]),
    ...     unclear_products(["h[t] = x[t] / 2 ⨯ h[t-1]"]),
    ... )
    (True, True)
    """
    code = "\n".join(lines).replace(BREAK, " ")
    closing = partners(code)
    for found in re.finditer(rf"(?<!/)/(?!/)|[@{MAP}]", code):
        end = _behind(code, found.end(), closing)
        behind = _FACTOR_OR_SIGN if found[0] == MAP else _FACTOR
        if end and behind.match(code, end):
            return True
    return False


def _behind(code: str, start: int, closing: dict[int, int]) -> int:
    """The end of the operand that begins at `start`, a power with it; 0 if there is none."""
    found = _OPERAND.match(code, start)
    end = found.end() if found else start
    opened = end if found else end + len(code[end:]) - len(code[end:].lstrip())
    if opened in closing:
        end = closing[opened] + 1
    elif not found:
        return 0
    if power := _POWER.match(code, end):
        end = power.end()
    return end


def clear_pins(pins: Iterable[Sequence[str | None]], lines: Iterable[str]) -> bool:
    """Whether all weights of elementwise products have the size of one state.

    >>> clear_pins([("W_ci", "c")], ["c[t] = W_ci * c[t-1] + x[t]"])
    True
    """
    code = "\n".join(lines)
    beside = {name for _, name in pins}
    # Beside an input W has another size than of a state. And if there is an H: whose is it?
    return not pins or (
        len(beside) == 1
        and all(f"{name}[t-1]" in code for name in beside)
        and not re.search(r"\bH\b", code)
    )
