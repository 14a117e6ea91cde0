"""Lines of generated code that fit on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gatecalc.codegen.breaking import assigned

WIDTH = 100
INDENT = 4


def printable(text: str) -> str:
    """A user's words as part of one line of a comment: nothing that breaks or hides text.

    >>> printable("gate:\\t0 is\\nclosed")
    'gate: 0 is closed'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def assignment(target: str, value: str, number: str, explanation: str) -> Iterator[str]:
    """`target = value  # (n) explanation` as lines of at most `WIDTH` columns, less one indent.

    An explanation that does not fit goes above; a sum that does not fit goes into parentheses, a
    summand a line.
    """
    room = WIDTH - INDENT
    code = f"{target} = {value}"
    whole = f"{code}  # {number}"
    if explanation and len(whole) + 1 + len(explanation) <= room:
        yield f"{whole} {explanation}"
        return
    if explanation:
        yield from comment(explanation)
    if len(whole) <= room:
        yield whole
        return
    *lines, last = assigned(target, value, room)
    yield from (*lines, f"{last}  # {number}")


def call(before: str, function: str, arguments: Sequence[str], after: str = "") -> Iterator[str]:
    """`before function(arguments) after`, the arguments filled into as few lines as they need.

    >>> list(call("y = ", "f", ["a", "b"]))
    ['y = f(a, b)']
    """
    comma = "," if not function and len(arguments) == 1 else ""
    whole = f"{before}{function}({', '.join(arguments)}{comma}){after}"
    if len(whole) <= WIDTH - INDENT:
        yield whole if function or comma else whole.replace("(", "", 1).replace(")", "", 1)
        return
    yield f"{before}{function}("
    if len(", ".join(arguments)) <= WIDTH - 2 * INDENT:
        yield f"    {', '.join(arguments)}{comma}"
        yield f"){after}"
        return
    for some in fitting(arguments, lambda a: len(a) + 2, WIDTH - 2 * INDENT):
        yield f"    {', '.join(some)},"
    yield f"){after}"


def comment(text: str, width: int = WIDTH - INDENT) -> Iterator[str]:
    """A comment over as many lines as it takes."""
    line = "#"
    for word in text.split():
        if len(line) + 1 + len(word) > width and line != "#":
            yield line
            line = "#"
        line += f" {word}"
    yield line


def fitting(
    names: Sequence[str], width_of: Callable[[str], int], room: int = WIDTH - INDENT
) -> Iterator[list[str]]:
    """The names over as few lines as they need, about equally many on each."""
    lines = max(1, -(-sum(map(width_of, names)) // room))
    most = -(-len(names) // lines)
    some: list[str] = []
    used = 0
    for name in names:
        if some and (len(some) == most or used + width_of(name) > room):
            yield some
            some, used = [], 0
        some.append(name)
        used += width_of(name)
    if some:
        yield some
