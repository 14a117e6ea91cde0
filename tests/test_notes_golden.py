"""Two documents as they are, word for word: what a change of the notes changes is seen here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gatecalc.calculus import derive
from gatecalc.notes import notes

GOLDEN = Path(__file__).parent / "golden"


def plain_code(cell):
    """A module whose lines have the numbers and nothing else, so that real code may change."""
    d = derive(cell)
    return "\n".join(
        line
        for name, side in (("step", d.forward), ("step_backward", d.backward))
        for line in (f"def {name}():", *(f"    x = 0  # ({s.number})" for s in side))
    )


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_notes_read_as_they_did(name, monkeypatch):
    """To renew a golden file, write `text` into it, compile it and read it before committing."""
    monkeypatch.setattr(sys.modules["gatecalc.notes"], "generate", plain_code)
    text = notes(name)
    assert text == (GOLDEN / f"notes_{name}.tex").read_text("utf-8")
