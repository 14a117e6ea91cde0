"""Which values lie side by side: the search against every order there is."""

import random
from itertools import permutations

import pytest

from gatecalc.codegen.schedule.ordering import Puzzle
from gatecalc.codegen.schedule.placement import Wish, arrange, broken


def wishes_at_random(names: str, seed: int) -> list[tuple[Wish, ...]]:
    """Calls on one to three operands, with members that overlap."""
    rng = random.Random(seed)
    found = []
    for _ in range(rng.randint(1, 6)):
        count = rng.randint(2, min(4, len(names)))
        ordered = rng.random() < 0.5
        lanes = rng.randint(1, 3) if ordered else 1
        price = rng.choice((0.4, 1.0, 3.0))
        found.append(
            tuple(Wish(tuple(rng.sample(names, count)), price, ordered) for _ in range(lanes))
        )
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_of_a_few_names_no_order_is_better(count):
    names = "abcdef"[:count]
    for seed in range(30 if count < 6 else 6):
        wishes = wishes_at_random(names, seed) if count > 1 else []
        found = arrange(names, wishes)
        assert sorted(found) == sorted(names)
        best = min(broken(order, wishes) for order in permutations(names))
        assert broken(found, wishes) == best, seed


@pytest.mark.parametrize("seed", range(8))
def test_of_many_names_the_order_is_seldom_worse_than_the_best(seed):
    names = "abcdefg"
    wishes = wishes_at_random(names, seed)
    best = min(broken(order, wishes) for order in permutations(names))
    assert best <= broken(arrange(names, wishes), wishes) <= best + 1


def test_a_saving_counts_only_where_the_other_operands_are_neighbours():
    links = {("a", "b"): [(10, frozenset({("c", "d")}))]}
    puzzle = Puzzle("abcd", links, 10)
    assert puzzle.price([0, 1, 2, 3]) == 0
    assert puzzle.price([0, 1, 3, 2]) == 10
    assert puzzle.price([2, 3, 1, 0]) == 10


def test_hints_decide_only_where_nothing_else_does():
    wishes = [Wish(("a", "b"), 1.0), Wish(("b", "c"), 1.0)]
    hint = Wish(("c", "a", "b"), 0.1, chain=True)
    assert arrange("abcd", wishes, [hint])[:3] in {("a", "b", "c"), ("c", "b", "a")}
