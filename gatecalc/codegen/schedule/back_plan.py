"""Where the values of the backward pass live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatecalc.codegen.schedule.backward import Backward, coefficient_name
from gatecalc.codegen.schedule.homes import in_place
from gatecalc.codegen.schedule.names import shared_name
from gatecalc.codegen.schedule.placement import HINT, Wish, arrange
from gatecalc.codegen.schedule.plan import Plan
from gatecalc.codegen.schedule.program import (
    ONE,
    Instruction,
    Linear,
    Operand,
    Rows,
    Value,
    reads,
)
from gatecalc.codegen.schedule.rows import Block, stretches
from gatecalc.codegen.schedule.views import View, view_of


@dataclass(slots=True)
class BackPlan:
    """Blocks of the backward pass.

    `coef` holds coefficients, which the loop turns into adjoints; `work` other values of a chunk
    of steps; `left` the adjoints that weights are summed with.
    `shared` are rows that several temporaries use one after the other; `calls` the products that
    the loop makes in place, those of one call side by side.
    """

    plan: Plan
    backward: Backward
    home: dict[str, str]
    coef: Block
    work: Block
    left: Block
    shared: frozenset[str]
    calls: tuple[tuple[str, ...], ...]

    def rows(self, name: str) -> Rows:
        """How many rows a value has."""
        return self.plan.program.rows[name]

    def block_of(self, name: str) -> Block | None:
        """The block of the backward pass that has a value; None for forward values."""
        home = self.home_of(name)
        for block in (self.coef, self.work):
            if home in block.rows:
                return block
        return None

    def home_of(self, name: str) -> str:
        """The value whose rows a value uses."""
        return self.home.get(name, name)

    def view(self, operand: Operand) -> View:
        """The rows of an operand, in either pass's blocks."""
        if isinstance(operand, Value) and (block := self.block_of(operand.name)) is not None:
            return self.rows_view(block, [self.home_of(operand.name)])
        return view_of(self.plan, [operand])

    def rows_view(self, block: Block, names: Sequence[str]) -> View:
        """Neighbours in a block of the backward pass."""
        label = shared_name([self.label(n) for n in names])
        return View(block.name, block.span(names), rows=block.rows[names[0]], label=label)

    def label(self, home: str) -> str:
        """What rows are called; what alone makes up an adjoint is called like it."""
        owner, _, source = home.partition(" from ")
        node = self.backward.node_of(owner) if source else None
        if node is not None and node.addends == 1 and not node.maps:
            return self.plan.program.label(owner)
        if home in self.shared:
            return "part"
        if home in self.plan.derivation.incoming.values():
            return f"{home}_kept"
        return self.plan.program.label(home)

    def delta_home(self, name: str) -> str:
        """The value that an adjoint is kept in: itself, or the node that it equals."""
        adjoint = self.backward.form.adjoints.get(name)
        if adjoint is None or adjoint.is_node or name in self.backward.form.materialised:
            return name
        return self.delta_home(adjoint.root) if adjoint.coefficient == 1 else name


def make_back_plan(plan: Plan, backward: Backward) -> BackPlan:
    """Places every value of the backward pass."""
    program = plan.program
    home: dict[str, str] = {}
    moving = [
        p for p in backward.products.values() if not p.fixed or p.name in backward.form.materialised
    ]
    for product in moving:
        home[coefficient_name(product.name)] = product.name
    named = {v for v in program.rows if not v.startswith("%")}
    late = {r.name for i in backward.after for r in reads(i)}
    lasting = {n.known for n in backward.every_node if n.known}
    lasting |= {value.name for _, value, _ in backward.sums}
    merged = in_place(backward.before, program, named | late | lasting)
    for name, target in merged.items():
        home[name] = home.get(target, target)
    merged = in_place(backward.after, program, named | lasting)
    for name, target in merged.items():
        home.setdefault(name, home.get(target, target))
    coef_names = [p.name for p in moving]
    wishes = _wishes(backward, coef_names)
    order = arrange(coef_names, wishes, _as_forward(plan, backward, coef_names))
    coef = Block("coef", order, {n: program.rows[n] for n in coef_names})
    work_names = _work_names(backward, home, set(coef_names))
    work_names, shared = _share_rows(backward, home, work_names, lasting | late)
    work = Block("back_work", tuple(work_names), {n: program.rows[n] for n in work_names})
    calls = tuple((p.name,) for p in backward.products.values() if not p.fixed)
    result = BackPlan(plan, backward, home, coef, work, Block("left", (), {}), shared, calls)
    held = dict.fromkeys(result.delta_home(d) for d in _deltas(backward))
    kept = [n for n in coef.order if n in held] + [n for n in held if n not in coef.rows]
    result.left = Block("left", tuple(kept), {n: program.rows[n] for n in kept})
    return result


def pack_products(back: BackPlan) -> BackPlan:
    """Coefficients of one adjoint that lie side by side share a call.

    Before: `multiply(d_a_i, d_c, d_a_i)`, `multiply(d_a_f, d_c, d_a_f)`, and a third for d_a_g.
    After: `multiply(d_a_i_f_g, d_c, d_a_i_f_g)`.

    Two are left alone: a call on three dimensions costs about as much as two on two.
    """
    products = back.backward.products
    together: dict[tuple[str, Rows], list[str]] = {}
    for name in (name for call in back.calls for name in call):
        together.setdefault((products[name].root, products[name].rows), []).append(name)
    calls: list[tuple[str, ...]] = []
    for (root, rows), members in together.items():
        for run in stretches(back.coef.order, members):
            alone = len(run) <= 2 or rows != back.rows(root)
            calls += [(name,) for name in run] if alone else [tuple(run)]
    return replace(back, calls=tuple(calls))


def _deltas(backward: Backward) -> list[str]:
    return list(dict.fromkeys(s.delta for s in backward.form.shares if s.coefficient is None))


def _wishes(backward: Backward, names: Sequence[str]) -> list[tuple[Wish, ...]]:
    have = set(names)
    wishes: list[tuple[Wish, ...]] = []
    for members, price in _together(backward):
        inside = tuple(dict.fromkeys(m for m in members if m in have))
        if len(inside) > 1:
            wishes.append((Wish(inside, price),))
    return wishes


def _together(backward: Backward) -> list[tuple[list[str], float]]:
    """Adjoints that should lie side by side, and what it costs if they do not."""
    found: list[tuple[list[str], float]] = []
    by_root: dict[tuple[str, Rows], list[str]] = {}
    for product in backward.products.values():
        if product.fixed:
            continue
        by_root.setdefault((product.root, product.rows), []).append(product.name)
    for (_, rows), members in by_root.items():
        if rows != ONE and len(members) > 2:
            found.append((members, 1.0))
    for node in backward.every_node:
        found.append(([e.source for e in node.maps], 3.0))
    by_operand: dict[object, list[str]] = {}
    for share in backward.form.shares:
        if share.coefficient is None:
            by_operand.setdefault(share.operand, []).append(share.delta)
    for members in by_operand.values():
        found.append((members, 0.4))
    for instruction in backward.after:
        if isinstance(instruction, Linear):
            found.append(([o.name for o in instruction.operands], 0.4))
    return found


def beside(backward: Backward) -> list[list[str]]:
    """The same for the values and states that these are the adjoints of."""
    of = _values_of(backward)
    groups = ([of[m] for m in members if m in of] for members, _ in _together(backward))
    return [group for group in groups if len(group) > 1]


def _values_of(backward: Backward) -> dict[str, str]:
    """By an adjoint, what it is the adjoint of."""
    derivation = backward.forward.derivation
    pairs = (*derivation.adjoints.items(), *derivation.outgoing.items())
    return {adjoint: name for name, adjoint in pairs}


def _as_forward(plan: Plan, backward: Backward, names: Sequence[str]) -> list[Wish]:
    """Adjoints in the order of their values, where parameters and gradients lie alike then."""
    of, order = _values_of(backward), plan.tape.order
    homes = {n: plan.home_of(of[n]) for n in names if n in of}
    known = sorted((n for n in homes if homes[n] in order), key=lambda n: order.index(homes[n]))
    return [Wish(tuple(known), HINT, chain=True)] if len(known) > 1 else []


def _work_names(backward: Backward, home: dict[str, str], coef: set[str]) -> list[str]:
    """What needs rows for a chunk of steps, beside the coefficients."""
    names: dict[str, None] = dict.fromkeys(sorted(backward.loaded))
    for name in sorted(backward.stored):
        names.setdefault(name)
    for instruction in (*backward.before, *backward.after):
        name = home.get(instruction.output.name, instruction.output.name)
        if name not in coef:
            names.setdefault(name)
    return list(names)


def _share_rows(
    backward: Backward, home: dict[str, str], names: list[str], lasting: set[str]
) -> tuple[list[str], frozenset[str]]:
    """Before: rows for every temporary.  After: those that never live together use the same rows.

    Returns the names that keep rows, and which of these others use too.
    """
    rows = backward.forward.program.rows
    code: list[Instruction] = [*backward.before, *backward.after]
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for position, instruction in enumerate(code):
        for name in (instruction.output.name, *(r.name for r in reads(instruction))):
            place = home.get(name, name)
            first.setdefault(place, position)
            last[place] = position
    kept: list[str] = []
    shared: set[str] = set()
    until: dict[str, int] = {}
    for name in names:
        if not name.startswith("%") or name in lasting or name not in first:
            kept.append(name)
            continue
        free = (n for n, end in until.items() if end < first[name] and rows[n] == rows[name])
        other = next(free, None)
        if other is None:
            until[name] = last[name]
            kept.append(name)
            continue
        until[other] = last[name]
        shared.add(other)
        for value, place in list(home.items()):
            if place == name:
                home[value] = other
        home[name] = other
    return kept, frozenset(shared)
