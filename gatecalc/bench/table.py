"""The report as tables: a row for each subject, a column for each point of the grid."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gatecalc.bench.company import NOTICEABLE
from gatecalc.bench.measure import gibibytes
from gatecalc.bench.points import crossed
from gatecalc.bench.report import Growth, Report, Result
from gatecalc.bench.subjects import OURS, SUBJECTS
from gatecalc.codegen.schedule.passes import PASSES

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 80


def rendered(report: Report, width: int = WIDTH) -> Iterator[Any]:
    """The parts of the report, for `rich`; points that `width` cannot hold take another table."""
    from rich.text import Text

    for line in machine_lines(report):
        yield Text(line)
    for group in report.groups():
        shown = [r for r in group if r.seconds]
        for part in _beside_each_other(shown, width):
            yield Text(f"\n{_title(part[0], report)}", style="bold")
            yield _times(part)
    for growths in _by_cell(report.growths):
        first_of = growths[0]
        title = f"{first_of.cell} {first_of.dtype}: peak growth of memory in forward + backward"
        yield Text(f"\n{title}", style="bold")
        yield _memory(growths)
    if lines := list(closing_lines(report)):
        yield Text()
        for line in lines:
            yield Text(line)


def plain(report: Report) -> str:
    """The tables without colours, 80 columns wide."""
    from rich.console import Console

    buffer = io.StringIO()
    console: Console = Console(file=buffer, width=WIDTH, color_system=None)
    console.print(report)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def machine_lines(report: Report) -> Iterator[str]:
    """Processor, BLAS and versions; nothing where the run was over before they were known."""
    m = report.machine
    if "processor" not in m:
        return
    load = "" if m["load"] is None else f", load {m['load']:.1f}"
    yield f"{m['processor']}, {m['processors']} processors{load}"
    kernel = f", kernel {m['blas kernel']}" if m["blas kernel"] else ""
    threads = f", {m['blas threads']} threads" if m["blas threads"] else ""
    yield f"BLAS {m['blas'] or 'unknown'} {m['blas version'] or ''}{kernel}{threads}"
    versions = [f"{n} {m[n]}" for n in ("numpy", "torch", "jax") if n in m]
    if "torch threads" in m:
        versions[1] += f" ({m['torch threads']} threads)"
    yield f"Python {m['python']}, {', '.join(versions)}"
    if m["threads by environment"]:
        yield ", ".join(f"{n}={v}" for n, v in m["threads by environment"].items())


def closing_lines(report: Report) -> Iterator[str]:
    """What is missing, and why."""
    found = dict.fromkeys(_facts(report))
    for name, why in report.left_out.items():
        found[f"left out: {name}, {why}"] = None
    for result in report.results:
        where = f"{result.cell} {result.dtype} {result.point}"
        for name, why in result.left_out.items():
            found[f"left out for {result.cell}: {name}, {why}"] = None
        for name, why in result.failed.items():
            found[f"{where}: {f'{name}: ' if name else ''}{why}"] = None
        for remark in result.remarks:
            found[f"{where}: {remark}"] = None
    for growth in report.growths:
        if growth.failed:
            where = f"{growth.cell} {growth.dtype} {growth.point}"
            found[f"{where}: {growth.subject}: {growth.failed}"] = None
    if report.interrupted:
        found["interrupted: this is what was measured until then"] = None
    for line in found:
        yield from textwrap.wrap(line, WIDTH, subsequent_indent="  ")


def _facts(report: Report) -> Iterator[str]:
    others = report.machine.get("share of others") or 0.0
    if others >= NOTICEABLE:
        yield (
            f"other work took {others:.0%} of the processors meanwhile: do not trust these numbers"
        )
    for cell, counts in report.calls.items():
        told = " and ".join(f"{n} {name.strip('_')}" for name, n in counts.items())
        if told:
            yield f"calls of NumPy at each step of {cell}: {told}"
    if report.ablation:
        for subject in _subjects(report.results):
            if row := PASSES.get(subject.removeprefix("-")):
                yield f"{row.name}: {row.summary}"
    compiled: dict[str, list[float]] = {}
    for result in report.results:
        for name, seconds in result.compile_seconds.items():
            compiled.setdefault(name, []).append(seconds)
    for name, all_seconds in compiled.items():
        shortest, longest = (f"{f(all_seconds):.1f}" for f in (min, max))
        span = shortest if shortest == longest else f"{shortest} to {longest}"
        yield f"{name} took {span} s to compile, which is not counted"


def _title(first: Result, report: Report) -> str:
    if report.ablation:
        return f"{first.cell} {first.dtype}: time without a pass / time with all"
    return f"{first.cell} {first.dtype}: forward + backward, time / time of {first.base}"


def _beside_each_other(results: Sequence[Result], width: int) -> Iterator[list[Result]]:
    """As many results as a table of this width holds, and then the others."""
    names = _subjects(results)
    left = max(map(len, names), default=0) + 3  # the margins of the table and of its first column
    part: list[Result] = []
    taken = left
    for result in results:
        texts = (_heading(result), *(_cell(result, name) for name in names))
        column = max(len(line) for text in texts for line in text.splitlines()) + 2
        if part and taken + column > width:
            yield part
            part, taken = [], left
        part.append(result)
        taken += column
    if part:
        yield part


def _empty_table() -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.padding = (0, 1, 0, 0)
    return table


def _times(results: Sequence[Result]) -> Table:
    table = _empty_table()
    table.add_column("")
    for result in results:
        table.add_column(_heading(result), justify="right", no_wrap=True)
    for name in _subjects(results):
        table.add_row(name, *(_cell(r, name) for r in results), style="bold" * (name == OURS))
    return table


def _heading(result: Result) -> str:
    """The name of the point, and below it its dimensions, unless they are the name."""
    point = result.point
    where = crossed(point.dimensions)
    return where if where == point.name else f"{point.name}\n{where}"


def _subjects(results: Sequence[Result]) -> list[str]:
    there = dict.fromkeys(n for r in results for n in r.seconds)
    order = [n for n in SUBJECTS if n in there]
    return [*order, *(n for n in there if n not in order)]


def _cell(result: Result, name: str) -> str:
    """The ratio, and below it its quartiles; of the base, its time."""
    ratio = result.ratio(name)
    if ratio is None:
        return "-"
    if name == result.base:
        return f"1\n{milliseconds(result.milliseconds(name))}"
    return f"{_number(ratio.middle)}\n{_number(ratio.low)}-{_number(ratio.high)}"


def _number(ratio: float) -> str:
    """Two digits that count, three from 1 on.

    >>> _number(0.0712), _number(0.7), _number(1.234), _number(13.27)
    ('.071', '.70', '1.23', '13.3')
    """
    if ratio < 0.995:
        return f"{ratio:.{3 if ratio < 0.0995 else 2}f}".removeprefix("0")
    return f"{ratio:.{2 if ratio < 9.995 else 1}f}"


def milliseconds(count: float) -> str:
    """A time with three digits that count.

    >>> milliseconds(0.0123), milliseconds(12.345), milliseconds(1234.5)
    ('12.3 us', '12.3 ms', '1.23 s')
    """
    for factor, unit in ((1e3, "us"), (1, "ms"), (1e-3, "s")):
        value = count * factor
        if value < 1000 or unit == "s":
            digits = f"{value:#.3g}" if value < 1000 else f"{value:.0f}"
            return f"{digits.rstrip('.')} {unit}"
    raise AssertionError


def _by_cell(growths: Sequence[Growth]) -> Iterator[list[Growth]]:
    found: dict[tuple[str, str], list[Growth]] = {}
    for growth in growths:
        found.setdefault((growth.cell, growth.dtype), []).append(growth)
    yield from found.values()


def _memory(growths: Sequence[Growth]) -> Table:
    table = _empty_table()
    for heading in ("T x B x D x H", "", "growth", "beyond hs, d_xs", "/ torch.nn", "time"):
        left = heading in ("", "T x B x D x H")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    base = {g.point: g.bytes for g in growths if g.subject == "torch.nn" and not g.failed}
    for g in growths:
        where = crossed(g.point.dimensions)
        if g.failed:
            table.add_row(where, g.subject, *4 * ["-"])
            continue
        share = _number(g.bytes / base[g.point]) if base.get(g.point) else "-"
        beyond = gibibytes(max(0.0, g.bytes - g.results))
        time = milliseconds(1e3 * g.seconds)
        table.add_row(where, g.subject, gibibytes(g.bytes), beyond, share, time)
    return table
