"""Notes are typeset: TeX finds no error in them, nothing sticks out, no reference leads nowhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
from notes_cells import CELLS

from gatecalc.equations import catalogue
from gatecalc.notes import notes

ROOT = Path(__file__).resolve().parent.parent

PAGE = r"""\documentclass{article}
\usepackage{amsmath,array,booktabs,longtable}
\begin{document}
%s
\end{document}
"""


def available(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def compiled(text, folder):
    """The log of the second of two runs; the first writes down where labels are."""
    available("pdflatex")
    (folder / "notes.tex").write_text(text, "ascii")
    for _ in range(2):
        run = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "notes.tex"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout.decode("latin-1")[-2000:]
    return (folder / "notes.log").read_text("latin-1").replace("\n", "")


ONCE = """\
a: scalar
h[t] = tanh(sigmoid(a) * (W @ x[t]) + U @ h[t-1])  # state: what is kept
"""

OPENINGS = r"(computed once|applied to every entry|may differ by one or two)\.$"
"""How sentences end that only begin a section."""


def headings_left_behind(folder):
    """Headings and openings that are the last line of a page, from the text of the document."""
    available("pdftotext")
    run = subprocess.run(
        ["pdftotext", "-layout", "notes.pdf", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    left = []
    for page in run.stdout.split("\f"):
        *lines, _number = [line.strip() for line in page.splitlines() if line.strip()] or [""]
        left += [
            line for line in lines[-1:] if re.search(rf"^\d+(\.\d+)*\s+[A-Z]|{OPENINGS}", line)
        ]
    return left


def assert_clean(log):
    assert "undefined" not in log
    assert "multiply defined" not in log
    assert "destination with the same identifier" not in log
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(wide, default=0.0) <= 1.0
    assert "Overfull \\vbox" not in log


def checked(text, folder):
    """What chktex says, with the accepted warnings of this repository left out."""
    available("chktex")
    (folder / "notes.tex").write_text(text, "ascii")
    run = subprocess.run(
        ["chktex", "-q", "-v0", "-l", str(ROOT / ".chktexrc"), "notes.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout


def test_a_document_is_typeset(tmp_path):
    text = notes("dense")
    assert_clean(compiled(text, tmp_path))
    assert checked(text, tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.names())
def test_every_catalogue_cell_is_typeset(name, tmp_path):
    assert_clean(compiled(notes(name), tmp_path))
    assert headings_left_behind(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["dense", "rnn", ONCE])
def test_no_heading_is_left_behind_wherever_on_a_page_the_notes_begin(cell, tmp_path):
    (tmp_path / "fragment.tex").write_text(notes(cell, fragment=True), "ascii")
    begins = [
        rf"\newpage\vspace*{{{points}pt}}\setcounter{{section}}{{0}}\input{{fragment}}"
        for points in range(0, 540, 12)
    ]
    compiled(PAGE % "\n".join(begins), tmp_path)
    assert headings_left_behind(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", ["10pt", "11pt", "12pt,a4paper"])
@pytest.mark.parametrize("name", catalogue.names())
def test_every_catalogue_cell_is_typeset_as_a_fragment(name, options, tmp_path):
    page = PAGE.replace(r"\documentclass", rf"\documentclass[{options}]")
    assert_clean(compiled(page % notes(name, fragment=True), tmp_path))


@pytest.mark.slow
def test_a_fragment_finds_room_in_a_paper_of_two_columns_as_it_says(tmp_path):
    text = notes("gru", fragment=True)
    assert r"\onecolumn before it and \twocolumn after it" in text
    paper = PAGE.replace(r"\documentclass", r"\documentclass[twocolumn]")
    around = f"Text before.\n\\onecolumn\n{text}\n\\twocolumn\nText after."
    assert_clean(compiled(paper % around, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("fragment", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_odd_cells_are_typeset(name, fragment, tmp_path):
    text = notes(textwrap.dedent(CELLS[name]), fragment=fragment)
    assert_clean(compiled(PAGE % text if fragment else text, tmp_path))


@pytest.mark.slow
def test_two_fragments_find_room_in_one_appendix(tmp_path):
    cells = ("gru", "h[t] = tanh(W @ x[t])", "h[t] = sigmoid(W @ x[t])")
    both = "".join(notes(cell, fragment=True) for cell in cells)
    assert_clean(compiled(PAGE % both, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "lstm_concat"])
def test_larger_examples_are_typeset(name, tmp_path):
    assert_clean(compiled(notes(name, sizes={"D": 3, "H": 4}), tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("fragment", [False, True])
@pytest.mark.parametrize("name", catalogue.names())
def test_chktex_finds_nothing_beyond_what_is_accepted(name, fragment, tmp_path):
    assert checked(notes(name, fragment=fragment), tmp_path) == ""


def test_accepted_warnings_are_few_and_have_reasons():
    lines = (ROOT / ".chktexrc").read_text().splitlines()
    accepted = [k for k, line in enumerate(lines) if line.strip().startswith("-n")]
    assert len(accepted) <= 5
    assert all(lines[k - 1].strip().startswith("#") for k in accepted)
