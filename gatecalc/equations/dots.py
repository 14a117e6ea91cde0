"""A dot between two vectors, and ⊗: the elementwise product in some papers only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatecalc.equations.brackets import partners
from gatecalc.equations.unclear import MAP, PRODUCT, VALUE

_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) *[·⊗] *(?=[A-Za-z(])")
_DOT = re.compile(r" *[·⊗] *")
_OTHER_SIGNS = re.compile(r"[⊙*](?!\*)(?<!\*\*)")
_OPERATORS = re.compile(rf"[-+/@*,=·⊗⊙{MAP}{PRODUCT}]")
_EQUATION = re.compile(r" *([A-Za-z]\w*)\[t\] *= *")
_GATE = re.compile(r" *([A-Za-z]\w*)\[t\] *= *(?:hard_)?sigmoid(\(.*\)) *$")
_COMPLEMENT = re.compile(r" *([A-Za-z]\w*)\[t\] *= *1 *- *([A-Za-z]\w*)\[t\] *$")


def without_dots(lines: Sequence[str]) -> list[str]:
    """Lines with `*` for the dots that must mean it; other dots stay, which the notation has not.

    A gate multiplies entry by entry whatever a paper prints, as long as nothing else could come of
    it than a vector: in the equation of what a matrix is applied to, before the state that it
    gates, as the operand of a matrix, or beside a product with a matrix; there no outer product can
    stand either. Once the sign is known so, it means the same in the equation of any state. Where
    `⊙` or `*` is the elementwise product, a dot is another one.

    >>> without_dots(["z[t] = sigmoid(x[t])", "h[t] = z[t] · h[t-1] + q[t]"])
    ['z[t] = sigmoid(x[t])', 'h[t] = z[t] * h[t-1] + q[t]']
    """
    code = "\n".join(lines)
    if not _DOT.search(code) or _OTHER_SIGNS.search(code):
        return list(lines)
    gates = {found[1] for found in map(_GATE.match, lines) if found and _is_one(found[2])}
    gates |= {found[1] for found in map(_COMPLEMENT.match, lines) if found and found[2] in gates}
    lines = [_NUMBER.sub(r"\1 * ", line) for line in lines]
    vectors = set(re.findall(rf"[@{MAP}] *([A-Za-z]\w*)\[", code))
    changed = [_line(line, gates, vectors) for line in lines]
    if changed == lines:
        return changed
    vectors |= set(re.findall(r"\b([A-Za-z]\w*)\[t-1\]", code))
    return [_line(line, gates, vectors) for line in lines]


def _is_one(brackets: str) -> bool:
    return partners(brackets).get(0) == len(brackets) - 1


def _line(line: str, gates: set[str], vectors: set[str]) -> str:
    equation = _EQUATION.match(line)
    if not equation or not _DOT.search(line):
        return line
    changed: list[tuple[int, int]] = []
    start = equation.end()
    old = rf"\b{equation[1]}\[t-1\]"
    if equation[1] in vectors or re.search(rf"[·⊗] *{old}|{old} *[·⊗]", line):
        changed += _dots(line, start, len(line), gates)
    for opened, closed in partners(line).items():
        before = line[:opened].rstrip()
        beside = _top(line, opened + 1, closed)
        if before.endswith(("@", MAP, "concat")) or (
            before[-1:].isalnum() and re.search(f"[@{MAP}]", beside)
        ):
            changed += _dots(line, opened + 1, closed, gates, outer=False)
    for begin, end in sorted(set(changed), reverse=True):
        line = f"{line[:begin]} * {line[end:]}"
    return line


def _top(line: str, start: int, end: int) -> str:
    """A stretch of a line, with blanks for what stands in brackets inside it."""
    depth, shown = 0, []
    for sign in line[start:end]:
        depth -= sign in ")]"
        shown.append("_" if depth else sign)
        depth += sign in "(["
    return "".join(shown)


def _dots(
    line: str, start: int, end: int, gates: set[str], *, outer: bool = True
) -> list[tuple[int, int]]:
    """Where a summand is a product of two factors, one of them a gate, with a dot between them.

    Unless it may be an `outer` product, ⊗ needs no gate.
    """
    found, top = [], _top(line, start, end)
    for summand in re.finditer(r"[^-+,]+", top):
        dots = list(_DOT.finditer(summand[0]))
        if len(dots) == 1 and len(_OPERATORS.findall(summand[0])) == 1:
            at = start + summand.start()
            dot, stop = dots[0], at + len(summand[0])
            factors = line[at : at + dot.start()], line[at + dot.end() : stop]
            elementwise = "⊗" in dot[0] and not outer
            if elementwise or any(_is_gate(factor.strip(), gates) for factor in factors):
                found.append((at + dot.start(), at + dot.end()))
    return found


def _is_gate(factor: str, gates: set[str]) -> bool:
    """Whether a factor is a gate or the complement of one."""
    inner = re.fullmatch(rf"(?:({VALUE})|\( *1 *- *({VALUE}) *\))", factor)
    return inner is not None and (inner[1] or inner[2]).partition("[")[0] in gates
