"""Arguments in Python that make no sense: an error that names the argument and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gatecalc
from gatecalc import InputError


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gatecalc.cell(None), "NoneType given, expected the name of a cell, its equations"),
        (lambda: gatecalc.generate(b"h[t] = x[t]"), "bytes given, expected the name of a cell"),
        (lambda: gatecalc.derive(gatecalc.derive("rnn")), "Derivation given, expected the name"),
        (lambda: gatecalc.check("rnn", sizes=[3, 4]), "sizes is list, expected a mapping"),
        (lambda: gatecalc.trace("rnn", sizes="D=3"), "sizes is str, expected a mapping"),
        (lambda: gatecalc.notes("rnn", sizes=[3]), "sizes is list, expected a mapping"),
        (lambda: gatecalc.notes("rnn", seed=-1), "seed=-1: a whole number of at least 0"),
        (lambda: gatecalc.notes("rnn", seed="a"), "seed='a': a whole number of at least 0"),
        (lambda: gatecalc.check("rnn", seed=None), "seed=None: a whole number of at least 0"),
        (lambda: gatecalc.check("rnn", length=np.float64(2)), "length=np.float64"),
        (lambda: gatecalc.trace("rnn")[3], "\\[3\\]: a name is expected, or a name and a step"),
        (lambda: gatecalc.trace("rnn")["h", 1, 2], "a name is expected, or a name and a step"),
        (lambda: gatecalc.load("a\0"), "cannot read `a\\?`: no file can have this name"),
        (lambda: gatecalc.load("\ud800"), "cannot read `\\?`: no file can have this name"),
        (lambda: gatecalc.trace("rnn", dtype=np.ones(3)), "dtype is an array: expected float32"),
        (lambda: gatecalc.trace("rnn", dtype=np.float16), "expected float32 or float64"),
        (lambda: gatecalc.notes("rnn", fragment=np.ones(3)), "fragment is ndarray: True or False"),
        (
            lambda: gatecalc.trace("rnn", xs=np.ma.masked_less(np.ones((2, 1, 3)), 2)),
            "xs has masked entries",
        ),
    ],
)
def test_what_makes_no_sense_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_numbers_of_numpy_are_numbers() -> None:
    three = np.int64(3)
    assert gatecalc.check("dense", sizes={"D": three}, length=three, seed=three)
    assert gatecalc.trace("dense", sizes={"D": three}, length=three)["x"].shape == (3, 1, 3)
    assert gatecalc.notes("dense", sizes={"D": three}) == gatecalc.notes("dense", sizes={"D": 3})


def test_a_masked_array_without_masked_entries_is_an_array() -> None:
    xs = np.ma.masked_array(np.ones((2, 1, 3)))
    assert gatecalc.trace("rnn", xs=xs).length == 2
