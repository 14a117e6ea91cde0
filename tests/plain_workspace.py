"""The plain workspace: a whole sequence by `step` and `step_backward`, one call for each step.

Slow and plainly right: it judges the schedule.
"""

from __future__ import annotations

WORKSPACE = '''\
class _Workspace:
    """A whole sequence, one call of `step` and `step_backward` for each time step."""

    def __init__(self, sizes, T, B, dtype, keep=True, reused=False):
        self.T, self.keep = T, keep

    def forward(self, params, xs, state):
        state, hs, self.caches = State(*state), [], []
        for t in range(self.T):
            h, state, cache = step(params, _packed([x[t] for x in xs]), state)
            hs.append(h)
            if self.keep:
                self.caches.append(cache)
        return np.stack(hs), state

    def backward(self, params, d_hs, d_state):
        grads, d_state, d_xs = params.zeros(), State(*d_state), []
        for t in reversed(range(self.T)):
            step_grads, d_x, d_state = step_backward(params, self.caches[t], d_hs[t], d_state)
            grads.flat += step_grads.flat
            d_xs.append(_separate(d_x))
        return grads, tuple(np.stack(d_x) for d_x in zip(*d_xs[::-1], strict=True)), d_state
'''
"""For any cell: it names nothing of the cell's own."""
