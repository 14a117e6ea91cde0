"""Comments become LaTeX text: TeX reads whatever they hold, and code in them looks like code."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecalc.notes.prose import capital, escaped, prose, sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set W_i to 1", r"set \texttt{W\_i} to 1"),
        ("the old c[t-1] stays", r"the old \texttt{c[t-1]} stays"),
        ("a high z keeps it", r"a high \texttt{z} keeps it"),
        ("I am a gate", "I am a gate"),
        ("it is 1 - z, so", r"it is \texttt{1 - z}, so"),
        ("b_f = 1 helps", r"\texttt{b\_f = 1} helps"),
        ("U_n @ (r * h) here", r"\texttt{U\_n @ (r * h)} here"),
        ("since sigmoid(-a) = 1 - sigmoid(a)", r"since \texttt{sigmoid(-a) = 1 - sigmoid(a)}"),
        ("stacked as [h, x]", r"stacked as \texttt{[h, x]}"),
        ("of shape (H, H + D) now", r"of shape \texttt{(H, H + D)} now"),
        ("the order i f g o", r"the order \texttt{i f g o}"),
        ("see lstm_1997", r"see \texttt{lstm\_1997}"),
        ("pages 1735-1780", "pages 1735--1780"),
        ("between -1 and 1", "between $-$1 and 1"),
        ("-2...2", r"$-$2\dots{}2"),
        ("pre-activation", "pre-activation"),
        ("its size is P. The rest", r"its size is \texttt{P}. The rest"),
        ('a "gate"', "a ``gate''"),
        ("Keras' order", "Keras' order"),
        ("Cho et al. 2014", r"Cho et al.\ 2014"),
        ("as in ONNX. The", r"as in ONNX\@. The"),
        ("Böhm, Erdős, naïve", r"B\"{o}hm, Erd\H{o}s, na\"{\i{}}ve"),
        ("σ and ⊙ →", r"$\sigma$ and $\odot$ $\to$"),
        ("漢", "[U+6F22]"),
        ("100% of $5 & #1", r"100\% of $\mathdollar$5 \& \#1"),
    ],
)
def test_a_comment_reads_well_in_print(text, expected):
    assert prose(text) == expected


def unescaped_specials(text):
    return re.findall(r"(?<!\\)[%#&$]", re.sub(r"\$[^$]*\$", "", text))


@given(st.text(max_size=60))
def test_nothing_in_a_comment_means_anything_to_tex(text):
    shown = prose(text)
    assert shown.isascii()
    assert shown.count("{") - shown.count(r"\{") == shown.count("}") - shown.count(r"\}")
    assert not unescaped_specials(shown)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_plain_letters_pass_unchanged(text):
    letters = re.sub(r"[^A-Za-z0-9 ]", "", text)
    assert escaped(letters) == letters


def test_a_comment_becomes_a_sentence():
    assert sentence("what is kept") == "what is kept."
    assert sentence("what is kept.") == "what is kept."
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a mean", "A mean"),
        ("the rest", "The rest"),
        ("r lets it pass", "r lets it pass"),
        ("0 forgets", "0 forgets"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_it_begins_with_a_name(text, expected):
    assert capital(text) == expected
