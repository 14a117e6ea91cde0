"""One step of the forward pass, before it is lowered: statements, and how to store their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.codegen.small_sigmoids import small_sigmoids
from gatecalc.equations.tree import MatVec, Ref, references, walk

Uses = Mapping[Ref, tuple[tuple[Statement, bool], ...]]
"""Where each value is read, and whether as operand of maps only."""


@dataclass(frozen=True, slots=True)
class Step:
    """The statements of a step that are needed, and what lowering may do with them.

    `scale` gives the multiples that values are stored as; a missing name means 1. `stable`
    says that sigmoids must keep the digits of small values. The passes write the rest: `free` are
    values that may be stored as any multiple; `absorbing` those that take the number of the one
    term that reads them, if a matrix product computes them; `reuse` looks for fewer calls.
    """

    derivation: Derivation
    live: tuple[Statement, ...]
    uses: Uses
    stable: bool
    scale: Mapping[str, Fraction] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    absorbing: frozenset[str] = frozenset()
    reuse: bool = False

    def uses_of(self, name: str, lag: int = 0) -> tuple[tuple[Statement, bool], ...]:
        """Where a value is read, and whether as operand of maps only."""
        return self.uses.get(Ref(name, lag), ())


def step_of(derivation: Derivation) -> Step:
    """The statements that the output or a state depends on, each to be stored as it is."""
    live = _live(derivation)
    return Step(derivation, live, _uses(live), small_sigmoids(derivation))


def _live(derivation: Derivation) -> tuple[Statement, ...]:
    wanted = {derivation.cell.output, *derivation.cell.states}
    live: list[Statement] = []
    for statement in reversed([s for s in derivation.forward if s.role == "step"]):
        if statement.target.name in wanted:
            live.append(statement)
            wanted |= {r.name for r in references(statement.expression) if r.lag == 0}
    return tuple(reversed(live))


def _uses(live: tuple[Statement, ...]) -> Uses:
    found: dict[Ref, tuple[tuple[Statement, bool], ...]] = {}
    for statement in live:
        nodes = list(walk(statement.expression))
        total = Counter(n for n in nodes if isinstance(n, Ref))
        mapped = Counter(
            r for n in nodes if isinstance(n, MatVec) for r in walk(n.operand) if isinstance(r, Ref)
        )
        for ref, count in total.items():
            found[ref] = (*found.get(ref, ()), (statement, mapped[ref] == count))
    return found
