"""The caret stands under what it means, in any terminal and on any line."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from gatecalc.errors import (
    CellNotFoundError,
    GatecalcError,
    GradientError,
    InputError,
    NotationError,
    OutputError,
    Place,
    ShapeError,
)


def columns(text: str) -> int:
    """The columns of a terminal, as its tables say."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def test_the_caret_stands_under_the_stretch() -> None:
    place = Place(3, 7, 11, "h[t] = tanh(x[t])")
    assert place.quoted() == "    h[t] = tanh(x[t])\n           ^^^^"


@pytest.mark.parametrize(
    ("text", "column", "carets"),
    [
        ("c̃[t] = x_t", 8, "           ^"),
        ("漢 = x_t", 4, "         ^"),
        ("＝ x", 0, "    ^^"),
    ],
)
def test_wide_and_combining_characters_do_not_move_the_caret(
    text: str, column: int, carets: str
) -> None:
    assert Place(1, column, column + 1, text).quoted().splitlines()[1] == carets


def test_what_steers_a_terminal_is_not_quoted() -> None:
    quoted = Place(1, 8, 9, "\x1b[31mh\u202e = x\x07").quoted()
    assert "?[31mh? = x?" in quoted
    assert "\x1b" not in quoted


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "h[t] = " + "tanh(x[t]) + " * 40 + "foo(x[t])"
    place = Place(1, text.index("foo"), text.index("foo") + 3, text)
    line, carets = place.quoted().splitlines()
    assert len(line) <= 80
    assert line[carets.index("^") : carets.rindex("^") + 1] == "foo"


@examples(200)
@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(0, 200), st.integers(0, 9))
def test_any_place_can_be_quoted(text: str, column: int, width: int) -> None:
    column = min(column, len(text))
    line, carets = Place(1, column, column + width, text).quoted().split("\n", 1)
    assert "^" in carets
    assert columns(carets) <= columns(line) + 1
    assert line.isprintable()


def test_a_message_has_place_and_advice_only_where_they_are_known() -> None:
    assert str(NotationError("nothing here")) == "nothing here"
    assert str(NotationError("nothing here", write="write x[t]")) == "nothing here\nwrite x[t]"


def test_an_error_can_be_led_by_the_name_of_its_file() -> None:
    error = NotationError("odd", Place(2, 0, 1, "x"), "write y").found_in("cell.txt")
    assert str(error) == "cell.txt, line 2: odd\n    x\n    ^\nwrite y"
    assert str(NotationError("odd").found_in("cell.txt")) == "cell.txt: odd"


def test_errors_survive_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(ShapeError("odd", Place(2, 0, 1, "x"), "write y")))
    assert isinstance(error, ShapeError)
    assert str(error) == "line 2: odd\n    x\n    ^\nwrite y"
    assert (error.message, error.write) == ("odd", "write y")


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        (NotationError, ValueError),
        (ShapeError, NotationError),
        (CellNotFoundError, LookupError),
        (InputError, ValueError),
        (OutputError, OSError),
        (GradientError, ArithmeticError),
    ],
)
def test_every_error_is_ours_and_one_of_python_s(
    kind: type[GatecalcError], also: type[Exception]
) -> None:
    assert issubclass(kind, GatecalcError)
    assert issubclass(kind, also)
