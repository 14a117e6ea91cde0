"""Two operands side by side, with no operator between them, and what may have been meant."""

from __future__ import annotations

from collections.abc import Sequence

from gatecalc.equations.called import meant, rewritten
from gatecalc.equations.elsewhere import elsewhere
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.tokens import Token, depths, inside, stretch, subscript
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place


def no_operator(found: Sequence[Token], k: int) -> NotationError:
    before, here = found[k - 1], found[k]
    if (before.text, here.text) == (")", "(") and (called := _called(found[:k])):
        return _second_brackets(called, _brackets(found[:k]), stretch(before.place, here.place))
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


def _second_brackets(called: str, first: Sequence[Token], place: Place) -> NotationError:
    """`tanh(a)(b)` is a product, `Tanh()(a)` a layer at work, and `f(a)(b)` may be either."""
    name = meant(called) or called
    once, product = f"write {name}(...)", f"{name}(...) * (...)"
    either = f"{once}, or {product} for a product"
    texts = [token.text for token in first]
    known = name in FUNCTIONS or name in REDUCTIONS
    if name == called and not known:
        write = either
    elif "[" in texts and known:
        write = f"write {product} for a product"
    elif "=" not in texts and any(t.kind == "name" and t.text.islower() for t in first):
        write = either
    else:
        write = once
    return NotationError(
        "a call has one pair of brackets",
        place,
        write=elsewhere(called) or rewritten(called) or write,
    )


def _brackets(found: Sequence[Token]) -> Sequence[Token]:
    """The brackets that end here, with what they hold."""
    levels = [depth for _, depth in depths(found)]
    return found[max(k for k, t in enumerate(found) if t.opens and levels[k] == levels[-1] + 1) :]


def _called(found: Sequence[Token]) -> str:
    """The name before the brackets that end here, `nn.Tanh` say; empty if there is none."""
    before = found[: len(found) - len(_brackets(found))]
    if not before or before[-1].kind != "name":
        return ""
    start = len(before) - 1
    while start > 1 and before[start - 1].text == "." and before[start - 2].kind == "name":
        start -= 2
    return "".join(token.text for token in before[start:])


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
