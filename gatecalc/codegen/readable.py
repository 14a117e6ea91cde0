"""The readable step: one line for each statement, with the names and numbers of the derivation."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from gatecalc.calculus import Derivation, Statement
from gatecalc.codegen.numpy_text import (
    Spelling,
    has_names,
    has_rows,
    is_plain_number,
    local,
    numpy_text,
    size_text,
    summed_text,
)
from gatecalc.codegen.schedule.writer import words_of
from gatecalc.codegen.wrapping import assignment, fitting, printable
from gatecalc.equations import Cell
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import MatVec, Node, Ref, walk


@dataclass(frozen=True, slots=True)
class Readable:
    """The bodies of `step` and `step_backward`, and what they keep and return.

    `kept` are the locals that the cache holds. `outputs` and the like are expressions, one for
    each state or input, that stand in the return statement.
    """

    step: tuple[str, ...]
    backward: tuple[str, ...]
    kept: tuple[str, ...]
    inputs: tuple[str, ...]
    previous: tuple[str, ...]
    states: tuple[str, ...]
    output: str
    cotangent: str
    incoming: tuple[str, ...]
    d_inputs: tuple[str, ...]
    d_previous: tuple[str, ...]


def spelling_for(derivation: Derivation) -> Spelling:
    """Names of ours, with `_` before those that the author or the derivation has taken."""
    cell = derivation.cell
    taken = {*cell.shapes, *derivation.shapes, *(f"{s}_prev" for s in cell.states)}
    taken |= {*derivation.adjoints.values(), derivation.cotangent}
    taken |= {*derivation.incoming.values(), *derivation.outgoing.values()}
    return Spelling(derivation.shapes, frozenset(taken), frozenset(cell.sizes))


def readable(derivation: Derivation) -> Readable:
    """The lines of both functions, ready for the template."""
    return _Reader(derivation).run()


class _Reader:
    def __init__(self, derivation: Derivation) -> None:
        self.derivation, self.cell = derivation, derivation.cell
        self.spelling = spelling_for(derivation)
        self.static = [s.target.name for s in derivation.forward if s.role == "static"]

    def run(self) -> Readable:
        d, cell = self.derivation, self.cell
        adjoints = {s.target.name for s in d.backward}
        missing = [n for n in cell.inputs if d.adjoints[n] not in adjoints]
        kept = self._kept(missing)
        d_inputs = tuple(
            f"{self.spelling.ours('np')}.zeros_like({n})" if n in missing else d.adjoints[n]
            for n in cell.inputs
        )
        d_previous = tuple(
            d.outgoing[n]
            if d.outgoing[n] in adjoints
            else f"{self.spelling.ours('np')}.zeros_like({d.incoming[n]})"
            for n in cell.states
        )
        return Readable(
            step=tuple(self._step()),
            backward=tuple(self._backward()),
            kept=kept,
            inputs=cell.inputs,
            previous=tuple(f"{n}_prev" for n in cell.states),
            states=cell.states,
            output=cell.output,
            cotangent=d.cotangent,
            incoming=tuple(d.incoming[n] for n in cell.states),
            d_inputs=d_inputs,
            d_previous=d_previous,
        )

    def _step(self) -> Iterable[str]:
        forward = self.derivation.forward
        lines = [line for statement in forward for line in self._line(statement)]
        yield from self._unpacked(_parameters_read(forward))
        yield from self._counts(lines, f"{self.cell.inputs[0]}.shape[0]")
        yield ""
        yield from lines
        yield ""

    def _backward(self) -> Iterable[str]:
        backward = self.derivation.backward
        lines: list[str] = []
        begun: set[str] = set()
        for statement in backward:
            lines += self._line(statement, again=statement.target.name in begun)
            begun.add(statement.target.name)
        yield from self._unpacked(_parameters_read(backward))
        yield from self._counts(lines, f"{self.derivation.cotangent}.shape[0]")
        yield ""
        yield from lines
        yield ""
        yield "_grads = _p.zeros()"
        yield from self._stored(begun)

    # What stands before and after the statements.

    def _groups(self) -> list[list[str]]:
        """Parameters and constants by the author's equation in which they first appear."""
        groups: dict[int | None, list[str]] = {}
        done: set[str] = set()
        wanted = {*self.cell.parameters, *(c.name for c in self.cell.constants)}
        for statement in self.derivation.forward:
            for name in _bare(statement.expression):
                if name in wanted and name not in done:
                    done.add(name)
                    groups.setdefault(statement.equation, []).append(name)
        return [*groups.values(), [p for p in self.cell.parameters if p not in done]]

    def _lines_of(self, wanted: Container[str]) -> Iterable[list[str]]:
        """What is wanted of each group on a line; groups of one share lines with neighbours."""
        alone: list[str] = []
        for group in self._groups():
            names = [n for n in group if n in wanted]
            if len(names) == 1:
                alone += names
            elif names:
                yield from ([alone] if alone else [])
                alone = []
                yield names
        yield from ([alone] if alone else [])

    def _unpacked(self, read: set[str]) -> Iterable[str]:
        """Locals for parameters: one line for each equation of the author."""
        for group in self._lines_of(read):
            for names in fitting(group, lambda n: len(f'{n}, _p["{n}"], ')):
                values = ", ".join(f'_p["{n}"]' for n in names)
                yield f"{', '.join(names)} = {values}"

    def _stored(self, begun: set[str]) -> Iterable[str]:
        """The gradients into their places, as `_unpacked` took the parameters out."""
        adjoints = self.derivation.adjoints
        have = {n for n in self.cell.parameters if adjoints[n] in begun}
        for group in self._lines_of(have):
            for names in fitting(group, lambda n: len(f'_grads["{n}"], {adjoints[n]}, ')):
                targets = ", ".join(f'_grads["{n}"]' for n in names)
                yield f"{targets} = {', '.join(adjoints[n] for n in names)}"

    def _counts(self, lines: Sequence[str], batch: str) -> Iterable[str]:
        """B and the sizes, where a line uses them as numbers."""
        batch_name, size = self.spelling.ours("B"), self.spelling.size
        used = words_of(lines)
        if batch_name in used:
            yield f"{batch_name} = {batch}"
        sizes = [s for s in self.cell.sizes if size(s) in used]
        if sizes:
            values = ", ".join(f'_p.sizes["{s}"]' for s in sizes)
            yield f"{', '.join(size(s) for s in sizes)} = {values}"
        if "_one" in used:
            yield "_one = _p.one"

    # The statements.

    def _line(self, statement: Statement, again: bool = False) -> Iterable[str]:
        text = self._value(statement)
        target = local(statement.target)
        if again:
            text = f"{target} + {text}"
        yield from assignment(
            target, text, f"({statement.number})", printable(statement.explanation)
        )

    def _is_narrow(self, statement: Statement) -> bool:
        """Whether the expression has fewer entries than the value: it must be spread."""
        expression, shape = statement.expression, statement.shape
        if shape_of(expression, self.spelling.shapes) != shape:
            return True
        return statement.role not in ("static", "parameter") and not has_rows(expression)

    def _value(self, statement: Statement) -> str:
        expression = statement.expression
        if statement.role == "parameter":
            return summed_text(expression, statement.shape, self.spelling)
        text = numpy_text(expression, self.spelling)
        narrow = self._is_narrow(statement)
        if not has_names(expression) if narrow else is_plain_number(expression):
            text = f"_one * ({text})"
        if narrow:
            return f"{self.spelling.ours('np')}.full({self._extent(statement)}, {text})"
        if isinstance(expression, Ref) and self._is_returned(statement):
            return f"{text}.copy()"
        return text

    def _extent(self, statement: Statement) -> str:
        shape = statement.shape
        if statement.role == "static":
            return size_text(shape[0], self.spelling) if shape else "()"
        last = size_text(shape[0], self.spelling) if shape else "1"
        return f"({self.spelling.ours('B')}, {last})"

    def _is_returned(self, statement: Statement) -> bool:
        name = statement.target.name
        if statement.role == "step":
            return name in (self.cell.output, *self.cell.states)
        return statement.role in ("input", "carried")

    def _kept(self, missing: Sequence[str]) -> tuple[str, ...]:
        """What the backward statements read of the forward ones."""
        read = {local(r) for s in self.derivation.backward for r in _refs(s.expression)}
        read |= {*missing, *_inputs_for_sizes(self.cell)}
        candidates = [
            *self.cell.inputs,
            *(f"{s}_prev" for s in self.cell.states),
            *(s.target.name for s in self.derivation.forward),
        ]
        return tuple(dict.fromkeys(n for n in candidates if n in read))


def _inputs_for_sizes(cell: Cell) -> list[str]:
    """The inputs that tell a size that the shapes of the parameters do not."""
    told: set[str] = set()
    dimensions = [size for p in cell.parameters for size in cell.shapes[p]]
    for _ in dimensions:
        for size in dimensions:
            if len(missing := {*size} - told) == 1:
                told |= missing
    return [n for n in cell.inputs if not {s for size in cell.shapes[n] for s in size} <= told]


def _refs(node: Node) -> Iterable[Ref]:
    return (n for n in walk(node) if isinstance(n, Ref))


def _bare(node: Node) -> Iterable[str]:
    """Names of parameters, matrices too, left to right."""
    for below in walk(node):
        if isinstance(below, MatVec):
            yield below.matrix.name
        elif isinstance(below, Ref) and below.lag is None:
            yield below.name


def _parameters_read(statements: Iterable[Statement]) -> set[str]:
    return {name for s in statements for name in _bare(s.expression)}
