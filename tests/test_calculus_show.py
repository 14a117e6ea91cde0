"""A derivation in print says what the derivation says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatecalc.calculus import derive
from gatecalc.calculus.show import SEVERAL_PATHS, derivation_facts, derivation_text
from gatecalc.equations import catalogue
from gatecalc.equations.text import to_text


@pytest.mark.parametrize("name", catalogue.names())
def test_every_term_is_printed_with_where_it_comes_from(name: str) -> None:
    derivation = derive(name)
    text = derivation_text(derivation)
    assert max(map(len, text.splitlines())) <= 80
    flat = re.sub(r"\s+", " ", text)
    for statement in derivation.backward:
        start = f"({statement.number}) {to_text(statement.target)} {statement.operation} "
        assert start in flat
        _, _, after = flat.partition(start)
        for term in statement.terms:
            shown = to_text(term.expression).removeprefix("-")
            assert shown in after
            _, _, after = after.partition(shown)
            if term.source is not None:
                assert re.match(rf".{{1,40}}\({term.source}\)", after)


def test_a_minus_stands_before_the_whole_term() -> None:
    text = derivation_text(
        derive("h[t] = (1 - z[t]) * h[t-1] + z[t] * x[t]\nz[t] = sigmoid(a * x[t])")
    )
    assert "d_h[t] * (x[t] - h[t-1])" in text or "- d_h[t] * h[t-1]" in text


def test_a_cell_without_a_state_has_nothing_to_carry() -> None:
    text = derivation_text(derive("dense"))
    assert "step before" not in text
    assert "arrives" not in text


def test_why_code_adds_is_said_where_an_adjoint_has_several_terms() -> None:
    def said(cell: str) -> bool:
        return SEVERAL_PATHS in " ".join(derivation_text(derive(cell)).split())

    assert said("lstm")
    assert said("y[t] = x[t] * tanh(x[t])")
    assert not said("dense")


def test_the_notes_say_why_code_adds_in_the_same_words() -> None:
    body = (Path(__file__).parent.parent / "templates" / "notes_body.tex.j2").read_text("utf-8")
    plain = re.sub(r"\\texttt\{(.*?)\}", r"\1", " ".join(body.split()))
    first, second = SEVERAL_PATHS.split(". ")
    assert first in plain
    assert second in plain


def test_what_is_computed_once_stands_apart() -> None:
    text = derivation_text(derive("V = W * W\nh[t] = V * x[t] * h[t-1]"))
    titles = [line for line in text.splitlines() if line and line[0] in "FBG"]
    assert titles == [
        "Forward, once: what depends on parameters alone",
        "Forward, at every step",
        "Backward, at every step, from the last statement to the first",
        "Backward, what goes back to the step before",
        "Gradients of parameters, added over time and samples",
        "Backward, once: gradients through what depends on parameters alone",
    ]


def test_facts_have_every_statement_and_its_terms() -> None:
    derivation = derive("lstm")
    facts = derivation_facts(derivation)
    assert len(facts["forward"]) == len(derivation.forward)
    c = next(s for s in facts["backward"] if s["target"] == "d_c")
    assert [(t["rule"], t["source"]) for t in c["terms"]] == [("carried", None), ("chain", 10)]
