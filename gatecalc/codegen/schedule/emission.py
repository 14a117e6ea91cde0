"""What the methods of the generated class share: attributes for numbers and stacked matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gatecalc.codegen.layout import Layout, default_layout
from gatecalc.codegen.schedule.names import Names, number_word
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import Count, Rows
from gatecalc.codegen.schedule.stacks import Piece, Stack
from gatecalc.codegen.schedule.text import Spelling

ATTRIBUTES = (
    "back_chunk back_scratch back_steps back_work by_exp factors fresh left_memory ones pad "
    "weight_chunk"
)
"""Attributes of the class's own, beside the words that methods use."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Numbers, each for so many rows; `column` where they are to stand below one another."""

    parts: tuple[tuple[Fraction, Rows], ...]
    column: bool


@dataclass(slots=True)
class Emission:
    """Collects what `__init__` must make while the methods are being written."""

    plan: Plan
    attributes: Names = field(default_factory=lambda: Names(ATTRIBUTES.split()))
    stacks: list[Stack] = field(default_factory=list)
    numbers: dict[Fraction | Count, str] = field(default_factory=dict)
    vectors: dict[Factors, str] = field(default_factory=dict)
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = default_layout(self.plan.derivation)

    def stack(self, label: str, rows: str, columns: str, pieces: Sequence[Piece]) -> str:
        """A new stacked matrix, which leads to `label`; returns its attribute."""
        name = self.attributes.name(("stack", len(self.stacks)), f"to_{label}")
        self.stacks.append(Stack(name, rows, columns, tuple(pieces)))
        return name

    @property
    def spelling(self) -> Spelling:
        """How methods call parameters, constants and what these alone decide."""
        static = {s.target.name for s in self.plan.derivation.forward if s.role == "static"}
        return Spelling(
            lambda name: f'{"self.static" if name in static else "params"}["{name}"]',
            lambda: f"self.{self.number(Fraction(1))}",
        )

    @property
    def has_numbers(self) -> bool:
        """Whether the class keeps numbers."""
        return bool(self.numbers or self.vectors)

    def number(self, value: Fraction | Count) -> str:
        """The attribute of a number, or of a size as a number."""
        if value not in self.numbers:
            self.numbers[value] = self.attributes.name(value, word(value))
        return self.numbers[value]

    def vector(self, factors: Sequence[tuple[Rows, Fraction]], *, column: bool) -> str:
        """The attribute of an array that holds some factors, each for so many rows."""
        parts: list[tuple[Fraction, Rows]] = []
        for rows, factor in factors:
            above = parts.pop()[1] if parts and parts[-1][0] == factor else ()
            parts.append((factor, (*above, *rows)))
        key = Factors(tuple(parts), column)
        if key not in self.vectors:
            self.vectors[key] = self.attributes.name(key, "scales")
        return self.vectors[key]


def word(value: Fraction | Count) -> str:
    """What a number is called.

    >>> word(Fraction(1, 4)), word(Count(("H",), inverse=True))
    ('quarter', 'per_H')
    """
    if isinstance(value, Count):
        return f"{'per' if value.inverse else 'count'}_{'_'.join(value.size)}"
    return number_word(value)
