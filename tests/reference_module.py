"""A module that obeys the contract, slowly: statements run one by one by `evaluate`.

It is an oracle for generated modules, and a patient on which checks show that they find errors:
its derivation can be changed before it runs.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import replace

import numpy as np

from gatecalc.calculus import derive
from gatecalc.evaluate.problem import Problem, random_problem
from gatecalc.evaluate.run import run_statements


class ReferenceModule:
    """`assigned` names parameters whose gradient is `=` where it should be `+=`."""

    def __init__(self, source, change=None, assigned=()):
        derivation = derive(source)
        self.derivation = change(derivation) if change else derivation
        self.assigned = assigned
        self.cell = derivation.cell
        self.State = namedtuple("State", self.cell.states)
        self.Inputs = namedtuple("Inputs", self.cell.inputs)

    def init(self, rng=None, dtype=float, values=None, **sizes):
        drawn = random_problem(self.cell, sizes, seed=rng).params
        return {n: a.astype(dtype) for n, a in drawn.items()} | (values or {})

    def step(self, params, x, state=None):
        problem = self._problem(params, x, state)
        run = run_statements(self.derivation, problem)
        state = self.State(**{n: run.final[n] for n in self.cell.states})
        return run.values[self.cell.output][0], state, problem

    def step_backward(self, params, cache, d_h, d_state=None):
        given = {n: getattr(d_state, n) for n in self.cell.states} if d_state else cache.d_state
        problem = replace(cache, params=params, d_hs=d_h[None], d_state=given)
        run = run_statements(self.derivation, problem)
        d_x = {
            n: run.values[self.derivation.adjoints[n]][0]
            if self.derivation.adjoints[n] in run.values
            else np.zeros_like(problem.xs[n][0])
            for n in self.cell.inputs
        }
        d_state_prev = self.State(**{n: run.d_initial[n] for n in self.cell.states})
        return dict(run.gradients), self._bundle(d_x), d_state_prev

    def forward(self, params, xs, state=None):
        hs, tape = [], []
        arrays = self._inputs(xs)
        for t in range(len(next(iter(arrays.values())))):
            h, state, cache = self.step(
                params, self._bundle({n: a[t] for n, a in arrays.items()}), state
            )
            hs.append(h)
            tape.append(cache)
        return np.stack(hs), state, tape

    def backward(self, params, tape, d_hs, d_state=None):
        total, d_xs = {}, []
        for cache, d_h in zip(reversed(tape), d_hs[::-1], strict=True):
            grads, d_x, d_state = self.step_backward(params, cache, d_h, d_state)
            for name, grad in grads.items():
                add = name in total and name not in self.assigned
                total[name] = total[name] + grad if add else grad
            d_xs.append(self._inputs(d_x))
        stacked = {n: np.stack([d[n] for d in d_xs[::-1]]) for n in self.cell.inputs}
        return total, self._bundle(stacked), d_state

    def _inputs(self, xs):
        names = self.cell.inputs
        return {names[0]: xs} if len(names) == 1 else {n: getattr(xs, n) for n in names}

    def _bundle(self, arrays):
        return next(iter(arrays.values())) if len(arrays) == 1 else self.Inputs(**arrays)

    def _problem(self, params, x, state):
        xs = {n: a[None] for n, a in self._inputs(x).items()}
        batch = next(iter(xs.values())).shape[1]
        sizes = self._sizes(params, xs, state)
        blank = random_problem(self.cell, sizes, length=1, batch=batch)
        zeros = {n: np.zeros_like(a) for n, a in blank.state.items()}
        given = {n: getattr(state, n) for n in self.cell.states} if state else zeros
        return Problem(sizes, params, xs, given, np.zeros_like(blank.d_hs), zeros)

    def _sizes(self, params, xs, state):
        """Read off the shapes of all that has a single size as a dimension."""
        arrays = {**params, **{n: a[0] for n, a in xs.items()}}
        arrays |= {n: getattr(state, n) for n in self.cell.states} if state else {}
        sizes = {}
        for name, array in arrays.items():
            shape = self.cell.shapes[name]
            for size, length in zip(reversed(shape), reversed(np.shape(array)), strict=False):
                if len(size) == 1:
                    sizes[size[0]] = length
        return sizes
