"""The generated class `_Workspace`: everything preallocated, and the two fast passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.layout import Layout
from gatecalc.codegen.schedule.backward_text import backward_text
from gatecalc.codegen.schedule.blocks import stacked_layout
from gatecalc.codegen.schedule.calls import definition_texts, functions_called
from gatecalc.codegen.schedule.description import description
from gatecalc.codegen.schedule.emission import Emission
from gatecalc.codegen.schedule.forward_text import forward_text
from gatecalc.codegen.schedule.memory_text import (
    init_text,
    load_back_method,
    load_method,
    numbers_method,
)
from gatecalc.codegen.schedule.passes import PASSES
from gatecalc.codegen.schedule.pipeline import scheduled
from gatecalc.codegen.schedule.writer import words_of


@dataclass(frozen=True, slots=True)
class WorkspaceText:
    """The source of `_Workspace`, and where it expects the parameters to live."""

    text: str
    layout: Layout


def workspace_text(derivation: Derivation, passes: Iterable[str] = PASSES) -> WorkspaceText:
    """The class `_Workspace` for a cell, with the chosen passes switched on."""
    back = scheduled(derivation, passes)
    plan = back.plan
    emission = Emission(plan)
    run = forward_text(emission)
    forward_stacks = list(emission.stacks)
    if plan.stacked:
        emission.layout = stacked_layout(derivation, forward_stacks)
    reverse = backward_text(emission, back)
    back_stacks = emission.stacks[len(forward_stacks) :]
    load = load_method(emission, forward_stacks)
    load_back = load_back_method(emission, back, back_stacks)
    numbers = numbers_method(emission)
    init = init_text(emission, back, (run, reverse), (forward_stacks, back_stacks))
    methods = [init, numbers, load, load_back, run.forward]
    methods += [run.steps] if run.has_steps else []
    methods += [reverse.backward]
    methods += [reverse.steps] if reverse.has_steps else []
    body = "\n".join(method.text() for method in methods)
    words = words_of(body.splitlines())
    body = "\n".join([body, *(text for name, text in _HELPERS.items() if name in words)])
    constants = _CONSTANTS if derivation.cell.states else _CONSTANTS + _BLOCKS
    texts = [constants, *definition_texts(functions_called(words))]
    texts += [f"class _Workspace:\n{description(plan, back)}\n{body}"]
    return WorkspaceText("\n\n".join(texts), emission.layout)


_CONSTANTS = """\
_FORWARD_BYTES = 1 << 20  # of a chunk of steps in the forward pass: it should fit the cache
_BACKWARD_BYTES = 1 << 21  # of a chunk of coefficients
_WEIGHT_BYTES = 1 << 20  # of adjoints summed by one matrix product, at least
_WEIGHT_SAMPLES = 1024  # steps times samples of such a product, at least
_EXP_ENTRIES = {"float32": 2048, "float64": 256}  # from so many sigmoids a step on, by exp
_LISTED_STEPS = 4096  # up to here views of every step are kept as a list
"""

_BLOCKS = """\
_BLOCK_SAMPLES = range(256, 1024)  # of a block, in cells without a state
"""

_HELPERS = {
    "_left_of": '''\
    def _left_of(self, length):
        """Memory for adjoints of `length` steps: as a matrix, and as (rows, steps, B)."""
        samples = length * self.B
        rows = self.left_memory.size // (self.weight_chunk * self.B)
        memory = self.left_memory[: rows * samples]
        if self.B >= 24:
            return memory.reshape(rows, samples), memory.reshape(rows, length, self.B)
        matrix = memory.reshape(samples, rows)
        return matrix.T, matrix.reshape(length, self.B, rows).transpose(2, 0, 1)
''',
    "_add_up": '''\
    def _add_up(self, left, right, sums, stop):
        """Adds `left @ right` to `sums[0]`; for the last steps, which come first, writes it."""
        first = stop == self.T
        np.matmul(left, right, out=sums[0 if first else 1])
        if not first:
            np.add(sums[0], sums[1], sums[0])
''',
    "_exchanged": '''\
    def _exchanged(self, source):
        """`source` with its last axes exchanged.

        It is copied first where its rows fall on one set of cache lines (a power of two bytes
        apart): that would make the exchange slow.
        """
        if self.pad is None:
            return source.swapaxes(1, 2)
        copy = self.pad[: source.shape[0], :, : source.shape[2]]
        np.copyto(copy, source)
        return copy.swapaxes(1, 2)
''',
}
