"""What is kept of a traced run, and how it is asked for, saved and shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console, ConsoleOptions, RenderableType

from gatecalc.calculus.statements import Derivation
from gatecalc.equations.cell import Cell, listed
from gatecalc.equations.gates import gates_among
from gatecalc.equations.tree import Node, Ref
from gatecalc.errors import InputError
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.nodes import Context, evaluate
from gatecalc.evaluate.problem import Problem
from gatecalc.evaluate.run import Run
from gatecalc.trace.export import as_dict, packed
from gatecalc.trace.medium import medium_of
from gatecalc.trace.shares import every_reference, shares_of, totals_of
from gatecalc.trace.show import pages, split
from gatecalc.trace.view import no_such_name, view_of


@dataclass(frozen=True, slots=True)
class Trace:
    """Every value and adjoint of a run, by name and time.

    Steps count from 0. `trace["z", 2]` is z at t = 2, `(B, n)`, and `trace["d_z", 2]` its adjoint;
    `trace["h", -1]` counts from the end; `trace["z"]` is z at all steps, `(T, B, n)`.
    `trace["W_z"]` is a parameter and `trace["d_W_z"]` its gradient, of the parameter's shape and
    summed over steps and samples; `trace["d_W_z", 2]` is the share of t = 2 in it. An input's name
    works like any other.

    `shares[name]` is `(T, *shape)`: what each step adds to the gradient `name`. `totals[name]` is
    the gradient: the sum of the shares, and what comes through values that are computed once.
    `gates` are the names of the gates; `seed` is None where nothing was drawn.

    >>> from gatecalc.trace import trace
    >>> run = trace("gru", length=3)
    >>> run["z", 2].shape, run["d_U_z"].shape, run.gates
    ((1, 4), (4, 4), ('r', 'z'))
    >>> run
    <Trace of gru: T=3, B=1, D=3, H=4; gates r, z; seed 0>
    """

    run: Run
    seed: int | None
    cotangent: str
    shares: Mapping[str, Array]
    totals: Mapping[str, Array]
    gates: tuple[str, ...]
    everything: Mapping[Ref, Array]
    """What each reference means, at all steps at once: `(T, B, n)`; parameters as they are."""

    def __repr__(self) -> str:
        facts = [self.problem.axes]
        if self.gates:
            facts.append(listed("gate", self.gates))
        if self.seed is not None:
            facts.append(f"seed {self.seed}")
        return f"<Trace of {self.cell.name}: {'; '.join(facts)}>"

    @property
    def derivation(self) -> Derivation:
        """The statements that were run."""
        return self.run.derivation

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.run.derivation.cell

    @property
    def problem(self) -> Problem:
        """Parameters, inputs, first state and cotangent."""
        return self.run.problem

    @property
    def length(self) -> int:
        """T, the number of steps."""
        return self.run.problem.length

    @property
    def batch(self) -> int:
        """B, the number of samples."""
        return self.run.problem.batch

    def __getitem__(self, key: str | tuple[str, int]) -> Array:
        """A value or an adjoint; see the class. Raises InputError for a name or step not there."""
        name, t = _name_and_step(key)
        array = self.shares[name] if t is not None and name in self.shares else self._whole(name)
        if t is None:
            return array
        if name not in self.shares and Ref(name) in self.everything:
            raise InputError(f"{name} has no time step; write [{name!r}]")
        return np.asarray(array[self.step(t)])

    def _whole(self, name: str) -> Array:
        for found in (
            self.totals.get(name),
            self.everything.get(Ref(name, 0)),
            self.everything.get(Ref(name)),
        ):
            if found is not None:
                return found
        raise no_such_name(self, name)

    def step(self, t: int) -> int:
        """A step counted from 0, where -1 is the last. Raises InputError for one not there."""
        if isinstance(t, bool) or not isinstance(t, int | np.integer):
            raise InputError(f"step {t!r}: a whole number is expected")
        if not -self.length <= t < self.length:
            raise InputError(f"there is no step {t}: steps go from 0 to {self.length - 1}")
        return int(t) % self.length

    def names(self) -> tuple[str, ...]:
        """Every name that can be asked for: values first, then adjoints, each in order."""
        d = self.derivation
        found = (
            *self.cell.inputs,
            *(s.target.name for s in d.forward),
            *self.cell.parameters,
            *(c.name for c in self.cell.constants),
            d.cotangent,
            *d.incoming.values(),
            *(s.target.name for s in d.backward),
            *(d.adjoints[p] for p in self.cell.parameters),
        )
        return tuple(dict.fromkeys(found))

    def value(self, node: Node) -> Array:
        """An expression of a statement at all steps: `(T, B, n)`."""
        context = Context(self.everything, self.problem.sizes, self.cell.nonlinearities)
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(node, context))
        if found.ndim < 3:
            found = np.broadcast_to(found, (self.length, self.batch, (found.shape or (1,))[-1]))
        return found

    def arrays(self) -> dict[str, Array]:
        """Everything, flat, for an `.npz` file.

        Keys are what `trace[...]` takes: `h`, `d_h`, `x` `(T, B, n)`; `W_i`, and its gradient
        `d_W_i`, in the parameter's shape. Beside them, with brackets that no name can have:
        `h[-1]` is a state before the first step and `d_h[-1]` its adjoint, `(B, n)`; `d_W_i[t]`
        the share of each step in a gradient, `(T, *shape)`.

        >>> from gatecalc.trace import trace
        >>> list(trace("h[t] = tanh(W @ x[t] + U @ h[t-1])").arrays())
        ... # doctest: +NORMALIZE_WHITESPACE
        ['x', 'a_h', 'h', 'W', 'U', 'd_h_out', 'd_h_next', 'd_h', 'd_a_h', 'd_x', 'd_h_prev',
         'd_W', 'd_U', 'h[-1]', 'd_h[-1]', 'd_W[t]', 'd_U[t]']
        """
        found = {name: self._whole(name) for name in self.names()}
        found |= {f"{n}[-1]": a for n, a in self.run.initial.items()}
        adjoints = self.derivation.adjoints
        found |= {f"{adjoints[n]}[-1]": a for n, a in self.run.d_initial.items()}
        found |= {f"{n}[t]": a for n, a in self.shares.items()}
        return found

    def npz(self) -> bytes:
        """`arrays` as the contents of an `.npz` file; the same run gives the same bytes.

        `np.savez` takes the arrays as keywords and so cannot hold one that is called `file`.
        """
        return packed(self.arrays())

    def to_dict(self) -> dict[str, Any]:
        """Everything as lists, numbers and text, ready for JSON.

        - `cell`, `title`, `output`, `sizes`, `length`, `batch`, `dtype`, `seed`, `cotangent`,
          `gates`: what was run.
        - `statements`: in order, each with `number`, `pass` (forward, backward), `target`,
          `operation`, `text` (the whole line in the notation), `of` (whose value or adjoint it
          is), `role`, `explanation`, and `paths`: of an adjoint, a list of `text`, `rule`,
          `source` (the number of the statement that the path leads through, or null).
        - `params`: by name, constants too, nested as the arrays are.
        - `inputs`, `values`, `adjoints`: by name, `[t][sample][unit]`; one number for each sample
          has one unit. Adjoints have their own names (`d_h`); `d_h_out` is what flows in at the
          output, `d_h_next` what comes back from t+1, `d_h_prev` what goes to t-1.
        - `once`: forward values that parameters alone determine, by name.
        - `initial`, `final`, `d_initial`: by state, `[sample][unit]`: before the first step, after
          the last, and the adjoint of the first.
        - `gradients`: by parameter, in its shape. `shares`: by parameter, `[t]`, what each step
          adds to it.

        A number that is not finite is one of the texts "NaN", "Infinity", "-Infinity".
        """
        return as_dict(self)

    def render(
        self,
        console: Console,
        *,
        backward: bool = False,
        at: int | Iterable[int] | None = None,
        only: str | Iterable[str] | None = None,
        pause: Callable[[], object] | None = None,
        height: int | None = None,
        sample: int = 0,
        rows: int = 8,
        matrices: bool = False,
    ) -> None:
        """Prints the run step by step, and with `backward` the way back.

        `at` narrows to time steps (-1 is the last), `only` to names: a value's name stands for its
        statement and its adjoint, an adjoint's name for that adjoint alone (the way back is then
        shown too), on the way back a parameter's name for its gradient. `pause` is called between
        two steps, and before a statement that would no longer fit on a screen of `height` lines.
        `sample` is the one whose numbers are shown, `rows` how many entries of a long
        vector. `matrices` writes out each product of a matrix and a vector.

        Raises InputError for a step, name or sample that the run does not have, and for a name of
        which there is nothing to show.
        """
        view = view_of(
            self,
            medium_of(console),
            backward=backward,
            at=at,
            only=only,
            sample=sample,
            rows=rows,
            matrices=matrices,
        )
        screens = (screen for page in pages(self, view) for screen in split(page, height))
        for position, screen in enumerate(screens):
            if position and pause is not None:
                pause()
            for line in screen:
                console.print(line, soft_wrap=True)

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        view = view_of(self, medium_of(console, options.max_width))
        for page in pages(self, view):
            yield from page

    def __str__(self) -> str:
        """The forward pass in plain text, 80 columns wide."""
        buffer = io.StringIO()
        self.render(Console(file=buffer, width=80, color_system=None, force_terminal=False))
        return buffer.getvalue()


def _name_and_step(key: object) -> tuple[str, Any]:
    match key:
        case str(name):
            return name, None
        case (str(name), t):
            return name, t
    raise InputError(f"[{key!r}]: a name is expected, or a name and a step: ['h', 2]")


def record(run: Run, seed: int | None, cotangent: str) -> Trace:
    """A run with what follows from its values."""
    everything = every_reference(run)
    shares = shares_of(run, everything)
    totals = totals_of(run, everything, shares)
    everything |= {Ref(n): a for n, a in totals.items()}
    return Trace(
        run,
        seed,
        cotangent,
        shares,
        totals,
        gates_among((s.target, s.expression) for s in run.derivation.forward),
        everything,
    )
