"""Whether a generated module computes what the statements say, as `evaluate` runs them."""

from __future__ import annotations

import numpy as np
from generated import agree, bundled, separate

from gatecalc.evaluate.problem import random_problem
from gatecalc.evaluate.run import run_statements


def compare(derivation, module, bound, *, reuse=False, **how):
    """Outputs, last states and all gradients of a random problem, and the dtypes of these.

    `reuse` takes a workspace, and takes it twice.
    """
    cell, problem = derivation.cell, random_problem(derivation.cell, **how)
    run = run_statements(derivation, problem)
    params, space = problem.params, None
    if reuse:
        params = module.init(**problem.sizes, dtype=problem.d_hs.dtype)
        params.update(problem.params)
        space = module.workspace(params, *problem.d_hs.shape[:2])
    for _ in range(1 + reuse):
        hs, state, tape = module.forward(
            params, bundled(module, problem.xs), module.State(**problem.state), workspace=space
        )
        grads, d_xs, d_state = module.backward(
            params, tape, problem.d_hs, module.State(**problem.d_state)
        )
    agree(hs, run.values[cell.output], bound, cell.output)
    for name in cell.states:
        agree(getattr(state, name), run.final[name], bound, f"the last {name}")
    for name in cell.parameters:
        agree(grads[name], run.gradients[name].reshape(grads[name].shape), bound, f"d_{name}")
    for name, d_x in separate(cell, d_xs).items():
        wanted = run.values.get(derivation.adjoints[name], np.zeros_like(problem.xs[name]))
        agree(d_x, wanted, bound, f"d_{name}")
    for name in cell.states:
        agree(getattr(d_state, name), run.d_initial[name], bound, f"d of the first {name}")
    found = [hs, *state, grads.flat, *separate(cell, d_xs).values(), *d_state]
    assert {array.dtype for array in found} == {np.dtype(how.get("dtype", "float64"))}
