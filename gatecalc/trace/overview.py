"""A run at one glance: how open the gates were, and how far the gradient reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from gatecalc.equations.tree import Ref
from gatecalc.trace.forward import rule, wrapped
from gatecalc.trace.medium import FAINT, shade
from gatecalc.trace.numerals import numeral
from gatecalc.trace.reader import Reader
from gatecalc.trace.table import INDENT

BAR = 8


def gates_over_time(reader: Reader) -> list[Text]:
    """The mean opening of each gate at each step."""
    trace, view = reader.trace, reader.view
    timed = [g for g in trace.gates if trace.derivation.defining(g).role == "step"]
    rows = [(g, reader.values(Ref(g, 0)).mean(axis=1)) for g in timed if view.wants(g)]
    if not rows or view.steps is not None or trace.length < 2:
        return []
    title = rule(reader, "gates over time: mean over the units, 0 closed, 1 open")
    return [title, Text(), *_chart(reader, rows, 1.0, gate=True), Text()]


def reach(reader: Reader) -> list[Text]:
    """The size of the adjoints of states and output at each step: where gradients vanish."""
    trace, view = reader.trace, reader.view
    d = trace.derivation
    wanted = dict.fromkeys((*trace.cell.states, trace.cell.output))
    names = [d.adjoints[n] for n in wanted if view.wants(n, d.adjoints[n])]
    rows = [(n, np.sqrt((reader.values(Ref(n, 0)).astype(float) ** 2).sum(axis=1))) for n in names]
    if not rows or view.steps is not None or trace.length < 2:
        return []
    finite = [float(v) for _, sizes in rows for v in sizes if np.isfinite(v)]
    title = rule(reader, "how far the gradient reaches: the norm of the adjoint at each step")
    return [title, Text(), *_chart(reader, rows, max(finite, default=0.0)), Text()]


def _chart(
    reader: Reader, rows: Sequence[tuple[str, np.ndarray]], largest: float, gate: bool = False
) -> list[Text]:
    medium = reader.medium
    widest = max(len(name) for name, _ in rows)
    length = len(rows[0][1])
    cell = 7 + 1 + BAR + 2
    fit = (medium.width - widest - 4) // cell
    if length > max(4, fit):
        return _sparks(reader, rows, largest, gate=gate)
    found = []
    for start in range(0, length, max(1, fit)):
        steps = range(start, min(length, start + max(1, fit)))
        head = " " * (widest + 4) + "".join(f"t={t}".ljust(cell) for t in steps)
        found.append(medium.text(head.rstrip(), FAINT))
        for name, values in rows:
            line = medium.text("  " + name.ljust(widest) + "  ")
            for t in steps:
                value = float(values[t])
                style = shade(value, largest, gate)
                bar = medium.bar(value / largest if largest else 0.0, BAR)
                line.append_text(medium.text(numeral(value).ljust(7) + " ", style))
                line.append_text(medium.text(bar + "  ", style))
            line.rstrip()
            found.append(line)
    return found


def _sparks(
    reader: Reader, rows: Sequence[tuple[str, np.ndarray]], largest: float, gate: bool
) -> list[Text]:
    """One character for each step."""
    medium = reader.medium
    widest = max(len(name) for name, _ in rows)
    length = len(rows[0][1])
    fit = max(10, medium.width - widest - 4)
    found = wrapped(reader, "", f"one character a step; the highest is {numeral(largest)}")
    found = [line[INDENT:] for line in found]
    for start in range(0, length, fit):
        stop = min(length, start + fit)
        found.append(medium.text(" " * (widest + 4) + f"t={start}...{stop - 1}", FAINT))
        for name, values in rows:
            line = medium.text("  " + name.ljust(widest) + "  ")
            for t in range(start, stop):
                value = float(values[t])
                share = value / largest if largest else 0.0
                line.append_text(medium.text(medium.level(share), shade(value, largest, gate)))
            found.append(line)
    return found
