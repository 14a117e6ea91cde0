"""Every cell of the catalogue is complete: title, source, explanations, roles."""

from __future__ import annotations

import re

import pytest

from gatecalc.equations import catalogue

# Every cell that is promised: its states, its output, and how many parameters it has.
CELLS = {
    "rnn": ("h", "h", 3),
    "rnn_relu": ("h", "h", 3),
    "lstm": ("c h", "h", 12),
    "lstm_concat": ("c h", "h", 8),
    "lstm_1997": ("c h", "h", 9),
    "lstm_peephole": ("c h", "h", 15),
    "lstm_coupled": ("c h", "h", 9),
    "lstm_projected": ("c h", "h", 13),
    "lstm_nig": ("c h", "h", 11),
    "lstm_nfg": ("c h", "h", 11),
    "lstm_nog": ("c h", "h", 11),
    "lstm_niaf": ("c h", "h", 15),
    "lstm_noaf": ("c h", "h", 15),
    "lstm_cifg": ("c h", "h", 11),
    "lstm_np": ("c h", "h", 12),
    "lstm_fgr": ("i f c o h", "h", 24),
    "lstm_layer_norm": ("c h", "h", 26),
    "gru": ("h", "h", 9),
    "gru_chung": ("h", "h", 9),
    "gru_concat": ("h", "h", 6),
    "gru_reset_after": ("h", "h", 12),
    "mgu": ("h", "h", 6),
    "dense": ("", "y", 2),
}


def test_the_catalogue_is_what_was_promised() -> None:
    assert set(catalogue.names()) == set(CELLS)
    assert {n for f in catalogue.FAMILIES for n in catalogue.names(f)} == set(CELLS)


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_has_the_states_and_parameters_of_its_source(name: str) -> None:
    states, output, parameters = CELLS[name]
    it = catalogue.load(name)
    assert it.inputs == ("x",)
    assert it.states == tuple(states.split())
    assert it.output == output
    assert len(it.parameters) == parameters
    assert it.name == name


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_says_where_it_comes_from_and_what_each_value_is(name: str) -> None:
    it = catalogue.load(name)
    assert it.title
    assert it.title != name
    assert name == "dense" or re.search(r"(19|20)\d\d", it.source), it.source
    assert it.notes
    for equation in it.equations:
        assert equation.explanation, equation.target
    for constant in it.constants:
        assert constant.explanation, constant.name


@pytest.mark.parametrize("name", CELLS)
def test_gates_explain_what_0_and_1_mean(name: str) -> None:
    for equation in catalogue.load(name).equations:
        if re.search(r"\bgate\b", equation.explanation):
            assert "0" in equation.explanation, equation
            assert "1" in equation.explanation, equation


@pytest.mark.parametrize("name", CELLS)
def test_the_files_are_plain_ascii_without_tabs(name: str) -> None:
    text = catalogue.text(name)
    assert text.isascii()
    assert "\t" not in text
    assert text.endswith("\n")


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        catalogue.load("elman")
