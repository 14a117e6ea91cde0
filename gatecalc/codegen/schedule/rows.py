"""Blocks of rows: which values they hold, and stretches of rows as Python text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gatecalc.codegen.schedule.names import size_name
from gatecalc.codegen.schedule.program import Rows


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in an order; `rows` says how many each name takes.

    >>> block = Block("tape", ("x", "h"), {"x": ("D",), "h": ("H",)})
    >>> block.span(["h"]), block.total
    ('D : D + H', 'D + H')
    """

    name: str
    order: tuple[str, ...]
    rows: Mapping[str, Rows]
    _spans: dict[tuple[str, str], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def span(self, names: Sequence[str]) -> str:
        """The rows of neighbours, as they stand between brackets."""
        ends = names[0], names[-1]
        found = self._spans.get(ends)
        if found is None:
            before = self.order[: self.order.index(names[0])]
            sizes = [size for name in before for size in self.rows[name]]
            within = [size for name in names for size in self.rows[name]]
            found = slice_text(sum_text(sizes), sum_text([*sizes, *within]))
            self._spans[ends] = found
        return found

    @property
    def total(self) -> str:
        """How many rows there are."""
        return sum_text(self.sizes)

    @property
    def sizes(self) -> list[str]:
        """The same as a list of sizes to add up."""
        return [size for name in self.order for size in self.rows[name]]


def sum_text(sizes: Iterable[str]) -> str:
    """A sum of sizes as Python text.

    >>> sum_text(["D", "1", "H", "H"]), sum_text([])
    ('D + 2 * H + 1', '0')
    """
    counts: dict[str, int] = {}
    for size in sizes:  # a few: here a Counter is slow
        counts[size] = counts.get(size, 0) + 1
    ones = counts.pop("1", 0)
    parts = [
        f"{count} * {size_name(name)}" if count > 1 else size_name(name)
        for name, count in counts.items()
    ]
    return " + ".join([*parts, str(ones)] if ones or not parts else parts)


def slice_text(start: str, stop: str) -> str:
    """`start:stop`, spaced as formatters space it.

    >>> slice_text("0", "H"), slice_text("H", "2 * H"), slice_text("1", "0 + 1 + H")
    (':H', 'H : 2 * H', '1 : 0 + 1 + H')
    """
    start = "" if start == "0" else start
    if " " not in start and " " not in stop:
        return f"{start}:{stop}"
    return f"{start} : {stop}".strip()


def product_text(sizes: str) -> str:
    """A sum of sizes as a factor.

    >>> product_text("2 * H"), product_text("D + H")
    ('2 * H', '(D + H)')
    """
    return f"({sizes})" if "+" in sizes else sizes


def stretches(order: Iterable[str], members: Iterable[str]) -> list[list[str]]:
    """The members as runs of neighbours, in the order of the block.

    >>> stretches("abcdef", "fabd")
    [['a', 'b'], ['d'], ['f']]
    """
    wanted = set(members)
    runs: list[list[str]] = []
    last: str | None = None
    for name in order:
        if name in wanted:
            if last is not None and last in wanted:
                runs[-1].append(name)
            else:
                runs.append([name])
        last = name
    return runs
