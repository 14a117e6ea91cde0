"""Runs equations, or statements, over a sequence and records every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.equations.cell import Cell
from gatecalc.equations.order import ordered
from gatecalc.equations.tree import Ref
from gatecalc.evaluate.functions import NUMPY, Arithmetic, Array, one_like
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.evaluate.problem import Problem, width


@dataclass(frozen=True, slots=True)
class Run:
    """Recorded values.

    `values[name]` is `(T, B, n)` for everything computed at t, adjoints included; `static[name]`
    is what is computed once. `initial` is the state before the first step, `final` after the
    last; `d_initial` is the adjoint of the first. `gradients[name]` has the parameter's shape and
    is summed over steps and samples.

    >>> from gatecalc.calculus import derive
    >>> from gatecalc.evaluate.problem import random_problem
    >>> d = derive("h[t] = tanh(W @ x[t] + U @ h[t-1])")
    >>> run = run_statements(d, random_problem(d.cell))
    >>> run.values["d_a_h"].shape, run.gradients["W"].shape
    ((3, 2, 4), (4, 3))
    """

    derivation: Derivation
    problem: Problem
    values: Mapping[str, Array]
    static: Mapping[str, Array]
    initial: Mapping[str, Array]
    final: Mapping[str, Array]
    gradients: Mapping[str, Array]
    d_initial: Mapping[str, Array]

    def __repr__(self) -> str:
        return f"<Run of {self.derivation.cell.name}: {self.problem.axes}>"

    def __getitem__(self, key: tuple[str, int]) -> Array:
        """`run["z", 2]` is z at t = 2, `(B, n)`; `run["h", -1]` counts from the end."""
        name, t = key
        return np.asarray(self.values[name][t])


def is_level(run: Run) -> bool:
    """Whether nothing that was given changes the loss, but for rounding.

    The loss is what `d_hs` weighs; the entries of a softmax, say, always add up to 1.

    >>> from gatecalc.calculus import derive
    >>> from gatecalc.evaluate.problem import random_problem
    >>> d = derive("y[t] = softmax(W @ x[t])")
    >>> problem = random_problem(d.cell)
    >>> is_level(run_statements(d, problem))
    False
    >>> is_level(run_statements(d, replace(problem, d_hs=np.ones_like(problem.d_hs))))
    True
    """
    d, d_hs = run.derivation, run.problem.d_hs
    by_inputs = (run.values[d.adjoints[n]] for n in d.cell.inputs if d.adjoints[n] in run.values)
    found = [*run.gradients.values(), *run.d_initial.values(), *by_inputs]
    slack = 100 * float(np.finfo(d_hs.dtype).eps) * float(np.abs(d_hs).max(initial=0))
    return all(bool((np.abs(array) <= slack).all()) for array in found)


def run_equations(
    cell: Cell, problem: Problem, arithmetic: Arithmetic = NUMPY
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The author's equations as parsed, over a sequence: values by name, and the last state.

    Knows nothing of statements, so that it can judge them. Arrays may be of any library that
    `arithmetic` names. Many problems run at once where axes lead: inputs `(T, K, B, n)`, states
    `(K, B, n)` and parameters as in `gatecalc.evaluate.nodes`; values are `(T, K, B, n)` then.
    """
    library = arithmetic.library
    arithmetic = replace(arithmetic, one=one_like(next(iter(problem.xs.values()))))
    fixed = {Ref(n): a for n, a in problem.params.items()}
    equations = ordered(cell.equations)
    # Of many problems at once a vector is one row, also where literals alone give it.
    row = (1,) * (max(np.ndim(a) for a in problem.xs.values()) - 3)
    for equation in equations:
        if equation.target.lag is None:
            context = Context(fixed, problem.sizes, cell.nonlinearities, arithmetic)
            value = evaluate(equation.expression, context)
            if shape := cell.shapes[equation.target.name]:
                value = _spread(value, row, width(shape, problem.sizes), library)
            fixed[Ref(equation.target.name)] = value
    state = dict(problem.state)
    steps: dict[str, list[Array]] = {n: [] for n in cell.computed}
    for t in range(problem.length):
        table = dict(fixed)
        table |= {Ref(n, 0): a[t] for n, a in problem.xs.items()}
        table |= {Ref(n, 1): a for n, a in state.items()}
        context = Context(table, problem.sizes, cell.nonlinearities, arithmetic)
        leading = np.broadcast_shapes(*(np.shape(a[t])[:-1] for a in problem.xs.values()))
        for equation in equations:
            if equation.target.lag == 0:
                name = equation.target.name
                value = evaluate(equation.expression, context)
                wanted = *leading, width(cell.shapes[name], problem.sizes)
                shape = np.broadcast_shapes(np.shape(value), wanted)
                if np.shape(value) != shape:
                    value = library.broadcast_to(value, shape)
                table[Ref(name, 0)] = value
                steps[name].append(value)
        state = {n: table[Ref(n, 0)] for n in state}
    values = {
        n: _stacked(arrays, problem, width(cell.shapes[n], problem.sizes), library)
        for n, arrays in steps.items()
    }
    return values, state


def run_statements(derivation: Derivation, problem: Problem) -> Run:
    """Forward and backward statements, one by one, over a sequence.

    Everything is recorded under its own name: `values["z"]`, `values["d_z"]`, and the share of a
    step in a gradient under the gradient's name with shape `(T, *shape of the parameter)`.
    """
    return _Runner(derivation, problem).run()


class _Runner:
    def __init__(self, derivation: Derivation, problem: Problem) -> None:
        self.derivation, self.problem = derivation, problem
        self.cell = derivation.cell
        self.arithmetic = Arithmetic(one=one_like(next(iter(problem.xs.values()))))
        self.recorded: dict[str, list[Array]] = {}
        self.fixed: dict[Ref, Array] = {Ref(n): a for n, a in problem.params.items()}

    def run(self) -> Run:
        forward = self.derivation.forward
        static = [s for s in forward if s.role == "static"]
        for statement in static:
            self.fixed[statement.target] = self._value(statement, self.fixed)
        once = {s.target.name: self.fixed[s.target] for s in static}
        final = self._forward([s for s in forward if s.role == "step"])
        gradients, d_initial = self._backward()
        sizes, shapes = self.problem.sizes, self.derivation.shapes
        return Run(
            derivation=self.derivation,
            problem=self.problem,
            values={
                n: _stacked(arrays, self.problem, width(shapes[n], sizes))
                for n, arrays in self.recorded.items()
            },
            static=once,
            initial=dict(self.problem.state),
            final=final,
            gradients=gradients,
            d_initial=d_initial,
        )

    def _context(self, table: Mapping[Ref, Array]) -> Context:
        return Context(table, self.problem.sizes, self.cell.nonlinearities, self.arithmetic)

    def _value(self, statement: Statement, table: Mapping[Ref, Array]) -> Array:
        value = evaluate(statement.expression, self._context(table))
        n = width(statement.shape, self.problem.sizes)
        if statement.role == "static" and statement.operation == "=" and statement.shape:
            return _spread(value, (), n)
        if statement.role in ("static", "parameter"):
            return np.asarray(value)
        return np.broadcast_to(value, (self.problem.batch, n))

    def _forward(self, statements: list[Statement]) -> dict[str, Array]:
        state = dict(self.problem.state)
        self.tables: list[dict[Ref, Array]] = []
        self.recorded = {s.target.name: [] for s in statements}
        for t in range(self.problem.length):
            table = dict(self.fixed)
            table |= {Ref(n, 0): a[t] for n, a in self.problem.xs.items()}
            table |= {Ref(n, 1): a for n, a in state.items()}
            for statement in statements:
                table[statement.target] = self._value(statement, table)
                self.recorded[statement.target.name].append(table[statement.target])
            state = {n: table[Ref(n, 0)] for n in state}
            self.tables.append(table)
        return state

    def _backward(self) -> tuple[dict[str, Array], dict[str, Array]]:
        d, problem = self.derivation, self.problem
        totals = {
            s.target: np.zeros_like(self._like(s))
            for s in d.backward
            if s.role in ("parameter", "static")
        }
        incoming = dict(problem.d_state)
        per_step = [s for s in d.backward if s.role != "static"]
        recorded: dict[str, list[Array]] = {
            s.target.name: [] for s in per_step if s.role != "parameter"
        }
        recorded |= {name: [] for name in (d.cotangent, *d.incoming.values())}
        for t in reversed(range(problem.length)):
            table = self.tables[t]
            table[Ref(d.cotangent, 0)] = problem.d_hs[t]
            for state, name in d.incoming.items():
                table[Ref(name, 0)] = incoming[state]
                recorded[name].append(incoming[state])
            recorded[d.cotangent].append(problem.d_hs[t])
            for statement in per_step:
                value = self._value(statement, table)
                if statement.role == "parameter":
                    totals[statement.target] = totals[statement.target] + self._over_samples(
                        value, statement
                    )
                else:
                    table[statement.target] = value
                    recorded[statement.target.name].append(value)
            incoming = {
                s: table.get(Ref(n, 0), np.zeros_like(problem.state[s]))
                for s, n in d.outgoing.items()
            }
        self.recorded |= {n: arrays[::-1] for n, arrays in recorded.items()}
        for statement in d.backward:
            if statement.role == "static":
                value = self._value(statement, self.fixed | totals)
                total = totals[statement.target]
                # A sum over one axis keeps that axis; one number has none.
                value = value.reshape(total.shape) if value.size == total.size else value
                totals[statement.target] = total + value
        gradients = {
            p: totals.get(Ref(d.adjoints[p]), np.zeros_like(problem.params[p]))
            for p in self.cell.parameters
        }
        return gradients, incoming

    def _like(self, statement: Statement) -> Array:
        return self.fixed[Ref(statement.of)]

    def _over_samples(self, value: Array, statement: Statement) -> Array:
        """A matrix's share is summed over samples already; a vector's is `(B, n)` still."""
        shape = self._like(statement).shape
        if len(shape) == 2:
            return value
        rows = np.broadcast_to(value, (self.problem.batch, *(shape or (1,))))
        total: Array = rows.sum(axis=0).reshape(shape)
        return total


def _spread(value: Array, row: tuple[int, ...], n: int, library: Any = np) -> Array:
    """What parameters decide, as n entries: an equation may come down to one number."""
    shape = *(np.shape(value)[:-1] or row), n
    spread: Array = value if np.shape(value) == shape else library.broadcast_to(value, shape)
    return spread


def _stacked(arrays: list[Array], problem: Problem, n: int, library: Any = np) -> Array:
    if not arrays:
        return np.zeros((0, problem.batch, n), dtype=problem.d_hs.dtype)
    stacked: Array = library.stack(arrays)
    return stacked
