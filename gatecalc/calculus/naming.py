"""Names for what the author did not name; the one place where clashes are resolved."""

from __future__ import annotations

from collections.abc import Iterable

from gatecalc.equations.names import RESERVED


class Names:
    """Hands out names that nobody has taken.

    >>> names = Names(["c", "d_c"])
    >>> names.fresh("d_c"), names.fresh("d_h")
    ('d_c_', 'd_h')
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, *RESERVED}

    def copy(self) -> Names:
        """The same names taken, to hand out more without taking them here."""
        return Names(self._taken)

    def take(self, names: Iterable[str]) -> None:
        """Marks names as taken."""
        self._taken.update(names)

    def fresh(self, wanted: str) -> str:
        """The wanted name, with `_` behind it where somebody has it."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def numbered(self, wanted: str) -> str:
        """The wanted name, with `_2`, `_3` ... where somebody has it."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
