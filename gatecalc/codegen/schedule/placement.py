"""Which values lie side by side, so that one call can serve several of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, permutations

from gatecalc.codegen.schedule.ordering import UNIT, Links, Puzzle, best_order


@dataclass(frozen=True, slots=True)
class Wish:
    """Values that should be neighbours, and what each further piece costs if they are not.

    An ordered wish wants the order of the wishes in its tuple (operands of a call must match), a
    chain wants exactly its own; an unordered one only wants the values together.
    """

    members: tuple[str, ...]
    price: float = 1.0
    ordered: bool = False
    chain: bool = False


HINT = 0.1
"""The price of a hint: what decides where nothing else does."""

_MANY = 16
"""Beyond so many names the search is cut short: it would take longer than it saves."""

_Groups = tuple[tuple[Wish, ...], ...]


def broken(order: Sequence[str], wishes: Sequence[Wish | tuple[Wish, ...]]) -> float:
    """What the wishes that an order breaks cost.

    >>> broken("abcd", [Wish(("a", "c"), 3.0), Wish(("c", "b"))])
    3.0
    """
    return Puzzle(order, *_links(wishes)).price(range(len(order))) / UNIT


def arrange(
    names: Sequence[str],
    wishes: Sequence[Wish | tuple[Wish, ...]],
    hints: Sequence[Wish] = (),
    trials: int = 900,
) -> tuple[str, ...]:
    """An order of the names in which few wishes are broken; deterministic.

    A tuple of wishes stands for one call with several operands, which is split wherever one of
    them is. Names that no wish concerns come last. Hints decide among orders that do equally well.

    >>> arrange(["a", "b", "c"], [Wish(("a", "c"))])
    ('a', 'c', 'b')
    >>> arrange(["a", "b", "c"], [Wish(("a", "c"))], [Wish(("c", "a"), 0.1, chain=True)])
    ('c', 'a', 'b')
    """
    groups = [w if isinstance(w, tuple) else (w,) for w in wishes]
    found: list[str] = []
    for part, own in _parts(names, groups):
        found += _ordered(part, own, trials if len(part) <= _MANY else trials // 3)
    concerned = set(found)
    best = (*found, *(n for n in names if n not in concerned))
    if not hints:
        return best
    hinted: list[str] = []
    for part, own in _parts(best, [*groups, *((hint,) for hint in hints)]):
        few = trials // (2 if len(part) <= _MANY else 6)
        hinted += _ordered(part, own, few) if any(g[0] in hints for g in own) else part
    concerned = set(hinted)
    hinted += [n for n in best if n not in concerned]
    return tuple(hinted) if broken(hinted, wishes) <= broken(best, wishes) else best


def _parts(
    names: Sequence[str], groups: Sequence[tuple[Wish, ...]]
) -> list[tuple[tuple[str, ...], _Groups]]:
    """Names that no wish connects are arranged apart: fewer at a time are arranged better."""
    parts: list[tuple[set[str], list[tuple[Wish, ...]]]] = []
    for group in groups:
        members = {m for wish in group for m in wish.members}
        own = [group]
        for part in [p for p in parts if not members.isdisjoint(p[0])]:
            parts.remove(part)
            members |= part[0]
            own = [*part[1], *own]
        parts.append((members, own))
    place = {name: k for k, name in enumerate(names)}
    parts.sort(key=lambda part: min(place[m] for m in part[0]))
    return [(tuple(n for n in names if n in members), tuple(own)) for members, own in parts]


@lru_cache(maxsize=64)  # whoever tries factors in another order asks for most orders twice
def _ordered(names: tuple[str, ...], wishes: _Groups, trials: int) -> tuple[str, ...]:
    puzzle = Puzzle(names, *_links(wishes))
    return tuple(names[place] for place in best_order(puzzle, trials))


def _links(wishes: Sequence[Wish | tuple[Wish, ...]]) -> tuple[Links, int]:
    """By two names, what they save as neighbours; and what is broken where nobody is neighbour.

    A call goes on from one member to another if every operand does. The members may come in any
    order, as long as all operands come in the same one.
    """
    links: Links = {}
    most = 0
    for wish in wishes:
        group = wish if isinstance(wish, tuple) else (wish,)
        lanes = [w.members for w in (group if group[0].ordered else group[:1])]
        members = list(dict.fromkeys(zip(*lanes, strict=True)))
        price = round(UNIT * group[0].price)
        most += price * (len(members) - 1)
        for a, b in pairwise(members) if group[0].chain else permutations(members, 2):
            pair, *others = zip(a, b, strict=True)
            links.setdefault(pair, []).append((price, frozenset(others)))
    return links, most
