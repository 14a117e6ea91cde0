"""Two operands side by side, with no operator between them, and what may have been meant."""

from __future__ import annotations

from collections.abc import Sequence

from gatecalc.equations.called import meant, rewritten
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tokens import Token, depths, inside, stretch, subscript
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError


def no_operator(found: Sequence[Token], k: int) -> NotationError:
    before, here = found[k - 1], found[k]
    if (before.text, here.text) == (")", "(") and (called := _called(found[:k])):
        return NotationError(
            "a call has one pair of brackets",
            stretch(before.place, here.place),
            write=rewritten(called)
            or f"write {meant(called) or called}(...)"
            + (f", or {called}(...) * (...) for a product" if not meant(called) else ""),
        )
    left, right = _operand_before(found[:k]), _operand_behind(found[k:])
    function = left if left in FUNCTIONS else left.partition("_")[0]  # sum_i
    if function in FUNCTIONS or function in REDUCTIONS:
        goes_on = _operator_behind(found[k:])
        write = f"write {function}({right}{f' {goes_on} ...' if goes_on else ''})"
    elif before.kind == "name" and left[0].isupper():
        write = f"write {left} @ {right}"
    elif before.kind == "name":
        write = f"write {left} * {right}, or {left} @ {right} for a matrix {left}"
    elif here.kind == "name" and right == here.text and right[0].isupper():
        write = f"write {right} @ {left} for a matrix {right}"
    else:
        write = f"write {left} * {right}"
    return NotationError(
        f"no operator between `{left}` and `{right}`",
        stretch(before.place, here.place),
        write=write,
    )


def _called(found: Sequence[Token]) -> str:
    """The name before the brackets that end here; empty if there is none."""
    levels = [depth for _, depth in depths(found)]
    opening = max(k for k, t in enumerate(found) if t.opens and levels[k] == levels[-1] + 1)
    before = found[opening - 1]
    return before.text if before.kind == "name" else ""


def _operand_before(found: Sequence[Token]) -> str:
    """What ends here: a name, a number, `h[t]`, or `(...)`."""
    if found[-1].text == ")":
        return "(...)"
    if found[-1].text == "]":
        start = max(k for k, token in enumerate(found) if token.text == "[")
        return "".join(token.text for token in found[max(0, start - 1) :])
    return found[-1].text


def _operand_behind(found: Sequence[Token]) -> str:
    if found[0].text == "(":
        return "(...)"
    return found[0].text + subscript(found[1:])


def _operator_behind(found: Sequence[Token]) -> str:
    """The sign of a product behind the operand that begins here; one left out is `@` or `*`."""
    if found[0].text == "(":
        return ""
    behind = found[1 + len(tuple(inside(found[1:]))) :]
    if behind and behind[0].kind == "name":
        return "@" if found[0].text[0].isupper() else "*"
    return behind[0].text if behind and behind[0].text in ("@", "*", "/", "**") else ""
