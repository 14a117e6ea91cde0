"""The passes: what each is called, what it does, and which are switched on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pass:
    """A row: a rewrite of the schedule, with an example as it looks in generated code.

    The rewrite itself is the function of this name; `pipeline.py` says where it comes in.
    """

    name: str
    summary: str
    before: str
    after: str


_ROWS = (
    Pass(
        "tanh_sigmoids",
        "a sigmoid is a tanh of half its argument; the halves go into the weights",
        "i = 0.5 + 0.5 * tanh(0.5 * (W_i @ x))",
        "2i = 1 + tanh((W_i / 2) @ x)",
    ),
    Pass(
        "scale_values",
        "what only matrices read is stored as a multiple that needs no number",
        "h = 0.5 * p; a = U @ h",
        "2h = p; a = (U / 2) @ 2h",
    ),
    Pass(
        "reuse_products",
        "each expression in the form with the fewest calls; products that are there are reused",
        "h = (1 - z) * h_prev + z * n",
        "h = (n - h_prev) * z + h_prev",
    ),
    Pass(
        "compose_adjoints",
        "an adjoint that comes from one other is its coefficient times that one",
        "for t in steps: d_o = K_o * d_h; d_a_o = K_a_o * d_o",
        "K = K_o * K_a_o; for t in steps: d_a_o = K * d_h",
    ),
    Pass(
        "scale_adjoints",
        "adjoints are stored as multiples, so that coefficients need no number",
        "K = 0.25 * g * (2 - 2i) * 2i; d_a = K * d_c",
        "K = g * (2 - 2i) * 2i; 4 d_a = K * d_c",
    ),
    Pass(
        "recompute_products",
        "a product or sum of what is on the tape anyway is computed again, for many steps at once",
        "for t in steps: tape_p = i * g; c = tape_p + q; ... K_g = i - g * tape_p",
        "for t in steps: p = i * g; c = p + q; ... p = i * g; K_g = i - g * p",
    ),
    Pass(
        "leave_loop",
        "what inputs alone decide runs before the loop, what feeds no state after it",
        "for t in steps: a[t] = W @ x[t]; h[t] = ...; y[t] = V @ h[t]",
        "a = W @ x; for t in steps: h[t] = ...; y = V @ h",
    ),
    Pass(
        "pack_calls",
        "maps of the same vectors, and equal functions, share a call in the forward loop",
        "a_i = W_i @ x; a_f = W_f @ x; i = tanh(a_i); f = tanh(a_f)",
        "a_i_f = W_i_f @ x; i_f = tanh(a_i_f)",
    ),
    Pass(
        "exp_sigmoids",
        "many sigmoids go by way of exp, which takes less time than tanh",
        "i_f = 1 + tanh(a_i_f / 2)",
        "i_f = 2 / (1 + exp(-a_i_f))",
    ),
    Pass(
        "chunks",
        "loops run over chunks of steps that fit the cache",
        "coef = np.empty((T, ...)), used for all steps at once",
        "coef = np.empty((chunk, ...)), used for one chunk after the other",
    ),
    Pass(
        "stack_parameters",
        "parameters that are stacked for a product live stacked, and so do their gradients",
        "copy W_i; copy W_f; copy W_g; ... d_W_i = ...; d_W_f = ...; d_W_g = ...",
        "copy W_i_f_g; ... d_W_i_f_g = ...",
    ),
    Pass(
        "pack_products",
        "coefficients of one adjoint that lie side by side share a call",
        "multiply(K_i, d_c, K_i); multiply(K_f, d_c, K_f); multiply(K_g, d_c, K_g)",
        "multiply(K_i_f_g, d_c, K_i_f_g)",
    ),
)

PASSES = {row.name: row for row in _ROWS}
"""In the order in which they come in."""


class Switches:
    """Which passes are on."""

    def __init__(self, names: frozenset[str]) -> None:
        if unknown := sorted(names - PASSES.keys()):
            raise ValueError(f"no such pass: {', '.join(unknown)}")
        self.names = names

    def apply(self, rewrite: Callable[[T], T], part: T) -> T:
        """A part of the schedule, rewritten if the pass of that function's name is on."""
        name = PASSES[rewrite.__name__].name
        return rewrite(part) if name in self.names else part
