"""Unification of sizes: unknown dimensions, and sums of them where vectors are concatenated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gatecalc.errors import Place, ShapeError

Unknown = int
Sum = tuple[Unknown, ...]
"""A dimension as a sum of unknowns; a single unknown is a sum of one."""


MAX_PARTS = 200
"""Bounds a sum: vectors that are concatenated again and again double it each time."""


class CannotUnifyError(Exception):
    """Two dimensions that cannot be equal whatever the unknowns are."""


@dataclass(slots=True)
class Sizes:
    """Unknown sizes, what is known of them and why, and the names that users gave to some.

    >>> sizes = Sizes()
    >>> columns, past, present = sizes.fresh(), sizes.named("H"), sizes.named("D")
    >>> sizes.unify(columns, past + present)
    >>> [sizes.names()[part] for part in sizes.resolve(columns)]
    [('H',), ('D',)]
    """

    _bound: dict[Unknown, Sum] = field(default_factory=dict)
    _why: dict[Unknown, Place | None] = field(default_factory=dict)
    _names: dict[str, Unknown] = field(default_factory=dict)
    _count: int = 0

    def fresh(self) -> Sum:
        """A new unknown."""
        self._count += 1
        return (self._count,)

    def named(self, name: str) -> Sum:
        """The unknown that carries a name; the same one each time."""
        if name not in self._names:
            (self._names[name],) = self.fresh()
        return (self._names[name],)

    def is_named(self, name: str) -> bool:
        """Whether somebody has used the name."""
        return name in self._names

    def resolve(self, size: Sum, place: Place | None = None) -> Sum:
        """The size in terms of unknowns about which nothing more is known.

        Raises ShapeError for a sum of too many, at `place` or else where it was put together.
        """
        found: list[Unknown] = []
        pending = list(reversed(size))
        while pending:
            unknown = pending.pop()
            if unknown in self._bound:
                pending.extend(reversed(self._bound[unknown]))
                place = place or self._why[unknown]
            else:
                found.append(unknown)
                if len(found) > MAX_PARTS:
                    raise ShapeError(
                        f"a vector is put together from more than {MAX_PARTS} others",
                        place,
                        write="concatenate fewer vectors",
                    )
        return tuple(found)

    def reasons(self, size: Sum) -> tuple[Place, ...]:
        """The places that made the size what `resolve` says, the latest last."""
        found: dict[Place, None] = {}
        pending = list(size)
        while pending:
            unknown = pending.pop()
            if unknown in self._bound:
                pending.extend(self._bound[unknown])
                if place := self._why[unknown]:
                    found[place] = None
        return tuple(found)

    def names(self) -> dict[Unknown, tuple[str, ...]]:
        """The names of the unknowns that carry any, in the order in which they were given."""
        found: dict[Unknown, tuple[str, ...]] = {}
        for name, unknown in self._names.items():
            resolved = self.resolve((unknown,))
            if len(resolved) == 1:
                found[resolved[0]] = (*found.get(resolved[0], ()), name)
        return found

    def unify(self, first: Sum, second: Sum, place: Place | None = None) -> None:
        """Makes two sizes equal. Raises CannotUnifyError where they cannot be.

        Two sums of the same length become equal part by part, in order.
        """
        a, b = self._without_common(first, second, place)
        if len(b) == 1 and len(a) != 1:
            a, b = b, a
        if len(a) == 1 and b and a[0] not in b:
            self._bound[a[0]], self._why[a[0]] = b, place
        elif len(a) == len(b):
            for left, right in zip(a, b, strict=True):
                self.unify((left,), (right,), place)
        else:
            raise CannotUnifyError

    def _without_common(self, first: Sum, second: Sum, place: Place | None) -> tuple[Sum, Sum]:
        a, b = self.resolve(first, place), self.resolve(second, place)
        common = Counter(a) & Counter(b)
        return _less(a, common), _less(b, common)


def _less(size: Sum, common: Counter[Unknown]) -> Sum:
    rest, kept = Counter(common), []
    for unknown in size:
        if rest[unknown]:
            rest[unknown] -= 1
        else:
            kept.append(unknown)
    return tuple(kept)
