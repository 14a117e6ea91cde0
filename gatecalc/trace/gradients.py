"""Gradients of the parameters as lines: what each step adds, and the total."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from gatecalc.calculus.show import reason
from gatecalc.calculus.statements import Statement
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Neg, Outer
from gatecalc.evaluate.functions import Array
from gatecalc.trace.forward import rule, wrapped
from gatecalc.trace.medium import FAINT, shade
from gatecalc.trace.numerals import numeral
from gatecalc.trace.reader import Reader
from gatecalc.trace.table import INDENT, Column, Group, chosen, constant, lines_of, width_of


def gradients(reader: Reader) -> list[Text]:
    """The shares of the steps and the total for each parameter; of some steps, the shares alone."""
    trace, view = reader.trace, reader.view
    statements = [
        s for s in trace.derivation.backward if s.role in ("parameter", "static") and view.shows(s)
    ]
    if view.steps is not None:
        statements = [s for s in statements if s.role == "parameter"]
    if not statements:
        return []
    title = "gradients: the shares of the steps, and their sum"
    if view.steps is not None:
        plural = "s" * (len(view.steps) > 1)
        title = f"gradients: the share{plural} of t = {', '.join(map(str, view.steps))}"
    found = [rule(reader, title), Text()]
    if trace.batch > 1:
        found += [*wrapped(reader, "", f"summed over all {trace.batch} samples"), Text()]
    for statement in statements:
        found += [*_gradient(reader, statement), Text()]
    return found


def _gradient(reader: Reader, statement: Statement) -> list[Text]:
    why = [reason(t, statement) for t in statement.terms]
    note = "; ".join(dict.fromkeys(why))
    target, name = to_text(statement.target), statement.target.name
    symbols = f"{target} {statement.operation} {to_text(statement.expression)}"
    medium = reader.medium
    head = medium.text(f"({statement.number})".ljust(INDENT))
    head.append_text(medium.text(medium.cut(symbols, medium.width - INDENT)))
    found = [head]
    if head.cell_len + 2 + len(note) <= medium.width:
        gap = medium.width - head.cell_len - len(note)
        head.append_text(medium.text(" " * gap + note, FAINT))
    else:
        found += wrapped(reader, "", note)
    if statement.role == "static" and not _is_outer(statement):
        lines = reader.equation(
            statement.expression, statement.expression, 0, header=target, sign=" += "
        )
        return found + lines + _with_the_steps(reader, statement)
    if statement.role == "static":
        return found + _block(reader, reader.trace.totals[name])
    shares = reader.trace.shares[name]
    if shares.ndim < 3:
        return found + _ledger(reader, shares)
    if reader.view.steps is None:
        return found + _matrix(reader, shares)
    for t in reversed(reader.view.steps):
        found += [medium.text(" " * INDENT + f"at t={t}", FAINT), *_block(reader, shares[t])]
    return found


def _with_the_steps(reader: Reader, statement: Statement) -> list[Text]:
    """The whole gradient, where the steps have added to it too."""
    name = statement.target.name
    if name not in reader.trace.shares:
        return []
    total = np.atleast_1d(reader.trace.totals[name])
    steps = np.atleast_1d(reader.trace.shares[name].sum(axis=0))
    units = chosen(len(total), reader.view.rows)
    scale = float(np.abs(total).max())
    columns = [
        _column(reader, header, vector, units, scale)
        for header, vector in (("total", total), ("of the steps", steps), ("once", total - steps))
    ]
    signs = constant(" = ", len(units)), constant(" + ", len(units))
    return lines_of(reader.medium, (columns[0], signs[0]), [(columns[1],), (signs[1], columns[2])])


def _is_outer(statement: Statement) -> bool:
    nodes = [t.expression for t in statement.terms]
    return any(isinstance(n.argument if isinstance(n, Neg) else n, Outer) for n in nodes)


def _block(reader: Reader, array: Array) -> list[Text]:
    matrix = np.atleast_2d(array) if array.ndim == 2 else np.atleast_1d(array)[:, None]
    columns = tuple(reader.block(matrix, reader.medium.width - INDENT))
    return lines_of(reader.medium, (), [columns])[1:]


def _matrix(reader: Reader, shares: Array) -> list[Text]:
    """The total, and beside it the size of each step's share."""
    medium = reader.medium
    total = shares.sum(axis=0)
    block = tuple(reader.block(total, reader.medium.width - INDENT - 34))
    norms = np.sqrt((shares.astype(float) ** 2).sum(axis=(1, 2)))
    largest = max((float(n) for n in norms if np.isfinite(n)), default=0.0)
    steps = _latest_first(len(norms), max(reader.view.rows, len(block[0].cells)))
    room = max(4, min(16, medium.width - INDENT - width_of([block]) - 20))
    names, sizes, bars = [], [], []
    for t in steps:
        if t is None:
            names.append(medium.glyphs.gap)
            sizes.append("")
            bars.append("")
            continue
        norm = float(norms[t])
        names.append(f"t={t}")
        sizes.append(numeral(norm))
        share = norm / largest if largest else 0.0
        bars.append(" " + medium.bar(share, room).rstrip(medium.glyphs.empty))
    tall = len(steps)
    beside = (
        constant("    ", tall),
        Column("", tuple(names), (FAINT,) * tall),
        constant("  ", tall),
        Column("", tuple(sizes), ("",) * tall),
        Column("", tuple(b.ljust(room + 1) for b in bars), (FAINT,) * tall),
    )
    width = width_of([tuple(Column("", c.cells, c.styles) for c in block)])
    head = medium.text(" " * INDENT + "total".ljust(width + 4), FAINT)
    head.append_text(medium.text("share of each step, as a norm", FAINT))
    return [head, *lines_of(medium, (), [(*block, *beside)])[1:]]


def _ledger(reader: Reader, shares: Array) -> list[Text]:
    """The total of a vector's gradient as a sum, latest step first, as it is added up.

    Where steps were chosen, their shares alone.
    """
    rows = shares.reshape(len(shares), -1)
    units = chosen(rows.shape[1], reader.view.rows)
    steps: Sequence[int | None]
    if reader.view.steps is None:
        steps = _latest_first(len(rows), max(2, (reader.medium.width - INDENT - 8) // 10))
    else:
        steps = reader.view.steps[::-1]
    entries = np.abs(rows[np.isfinite(rows)])
    scale = float(entries.max()) if entries.size else 0.0
    groups: list[Group] = []
    for t in steps:
        if t is None:
            column = constant(reader.medium.glyphs.cut, len(units))
        else:
            column = _column(reader, f"at t={t}", rows[t], units, scale)
        groups.append((column,))
    if reader.view.steps is not None:
        spaced = [(*group, Column("   ", (), ())) for group in groups]
        return lines_of(reader.medium, (), spaced)
    total = rows.sum(axis=0)
    sizes = np.abs(total[np.isfinite(total)])
    result = _column(reader, "total", total, units, float(sizes.max()) if sizes.size else 0.0)
    bold = Column(result.header, result.cells, tuple(f"bold {s}" for s in result.styles), "bold")
    summed = [
        (constant(" + ", len(units)), *group) if k else group for k, group in enumerate(groups)
    ]
    return lines_of(reader.medium, (bold, constant(" = ", len(units))), summed)


def _latest_first(length: int, limit: int) -> tuple[int | None, ...]:
    """The steps that are shown, in the order in which the backward pass adds them up."""
    return tuple(None if k is None else length - 1 - k for k in chosen(length, limit))


def _column(
    reader: Reader, header: str, vector: Array, units: tuple[int | None, ...], scale: float
) -> Column:
    cells, styles = [], []
    for unit in units:
        if unit is None:
            cells.append(reader.medium.glyphs.gap)
            styles.append(FAINT)
        else:
            cells.append(numeral(float(vector[unit])))
            styles.append(shade(float(vector[unit]), scale))
    return Column(header, tuple(cells), tuple(styles))
