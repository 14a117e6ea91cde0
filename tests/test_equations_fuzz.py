"""Whatever is typed: a cell that can be derived, or an error that is meant for its author."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from strategies import almost_cells, cell_texts, examples

from gatecalc.calculus import Derivation, derive
from gatecalc.equations import read, read_file
from gatecalc.equations.lines import decode
from gatecalc.equations.text import to_text
from gatecalc.errors import GatecalcError, NotationError

FAST = examples(150)
LONG = examples(5000)

Read = TypeVar("Read")

ALPHABET = "htxWUbc_[]()=+-*/@.,:#0123456789eE \n\tT^{}σ⊙λ'\"lambdasumconcat−²\\"
SCRAPS = st.sampled_from(
    (
        *("h[t]", "x[t]", "h[t-1]", "W", "U", "b", " = ", " + ", " - ", " * ", " @ ", "(", ")"),
        *("tanh(", "sum(", "concat(", "softmax(", "lambda a: ", "f = ", "f(", "0.5", "1e3", "**2"),
        *("/", "\n", ": ", "scalar", "(P, H)", "output: ", ".T", "-", ",", "[t+1]", " if ", "#"),
    )
)


def answer(reader: Callable[[], Read]) -> Read | GatecalcError:
    """The cell that is read, or the error in its place; any other exception passes."""
    try:
        return reader()
    except GatecalcError as error:
        return error


def reads_or_explains(text: str) -> None:
    """The claim itself, for one text; a second is more than it may ever take.

    What takes longer is done again: a busy machine is slow once, a bad text every time.
    """
    if seconds_for(text) >= 1:
        assert seconds_for(text) < 1


def seconds_for(text: str) -> float:
    started = time.process_time()
    cell = answer(lambda: read(text))
    if isinstance(cell, GatecalcError):
        assert str(cell)
        place = cell.place if isinstance(cell, NotationError) else None
        if place:
            assert 0 <= place.column < max(place.end, 1)
            assert place.line <= text.count("\n") + text.count("\r") + 1
    else:
        assert printed(derive(cell)) == printed(derive(read(text)))
    return time.process_time() - started


def printed(derivation: Derivation) -> list[str]:
    """Every statement in the notation."""
    statements = (*derivation.forward, *derivation.backward)
    return [f"{to_text(s.target)} {s.operation} {to_text(s.expression)}" for s in statements]


@FAST
@given(st.text())
@example("\ud800 = x[t]")
@example("h[t] = x[t] # \ud800 \x1b[31m")
@example("h[t] = x[t]\x85\u2028")
def test_any_text_is_read_or_explained(text: str) -> None:
    reads_or_explains(text)


@FAST
@given(st.text(ALPHABET, max_size=80))
def test_any_text_of_signs_of_the_notation_is_read_or_explained(text: str) -> None:
    reads_or_explains(f"h[t] = {text}")


@examples(400)
@given(st.lists(SCRAPS, max_size=25).map("".join))
def test_any_row_of_scraps_is_read_or_explained(text: str) -> None:
    reads_or_explains(text)
    reads_or_explains(f"h[t] = {text} + W @ x[t]")


@examples(400)
@given(almost_cells())
def test_equations_with_slips_are_read_or_explained(text: str) -> None:
    reads_or_explains(text)


@FAST
@given(cell_texts(smooth=False))
def test_every_cell_can_be_derived(text: str) -> None:
    cell = read(text)
    derivation = derive(cell)
    assert derivation.forward
    reads_or_explains(text)


@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary())
@example(b"\xff\xfe")
@example(b"\xff\xfeh")
@example(b"\xef\xbb\xbf")
@example(b"\x7fELF\x02\x01\x01\x00")
def test_any_bytes_are_read_or_explained(tmp_path: Path, data: bytes) -> None:
    text = answer(lambda: decode(data))
    if isinstance(text, str):
        reads_or_explains(text)
    path = tmp_path / "cell.txt"
    path.write_bytes(data)
    cell = answer(lambda: read_file(path))
    if isinstance(cell, GatecalcError):
        assert str(cell).startswith(("cell.txt", "`cell.txt`"))


@pytest.mark.slow
@LONG
@given(almost_cells())
def test_very_many_equations_with_slips_are_read_or_explained(text: str) -> None:
    reads_or_explains(text)


@pytest.mark.slow
@LONG
@given(st.lists(SCRAPS, max_size=40).map("".join))
def test_very_many_rows_of_scraps_are_read_or_explained(text: str) -> None:
    reads_or_explains(text)
    reads_or_explains(f"h[t] = {text} + W @ x[t]")
