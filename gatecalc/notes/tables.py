"""The tables of the notes: names, counts, lines of code, values of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatecalc.calculus.counts import Flops
from gatecalc.calculus.statements import Statement
from gatecalc.equations.parameters import entries
from gatecalc.equations.polynomials import Polynomial
from gatecalc.equations.tree import Ref, Shape
from gatecalc.notes.codelines import CodeLine
from gatecalc.notes.display import MEASURE
from gatecalc.notes.document import Document, Name, Use
from gatecalc.notes.formulas import polynomial, shape, whole
from gatecalc.notes.latex import latex
from gatecalc.notes.literals import decimal
from gatecalc.notes.numbers import StepNumbers, row
from gatecalc.notes.prose import escaped, prose, typewriter
from gatecalc.notes.reasons import reference, references
from gatecalc.notes.style import Style
from gatecalc.notes.width import width

SMALL = 0.9
"""The size of a table's text against that of the page."""

COLUMN_GAP = 1.4
SLACK = 1.5

REFERENCE = 2.4
GROUP_GAP = 2.0
"""Between groups of columns: the `qquad` that stands for their ordinary gap."""

LONG_NAME = 14
WIDEST_CODE = 8.5
WIDEST_SYMBOL = 9.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of LaTeX text; `columns` is LaTeX's description of the columns."""

    columns: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Titled:
    """Rows under a heading of their own."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NameTable:
    """The table of names; `code` and `meaning` are the widths of columns in ems of their text.

    A row with one cell is a symbol so wide that the rest of its row stands below it.
    """

    groups: tuple[Titled, ...]
    code: str
    meaning: str


def name_table(document: Document, style: Style, label: str) -> NameTable:
    """Symbol, name in the code, shape, meaning."""
    groups = tuple(
        Titled(
            group.role,
            tuple(row for name in group.names for row in _name_rows(name, style, label)),
        )
        for group in document.names
    )
    head = ("symbol", "in the code", "shape", "")
    rows = [head, *(r for g in groups for r in g.rows if len(r) > 1)]
    symbols, code, shapes = (max(_wide(r[k]) for r in rows) for k in range(3))
    code = min(code, WIDEST_CODE)
    room = MEASURE / SMALL - symbols - code - shapes - 3 * COLUMN_GAP - SLACK
    return NameTable(groups, f"{code:.1f}", f"{max(room, 8.0):.1f}")


def _name_rows(name: Name, style: Style, label: str) -> Iterable[tuple[str, ...]]:
    shown = f"${style.ref(name.ref)}$"
    rest = (
        identifier(name.ref.name),
        f"${shape(name.shape, style)}$",
        _meaning(name, style, label),
    )
    if _wide(shown) > WIDEST_SYMBOL:
        yield (shown,)
        yield ("", *rest)
    else:
        yield (shown, *rest)


def _meaning(name: Name, style: Style, label: str) -> str:
    if name.default:
        said = f"{prose(name.meaning)}, " if name.meaning else ""
        return f"{said}${decimal(name.default)}$ unless set otherwise"
    if name.meaning.startswith("pre-activation of "):
        return f"pre-activation of ${style.ref(Ref(name.meaning[18:], 0))}$"
    if name.value is not None:
        shown = latex(name.value, style)
        return f"${shown}$" if width(shown) < 14 and r"\frac" not in shown else "a part of a sum"
    if name.meaning:
        return prose(name.meaning)
    return _used(name.uses, style, label)


def _used(uses: Sequence[Use], style: Style, label: str) -> str:
    """What a parameter does, from the statements that it enters."""
    words: dict[str, list[int]] = {}
    for use in uses:
        if use.operand is not None:
            operand = latex(use.operand, style).replace(r"\begin{bmatrix}", r"\begin{smallmatrix}")
            text = f"multiplies ${_inline(operand)}$ in"
        else:
            text = f"{use.manner} in"
        words.setdefault(text, []).append(use.number)
    shown = [
        f"{text}~{references(tuple(numbers), label, ' and ')}" for text, numbers in words.items()
    ]
    return "; ".join(shown)


def _inline(operand: str) -> str:
    """A stack in running text stands in one line."""
    if r"\begin{smallmatrix}" not in operand:
        return operand
    inside = operand.removeprefix(r"\begin{smallmatrix} ").removesuffix(r" \end{bmatrix}")
    return "[" + inside.replace(r" \\ ", ", ") + "]"


def identifier(name: str) -> str:
    r"""An identifier in typewriter; a long one may break, after an underscore if it has one.

    >>> print(identifier("b_f"), identifier("what_was_forgotten"))
    \texttt{b\_f} \texttt{what\_\allowbreak{}was\_\allowbreak{}forgotten}
    """
    if len(name) <= LONG_NAME:
        return typewriter(name)
    pieces = [
        part[k : k + LONG_NAME]
        for part in re.findall(r"[^_]*_|[^_]+", name)
        for k in range(0, len(part), LONG_NAME)
    ]
    return rf"\texttt{{{(chr(92) + 'allowbreak{}').join(escaped(p) for p in pieces)}}}"


# Counts.


def parameter_table(document: Document, style: Style) -> tuple[tuple[str, ...], ...]:
    """Parameters of one shape in one row: shape, names, how many numbers."""
    cell = document.cell
    by_shape: dict[Shape, list[str]] = {}
    for name in cell.parameters:
        by_shape.setdefault(cell.shapes[name], []).append(name)
    return tuple(
        (
            f"${shape(dimensions, style)}$",
            ", ".join(f"${style.ref(Ref(n))}$" for n in names),
            f"${polynomial(len(names) * entries(dimensions), style)}$",
        )
        for dimensions, names in by_shape.items()
    )


def flops_table(document: Document, style: Style) -> tuple[tuple[str, ...], ...]:
    """Operations by kind, forward and backward."""
    forward, backward = document.flops.forward, document.flops.backward

    def line(title: str, f: Polynomial, b: Polynomial) -> tuple[str, ...]:
        return (title, f"${polynomial(f, style)}$", f"${polynomial(b, style)}$")

    def at(count: Flops) -> str:
        return f"${whole(count.total.at(document.sizes))}$"

    return (
        line("matrices", forward.maps, backward.maps),
        line("nonlinearities", forward.functions, backward.functions),
        line("entry by entry", forward.elementwise, backward.elementwise),
        line("together", forward.total, backward.total),
        ("at these sizes", at(forward), at(backward)),
    )


def sizes_text(sizes: Mapping[str, int], style: Style) -> str:
    """Sizes with their values: `D = 128, H = 256`."""
    return ", ".join(f"${style.sizes[n].at()} = {v}$" for n, v in sizes.items())


# Lines of code.


def code_table(document: Document, style: Style, label: str) -> Table:
    """Equation number, symbol and line, several groups beside each other, read downwards."""
    shown = [_code_row(line, document, style, label) for line in document.code]
    if not shown:
        return Table("", ())
    symbols, digits = (max(map(_wide, column)) for column in list(zip(*shown, strict=True))[1:])
    group = REFERENCE + symbols + digits + 2 * COLUMN_GAP
    fitting = int((MEASURE / SMALL - SLACK + GROUP_GAP) / (group + GROUP_GAP))
    count = max(1, min(4, fitting, (len(shown) + 3) // 4))
    height = -(-len(shown) // count)
    rows = []
    for k in range(height):
        line: tuple[str, ...] = ()
        for c in range(count):
            at = c * height + k
            line = (*line, *(shown[at] if at < len(shown) else ("", "", "")))
        rows.append(line)
    return Table("@{\\qquad}".join([f"w{{r}}{{{REFERENCE}em}}lr"] * count), tuple(rows))


def _code_row(line: CodeLine, document: Document, style: Style, label: str) -> tuple[str, str, str]:
    target = document.derivation[line.number].target
    return (reference(line.number, label), f"${style.ref(target)}$", str(line.line))


# A run.


def run_table(
    statements: Iterable[Statement],
    steps: Sequence[StepNumbers],
    style: Style,
    label: str,
) -> tuple[tuple[str, ...], ...]:
    """The value of each statement at each step."""
    return tuple(
        (
            reference(s.number, label),
            f"${style.ref(s.target)}$",
            *(f"${row(step.value(s.target))}$" for step in steps),
        )
        for s in statements
    )


def _wide(cell: str) -> float:
    """The width of a cell in ems of its own text."""
    if cell.startswith("$"):
        return width(cell.strip("$"))
    if cell.startswith(r"\eqref"):
        return 2.3
    if cell.startswith(r"\texttt"):
        plain = cell.removeprefix(r"\texttt{").removesuffix("}").replace("\\", "")
        return 0.53 * len(plain)
    return width(rf"\text{{{cell}}}")
