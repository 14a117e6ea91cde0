"""Every slip gets an error that stands at the right place and leads to equations that work.

The slips, the whole answers and what works are in golden/slips.txt.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatecalc.calculus import derive
from gatecalc.equations import read
from gatecalc.equations.lines import decode
from gatecalc.errors import NotationError


@dataclass(frozen=True)
class Slip:
    """What was typed, the whole answer, and what works."""

    typed: str
    answer: str
    works: str


def slips() -> tuple[Slip, ...]:
    text = (Path(__file__).parent / "golden" / "slips.txt").read_text("utf-8")
    found = []
    for paragraph in text.split("=== typed\n")[1:]:
        typed, _, rest = paragraph.partition("\n=== answer\n")
        answer, _, works = rest.partition("\n=== works\n")
        found.append(Slip(typed, answer, works.partition("\n\n")[0]))
    return tuple(found)


SLIPS = slips()


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.typed.replace("\n", " | ")[:50])
def test_a_slip_is_named_where_it_stands_and_what_to_write_works(slip: Slip) -> None:
    started = time.process_time()
    with pytest.raises(NotationError) as caught:
        read(slip.typed)
    assert str(caught.value) == slip.answer
    assert derive(read(slip.works)).forward
    assert time.process_time() - started < 1


def test_every_answer_says_what_to_write_or_do() -> None:
    for slip in SLIPS:
        first, *lines = slip.answer.splitlines()
        assert first.startswith("line ")
        assert len(lines) > 2, slip.answer


def test_no_slip_stands_in_the_table_twice() -> None:
    assert len({slip.typed for slip in SLIPS}) == len(SLIPS) > 200


@pytest.mark.parametrize(
    ("character", "advice"),
    [
        ("\xa0", "write a plain space"),
        ("\u2009", "write a plain space"),
        ("\u200b", "remove the invisible character"),
        ("\ufeff", "remove the invisible character"),
        ("\x07", "remove the invisible character"),
        ("\u2028", "names are ASCII letters, digits and _; comments may hold anything"),
        ("漢", "names are ASCII letters, digits and _; comments may hold anything"),
    ],
)
def test_characters_that_are_hard_to_see_are_named(character: str, advice: str) -> None:
    with pytest.raises(NotationError) as caught:
        read(f"h[t] = {character}x[t]")
    assert caught.value.place is not None
    assert caught.value.place.column == 7
    assert advice in caught.value.write
    assert all(line.isprintable() for line in str(caught.value).splitlines())


def test_the_same_characters_in_a_comment_are_nobodys_business() -> None:
    cell = read("# Größe σ 漢 \x1b[31m\nh[t] = x[t]  # c̃ ⊙ \ud800")
    assert cell.title == "Größe σ 漢  [31m"
    assert cell.equations[0].explanation == "c̃ ⊙"
    cell.text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("h[t] = " + "(" * 100_000 + "x[t]", 1, "brackets are nested more than 40 deep"),
        ("h[t] = " + "-" * 100_000 + "x[t]", 1, "a long run of signs"),
        ("h[t] = -" + "1" * 100_000, 1, "a number of more than 40 digits"),
        ("# a cell\nh[t] = x[t]" + " + x[t]" * 20_000, 2, "more than 4,000 characters"),
        ("h[t] = x[t]\n" * 20_000, 8_333, "the text has 240,000 characters"),
        ("h[t] = x[t]\n" * 3_000, 2_001, "at most 2,000 are read"),
        ("(" * 10_000_000, 1, "brackets are nested more than 40 deep"),
        ("\n" * 10_000_000, 1, "the text has 10,000,000 characters"),
    ],
    ids=lambda given: str(given)[:20].replace("\n", " | "),
)
def test_a_text_beyond_the_bounds_is_quoted_where_it_is_too_long(
    text: str, line: int, message: str
) -> None:
    started = time.process_time()
    with pytest.raises(NotationError, match=message) as caught:
        read(text)
    assert time.process_time() - started < 0.1
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert caught.value.write


def test_a_file_beyond_the_bounds_is_quoted_as_well() -> None:
    with pytest.raises(NotationError, match="brackets are nested") as caught:
        decode(b"# a cell\nh[t] = " + b"(" * 1_000_000)
    assert caught.value.place is not None
    assert caught.value.place.line == 2
    with pytest.raises(NotationError, match=r"more than 400,000 bytes(.|\n)*h\[t\] = x\[t\]"):
        decode(("h[t] = x[t]\n" * 40_000).encode("utf-16"))
