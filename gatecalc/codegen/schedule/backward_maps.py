"""Transposed matrices that carry adjoints back, stacked over neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.linear import Edge
from gatecalc.codegen.schedule.names import shared_name
from gatecalc.codegen.schedule.program import Linear, Rows
from gatecalc.codegen.schedule.rows import stretches, sum_text
from gatecalc.codegen.schedule.stacks import Piece, Span
from gatecalc.codegen.schedule.text import matrix_text


@dataclass(frozen=True, slots=True)
class MapTarget:
    """What maps lead to: its name, its rows, the maps, and what it is stored as a multiple of."""

    label: str
    rows: Rows
    maps: Sequence[Edge]
    scale: Fraction


def adjoint_runs(back: BackPlan, names: Sequence[str]) -> list[list[str]]:
    """Where adjoints are kept, as runs of neighbours among the coefficients; others stand alone."""
    homes = list(dict.fromkeys(back.delta_home(n) for n in names))
    runs = stretches(back.coef.order, [h for h in homes if h in back.coef.rows])
    return [*runs, *([h] for h in homes if h not in back.coef.rows)]


def adjoint_stack(
    emission: Emission, back: BackPlan, targets: Sequence[MapTarget], homes: Sequence[str]
) -> str:
    """The attribute of the matrix that takes adjoints to the targets, one below the other.

    `homes` are where the adjoints are kept.
    """
    pieces: list[Piece] = []
    above: list[str] = []
    for target in targets:
        rows = sum_text(above), sum_text([*above, *target.rows])
        above += target.rows
        left: list[str] = []
        for home in homes:
            width = back.rows(home)
            columns = sum_text(left), sum_text([*left, *width])
            left += width
            pieces += _pieces(emission, back, target, home, (rows, columns))
    across = sum_text(size for home in homes for size in back.rows(home))
    label = shared_name([t.label for t in targets])
    return emission.stack(label, sum_text(above), across, pieces)


def _pieces(
    emission: Emission, back: BackPlan, target: MapTarget, home: str, place: tuple[Span, Span]
) -> list[Piece]:
    """The matrices from one place to one target; several of them add up."""
    found: list[Piece] = []
    for edge in target.maps:
        if edge.matrix is not None and back.delta_home(edge.source) == home:
            factor = target.scale * int(edge.coefficient) / back.backward.scale(home)
            text = matrix_text(edge.matrix, emission.spelling.local)
            found.append(Piece(*place, text, factor, edge.matrix, bool(found)))
    return found


def adjoint_edges(linear: Linear) -> list[Edge]:
    """The maps of a linear form as paths of an adjoint."""
    return [Edge("map", p.operand.name, sympy.Integer(p.sign), p.matrix) for p in linear.products]
