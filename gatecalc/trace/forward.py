"""The forward pass as lines: what comes in, and each statement with its numbers."""

from __future__ import annotations

from rich.text import Text

from gatecalc.calculus.statements import Statement
from gatecalc.equations.tree import Ref
from gatecalc.trace.medium import FAINT
from gatecalc.trace.reader import Reader
from gatecalc.trace.table import INDENT, Column, Group, broken, lines_of


def rule(reader: Reader, title: str) -> Text:
    """A line across the page with a title in it."""
    glyph = reader.medium.glyphs.rule
    text = reader.medium.text(glyph * 2 + " ", FAINT)
    text.append_text(reader.medium.text(title, "bold"))
    rest = max(2, min(reader.medium.width, 100) - text.cell_len - 1)
    text.append_text(reader.medium.text(" " + glyph * rest, FAINT))
    return text


def wrapped(reader: Reader, label: str, content: str, style: str = FAINT) -> list[Text]:
    """Prose behind the number of an equation, broken between words."""
    medium = reader.medium
    room = max(20, medium.width - INDENT)
    words, lines = medium.clean(content).split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    found = []
    for position, line in enumerate(lines):
        text = medium.text((label if position == 0 else "").ljust(INDENT))
        text.append_text(medium.text(line, style))
        found.append(text)
    return found


def once(reader: Reader) -> list[Text]:
    """Statements of parameters alone."""
    trace, view = reader.trace, reader.view
    static = [s for s in trace.derivation.forward if s.role == "static" and view.shows(s)]
    if not static:
        return []
    found = [rule(reader, "once, before the first step"), Text()]
    for statement in static:
        found += [*_statement(reader, statement, 0, explained=True), Text()]
    return found


def has_values(reader: Reader) -> bool:
    """Whether any step shows a value; where only what is computed once was asked for, none does."""
    trace, view = reader.trace, reader.view
    found = any(s.role == "step" and view.shows(s) for s in trace.derivation.forward)
    return found or view.wants(*trace.cell.inputs, *trace.cell.states)


def forward_step(reader: Reader, t: int, *, explained: bool) -> list[Text]:
    """One step: inputs and states, then every statement; `explained` with their explanations."""
    trace, view = reader.trace, reader.view
    found = [rule(reader, step_title(reader, t)), Text()]
    arriving = _arriving(reader, t)
    if arriving:
        found += [*arriving, Text()]
    for statement in trace.derivation.forward:
        if statement.role == "step" and view.shows(statement):
            found += [*_statement(reader, statement, t, explained=explained), Text()]
    return found


def step_title(reader: Reader, t: int) -> str:
    """`t = 0, step 1 of 4`."""
    return f"t = {t}, step {t + 1} of {reader.trace.length}"


def _arriving(reader: Reader, t: int) -> list[Text]:
    trace, view = reader.trace, reader.view
    refs = [Ref(n, 0) for n in trace.cell.inputs if view.wants(n)]
    refs += [Ref(n, 1) for n in trace.cell.states if view.wants(n)]
    groups: list[Group] = []
    for ref in refs:
        column = reader.column(ref, t, len(reader.at(ref, t)))
        groups.append((column, Column("   ", (), ())))
    found: list[Text] = []
    for part in broken((), groups, reader.medium.width - INDENT) if groups else ():
        found += lines_of(reader.medium, (), part, label="in" if not found else "")
    if found and t == 0 and any(r.lag == 1 for r in refs):
        # The first line may be full; the remark then has a line of its own.
        remark = "[t-1]: the state before the first step"
        room = reader.medium.width - found[0].cell_len
        if room >= len(remark) + 2:
            found[0].append_text(reader.medium.text(" " * (room - len(remark)) + remark, FAINT))
        else:
            found.append(reader.medium.text(" " * INDENT + remark, FAINT))
    return found


def _statement(reader: Reader, statement: Statement, t: int, *, explained: bool) -> list[Text]:
    label = f"({statement.number})"
    found: list[Text] = []
    if explained and statement.explanation:
        found += wrapped(reader, label, statement.explanation)
        label = ""
    found += reader.equation(statement.target, statement.expression, t, label=label)
    if reader.view.matrices:
        found += reader.products(statement, t)
    return found


def heading(reader: Reader) -> list[Text]:
    """What is traced, and how to read it."""
    trace, medium, problem = reader.trace, reader.medium, reader.trace.problem
    name = medium.text(medium.clean(trace.cell.name), "bold")
    title = name.plain
    if trace.cell.title != trace.cell.name:
        title = f"{name.plain}  {medium.clean(trace.cell.title)}".rstrip()
    if len(title) <= medium.width:
        name.append_text(medium.text(title[len(name) :]))
        titles = [name]
    else:
        titles = [name, *(_flush(line) for line in wrapped(reader, "", trace.cell.title, ""))]
    sizes = ", ".join(f"{n}={v}" for n, v in problem.sizes.items())
    shown = f" (shown: sample {reader.view.sample})" if trace.batch > 1 else ""
    steps = f"{trace.length} step{'s' * (trace.length > 1)}"
    samples = f"{trace.batch} sample{'s' * (trace.batch > 1)}{shown}"
    seed = "" if trace.seed is None else f", seed {trace.seed}"
    run = f"{steps}, {samples}, {sizes}, {problem.d_hs.dtype}{seed}"
    found = [*titles, medium.text(run, FAINT)]
    product = "its result; --matrices writes it out"
    if reader.view.matrices:
        product = "its result and is written out below"
    read = (
        "Each name stands above its numbers, rounded, one line for each unit. W @ x "
        f"stands for {product}. A bare 0 is exactly zero."
    )
    found += [_flush(line) for line in wrapped(reader, "", read)]
    if trace.gates:
        bar = f"{medium.bar(0.0, 4)} closed, {medium.bar(1.0, 4)} open"
        text = f"Gates ({', '.join(trace.gates)}) have a bar: {bar}."
        found += [_flush(line) for line in wrapped(reader, "", text)]
    return [*found, Text()]


def _flush(line: Text) -> Text:
    return line[INDENT:]
