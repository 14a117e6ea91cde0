"""Points of the grid, as people type them."""

from __future__ import annotations

import pytest

from gatecalc.bench.points import GRID, read_grid, read_point, split_grid
from gatecalc.errors import InputError


def test_points_come_by_name_by_numbers_and_by_letters():
    assert read_point("med").dimensions == (100, 32, 64, 128)
    assert read_point("64x1x32x256").dimensions == (64, 1, 32, 256)
    assert read_point("64 × 1 X 32x256").dimensions == (64, 1, 32, 256)
    assert read_point("H=4, B=2,T=1,D=3").dimensions == (1, 2, 3, 4)


def test_numbers_of_a_named_point_are_that_point():
    assert read_point("32x1x8x16") is GRID["small"]


def test_all_is_the_whole_grid_and_no_point_comes_twice():
    points, problems = read_grid(["small", "all", "32x1x8x16"])
    assert [p.name for p in points] == ["small", "s64", "med", "med2", "large", "long"]
    assert not problems


def test_a_point_with_letters_may_stand_among_others():
    text = "T=1,B=2,D=3,H=4,T=5,B=6,D=7,H=8,small"
    assert split_grid(text) == ("T=1,B=2,D=3,H=4", "T=5,B=6,D=7,H=8", "small")


def test_a_number_given_twice_does_not_split_a_point():
    assert split_grid("T=1,T=1,B=1,D=1,H=1,med") == ("T=1,T=1,B=1,D=1,H=1", "med")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("smal", "did you mean small?"),
        ("", "points are small, s64"),
        ("0x1x8x16", "T = 0, and a whole number of at least 1"),
        ("4x-1x8x16", "B = -1"),
        ("4x1x8", "has 3 numbers: four are expected"),
        ("4x1x8x9999999999", "H can be 1,000,000,000 at most"),
        ("T=4,B=1,D=2", "lacks H"),
        ("T=4,B=1,D=2,Q=3", "`Q` is not among T, B, D and H"),
        ("T=4,B=1,D=2,H=", "H = nothing"),
        ("T=4,B=1,D=2,H=1e3", "H = 1e3"),
        ("T=4,T=4,B=1,D=2,H=3", "gives T twice: write T=..,B=..,D=..,H=.., each once"),
        ("4.5x1x1x1", "no point `4.5x1x1x1`"),
    ],
)
def test_impossible_points_are_refused_with_the_reason(text: str, message: str):
    with pytest.raises(InputError) as caught:
        read_point(text)
    assert message in str(caught.value)


def test_what_is_wrong_does_not_take_the_rest_with_it():
    points, problems = read_grid(["0x1x1x1", "small", "nowhere"])
    assert [p.name for p in points] == ["small"]
    assert len(problems) == 2
