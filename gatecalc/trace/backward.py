"""The backward pass as lines: each adjoint as the sum of its paths."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from gatecalc.calculus.show import SEVERAL_PATHS, is_sum_of_paths, reason
from gatecalc.calculus.statements import Role, Statement, Term
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import MatVec, Neg, Node, Ref
from gatecalc.evaluate.run import is_level
from gatecalc.trace.forward import rule, step_title, wrapped
from gatecalc.trace.medium import FAINT
from gatecalc.trace.reader import Reader
from gatecalc.trace.table import INDENT, Column, Group, constant, lines_of

_AT_A_STEP: tuple[Role, ...] = ("adjoint", "input", "carried")

LOSSES = {
    "last": "The loss is the sum of the last output's entries: {} is 1 there and 0 before.",
    "all": "The loss is the sum of all outputs' entries: {} is 1 at every step.",
    "random": "What the loss sends in, {}, is drawn from the seed.",
    "given": "What the loss sends in, {}, is given.",
}


def preface(reader: Reader) -> list[Text]:
    """What adjoints are, which loss this is, and why some are sums."""
    d = reader.trace.derivation
    value, adjoint = d.cell.output, d.adjoints[d.cell.output]
    text = f"{adjoint} is how the loss changes with {value}, and so for every name. "
    text += LOSSES[reader.trace.cotangent].format(d.cotangent)
    if is_level(reader.trace.run):
        text += (
            " Nothing changes this loss, so that every gradient is 0 but for rounding: "
            "the cotangent random (--cotangent random) shows how gradients flow."
        )
    if any(is_sum_of_paths(s) and reader.view.shows(s) for s in d.backward):
        text += f" {SEVERAL_PATHS}"
    return [line[INDENT:] for line in wrapped(reader, "", text)] + [Text()]


def has_adjoints(reader: Reader) -> bool:
    """Whether any step shows an adjoint; where gradients alone were asked for, none does."""
    backward = reader.trace.derivation.backward
    return any(s.role in _AT_A_STEP and reader.view.shows(s) for s in backward)


def backward_step(reader: Reader, t: int, *, explained: bool) -> list[Text]:
    """The adjoints of one step; `explained` with the equations that the paths lead through."""
    trace, view = reader.trace, reader.view
    found = [rule(reader, f"backward through {step_title(reader, t)}"), Text()]
    if explained:
        found += preface(reader)
    for statement in trace.derivation.backward:
        if statement.role in _AT_A_STEP and view.shows(statement):
            found += [*_adjoint(reader, statement, t, explained=explained), Text()]
    return found


def _adjoint(reader: Reader, statement: Statement, t: int, *, explained: bool) -> list[Text]:
    label = f"({statement.number})"
    if len(statement.terms) == 1:
        found = _one_path(reader, statement, t, label, explained=explained)
    else:
        found = _several_paths(reader, statement, t, label, explained=explained)
    if reader.view.matrices:
        found += reader.products(statement, t)
    return found


def _one_path(
    reader: Reader, statement: Statement, t: int, label: str, *, explained: bool
) -> list[Text]:
    (term,) = statement.terms
    why, destination = _why(reader, statement, term, t), _destination(statement, t)
    found = []
    if explained and term.source is not None:
        found.append(_labelled(reader, label, f"{why}: {_source(reader, term.source)}"))
        label, why = "", ""
    note = "; ".join(filter(None, (why, destination)))
    lines = reader.equation(statement.target, statement.expression, t, label=label, note=note)
    if not lines[0].plain.endswith(note):
        found.append(_labelled(reader, label, note))
        lines = reader.equation(statement.target, statement.expression, t)
    return found + lines


def _several_paths(
    reader: Reader, statement: Statement, t: int, label: str, *, explained: bool
) -> list[Text]:
    names = _names(statement.terms)
    target = to_text(statement.target)
    count = f"{target} is the sum of {len(statement.terms)} paths"
    destination = _destination(statement, t)
    found = [_labelled(reader, label, count + (f"; {destination}" if destination else ""), "")]
    widest = max(map(len, names))
    for name, term in zip(names, statement.terms, strict=True):
        why = _why(reader, statement, term, t, source=False)
        found += _path(reader, name.ljust(widest), term, why)
        if explained and term.source is not None:
            source = (
                " " * (INDENT + widest + 2) + f"({term.source}) " + _source(reader, term.source)
            )
            found.append(reader.medium.text(reader.medium.cut(source, reader.medium.width), FAINT))
    for name, term in zip(names, statement.terms, strict=True):
        if not _is_plain(term.expression):
            found += reader.equation(term.expression, term.expression, t, header=name)
    return found + _sum(reader, statement, names, t)


def _path(reader: Reader, name: str, term: Term, why: str) -> list[Text]:
    medium = reader.medium
    line = medium.text(" " * INDENT + name + "  ")
    text = to_text(term.expression)
    room = medium.width - line.cell_len - len(why) - 2
    if room < min(len(text), 16):
        line.append_text(medium.text(medium.cut(text, medium.width - line.cell_len)))
        return [line, medium.text(" " * (INDENT + len(name) + 2) + why, FAINT)]
    line.append_text(medium.text(medium.cut(text, room).ljust(room + 2)))
    line.append_text(medium.text(why, FAINT))
    return [line]


def _sum(reader: Reader, statement: Statement, names: list[str], t: int) -> list[Text]:
    """The paths' numbers beside each other, and what they add up to."""
    rows = len(reader.at(statement.target, t))
    result = reader.column(statement.target, t, rows)
    bold = tuple(f"bold {s}" for s in result.styles)
    result = Column(result.header, result.cells, bold, "bold")
    shown = len(result.cells)
    groups: list[Group] = []
    for position, (name, term) in enumerate(zip(names, statement.terms, strict=True)):
        column = reader.column(term.expression, t, rows, header=name)
        groups.append((constant(" + ", shown), column) if position else (column,))
    return lines_of(reader.medium, (result, constant(" = ", shown)), groups)


def _names(terms: tuple[Term, ...]) -> list[str]:
    """What the paths are called: by where they come from."""
    found = [_name(term) for term in terms]
    counts = Counter(found)
    seen: Counter[str] = Counter()
    for position, name in enumerate(found):
        if counts[name] > 1:
            seen[name] += 1
            found[position] = f"{name}{'abcdefghijklmnopqrstuvwxyz'[(seen[name] - 1) % 26]}"
    return found


def _name(term: Term) -> str:
    if term.rule == "output":
        return "loss"
    return "from t+1" if term.source is None else f"through ({term.source})"


def _is_plain(node: Node) -> bool:
    """Whether a path's number can be looked up, so that nothing is left to calculate."""
    return isinstance(node.argument if isinstance(node, Neg) else node, Ref | MatVec)


def _why(reader: Reader, statement: Statement, term: Term, t: int, *, source: bool = True) -> str:
    if term.rule == "output":
        # Not "looks at", as in a derivation: at most steps of a run it may look at nothing.
        return "what the loss sends in"
    if term.rule == "carried":
        last = t == reader.trace.length - 1
        return "nothing follows the last step" if last else "what t+1 sends back"
    return reason(term, statement, source=source)


def _destination(statement: Statement, t: int) -> str:
    if statement.role != "carried":
        return ""
    if t == 0:
        return "for the state before the first step"
    return f"goes to t = {t - 1}"


def _source(reader: Reader, number: int) -> str:
    statement = reader.trace.derivation[number]
    return f"{to_text(statement.target)} = {to_text(statement.expression)}"


def _labelled(reader: Reader, label: str, content: str, style: str = FAINT) -> Text:
    medium = reader.medium
    line = medium.text(label.ljust(INDENT))
    line.append_text(medium.text(medium.cut(content, medium.width - INDENT), style))
    return line
