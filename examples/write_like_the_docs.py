"""A recurrent cell learns to write like Python's documentation, one character at a time.

    python examples/write_like_the_docs.py                           an LSTM, in three minutes
    python examples/write_like_the_docs.py --cell gru_reset_after    another cell of the catalogue
    python examples/write_like_the_docs.py --cell my_cell.txt        equations of your own

The text is what `help("assert")` and its like print, 360 kB of English that came with Python. From
the characters so far a model says how likely each next one is. What that is worth is measured in
bits per character: -log2 of the probability that it gave to the character that came, averaged. It
is what the text would take if the model compressed it; 6.7 bits is guessing blindly here.

The opponents count: n-gram models (see ngrams.py), of which the trigram model is a strong one on so
little text. All learn from the same part of the text. A second part, for validation, mixes the
n-grams and tells which state of the cell was its best. The third is held out until the end, and
only what happens there counts.

Nothing in this file knows what an LSTM is. gatecalc reads its equations, derives the backward pass
and generates a NumPy module; the layer above it is one more equation, HEAD below.
"""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import command_line  # comes first: it says how many threads NumPy shall use
import ngrams
import numpy as np
from docs_text import BEFORE, LANES, Alphabet, Codes, Parts, split, topics
from numpy.typing import ArrayLike, NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

import gatecalc
from gatecalc import GatecalcError, InputError
from gatecalc.cli.source import named_cell
from gatecalc.training import Adam, clip, softmax_cross_entropy

NAME = "write_like_the_docs.py"
HEAD = "y[t] = W_y @ h[t] + b_y   # scores: how much speaks for each character coming next"
CHECKS = 12
"""How often, from start to end, the cell is measured on validation text."""
SAMPLE_EVERY = 3
"""Checks from one sample to the next."""
LONGEST_GRADIENT = 1.0
WARM_UP = 100
"""Steps in which the learning rate rises, while Adam still learns how long gradients are."""


# ---- The model ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writer:
    """A generated cell that reads characters, and a generated head that scores the next one."""

    name: str
    cell: ModuleType
    cell_params: Any
    head: ModuleType
    head_params: Any
    characters: int

    def one_hot(self, codes: ArrayLike) -> NDArray[np.float32]:
        """(...) codes as (..., K) vectors: 1 at the character's own place, 0 elsewhere."""
        vectors: NDArray[np.float32] = np.eye(self.characters, dtype=np.float32)[np.asarray(codes)]
        return vectors

    def snapshot(self) -> list[NDArray[np.float32]]:
        """Copies of all that is learned."""
        return [self.cell_params.flat.copy(), self.head_params.flat.copy()]

    def restore(self, snapshot: Sequence[NDArray[np.float32]]) -> None:
        """Sets all that is learned to what it was."""
        self.cell_params.flat, self.head_params.flat = snapshot


def writer(source: str, characters: int, hidden: int, rng: np.random.Generator) -> Writer:
    """Equations to a model that can be trained; raises GatecalcError where they do not fit."""
    equations = named_cell(source)
    sizes = dict.fromkeys(equations.sizes, hidden) | {size_of_input(equations): characters}
    cell = gatecalc.load(gatecalc.generate(equations))
    cell_params = cell.init(**sizes, rng=rng, dtype=np.float32)
    head = gatecalc.load(gatecalc.generate(HEAD))
    (size,) = equations.shapes[equations.output]
    width = sum(sizes[part] for part in size)
    head_params = head.init(D=width, H=characters, rng=rng, dtype=np.float32)
    return Writer(equations.name, cell, cell_params, head, head_params, characters)


def size_of_input(cell: gatecalc.Cell) -> str:
    """The size of the cell's one input; raises InputError where it is not one vector."""
    if len(cell.inputs) != 1:
        raise InputError(
            f"`{cell.name}` has {len(cell.inputs)} inputs, {', '.join(cell.inputs)}: "
            "a cell that reads text has one, the character"
        )
    for name, role in ((cell.inputs[0], "input"), (cell.output, "output")):
        if len(cell.shapes[name]) != 1:
            raise InputError(
                f"the {role} {name} of `{cell.name}` is one number: here it must be a vector"
            )
    (size,) = cell.shapes[cell.inputs[0]]
    if len(size) != 1:
        raise InputError(
            f"the input {cell.inputs[0]} of `{cell.name}` has the size {'+'.join(size)}"
        )
    return size[0]


# ---- Learning -----------------------------------------------------------------------------------


def lanes(codes: Codes, count: int) -> tuple[Codes, Codes]:
    """A text as `count` texts beside each other: what is read and what comes next, (T, count).

    Neighbouring rows are neighbouring characters, so that the state of one window of rows is what
    the next window starts from.
    """
    length = (len(codes) - 1) // count
    reads, comes = codes[: length * count], codes[1 : length * count + 1]
    return reads.reshape(count, length).T, comes.reshape(count, length).T


def learn(
    model: Writer,
    text: Codes,
    *,
    batch: int,
    length: int,
    rate: float,
    rng: np.random.Generator,
    progress: Callable[[], float],
) -> Iterator[float]:
    """Trains until `progress()` is 1, and yields the loss of every step in nats.

    Backpropagation through time, truncated: the state is carried from window to window through
    the whole text, the gradient flows through the `length` steps of one window.
    """
    cell, cell_params = model.cell, model.cell_params
    head, head_params = model.head, model.head_params
    cell_workspace = cell.workspace(cell_params, length, batch)
    head_workspace = head.workspace(head_params, length, batch)
    adam = Adam(cell_params, head_params)
    while True:
        # Each pass through the text cuts it elsewhere.
        reads, comes = lanes(np.roll(text, rng.integers(len(text))), batch)
        state = None
        for t in range(0, len(reads) - length + 1, length):
            if (done := progress()) >= 1:
                return
            xs, targets = model.one_hot(reads[t : t + length]), comes[t : t + length]
            hs, state, tape = cell.forward(cell_params, xs, state, workspace=cell_workspace)
            ys, _, head_tape = head.forward(head_params, hs, workspace=head_workspace)
            loss, d_ys = softmax_cross_entropy(ys, targets)
            head_grads, d_hs, _ = head.backward(head_params, head_tape, d_ys)
            cell_grads, _, _ = cell.backward(cell_params, tape, d_hs)
            norm = clip(head_grads, cell_grads, norm=LONGEST_GRADIENT)
            if not math.isfinite(loss + norm):
                raise Diverged("the loss is no longer a finite number; try a smaller --rate")
            warmth = min(1.0, (adam.updates + 1) / WARM_UP)
            cooling = 0.5 + 0.5 * math.cos(math.pi * done)
            adam.update(cell_grads, head_grads, rate=rate * warmth * cooling)
            yield loss


class Diverged(GatecalcError, ArithmeticError):
    """Training that ran away."""


def score(model: Writer, codes: Codes) -> float:
    """Bits per character of a text that begins with `BEFORE`."""
    reads, comes = lanes(codes[len(BEFORE) - 1 :], LANES)
    nats, state = 0.0, None
    for t in range(0, len(reads), 256):
        xs, targets = model.one_hot(reads[t : t + 256]), comes[t : t + 256]
        hs, state, _ = model.cell.forward(model.cell_params, xs, state, tape=False)
        ys, _, _ = model.head.forward(model.head_params, hs, tape=False)
        nats += softmax_cross_entropy(ys, targets)[0] * targets.size
    return nats / comes.size / math.log(2)


def write(
    model: Writer,
    alphabet: Alphabet,
    rng: np.random.Generator,
    *,
    begin: str = "The ",
    count: int = 280,
    temperature: float = 0.7,
) -> str:
    """A text by the model: it reads the beginning, then again and again what it wrote itself.

    A temperature below 1 makes likely characters likelier.
    """
    text, state, read = list(alphabet.encode(BEFORE + begin)), None, 0
    for _ in range(count):
        for code in text[read:]:
            h, state, _ = model.cell.step(model.cell_params, model.one_hot([code]), state)
        read = len(text)
        scores, _, _ = model.head.step(model.head_params, h)
        # The largest of scores with Gumbel noise is a draw from their softmax.
        noise = rng.gumbel(size=model.characters)
        text.append(int((scores[0] / temperature + noise).argmax()))
    return alphabet.decode(np.array(text[len(BEFORE) :]))


# ---- The story ----------------------------------------------------------------------------------


class Budget:
    """How much of the time, or of the steps, is used up."""

    def __init__(self, minutes: float, steps: int | None) -> None:
        self._seconds, self._steps = 60 * minutes, steps
        self._began, self.step = time.monotonic(), 0

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def used(self) -> float:
        """From 0 at the start to 1 at the end."""
        if self._steps:
            return self.step / self._steps
        return min(1.0, self.elapsed() / self._seconds)

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.elapsed()), 60)
        return f"{minutes}:{seconds:02}, step {self.step:,}"


class Best:
    """The model when validation text liked it most."""

    def __init__(self, model: Writer, validation: Codes) -> None:
        self._model, self._validation = model, validation
        self.bits, self._snapshot = math.inf, model.snapshot()

    def measure(self) -> float:
        """Bits per character of the model as it is now, which is kept if it was never better."""
        bits = score(self._model, self._validation)
        if bits < self.bits:
            self.bits, self._snapshot = bits, self._model.snapshot()
        return bits

    def bring_back(self) -> None:
        """Makes the model what it was then."""
        self._model.restore(self._snapshot)


def tell(options: argparse.Namespace, console: Console) -> int:
    """Everything from the text to the table; returns the exit status."""
    text = split(topics())
    alphabet = Alphabet.of(text.training)
    codes = Parts(*(alphabet.encode(part) for part in text))
    if options.batch * (options.length + 1) > len(codes.training):
        raise InputError(
            f"--batch {options.batch} times --length {options.length} is more than the text has, "
            f"{len(codes.training):,} characters"
        )
    # Samples draw from a source of their own, so that looking does not change what is learned.
    start, order, samples = np.random.default_rng(options.seed).spawn(3)
    model = writer(options.cell, len(alphabet), options.hidden, start)
    best = Best(model, codes.validation)
    bits = best.measure()
    if not math.isfinite(bits):
        raise InputError(f"`{model.name}` computes nan or inf before it has learned anything")
    opponents = {
        name: ngrams.fit(n, codes.training, codes.validation, len(alphabet))
        for n, name in enumerate(("unigram", "bigram", "trigram"), start=1)
    }
    goal = opponents["trigram"].bits(codes.validation, len(BEFORE))

    learned = model.cell_params.flat.size + model.head_params.flat.size
    lengths = "{:,} characters to learn from, {:,} to validate, {:,} held out"
    console.print("Text:", lengths.format(*map(len, text)))
    console.print(f"Cell: {model.name}, {learned:,} parameters with its head")
    console.print(f"Validation text: trigram {goal:.3f} bits, the cell as it was born {bits:.3f}")

    def show_sample() -> None:
        sample = write(model, alphabet, samples)
        console.print(
            Text(textwrap.indent(sample, "  | ", lambda _: True)), style="cyan", soft_wrap=True
        )

    status = train(model, codes.training, options, order, console, best, goal, show_sample)
    best.bring_back()
    show_sample()

    table = Table("bits per character", "validation", "held out")
    table.columns[1].justify = table.columns[2].justify = "right"
    for name, opponent in opponents.items():
        known, new = (opponent.bits(part, len(BEFORE)) for part in codes[1:])
        table.add_row(name, f"{known:.3f}", f"{new:.3f}")
    new = score(model, codes.held_out)
    table.add_row(model.name, f"{best.bits:.3f}", f"{new:.3f}", style="bold")
    console.print(table)
    return status


def train(
    model: Writer,
    text: Codes,
    options: argparse.Namespace,
    order: np.random.Generator,
    console: Console,
    best: Best,
    goal: float,
    show_sample: Callable[[], None],
) -> int:
    """Learns until the budget is used up, measuring now and then; returns the exit status."""
    budget = Budget(options.minutes, options.steps)
    losses = learn(
        model,
        text,
        batch=options.batch,
        length=options.length,
        rate=options.rate,
        rng=order,
        progress=budget.used,
    )

    def check() -> None:
        bits = best.measure()
        ahead = ", ahead of the trigram model" if bits < goal else ""
        console.print(f"  {budget}: {bits:.3f}{ahead}", style="green" if ahead else "")

    status = checks = 0
    try:
        with command_line.bar(console) as progress:
            task = progress.add_task("", total=1)
            for loss in losses:
                budget.step += 1
                pace = budget.step * options.batch * options.length / budget.elapsed()
                message = f"{pace:,.0f} characters/s, {loss / math.log(2):.2f} bits"
                progress.update(task, completed=budget.used(), description=message)
                if checks < int(CHECKS * budget.used()) < CHECKS:
                    checks = int(CHECKS * budget.used())
                    check()
                    if checks % SAMPLE_EVERY == 0:
                        show_sample()
    except KeyboardInterrupt:
        status = command_line.INTERRUPTED
        console.print("  stopped; this is how far it came")
    except Diverged as error:
        status = 1
        console.print(f"  {error}; the best so far counts", style="red")
    check()
    return status


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command line; leaves with status 2 and a message where they are wrong."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Trains a generated recurrent cell on the text of Python's help topics, and\n"
        "compares it on held-out text with n-gram models.",
        epilog="Ctrl-C ends the training early; the table is printed all the same.\n"
        "The same --seed and --steps give the same numbers on the same machine.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add, whole, positive = parser.add_argument, command_line.whole, command_line.positive
    add(
        "--cell",
        default="lstm",
        metavar="CELL",
        help="a name that `gatecalc list` shows, a text file with equations, or - for standard "
        "input (default: lstm)",
    )
    add("--minutes", type=positive, default=3.0, help="how long to train (default: 3)")
    add("--steps", type=whole(1, 10**9), help="train for so many steps instead")
    add("--hidden", type=whole(1, 2048), default=192, help="units of the cell (default: 192)")
    add("--batch", type=whole(1, 4096), default=32, help="texts read side by side (default: 32)")
    add("--length", type=whole(1, 4096), default=64, help="steps that a gradient goes back (64)")
    add("--rate", type=positive, default=0.01, help="learning rate of Adam (default: 0.01)")
    add("--seed", type=whole(0, 2**63), default=0, help="of all that is random (default: 0)")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Runs the story; returns the exit status."""
    options = arguments(given)
    # Numbers that are not finite are looked for where they matter, and reported in words.
    with np.errstate(all="ignore"):
        return command_line.run(lambda console: tell(options, console), NAME)


if __name__ == "__main__":
    sys.exit(main())
