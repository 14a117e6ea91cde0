"""What a recurrent cell has to beat: n-gram models of characters, interpolated.

An n-gram model predicts a character from the n - 1 before it by counting what followed them in the
training text. Long contexts are precise but rarely seen, short ones the reverse; so the models of
all orders are mixed, and how much each is trusted is learned from text in which none has counted
(Jelinek and Mercer 1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Ngrams:
    """Models of order 0 (all characters alike), 1 (unigram) ... n, and the weight of each.

    `tables[k]` holds p(character | k - 1 characters before it) as an array of k axes, the
    predicted character last; `tables[0]` is one number.
    """

    tables: tuple[Floats, ...]
    weights: Floats

    def bits(self, codes: Codes, before: int) -> float:
        """Bits per character of a text whose first `before` characters are given."""
        mixed = probabilities(self.tables, codes, before) @ self.weights
        return -float(np.log2(mixed).mean())


def fit(order: int, training: Codes, validation: Codes, size: int) -> Ngrams:
    """Tables counted in one text, weights fitted to another; `size` characters there are."""
    tables = [np.array(1 / size)]
    for k in range(1, order + 1):
        counts = np.zeros((size,) * k)
        np.add.at(counts, windows(training, k), 1)
        seen = counts.sum(axis=-1, keepdims=True)
        # A context that never occurred says nothing: what follows it is left to the shorter one.
        shorter = np.broadcast_to(tables[-1], counts.shape)
        tables.append(np.divide(counts, seen, out=shorter.copy(), where=seen > 0))
    return Ngrams(tuple(tables), mixture(probabilities(tuple(tables), validation, order - 1)))


def windows(codes: Codes, k: int) -> tuple[Codes, ...]:
    """Every k neighbours in a text, as k arrays: all first characters, all second, and so on."""
    return tuple(codes[i : len(codes) - k + 1 + i] for i in range(k))


def probabilities(tables: tuple[Floats, ...], codes: Codes, before: int) -> Floats:
    """What each model gave to each character that came, (characters, models).

    The first `before` characters are context only: n - 1 of them or more.
    """
    if before < len(tables) - 2:
        raise ValueError(f"before: {before} characters are no context for {len(tables) - 1}-grams")
    count = len(codes) - before
    found = [np.full(count, tables[0])]
    for k, table in enumerate(tables[1:], start=1):
        found.append(table[windows(codes[before - k + 1 :], k)])
    return np.stack(found, axis=1)


def mixture(given: Floats, rounds: int = 60) -> Floats:
    """The weights under which the mixed models make a text likeliest, (models,), by EM.

    given: (characters, models), what each model gave to each character.
    In each round every character is shared out among the models by how much of its probability
    each supplied (E); the new weights are the models' shares of the text (M). The likelihood rises
    with every round, and there is one maximum (Dempster, Laird and Rubin 1977).
    """
    weights = np.full(given.shape[1], 1 / given.shape[1])
    for _ in range(rounds):
        supplied = given * weights
        weights = (supplied / supplied.sum(axis=1, keepdims=True)).mean(axis=0)
    return weights
