"""Which values lie side by side, so that one call can serve several of them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Wish:
    """Values that should be neighbours, and what each further piece costs if they are not.

    An ordered wish wants exactly this order (operands of a call must match); an unordered one only
    wants the values together.
    """

    members: tuple[str, ...]
    price: float = 1.0
    ordered: bool = False


_MANY = 16
"""Beyond so many names the search is cut short: it would take longer than it saves."""


def broken(order: Sequence[str], wishes: Sequence[Wish | tuple[Wish, ...]]) -> float:
    """What the wishes that an order breaks cost."""
    position = {name: k for k, name in enumerate(order)}
    groups = [w if isinstance(w, tuple) else (w,) for w in wishes]
    return sum(group[0].price * _breaks(position, group) for group in groups)


def arrange(
    names: Sequence[str], wishes: Sequence[Wish | tuple[Wish, ...]], trials: int = 900
) -> tuple[str, ...]:
    """An order of the names in which few wishes are broken; deterministic.

    A tuple of wishes stands for one call with several operands, which is split wherever one of
    them is. Names that no wish concerns come last. Annealing with a fixed seed: single moves get
    stuck where two values must change places first.

    >>> arrange(["a", "b", "c"], [Wish(("a", "c"))])
    ('a', 'c', 'b')
    """
    concerned = {
        m for w in wishes for one in (w if isinstance(w, tuple) else (w,)) for m in one.members
    }
    moving = [n for n in names if n in concerned]
    rest = [n for n in names if n not in concerned]
    best = current = tuple(moving)
    lowest = cost = broken(current, wishes)
    rng = random.Random(len(moving))
    trials = trials if len(moving) <= _MANY else trials // 3
    for trial in range(trials if len(moving) > 1 else 0):
        if lowest == 0:
            break
        candidate = _moved(current, rng)
        price = broken(candidate, wishes)
        warmth = 1.5 * (1 - trial / trials) ** 2 + 1e-3
        if price <= cost or rng.random() < math.exp((cost - price) / warmth):
            current, cost = candidate, price
            if cost < lowest:
                best, lowest = current, cost
    return (*best, *rest)


def _moved(order: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    """One stretch of neighbours elsewhere, perhaps turned around."""
    count = len(order)
    length = min(rng.choice((1, 1, 1, 2, 3)), count - 1)
    start = rng.randrange(count - length + 1)
    piece = order[start : start + length]
    rest = order[:start] + order[start + length :]
    target = rng.randrange(len(rest) + 1)
    if length > 1 and rng.random() < 0.5:
        piece = piece[::-1]
    return (*rest[:target], *piece, *rest[target:])


def _breaks(position: dict[str, int], group: tuple[Wish, ...]) -> int:
    if not group[0].ordered:
        places = sorted([position[m] for m in group[0].members])
        return sum([b - a != 1 for a, b in pairwise(places)])
    # One call per stretch in which every operand continues; the members may come in any order
    # as long as all operands come in the same one.
    lead = [position[m] for m in group[0].members]
    ranked = sorted(range(len(lead)), key=lead.__getitem__)
    breaks = 0
    for a, b in pairwise(ranked):
        for wish in group:
            if position[wish.members[b]] - position[wish.members[a]] != 1:
                breaks += 1
                break
    return breaks
