"""A cell to the source of its NumPy module."""

from __future__ import annotations

from os import PathLike

from gatecalc.calculus import derive
from gatecalc.codegen.module import module_text
from gatecalc.codegen.schedule.workspace import workspace_text
from gatecalc.equations import Cell
from gatecalc.seal import sealed


def generate(source: str | PathLike[str] | Cell) -> str:
    """The source of a NumPy module for a cell: forward, backward, and a step to read.

    `source` is what `gatecalc.cell` takes. The same cell gives the same text. Raises what
    `gatecalc.cell` raises.

    >>> "def forward(" in generate("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)")
    True
    """
    derivation = derive(source)
    workspace = workspace_text(derivation)
    text = module_text(derivation, workspace.layout, workspace.text)
    return sealed(f"{text}\n\n", "#")  # two empty lines, as formatters want them
