"""Long expressions over several lines, broken where formatters break them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

_INDENT = "    "

_SUM, _PRODUCT = ("+", "-"), ("*", "/", "@", "//")
"""Operators of one precedence; in generated text spaces surround them where they are binary."""


def broken(value: str, room: int) -> Iterator[str]:
    """An expression as lines of at most `room` columns, where that can be.

    What commas part has an item a line; a chain of `+` and `-`, or of `*`, `/` and `@`, an operand
    a line; what is too long still is opened at its longest parentheses. Legal within parentheses.
    Where nested brackets have used up all columns, or do not pair, the text is left as it is.

    >>> list(broken("a * b + f(c)", 8))
    ['a * b', '+ f(c)']
    """
    if len(value) <= room or room <= 0 or not _is_paired(value):
        yield value
        return
    items = items_of(value)
    if len(items) > 1:
        for item in items:
            *lines, last = broken(item, room - 1)
            yield from (*lines, f"{last},")
        return
    first, *others = operands_of(value)
    group = _longest_group(value)
    if others:
        yield from broken(first, room)
        for piece in others:
            sign, _, operand = piece.partition(" ")
            line, *rest = broken(operand, room - len(sign) - 1)
            yield from (f"{sign} {line}", *rest)
    elif group is not None:
        yield from _opened("", value, group, room)
    else:
        yield value


def assigned(target: str, value: str, room: int, sign: str = "=") -> list[str]:
    """`target = value` as lines; what cannot be broken by itself gets parentheses around it.

    >>> assigned("y", "aaa * (bbb + ccc)", 16)
    ['y = aaa * (', '    bbb + ccc', ')']
    """
    head = f"{target} {sign} "
    if not _is_paired(value):
        return [head + value]
    operands = operands_of(value)
    group = _longest_group(value) if len(operands) == 1 else _last_group(value)
    if len(operands) <= 2 and group is not None and len(head) + group[0] < room:
        return list(_opened(head, value, group, room))
    if len(operands) == 1:
        return [head + value]
    lines = broken(value, room - len(_INDENT))
    return [f"{head}(", *(_INDENT + line for line in lines), ")"]


def items_of(value: str) -> list[str]:
    """What commas outside of brackets part.

    >>> items_of("a, f(b, c)")
    ['a', 'f(b, c)']
    """
    cuts = [-1, *(k for k, sign in _outside(value) if sign == ","), len(value)]
    parts = [value[a + 1 : b].strip() for a, b in pairwise(cuts)]
    return parts if parts[-1] else parts[:-1]


def operands_of(value: str) -> list[str]:
    """The operands of the operators that bind least, each but the first behind its operator.

    >>> operands_of("a * b - f(c + d)")
    ['a * b', '- f(c + d)']
    """
    for operators in (_SUM, _PRODUCT):
        cuts = [k for k, _ in _outside(value) if _is_operator(value, k, operators)]
        if cuts:
            return [value[a:b].strip() for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    return [value]


def _opened(head: str, value: str, group: tuple[int, int], room: int) -> Iterator[str]:
    """An expression whose parentheses are opened, what is inside on lines of its own."""
    start, stop = group
    yield head + value[: start + 1]
    yield from (_INDENT + line for line in broken(value[start + 1 : stop], room - len(_INDENT)))
    yield value[stop:]


def _is_operator(value: str, place: int, operators: Sequence[str]) -> bool:
    """Whether a binary operator stands here: one with spaces on both sides."""
    return value[place - 1 : place] == " " and value[place:].partition(" ")[0] in operators


def _outside(value: str) -> Iterator[tuple[int, str]]:
    """Places and signs outside of brackets."""
    depth = 0
    for place, sign in enumerate(value):
        depth -= sign in ")]"
        if depth == 0:
            yield place, sign
        depth += sign in "(["


def _is_paired(value: str) -> bool:
    """Whether every bracket has its partner."""
    opened: list[str] = []
    for sign in value:
        if sign in "([":
            opened.append(sign)
        elif sign in ")]" and (not opened or opened.pop() + sign not in {"()", "[]"}):
            return False
    return not opened


def _groups(value: str) -> list[tuple[int, int]]:
    """Where outermost pairs of parentheses that hold something open and close."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for place, sign in enumerate(value):
        if sign in "([":
            opened.append(place)
        elif sign in ")]":
            start = opened.pop()
            if not opened and sign == ")" and place > start + 1:
                found.append((start, place))
    return found


def _longest_group(value: str) -> tuple[int, int] | None:
    """The longest outermost pair of parentheses."""
    return max(_groups(value), key=lambda group: group[1] - group[0], default=None)


def _last_group(value: str) -> tuple[int, int] | None:
    """The pair of parentheses with which a value ends."""
    groups = _groups(value)
    return groups[-1] if groups and groups[-1][1] == len(value) - 1 else None
