"""What `list` and `show` say of a cell: facts by name, and the text made of them."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from gatecalc.equations import catalogue
from gatecalc.equations.cell import Cell
from gatecalc.equations.gates import gates
from gatecalc.equations.listing import listing
from gatecalc.equations.parameters import parameter_count
from gatecalc.equations.shapes import pin_naming
from gatecalc.equations.text import size_text, to_text
from gatecalc.equations.tree import Dim, Ref, Shape, walk
from gatecalc.equations.wrapping import equation_lines, prose_lines

FAMILY_TITLES = {
    "rnn": "Simple recurrent networks",
    "lstm": "Long short-term memory",
    "odyssey": "Ablations of the vanilla LSTM (Greff et al. 2015)",
    "gru": "Gated recurrent units",
    "minimal": "Units with fewer gates",
    "layers": "Layers without a state",
}
"""The headings of `list`; a family without one goes by its folder's name."""

Facts = dict[str, Any]
"""What `--json` prints: strings, numbers, lists and dicts of them."""


def summary(cell: Cell) -> Facts:
    """A cell in a few facts.

    >>> facts = summary(catalogue.load("gru"))
    >>> facts["states"], facts["gates"], facts["parameter_count"]
    (['h'], ['r', 'z'], '3*D*H + 3*H**2 + 3*H')
    """
    return {
        "name": cell.name,
        "title": cell.title,
        "source": cell.source,
        "inputs": list(cell.inputs),
        "states": list(cell.states),
        "gates": list(gates(cell)),
        "output": cell.output,
        "parameters": list(cell.parameters),
        "parameter_count": str(parameter_count(cell)),
        "sizes": list(cell.sizes),
    }


def catalogue_summaries() -> list[Facts]:
    """`summary` of every catalogue cell, with its family, in the order in which they are listed."""
    return [
        {"family": family, **summary(catalogue.load(name))}
        for family in catalogue.FAMILIES
        for name in catalogue.names(family)
    ]


def details(cell: Cell) -> Facts:
    """`summary`, with every equation and the role and shape of every name."""
    return summary(cell) | {
        "equal_sizes": list(cell.equal_sizes),
        "constants": {c.name: c.value for c in cell.constants},
        "equations": [
            {
                "target": e.target.name,
                "text": f"{to_text(e.target)} = {to_text(e.expression)}",
                "explanation": e.explanation,
            }
            for e in cell.equations
        ],
        "nonlinearities": [
            {"name": n.name, "text": text, "explanation": n.explanation}
            for n, text in zip(cell.nonlinearities, _nonlinearity_texts(cell), strict=True)
        ],
        "names": [
            {
                "name": name,
                "roles": roles(cell, name),
                "shape": [size_text(size) for size in cell.shapes[name]],
                "meaning": meaning(cell, name),
            }
            for name in cell.shapes
        ],
        "conventions": list(cell.notes),
        "text": cell.text,
    }


def roles(cell: Cell, name: str) -> list[str]:
    """What a name is, the most telling role first.

    >>> gru = catalogue.load("gru")
    >>> roles(gru, "h"), roles(gru, "z"), roles(gru, "W_z")
    (['state', 'output'], ['gate'], ['parameter'])
    """
    if name in cell.parameters:
        return ["parameter"]
    if name in cell.inputs:
        return ["input"]
    if any(c.name == name for c in cell.constants):
        return ["constant"]
    if cell.equation(name).target.lag is None:
        return ["computed once"]
    found = [
        role
        for role, members in (("state", cell.states), ("output", (cell.output,)))
        if name in members
    ]
    if name in gates(cell):
        found.append("gate")
    return found or ["computed"]


def meaning(cell: Cell, name: str) -> str:
    """The author's comment on a name; empty where there is none."""
    for equation in cell.equations:
        if equation.target.name == name:
            return equation.explanation
    for constant in cell.constants:
        if constant.name == name:
            return constant.explanation
    return cell.remarks.get(name, "")


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it, for one sample.

    >>> shape_text((("H",), ("H", "D")))
    '(H, H+D)'
    """
    if not shape:
        return "one number"
    return (
        f"({size_text(shape[0])},)" if len(shape) == 1 else f"({', '.join(map(size_text, shape))})"
    )


def catalogue_text(width: int = 80) -> str:
    """The catalogue by family, for people."""
    lines: list[str] = []
    for family in catalogue.FAMILIES:
        lines += [FAMILY_TITLES.get(family, family), ""]
        for name in catalogue.names(family):
            cell = catalogue.load(name)
            lines.append(f"  {name}")
            lines += prose_lines(cell.title, width, " " * 6)
            lines += prose_lines(cell.source, width, " " * 6)
            listed = [
                f"{label} {', '.join(members)}"
                for label, members in (
                    (_plural("state", cell.states), cell.states),
                    (_plural("gate", gates(cell)), gates(cell)),
                )
                if members
            ]
            listed.append(f"{parameter_count(cell)} parameters")
            lines += [*prose_lines("; ".join(listed), width, " " * 6), ""]
    return "\n".join(lines)


def cell_text(cell: Cell, width: int = 80) -> str:
    """A cell for people: its equations, every name's role and shape, and the convention."""
    lines = prose_lines(
        f"{cell.name}: {cell.title}" if cell.title != cell.name else cell.name, width
    )
    lines += [*prose_lines(cell.source, width), "", "Equations"]
    for text, comment in listing(cell):
        lines += [*_readable_lines(text, width), *prose_lines(comment, width, "      # ")]
    lines += ["", "Names, with the shape for one sample", *_name_lines(cell, width)]
    sizes = ", ".join(cell.sizes) or "none"
    lines += ["", "Sizes", f"  {sizes}; {parameter_count(cell)} parameters in all"]
    if cell.equal_sizes:
        lines.append(f"  the equations force {' = '.join(cell.equal_sizes)}")
    if numbers := sizes_as_numbers(cell):
        what = "are the sizes, numbers" if numbers[1:] else "is the size, a number"
        lines += prose_lines(f"in the equations {', '.join(numbers)} {what}", width, "  ")
    for name in cell.parameters:
        if name in cell.sizes and name not in cell.pins and (pin := pin_naming(name, cell.shapes)):
            remark = f"{name} is a parameter here; with a line {pin} it would be the size, "
            remark += "a number"
            lines += prose_lines(remark, width, "  ")
    if cell.notes:
        lines += ["", "Conventions and remarks"]
        for position, note in enumerate(cell.notes):
            lines += [""] * (position > 0) + prose_lines(note, width, "  ")
    return "\n".join(lines) + "\n"


def sizes_as_numbers(cell: Cell) -> tuple[str, ...]:
    """The sizes that stand in the equations as numbers, in order of `sizes`: the K of sqrt(K)."""
    trees = [*(e.expression for e in cell.equations), *(n.body for n in cell.nonlinearities)]
    used = {n for tree in trees for d in walk(tree) if isinstance(d, Dim) for n in d.size}
    return tuple(name for name in cell.sizes if name in used)


def _readable_lines(text: str, width: int) -> list[str]:
    """A line of the notation on as many as it takes; what is broken outside of brackets gets some.

    >>> print("\\n".join(_readable_lines("a[t] = W @ x[t] + U @ h[t-1] + b", 26)))
      a[t] = (W @ x[t]
              + U @ h[t-1] + b)
    """
    lines = equation_lines(text, width, "  ")
    if any(line.count("(") == line.count(")") for line in accumulate(lines[:-1])):
        left, sign, right = text.partition(": " if " = lambda " in text else " = ")
        rest = " " * (2 + len(left + sign) + 1)
        lines = equation_lines(f"{left}{sign}({right})", width, "  ", rest)
    return lines


def _nonlinearity_texts(cell: Cell) -> list[str]:
    return [
        f"{n.name} = lambda {', '.join(n.arguments)}: {to_text(n.body)}"
        for n in cell.nonlinearities
    ]


def _name_lines(cell: Cell, width: int) -> list[str]:
    """Names that share role and shape share a row; those with a remark stand alone."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name in _by_role(cell):
        remark = "" if name in cell.computed else meaning(cell, name)
        key = (", ".join(roles(cell, name)), shape_text(cell.shapes[name]), remark)
        rows.setdefault(key, []).append(name)
    defaults = {c.name: c.text for c in cell.constants}
    roles_wide = max(len(role) for role, _, _ in rows)
    shapes_wide = max(len(shape) for _, shape, _ in rows)
    lines: list[str] = []
    for (role, shape, remark), members in rows.items():
        shown = ", ".join(f"{n} = {defaults[n]}" if n in defaults else n for n in members)
        start = f"  {role:{roles_wide}}  {shape:{shapes_wide}}  "
        first, *more = prose_lines(shown, width - len(start))
        lines += [start + first, *(" " * len(start) + line for line in more)]
        lines += prose_lines(remark, width, " " * len(start))
    return lines


def _by_role(cell: Cell) -> list[str]:
    constants = [c.name for c in cell.constants]
    computed = [e.target.name for e in cell.equations if e.target not in map(Ref, cell.states)]
    return list(
        dict.fromkeys((*cell.inputs, *cell.states, *computed, *cell.parameters, *constants))
    )


def _plural(word: str, members: tuple[str, ...]) -> str:
    return word if len(members) == 1 else word + "s"
