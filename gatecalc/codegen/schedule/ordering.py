"""The order of a few things in which the right ones are neighbours."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence

Pair = tuple[str, str]

Links = dict[Pair, list[tuple[int, frozenset[Pair]]]]
"""By two neighbours: what they save, if their call's other operands are neighbours too."""

UNIT = 10
"""Prices are whole tenths of a call: sums of floats depend on the order of their terms."""

_FEW = 6
"""Up to so many things every order that could be the best is looked at; of more, some."""


class Puzzle:
    """What an order costs. Things are numbered as they are given: an order is of their numbers.

    `most` is what is broken where nobody is neighbour.

    >>> puzzle = Puzzle("abc", {("a", "c"): [(30, frozenset())]}, 30)
    >>> puzzle.price([0, 1, 2]), puzzle.price([1, 0, 2]), best_order(puzzle, 100)
    (30, 0, (0, 2, 1))
    """

    def __init__(self, names: Sequence[str], links: Links, most: int) -> None:
        number = {name: k for k, name in enumerate(names)}
        self.count, self.most = len(number), most
        self.alone = [[0] * self.count for _ in number]
        self.joint: list[tuple[int, int, int, tuple[tuple[int, int], ...]]] = []
        for (a, b), savings in links.items():
            for saved, others in savings:
                here = _numbered((a, b), number)
                elsewhere = [_numbered(pair, number) for pair in others]
                if here is None or None in elsewhere:
                    continue
                if all(pair == here for pair in elsewhere):
                    self.alone[here[0]][here[1]] += saved
                else:
                    pairs = tuple(pair for pair in elsewhere if pair is not None)
                    self.joint.append((*here, saved, pairs))

    def price(self, order: Sequence[int]) -> int:
        """What an order breaks, in units."""
        price, alone = self.most, self.alone
        after = [-1] * self.count
        last = order[0] if order else 0
        for here in order[1:]:
            price -= alone[last][here]
            after[last] = here
            last = here
        for a, b, saved, others in self.joint:
            if after[a] == b:
                for c, d in others:
                    if after[c] != d:
                        break
                else:
                    price -= saved
        return price


def _numbered(pair: Pair, number: Mapping[str, int]) -> tuple[int, int] | None:
    a, b = number.get(pair[0]), number.get(pair[1])
    return None if a is None or b is None else (a, b)


def best_order(puzzle: Puzzle, trials: int) -> tuple[int, ...]:
    """The order that breaks least, or nearly; deterministic."""
    first = tuple(range(puzzle.count))
    if puzzle.price(first) == 0:
        return first
    return _best_of_all(puzzle) if puzzle.count <= _FEW else _annealed(puzzle, trials)


def _best_of_all(puzzle: Puzzle) -> tuple[int, ...]:
    """Depth first, the dearest neighbour first, without what cannot break less than the best."""
    count = puzzle.count
    gain = [list(row) for row in puzzle.alone]
    for a, b, saved, _ in puzzle.joint:
        gain[a][b] += saved
    into = [max(row[b] for row in gain) for b in range(count)]
    best = tuple(range(count))
    lowest = puzzle.price(best)

    def extend(order: tuple[int, ...], rest: tuple[int, ...], least: int) -> None:
        nonlocal best, lowest
        if not rest:
            price = puzzle.price(order)
            if price < lowest:
                best, lowest = order, price
            return
        row = gain[order[-1]] if order else [0] * count
        for here in sorted(rest, key=lambda k: -row[k]):
            broken = least + into[here] - row[here]
            if broken < lowest:
                extend((*order, here), tuple(k for k in rest if k != here), broken)

    extend((), best, puzzle.most - sum(into))
    return best


def _annealed(puzzle: Puzzle, trials: int) -> tuple[int, ...]:
    """Annealing with a fixed seed: single moves get stuck where two must change places first."""
    best = current = tuple(range(puzzle.count))
    lowest = cost = puzzle.price(current)
    rng = random.Random(puzzle.count)
    for trial in range(trials):
        if lowest == 0:
            break
        candidate = _moved(current, rng)
        price = puzzle.price(candidate)
        warmth = UNIT * (1.5 * (1 - trial / trials) ** 2 + 1e-3)
        if price <= cost or rng.random() < math.exp((cost - price) / warmth):
            current, cost = candidate, price
            if cost < lowest:
                best, lowest = current, cost
    return best


def _moved(order: tuple[int, ...], rng: random.Random) -> tuple[int, ...]:
    """One stretch of neighbours elsewhere, perhaps turned around."""
    bits = rng.getrandbits
    length = (1, 1, 1, 2, 3)[_below(5, bits)]
    start = _below(len(order) - length + 1, bits)
    piece = order[start : start + length]
    rest = order[:start] + order[start + length :]
    target = _below(len(rest) + 1, bits)
    if length > 1 and rng.random() < 0.5:
        piece = piece[::-1]
    return rest[:target] + piece + rest[target:]


def _below(count: int, bits: Callable[[int], int]) -> int:
    """A whole number below `count`, each as likely: `randrange` checks what it is given."""
    size = count.bit_length()
    found = bits(size)
    while found >= count:
        found = bits(size)
    return found
