"""The loop of the backward pass as source text: a few calls a step, linear in the adjoints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatecalc.codegen.schedule.back_plan import BackPlan
from gatecalc.codegen.schedule.backward import LoopNode, LoopProduct
from gatecalc.codegen.schedule.backward_maps import MapTarget, adjoint_runs, adjoint_stack
from gatecalc.codegen.schedule.calls import call_text
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.names import shared_name
from gatecalc.codegen.schedule.program import ONE, Rows, Value
from gatecalc.codegen.schedule.rows import Block
from gatecalc.codegen.schedule.variables import Variables
from gatecalc.codegen.schedule.writer import numbers_text

Lines = list[tuple[str, str]]
"""Statements, each with the remark behind it."""


class BackwardLoop:
    """Writes the body of the loop, last step first.

    What a step hands to the step before it is called `d_h_prev` there and `d_h_next` here: where
    it always lies in the same rows these are two names of one array, else `d_h_next` moves.
    """

    def __init__(self, emission: Emission, back: BackPlan, variables: Variables) -> None:
        self.emission, self.back, self.variables = emission, back, variables
        self.backward, self.derivation = back.backward, back.plan.derivation
        self.scratch: dict[str, Rows] = {}
        for group in self._carry_groups():
            for state in group:
                self.scratch[f"carry {state}"] = back.rows(state)
        self.saved = self._handed_on()
        self.moving: list[str] = []
        self.lines: Lines = []
        self._write()

    # Variables.

    @property
    def scratch_block(self) -> Block:
        """Rows that every step uses again."""
        return Block("back_scratch", tuple(self.scratch), self.scratch)

    def _buffer(self, key: str, rows: Rows, label: str) -> str:
        self.scratch.setdefault(key, rows)
        text = f"self.back_scratch[{self.scratch_block.span([key])}]"
        return self.variables.fix(("buffer", key), label, text)

    def _label(self, name: str) -> str:
        return self.back.plan.program.label(name)

    def _row(self, name: str) -> str:
        """The variable of a value that has rows at every step."""
        return self.variables.at_step(self.back.view(Value(name)))

    def node(self, name: str) -> str:
        """The variable of an adjoint of the loop."""
        if name in self.backward.stored:
            return self._row(name)
        if name in self.derivation.incoming.values():
            if name not in self.saved:
                return self.arriving(self._state_of(name))
            return self._buffer(f"node {name}", self.back.rows(name), f"{name}_kept")
        return self._buffer(f"node {name}", self.back.rows(name), self._label(name))

    def _state_of(self, incoming: str) -> str:
        return next(s for s, n in self.derivation.incoming.items() if n == incoming)

    def arriving(self, state: str) -> str:
        """The variable of the adjoint that the step after this one handed over."""
        return self.variables.names.name(("arriving", state), self.derivation.incoming[state])

    def leaving(self, state: str) -> str:
        """The variable of the rows for what is handed to the step before, or to its chunk."""
        label = self.derivation.outgoing[state]
        if state in self.moving:
            label = f"{self.derivation.incoming[state]}_kept"
        return self._buffer(f"carry {state}", self.back.rows(state), label)

    def product(self, name: str) -> str:
        """The variable of `coefficient * adjoint`."""
        if self.back.home_of(name) in self.back.coef.rows:
            return self._row(name)
        return self._buffer(f"fixed {name}", self.back.rows(name), self.back.label(name))

    # The body.

    def _write(self) -> None:
        for state, name in self.derivation.incoming.items():
            variable, arriving = self.node(name), self.arriving(state)
            if variable != arriving:
                self.lines.append((f"np.copyto({variable}, {arriving})", ""))
            self._multiply(name)
        for node in self.backward.nodes:
            self._sum(node, self.node(node.name))
            self._multiply(node.name)
        together: set[str] = set()
        for group in self._carry_groups():
            if len(group) > 1:
                self._carry_product(group)
                together.update(group)
        for state, node in self.backward.carries.items():
            self._carry(state, node, state in together)
        for state in self.derivation.cell.states:
            if state not in self.backward.carries:
                # Nothing reads the state before the step: only the last one has an adjoint.
                self.lines.append((f"{self.leaving(state)}[...] = 0", ""))

    def _multiply(self, root: str) -> None:
        """Everything that is a coefficient times one adjoint."""
        variable = self.node(root)
        products = self.backward.products
        for product in products.values():
            if product.root == root and product.fixed:
                self._multiply_fixed(product, variable)
        for members in self.back.calls:
            if products[members[0]].root != root:
                continue
            if len(members) > 1:
                view = self.back.rows_view(self.back.coef, members).packed(len(members))
                rows = self.variables.at_step(view)
            else:
                rows = self._row(members[0])
            self._scale(rows, variable, [n for name in members for n in products[name].numbers])
        for node in self.backward.every_node:
            for name in node.totals:
                if self.backward.products[name].root == root:
                    call = call_text("sum", [self.product(name)], self._total(name))
                    self.lines.append((call, numbers_text([node.number])))

    def _scale(self, rows: str, by: str, numbers: Iterable[int]) -> None:
        self.lines.append((f"multiply({rows}, {by}, {rows})", numbers_text(numbers)))

    def _multiply_fixed(self, product: LoopProduct, variable: str) -> None:
        position = list(self.backward.fixed).index(product.name)
        factor = self.variables.fix(("factor", product.name), "factor", f"self.factors[{position}]")
        call = f"multiply({variable}, {factor}, {self.product(product.name)})"
        self.lines.append((call, numbers_text(product.numbers)))

    def _total(self, name: str) -> str:
        for node in self.backward.nodes:
            alone = node.addends == 1 and not node.maps and node.rows == ONE
            if alone and node.totals == [name]:
                return self.node(node.name)  # which is nothing else
        label = f"{self._label(name).partition('_summands')[0]}_sum"
        return self._buffer(f"total {name}", ONE, label)

    def _addends(self, node: LoopNode) -> list[str]:
        """What is added up, beside maps."""
        addends = [self._row(node.known)] if node.known else []
        if node.incoming:
            addends.append(self.node(self.derivation.incoming[node.incoming]))
        for source in node.direct:
            variable = self.node(source)
            ratio = self.backward.scale(node.name) / self.backward.scale(source)
            if ratio != 1:
                key, label = f"direct {node.name} {source}", f"{self._label(source)}_scaled"
                out = self._buffer(key, self.back.rows(node.name), label)
                number = self.variables.number(ratio)
                self.lines.append((f"multiply({variable}, {number}, {out})", ""))
                variable = out
            addends.append(variable)
        addends += [self.product(p) for p in node.products]
        return addends + [self._total(t) for t in node.totals]

    def _sum(self, node: LoopNode, target: str) -> None:
        """An adjoint in which paths meet."""
        addends, numbers = self._addends(node), numbers_text([node.number])
        texts = self._maps(node, target)
        texts += _added(addends, target, bool(texts))
        self.lines += [(text, numbers) for text in texts]

    def _maps(self, node: LoopNode, target: str) -> list[str]:
        texts: list[str] = []
        runs = adjoint_runs(self.back, [e.source for e in node.maps])
        for run in runs:
            scale = self.backward.scale(node.name)
            goal = MapTarget(self._label(node.name), node.rows, node.maps, scale)
            matrix = self.variables.attribute(adjoint_stack(self.emission, self.back, [goal], run))
            operand = self._run_variable(run)
            if not texts:
                texts.append(f"dot({matrix}, {operand}, {target})")
                continue
            more = self._buffer(f"more {node.name}", node.rows, f"{self._label(node.name)}_more")
            texts += [f"dot({matrix}, {operand}, {more})", f"add({target}, {more}, {target})"]
        return texts

    def _run_variable(self, run: Sequence[str]) -> str:
        """The variable of adjoints that lie side by side."""
        if run[0] in self.back.coef.rows:
            return self.variables.at_step(self.back.rows_view(self.back.coef, run))
        return self.product(run[0]) if run[0] in self.backward.products else self.node(run[0])

    # What is handed to the step before.

    def _carry_groups(self) -> list[list[str]]:
        """States whose adjoints come from maps of the same adjoints: one product serves them."""
        groups: dict[frozenset[str], list[str]] = {}
        for state, node in self.backward.carries.items():
            if node.maps:
                groups.setdefault(frozenset(e.source for e in node.maps), []).append(state)
        return list(groups.values())

    def _handed_on(self) -> set[str]:
        """Adjoints that are handed on as they came.

        They are read while those for the step before are written, so they need rows of their own.
        """
        incoming = self.derivation.incoming
        names = {s for node in self.backward.carries.values() for s in node.direct}
        names |= {incoming[n.incoming] for n in self.backward.carries.values() if n.incoming}
        return {n for n in incoming.values() if n in names and n not in self.backward.stored}

    def _carry_product(self, group: Sequence[str]) -> None:
        nodes = [self.backward.carries[s] for s in group]
        label = shared_name([self.derivation.outgoing[s] for s in group])
        span = self.scratch_block.span([f"carry {s}" for s in group])
        text = f"self.back_scratch[{span}]"
        variable = self.variables.fix(("carries", tuple(group)), label, text)
        numbers = numbers_text(n.number for n in nodes)
        goals = [
            MapTarget(self._label(n.name), n.rows, n.maps, self.backward.scale(n.name))
            for n in nodes
        ]
        for position, run in enumerate(adjoint_runs(self.back, [e.source for e in nodes[0].maps])):
            matrix = self.variables.attribute(adjoint_stack(self.emission, self.back, goals, run))
            operand = self._run_variable(run)
            text = f"dot({matrix}, {operand}, {variable})"
            if position:
                text = f"add({variable}, dot({matrix}, {operand}), {variable})"
            self.lines.append((text, numbers))

    def _carry(self, state: str, node: LoopNode, mapped: bool) -> None:
        addends, numbers = self._addends(node), numbers_text([node.number])
        if not node.maps and len(addends) == 1 and not self._overwritten(state, node):
            self.moving.append(state)
            self.lines.append((f"{self.arriving(state)} = {addends[0]}", numbers))
            return
        rows = self.leaving(state)
        texts = [] if mapped else self._maps(node, rows)
        texts += _added(addends, rows, bool(node.maps))
        self.lines += [(text, numbers) for text in texts]

    def _overwritten(self, state: str, node: LoopNode) -> bool:
        """Whether what is handed over is overwritten before the next step has read it."""
        if any(p not in self.back.coef.rows for p in node.products) or node.totals:
            return True
        for source in node.direct:
            found = next((n for n in self.backward.nodes if n.name == source), None)
            if found is None or found.maps or found.incoming != state:
                return True
        return bool(node.incoming)


def _added(addends: Sequence[str], target: str, begun: bool) -> list[str]:
    """Calls that add up into `target`, which has a part of the sum if it is `begun`."""
    texts: list[str] = []
    current = target if begun else ""
    for addend in addends:
        if current:
            texts.append(f"add({current}, {addend}, {target})")
            current = target
        else:
            current = addend
    if not current:
        return [f"{target}[...] = 0"]
    return texts if current == target else [f"np.copyto({target}, {current})"]
