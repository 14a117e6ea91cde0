"""Adjoints in the backward loop: those that the next step decides and the step before needs."""

from __future__ import annotations

from dataclasses import dataclass

from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.schedule.linear import LinearForm


@dataclass(frozen=True, slots=True)
class Reach:
    """`recurrent` adjoints depend on the next step; those of `loop` feed the step before too.

    `outgoing` are the adjoints that are handed to the step before.
    """

    form: LinearForm
    recurrent: frozenset[str]
    loop: frozenset[str]
    outgoing: tuple[str, ...]

    def in_loop(self, name: str) -> bool:
        """Whether an adjoint or source is known only inside the loop."""
        return self.form.root(name) in self.loop


def reach_of(form: LinearForm, derivation: Derivation) -> Reach:
    """Follows the paths of a linear form from the next step, and back from the step before."""
    recurrent = _recurrent(form, derivation)
    outgoing = tuple(n for n in derivation.outgoing.values() if n in form.adjoints)
    wanted = _wanted(form, outgoing)
    loop = {
        a.name
        for a in form.adjoints.values()
        if a.is_node and a.name in wanted and a.name in recurrent and a.name not in outgoing
    }
    return Reach(
        form, frozenset(recurrent), frozenset({*loop, *derivation.incoming.values()}), outgoing
    )


def _recurrent(form: LinearForm, derivation: Derivation) -> set[str]:
    found = set(derivation.incoming.values())
    for adjoint in form.adjoints.values():
        origins = [adjoint.root]
        if adjoint.is_node:
            origins = [form.root(e.source) for e in adjoint.edges]
        if any(o in found for o in origins):
            found.add(adjoint.name)
    return found


def _wanted(form: LinearForm, outgoing: tuple[str, ...]) -> set[str]:
    wanted: set[str] = set()
    pending = list(outgoing)
    while pending:
        name = pending.pop()
        if name in wanted:
            continue
        wanted.add(name)
        found = form.adjoints.get(name)
        if found is None:
            continue
        if not found.is_node:
            pending.append(found.root)
        pending += [edge.source for edge in found.edges]
    return wanted
