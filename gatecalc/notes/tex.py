"""The notes as LaTeX: a document becomes the values that the templates lay out."""

from __future__ import annotations

from gatecalc.notes.backward import backward
from gatecalc.notes.document import Document
from gatecalc.notes.formulas import polynomial, whole
from gatecalc.notes.linear_form import backward_loop
from gatecalc.notes.local import local_derivatives
from gatecalc.notes.opening import opening
from gatecalc.notes.prose import escaped
from gatecalc.notes.style import Style, style_of
from gatecalc.notes.tables import code_table, flops_table, parameter_table, sizes_text
from gatecalc.notes.worked_run import worked_run
from gatecalc.templating import render


def to_tex(document: Document, *, fragment: bool, seed: int) -> str:
    """The notes as a LaTeX document, or as a fragment without a preamble."""
    style = style_of(document.derivation)
    return render(
        "notes.tex.j2",
        fragment=fragment,
        cell_name=escaped(document.cell.name),
        label=document.label,
        **opening(document, style),
        **local_derivatives(document, style),
        **backward(document, style),
        **backward_loop(document, style),
        **_counts(document, style),
        code=code_table(document, style, document.label),
        run=worked_run(document, style, document.label),
        seed=seed,
    )


def _counts(document: Document, style: Style) -> dict[str, object]:
    once = document.flops.once.total
    return {
        "parameter_rows": parameter_table(document, style),
        "parameter_total": polynomial(document.parameters, style),
        "parameter_value": whole(document.parameters.at(document.sizes)),
        "flops_rows": flops_table(document, style),
        "flops_once": polynomial(once, style) if once.terms else "",
        "flops_once_is_one": str(once) == "1",
        "count_sizes": sizes_text(document.sizes, style),
    }
