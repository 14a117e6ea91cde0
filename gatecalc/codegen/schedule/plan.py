"""Where the values of the forward pass live, and which of its calls are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.schedule.forward import Forward
from gatecalc.codegen.schedule.homes import CONSTANT, in_place
from gatecalc.codegen.schedule.packing import Calls, Group
from gatecalc.codegen.schedule.placement import HINT, Wish, arrange, broken
from gatecalc.codegen.schedule.program import (
    ONE,
    Column,
    Instruction,
    Linear,
    Op,
    Operand,
    Previous,
    Program,
    Rows,
    Value,
)
from gatecalc.codegen.schedule.regions import Regions
from gatecalc.codegen.schedule.rows import Block
from gatecalc.equations.cell import Cell


@dataclass(slots=True)
class Plan:
    """Where everything is, for both passes of the generated workspace.

    `tape` (T + 1 steps) holds inputs, the row of ones, states as the step finds them, and what the
    backward pass reads; `work` what lives for some steps, `scratch` for one; `columns` what
    parameters decide.
    """

    forward: Forward
    regions: Regions
    home: dict[str, str]
    tape: Block
    work: Block
    scratch: Block
    columns: Block
    column_nodes: dict[str, Column]
    groups: list[Group]
    chunked: bool = False
    stacked: bool = False
    by_exp: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The instructions that are placed."""
        return self.forward.program

    @property
    def derivation(self) -> Derivation:
        """The statements behind them."""
        return self.forward.derivation

    @property
    def cell(self) -> Cell:
        """The cell behind those."""
        return self.forward.derivation.cell

    def home_of(self, name: str) -> str:
        """The value whose rows a value or state uses."""
        return self.home.get(name, name)

    def block_of(self, name: str) -> Block:
        """The block that has the rows of a value or state."""
        home = self.home_of(name)
        for block in (self.tape, self.work, self.scratch):
            if home in block.rows:
                return block
        raise KeyError(name)

    def scale(self, operand: Value | Previous) -> Fraction:
        """What a stored value is a multiple of."""
        return self.forward.program.scale_of(operand)

    def rows(self, name: str) -> Rows:
        """How many rows a value has."""
        return ONE if name == CONSTANT else self.forward.program.rows[name]


def chunks(plan: Plan) -> Plan:
    """Loops run over chunks of steps that fit the cache.

    Before: `self.chunk = T`: each call outside the loop is for all steps, and so is its memory.
    After: `self.chunk = max(1, min(T, _FORWARD_BYTES // (rows * row)))`, and the same for the
    backward pass, where coefficients of one chunk are overwritten by the next.
    """
    return replace(plan, chunked=True)


def stack_parameters(plan: Plan) -> Plan:
    """Parameters that are stacked for a product live stacked, and so do their gradients.

    Before: `multiply(params["W_i"], half, stack[:H])`, and the same for W_f, W_g and W_o.
    After: `multiply(params.blocks[0], self.scales, stack)`: all four are rows of one block.

    Which blocks there are follows from the stacks; see `blocks.py`.
    """
    return replace(plan, stacked=True)


def make_plan(
    forward: Forward,
    regions: Regions,
    calls: Calls,
    keep: set[str],
    backward: Sequence[Instruction] = (),
    beside: Sequence[Sequence[str]] = (),
) -> Plan:
    """Places every value. `keep` are the names that the backward pass reads.

    `backward` are instructions of the backward pass, which need columns too; `beside` are values
    whose adjoints that pass wants side by side, so that parameters and gradients lie alike.
    """
    program, cell = forward.program, forward.derivation.cell
    instructions = program.instructions
    region_of = {
        i.output.name: part
        for part, group in (
            ("before", regions.before),
            ("loop", regions.loop),
            ("after", regions.after),
        )
        for i in group
    }
    crossing = {
        r.name
        for i in instructions
        for r in _values(i)
        if region_of.get(r.name, "") != region_of[i.output.name]
    }
    kept = keep | set(cell.states) | {cell.output}
    # Products read rows of the tape; nearly always their gradients keep the operands there anyway.
    kept |= {o.name for i in instructions if isinstance(i, Linear) for o in _values(i)}
    # A value in place of another must not change how long it lives.
    home: dict[str, str] = {}
    for group in (regions.before, regions.loop, regions.after):
        home |= in_place(group, program, kept | crossing, [g.members for g in calls.groups])
    inputs = [n for n in cell.inputs if _is_read(n, instructions) or n in keep]
    constant = any(isinstance(i, Linear) and i.columns for i in instructions)
    tape_names = [*inputs, *([CONSTANT] if constant else []), *cell.states]
    work_names: list[str] = []
    scratch_names: list[str] = []
    for instruction in instructions:
        name = home[instruction.output.name]
        if name in tape_names or name in work_names or name in scratch_names:
            continue
        members = [n for n, h in home.items() if h == name]
        if any(m in kept for m in members):
            tape_names.append(name)
        elif any(region_of[m] != "loop" or m in crossing for m in members):
            work_names.append(name)
        else:
            scratch_names.append(name)
    column_nodes = _columns([*instructions, *backward])
    rows = {
        n: (ONE if n == CONSTANT else program.rows[n])
        for n in (*tape_names, *work_names, *scratch_names)
    }
    column_rows = {k: forward.lowering.rows_of(c) for k, c in column_nodes.items()}
    together = dict.fromkeys(
        tuple(dict.fromkeys(home.get(n, n) for n in names)) for names in beside
    )
    hints = [Wish(names, HINT) for names in together if set(names) <= set(tape_names)]
    groups = _turned(calls.groups, home, tape_names, hints)
    wishes = _wishes(groups, home)
    order = arrange(tape_names, _inside(wishes, set(tape_names)), hints)
    tape = Block("tape", order, {n: rows[n] for n in tape_names})
    work = _block("work", work_names, wishes, rows, order)
    order += work.order
    scratch = _block("scratch", scratch_names, wishes, rows, order)
    order += scratch.order
    columns = _block("columns", list(column_nodes), wishes, column_rows, order)
    return Plan(forward, regions, home, tape, work, scratch, columns, column_nodes, groups)


def _values(instruction: Instruction) -> list[Value]:
    if isinstance(instruction, Linear):
        return [o for o in instruction.operands if isinstance(o, Value)]
    return [o for o in instruction.inputs if isinstance(o, Value)]


def _is_read(name: str, instructions: Sequence[Instruction]) -> bool:
    return any(v.name == name for i in instructions for v in _values(i))


def _columns(instructions: Sequence[Instruction]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for instruction in instructions:
        if isinstance(instruction, Op):
            for operand in instruction.inputs:
                if isinstance(operand, Column):
                    found.setdefault(operand.name, operand)
    return found


def _block(
    name: str,
    names: list[str],
    wishes: list[tuple[Wish, ...]],
    rows: dict[str, Rows],
    placed: Sequence[str],
) -> Block:
    order = arrange(names, _inside(wishes, set(names), placed))
    return Block(name, order, {n: rows[n] for n in names})


COMMUTATIVE = ("multiply", "add")
"""Functions whose operands may change places."""

_MOST_GROUPS = 40
"""In a cell of more calls than this, the order of factors is left as it is written."""


def _turned(
    groups: Sequence[Group], home: dict[str, str], names: Sequence[str], hints: Sequence[Wish]
) -> list[Group]:
    """Products with their factors in the order in which most calls can be shared.

    Before: p = g * i and q = f * c_prev.  After: p = i * g, so that [i f] * [g c_prev] is one call.
    """
    have = set(names)
    products = {m.output for g in groups for m in g.members if isinstance(m, Linear)}
    chosen = [_products_first(g, products) for g in groups]
    if len(groups) > _MOST_GROUPS:
        return chosen
    for position, group in enumerate(groups):
        ops = [m for m in group.members if isinstance(m, Op)]
        if not 2 <= len(ops) <= 3 or ops[0].function not in COMMUTATIVE:
            continue
        inputs = [i for o in ops for i in o.inputs]
        if not all(isinstance(i, Value | Previous) for i in inputs):
            continue
        if len(set(inputs)) < len(inputs):
            continue
        best, price = group, (float("inf"), 0.0)
        for flips in product((False, True), repeat=len(ops) - 1):
            turned = [
                Op(o.function, o.inputs[::-1] if flip else o.inputs, o.output, o.numbers)
                for o, flip in zip(ops, (False, *flips), strict=True)
            ]
            trial = [*chosen]
            trial[position] = Group(tuple(turned))
            wishes = _inside(_wishes(trial, home), have)
            order = arrange(names, wishes, hints)
            cost = broken(order, wishes) + _torn(turned, home, have), broken(order, hints)
            if cost < price:
                best, price = trial[position], cost
        chosen[position] = best
    return chosen


def _torn(ops: Sequence[Op], home: dict[str, str], have: set[str]) -> int:
    """How many operands of a call would lie in a block for some of its members, not for others."""
    lanes = zip(*(op.inputs for op in ops), strict=True)
    inside = [
        {isinstance(o, Value | Previous) and home.get(o.name, o.name) in have for o in lane}
        for lane in lanes
    ]
    return sum(len(kinds) - 1 for kinds in inside)


def _products_first(group: Group, products: set[Value]) -> Group:
    """Sums and products whose first operand is a matrix product's output, if any is.

    Before: s = a + p and t = q + b, where a and b are such outputs.  After: t = b + q.
    """
    members = [
        Op(m.function, m.inputs[::-1], m.output, m.numbers)
        if isinstance(m, Op)
        and m.function in COMMUTATIVE
        and m.inputs[0] not in products
        and m.inputs[1] in products
        else m
        for m in group.members
    ]
    return Group(tuple(members))


def _inside(
    wishes: Sequence[tuple[Wish, ...]], have: set[str], placed: Sequence[str] = ()
) -> list[tuple[Wish, ...]]:
    """The wishes as far as they concern a block that has these names.

    Where other operands of a call are in a block that is `placed` already, theirs is the order.
    """
    found: list[tuple[Wish, ...]] = []
    for group in wishes:
        inside = tuple(w for w in group if have.issuperset(w.members))
        other = next((w for w in group if w.ordered and set(w.members) <= set(placed)), None)
        if inside and other and inside[0].ordered:
            order = sorted(range(len(other.members)), key=lambda k: placed.index(other.members[k]))
            inside = tuple(
                replace(w, members=tuple(w.members[k] for k in order), chain=True) for w in inside
            )
        if inside:
            found.append(inside)
    return found


def _wishes(groups: Sequence[Group], home: dict[str, str]) -> list[tuple[Wish, ...]]:
    wishes: list[tuple[Wish, ...]] = []
    for group in groups:
        if group.is_linear:
            linears = [m for m in group.members if isinstance(m, Linear)]
            operands = [home.get(o.name, o.name) for o in linears[0].operands]
            if any(m.columns for m in linears):
                operands.append(CONSTANT)
            wishes.append((Wish(tuple(dict.fromkeys(operands)), 3.0),))
            wishes.append((Wish(tuple(home[m.output.name] for m in linears), 3.0),))
            continue
        if len(group.members) < 2:
            continue
        ops = [m for m in group.members if isinstance(m, Op)]
        positions: list[Wish] = [_position([Value(o.output.name) for o in ops], home)]
        for k in range(len(ops[0].inputs)):
            operands_here = [o.inputs[k] for o in ops]
            if len(set(operands_here)) == 1:
                continue
            positions.append(_position(operands_here, home))
        usable = tuple(w for w in positions if len(set(w.members)) == len(ops))
        if usable:
            wishes.append(usable)
    return wishes


def _position(operands: Sequence[Operand], home: dict[str, str]) -> Wish:
    names = []
    for operand in operands:
        if isinstance(operand, Value | Previous):
            names.append(home.get(operand.name, operand.name))
        elif isinstance(operand, Column):
            names.append(operand.name)
        else:
            names.append(repr(operand))
    return Wish(tuple(names), 1.0, ordered=True)
