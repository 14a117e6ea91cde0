"""The example's text is split honestly, and its n-gram models are what they say they are."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))
import docs_text  # noqa: E402
import ngrams  # noqa: E402

sys.path.remove(str(EXAMPLES))

BEFORE = len(docs_text.BEFORE)


@pytest.fixture(scope="module")
def text() -> docs_text.Parts:
    return docs_text.split(docs_text.topics())


@pytest.fixture(scope="module")
def alphabet(text: docs_text.Parts) -> docs_text.Alphabet:
    return docs_text.Alphabet.of(text.training)


@pytest.fixture(scope="module")
def codes(text: docs_text.Parts, alphabet: docs_text.Alphabet) -> docs_text.Parts:
    return docs_text.Parts(*(alphabet.encode(part) for part in text))


def paragraphs(part: str) -> set[str]:
    return {" ".join(p.split()) for p in re.split(r"\n{2,}", part)} - {""}


def test_no_paragraph_of_the_held_out_text_was_seen_before(text: docs_text.Parts) -> None:
    training, validation, held_out = map(paragraphs, text)
    assert len(held_out) > 100
    assert not held_out & (training | validation)
    assert not validation & training


def test_the_parts_are_neighbours_and_miss_nothing_but_their_last_characters(
    text: docs_text.Parts,
) -> None:
    whole = "".join(docs_text.topics().values())
    rest = whole
    for part in text:
        at = rest.index(part[BEFORE:])
        assert at < docs_text.LANES
        rest = rest[at + len(part) - BEFORE :]
    assert len(rest) < docs_text.LANES
    assert len(text.training) > 0.7 * len(whole)
    assert len(text.held_out) > 0.05 * len(whole)


def test_all_that_is_predicted_fills_the_lanes(text: docs_text.Parts) -> None:
    for part in text:
        assert part.startswith(docs_text.BEFORE)
        assert (len(part) - BEFORE) % docs_text.LANES == 0


def test_the_text_is_english_without_drawings(text: docs_text.Parts) -> None:
    for line in text.training.splitlines():
        assert not re.fullmatch(r"\s*[=*+|^-]{4,}", line), line
    words = re.findall(r"\w+", text.training)
    assert 0.04 < words.count("the") / len(words) < 0.1


def test_the_alphabet_comes_from_the_training_text_alone() -> None:
    alphabet = docs_text.Alphabet.of("abab\n\nc")
    assert alphabet.characters == "\N{REPLACEMENT CHARACTER}\nab"
    np.testing.assert_array_equal(alphabet.encode("bac\nZ"), [3, 2, 0, 1, 0])
    assert alphabet.decode(np.array([3, 2, 0])) == "ba\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_of_what_may_come_next_sum_to_one(
    codes: docs_text.Parts, alphabet: docs_text.Alphabet, order: int
) -> None:
    size = len(alphabet)
    model = ngrams.fit(order, codes.training, codes.validation, size)
    assert model.weights.sum() == pytest.approx(1)
    rng = np.random.default_rng(0)
    for _ in range(50):  # most of these contexts never occurred
        context = rng.integers(size, size=2)
        given = [
            ngrams.probabilities(model.tables, np.append(context, nxt), 2)[0] @ model.weights
            for nxt in range(size)
        ]
        assert sum(given) == pytest.approx(1)
        assert min(given) > 0


def test_counts_become_probabilities() -> None:
    tables = ngrams.fit(2, np.array([0, 1, 0, 1, 0, 0]), np.array([0, 1, 0]), 3).tables
    assert tables[0] == pytest.approx(1 / 3)
    np.testing.assert_allclose(tables[1], [4 / 6, 2 / 6, 0])
    # What follows the third character is unknown: the unigram answers.
    np.testing.assert_allclose(tables[2], [[1 / 3, 2 / 3, 0], [1, 0, 0], [4 / 6, 2 / 6, 0]])


def test_longer_contexts_predict_better(
    codes: docs_text.Parts, alphabet: docs_text.Alphabet
) -> None:
    size = len(alphabet)
    bits = [
        ngrams.fit(n, codes.training, codes.validation, size).bits(codes.held_out, BEFORE)
        for n in (1, 2, 3)
    ]
    assert np.log2(size) > bits[0] > bits[1] > bits[2] > 2


def test_a_context_that_is_too_short_is_refused() -> None:
    some = np.zeros(9, np.intp)
    with pytest.raises(ValueError, match="before: 1 characters are no context for 3-grams"):
        ngrams.fit(3, some, some, 2).bits(some, 1)


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_every_round_of_em_makes_the_text_likelier(seed: int, models: int) -> None:
    given = np.random.default_rng(seed).random((40, models)) ** 3 + 1e-6
    likelihoods = [np.log(given @ ngrams.mixture(given, rounds)).sum() for rounds in range(12)]
    assert (np.diff(likelihoods) > -1e-9).all()


def test_em_finds_the_weights_that_a_search_finds() -> None:
    given = np.random.default_rng(5).random((200, 2)) ** 2
    grid = np.linspace(0, 1, 2001)[1:-1]
    likelihoods = np.log(given @ np.stack([grid, 1 - grid])).sum(axis=0)
    weights = ngrams.mixture(given, rounds=2000)
    assert weights[0] == pytest.approx(grid[likelihoods.argmax()], abs=1e-3)
