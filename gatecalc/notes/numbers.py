"""Arrays as LaTeX, and the values of one time step as what stands for a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatecalc.equations.tree import Concat, Matrix, Ref, Size
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.run import Run
from gatecalc.notes.literals import decimal


def number(value: float, places: int = 3) -> str:
    r"""A number with so many decimals; very large and very small ones with a power of ten.

    >>> number(-0.25), number(0.5, 1), number(-0.0001), number(12345.0)
    ('-0.250', '0.5', '0.000', '1.23 \\cdot 10^{4}')
    """
    if not np.isfinite(value):
        return r"\infty" if value > 0 else r"-\infty" if value < 0 else r"\mathrm{nan}"
    if abs(value) >= 10_000:
        digits, exponent = f"{value:.2e}".split("e")
        return rf"{digits} \cdot 10^{{{int(exponent)}}}"
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def matrix(rows: Sequence[Sequence[str]]) -> str:
    r"""Entries in round brackets.

    >>> matrix([["1", "2"], ["3", "4"]])
    '\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}'
    """
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def array(values: Array, places: int = 3) -> str:
    """A number, a vector as a column, or a matrix."""
    if values.ndim == 0:
        return number(float(values), places)
    rows = values if values.ndim == 2 else values[:, None]
    return matrix([[number(float(v), places) for v in row] for row in rows])


def row(values: Array, places: int = 3) -> str:
    r"""A vector as a row, for tables; one number stands alone.

    >>> row(np.array([0.5, -1.0]))
    '(0.500,\\, -1.000)'
    """
    if values.ndim == 0:
        return number(float(values), places)
    return "(" + r",\, ".join(number(float(v), places) for v in values) + ")"


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """The values of one step of a run with one sample; `t` counts from 0.

    What was given (parameters, inputs, first states) is printed with `given` decimals.
    """

    run: Run
    t: int
    given: int = 1

    def value(self, ref: Ref) -> Array:
        """A value at this step, one number as an array without axes."""
        run = self.run
        shape = run.derivation.shapes[ref.name]
        if ref.lag is None:
            fixed = run.static if ref.name in run.static else run.problem.params
            return np.asarray(fixed[ref.name])
        if ref.lag == 1 and self.t == 0:
            found = run.initial[ref.name]
        elif ref.name in run.problem.xs:
            found = run.problem.xs[ref.name][self.t - ref.lag]
        else:
            found = run.values[ref.name][self.t - ref.lag]
        return np.asarray(found[0] if shape else found[0, 0])

    def of(self, node: Ref | Concat, transposed: bool = False) -> str:
        """The numbers of a value, or of values stacked."""
        parts = node.parts if isinstance(node, Concat) else (node,)
        entries: list[str] = []
        for part in parts:
            assert isinstance(part, Ref)
            value, places = self.value(part), self._places(part)
            if value.ndim == 0:
                return self._scalar(part, float(value))
            entries += [number(float(v), places) for v in value]
        return matrix([entries] if transposed else [[e] for e in entries])

    def matrix(self, of: Matrix) -> str:
        """The numbers of a matrix parameter."""
        values = np.asarray(self.run.problem.params[of.name])
        if of.columns is not None:
            sizes = self.run.problem.sizes
            start, stop = (sum(sizes[name] for name in size) for size in of.columns)
            values = values[:, start:stop]
        return array(values.T if of.transposed else values, self.given)

    def size(self, size: Size) -> str:
        """How many entries a vector of this size has."""
        return str(sum(self.run.problem.sizes[name] for name in size))

    def _scalar(self, ref: Ref, value: float) -> str:
        constants = {c.name: c.text for c in self.run.derivation.cell.constants}
        if ref.lag is None and ref.name in constants:
            return decimal(constants[ref.name])
        return number(value, self._places(ref))

    def _places(self, ref: Ref) -> int:
        cell = self.run.derivation.cell
        first = ref.lag == 1 and self.t == 0
        return self.given if first or ref.name in (*cell.parameters, *cell.inputs) else 3
