"""The variables of one method: rows at a step or for many steps, and what never changes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gatecalc.codegen.schedule.emission import Emission, word
from gatecalc.codegen.schedule.names import Names, size_name
from gatecalc.codegen.schedule.program import Count
from gatecalc.codegen.schedule.rows import sum_text
from gatecalc.codegen.schedule.views import FIXED, View
from gatecalc.codegen.schedule.writer import unpacked

_LOCAL = {"tape": "now", "back_work": "work"}
"""Blocks for some steps by the variable that holds them, where that is not the block's name."""


class Variables:
    """Names for rows, numbers and matrices, and the lines that give them their meaning."""

    def __init__(self, emission: Emission) -> None:
        self.emission = emission
        self.names = Names(size_name(s) for s in emission.plan.cell.sizes)
        self.stepped: dict[View, str] = {}
        self.chunked: dict[View, str] = {}
        self.fixed: dict[str, str] = {}
        self.numbers: dict[Fraction | Count, str] = {}
        self._written = 0

    def at_step(self, view: View) -> str:
        """The variable for rows at one step."""
        if view.block in FIXED:
            return self._fixed_rows(view)
        if view not in self.stepped:
            self.stepped[view] = self._base(view)
        return self.stepped[view]

    def at_chunk(self, view: View) -> str:
        """The variable for the same rows at every step of a chunk."""
        if view.block in FIXED:
            return self._fixed_rows(view)
        if view not in self.chunked:
            self.chunked[view] = self.names.name(("chunk", view), f"{self._base(view)}_all")
        return self.chunked[view]

    def _base(self, view: View) -> str:
        return self.names.name(("rows", view), view.label)

    def number(self, value: Fraction | Count) -> str:
        """The variable of a number."""
        if value not in self.numbers:
            self.emission.number(value)
            self.numbers[value] = self.names.name(value, word(value))
        return self.numbers[value]

    def attribute(self, name: str) -> str:
        """The variable of an attribute, such as a stacked matrix."""
        return self.fix(("attribute", name), name, f"self.{name}")

    def fix(self, key: object, wanted: str, text: str) -> str:
        """A variable that is set once, before the first step."""
        variable = self.names.name(key, wanted)
        self.fixed.setdefault(variable, text)
        return variable

    def _fixed_rows(self, view: View) -> str:
        text = f"self.{view.block}[{view.span}]"
        if view.pack:
            last = "1" if view.block == "columns" else "self.B"
            text += f".reshape({view.pack}, {sum_text(view.rows)}, {last})"
        return self.fix(("fixed", view), view.label, text)

    # Lines.

    def head_lines(self) -> list[str]:
        """Numbers, matrices and rows that serve every step."""
        pairs = [(name, f"self.{self.emission.number(v)}") for v, name in self.numbers.items()]
        return [*unpacked(pairs), *(f"{name} = {text}" for name, text in self.fixed.items())]

    def chunk_lines(self) -> list[tuple[str, str]]:
        """The rows that lines of bulk code have named since this was last asked."""
        views = list(self.chunked.items())[self._written :]
        self._written = len(self.chunked)
        return [(f"{name} = {_rows_text(view)}", "") for view, name in views]

    def step_rows(self) -> list[tuple[str, str]]:
        """What the loop runs through: the rows of each variable, and its name."""
        found = []
        for view, name in self.stepped.items():
            text = _rows_text(view)
            if view.pack:
                text += f".reshape(count, {view.pack}, {sum_text(view.rows)}, self.B)"
            found.append((text, name))
        return found

    @property
    def step_targets(self) -> list[str]:
        """The variables of the loop."""
        return list(self.stepped.values())


def _rows_text(view: View) -> str:
    block = "later" if view.later else _LOCAL.get(view.block, view.block)
    return f"{block}[:, {view.span}]"


def block_lines(words: set[str], first: str, work: str, *, turned: bool = False) -> list[str]:
    """The blocks of `count` steps from `first` on, as far as lines of these words use them.

    `turned` gives the last step first.
    """
    order = "[::-1]" if turned else ""
    texts = {
        "now": f"self.tape[{first} : {first} + count]",
        "later": f"self.tape[{first} + 1 : {first} + 1 + count]",
        "coef": "self.coef[:count]",
        "work": f"self.{work}[:count]",
    }
    return [f"{name} = {text}{order}" for name, text in texts.items() if name in words]


def size_lines(sizes: Sequence[str], words: set[str]) -> list[str]:
    """Local variables for the sizes that lines of these words use."""
    used = [s for s in sizes if size_name(s) in words]
    return list(unpacked([(size_name(s), f'self.sizes["{s}"]') for s in used]))
