"""The text of the story: Python's own help topics, cut into three parts that share no paragraph."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]

BEFORE = "\n\n"
"""What every part begins with and no model has to predict: a trigram needs two characters."""

LANES = 16
"""Every part is cut so that this many equal lanes cover all that is to be predicted."""


class Parts(NamedTuple):
    """One thing for each part, in the order of the text."""

    training: Any
    validation: Any
    held_out: Any


def topics() -> dict[str, str]:
    """What `help("assert")` prints, by topic, less what a reader would skip.

    Whole paragraphs of the language reference stand under several topics ("try" is a part of
    "compound"): nearly a quarter of the text. A paragraph is kept where it comes first and dropped
    elsewhere, so that nobody does well on held-out text by remembering it from training. Lines
    that only draw (underlines, rules of tables) are dropped too, and columns of tables closed up;
    all else stays as it is printed.
    """
    from pydoc_data.topics import topics as printed

    seen: set[str] = set()
    kept = {}
    for topic, text in printed.items():
        lines = [_closed_up(line) for line in text.splitlines() if not _draws(line)]
        paragraphs = []
        for paragraph in re.split(r"\n{2,}", "\n".join(lines).strip("\n")):
            words = " ".join(paragraph.split())
            if words not in seen:
                seen.add(words)
                paragraphs.append(paragraph)
        if paragraphs:
            kept[topic] = "\n\n".join(paragraphs) + "\n\n"
    return kept


def _draws(line: str) -> bool:
    return len(line.strip()) >= 4 and not re.search(r"[^\s*=+|~^-]", line)


def _closed_up(line: str) -> str:
    return re.sub(r"(?<=\S) {2,}", " ", line.rstrip())


def split(texts: dict[str, str], validation: float = 0.1, held_out: float = 0.1) -> Parts:
    """Whole topics one after the other: the first for training, the last held out.

    A topic belongs where its middle falls. Each part starts with `BEFORE` and is shortened by a
    few characters to fill `LANES`.
    """
    total = sum(map(len, texts.values()))
    parts = [BEFORE] * 3
    start = 0
    for text in texts.values():
        middle = (start + len(text) / 2) / total
        parts[(middle > 1 - validation - held_out) + (middle > 1 - held_out)] += text
        start += len(text)
    return Parts(*(part[: len(part) - (len(part) - len(BEFORE)) % LANES] for part in parts))


@dataclass(frozen=True)
class Alphabet:
    """Characters and their codes. Code 0 is the unknown character, whatever it is."""

    characters: str

    @classmethod
    def of(cls, text: str) -> Alphabet:
        """The characters that occur twice or more: those of one occurrence teach what it is to be
        unknown."""
        counts = Counter(text)
        return cls(
            "\N{REPLACEMENT CHARACTER}" + "".join(sorted(c for c in counts if counts[c] > 1))
        )

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> Codes:
        """The codes of a text, (its length,)."""
        codes = {character: code for code, character in enumerate(self.characters)}
        return np.array([codes.get(character, 0) for character in text], np.intp)

    def decode(self, codes: Codes) -> str:
        """The text of some codes."""
        return "".join(self.characters[code] for code in codes)
