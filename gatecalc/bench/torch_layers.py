"""Which cells are layers of PyTorch, and where their parameters stand there: a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gatecalc.bench.structure import correspondence
from gatecalc.equations import catalogue
from gatecalc.equations.cell import Cell


@dataclass(frozen=True, slots=True)
class Layer:
    """A row: the catalogue's cell, the class in `torch.nn`, and what stands in each weight.

    `arguments` are sizes by name, in the order of the constructor; `options` are keywords, those
    that are the name of a size meaning its value. A weight is parameters one below the other;
    `W_i[:, H:]` is a stretch of columns.
    """

    cell: str
    kind: str
    weights: Mapping[str, tuple[str, ...]]
    arguments: tuple[str, ...] = ("D", "H")
    options: Mapping[str, str] = ()  # type: ignore[assignment]


def _rows(
    gates: str, *, inputs: str = "W_{}", past: str = "U_{}", second_bias: str = ""
) -> dict[str, tuple[str, ...]]:
    """The weights of a recurrent layer; PyTorch's second bias stays 0 where the cell has one."""
    patterns = {
        "weight_ih_l0": inputs,
        "weight_hh_l0": past,
        "bias_ih_l0": "b_{}",
        "bias_hh_l0": second_bias,
    }
    return {w: tuple(p.format(g) for g in gates) for w, p in patterns.items() if p}


LAYERS: tuple[Layer, ...] = (
    Layer("lstm", "LSTM", _rows("ifgo")),
    Layer("lstm_concat", "LSTM", _rows("ifco", inputs="W_{}[:, H:]", past="W_{}[:, :H]")),
    Layer(
        "lstm_projected",
        "LSTM",
        {**_rows("ifgo"), "weight_hr_l0": ("W_p",)},
        options={"proj_size": "P"},
    ),
    Layer("gru_reset_after", "GRU", _rows("rzn", second_bias="c_{}")),
    Layer("rnn", "RNN", _rows("h")),
    Layer("rnn_relu", "RNN", _rows("h"), options={"nonlinearity": "relu"}),
    Layer("dense", "Linear", {"weight": ("W_y",), "bias": ("b_y",)}),
)
"""To compare another cell with a layer of PyTorch, add a row."""


def layer_for(cell: Cell) -> Layer | None:
    """The row of the cell that says the same as this one, in this one's names; None without one.

    >>> from gatecalc.equations import cell
    >>> layer = layer_for(cell("s[t] = tanh(A @ s[t-1] + b + B @ u[t])"))
    >>> layer.kind, layer.weights["weight_hh_l0"]
    ('RNN', ('A',))
    """
    for row in LAYERS:
        names = correspondence(catalogue.load(row.cell), cell)
        if names is not None:
            weights = {
                weight: tuple(_renamed(block, names) for block in blocks)
                for weight, blocks in row.weights.items()
            }
            return replace(row, weights=weights)
    return None


def _renamed(block: str, names: Mapping[str, str]) -> str:
    return re.sub(r"^\w+", lambda found: names[found[0]], block)


def block_of(text: str, sizes: Mapping[str, int]) -> tuple[str, slice]:
    """A block's parameter and its columns.

    >>> block_of("W_i[:, H:]", {"H": 4})
    ('W_i', slice(4, None, None))
    """
    found = re.fullmatch(r"(\w+)(?:\[:, (\w*):(\w*)\])?", text, re.ASCII)
    assert found is not None, text
    name, start, stop = found.groups()
    return name, slice(sizes[start] if start else None, sizes[stop] if stop else None)


def blocks(
    weights: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> Iterator[tuple[str, list[tuple[str, slice]]]]:
    """Every weight with its blocks, top to bottom."""
    for weight, texts in weights.items():
        yield weight, [block_of(text, sizes) for text in texts]
