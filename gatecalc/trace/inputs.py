"""The problem that is traced: drawn from a seed, or of a user's own arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from gatecalc.equations.cell import Cell
from gatecalc.equations.hints import nearest
from gatecalc.equations.tree import Shape, Size
from gatecalc.errors import InputError
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.problem import (
    Problem,
    dimensions,
    precision,
    random_problem,
    resolve_sizes,
    whole,
    width,
)
from gatecalc.trace.fit import Claim, Known, fit

COTANGENTS = ("last", "all", "random")
"""What may flow in at the outputs, by name."""

_ONE: Size = ("1",)
"""The last axis of one number for each sample."""

_LARGEST = 10**8
"""Numbers in one trace; 800 MB in float64."""


@dataclass(slots=True)
class Own:
    """A user's arrays as they come in; every one leaves a claim about the sizes."""

    cell: Cell
    dtype: str
    claims: list[Claim] = field(default_factory=list)

    @property
    def steps(self) -> str:
        """The symbol for the number of steps, which no size of the cell may have."""
        return "T" if "T" not in self.cell.sizes else "time steps"

    @property
    def samples(self) -> str:
        """The symbol for the number of samples."""
        return "B" if "B" not in self.cell.sizes else "samples"

    def params(self, given: object) -> dict[str, Array]:
        """Parameters, all of them; constants where given, and their defaults elsewhere."""
        constants = {c.name: c.value for c in self.cell.constants}
        arrays = _mapping(given, "params")
        check_names(self.cell, "params", arrays)
        return {
            n: self._array(f'params["{n}"]', arrays[n], self.cell.shapes[n])
            if n in arrays
            else np.asarray(constants[n], dtype=self.dtype)
            for n in (*self.cell.parameters, *constants)
        }

    def xs(self, given: object) -> dict[str, Array]:
        """Inputs, each `(T, B, n)`; one array alone where the cell has one input."""
        if not _is_mapping(given):
            if len(self.cell.inputs) != 1:
                names = ", ".join(self.cell.inputs)
                raise InputError(
                    f"xs: the cell {self.cell.name} has {len(self.cell.inputs)} inputs ({names}); "
                    "give a mapping from their names to arrays"
                )
            (name,) = self.cell.inputs
            arrays = {name: given}
        else:
            arrays = _mapping(given, "xs")
        check_names(self.cell, "xs", arrays)
        advice = "an input is (steps, samples, entries)"
        sample = ": write x[:, None, :] for one sample"
        return {
            n: self._array(
                "xs" if not _is_mapping(given) else f'xs["{n}"]',
                arrays[n],
                ((self.steps,), (self.samples,), *self._vector(n)),
                advice,
                sample,
            )
            for n in self.cell.inputs
        }

    def state(self, given: object) -> dict[str, Array]:
        """The states before the first step, each `(B, n)`."""
        if not _is_mapping(given) and len(self.cell.states) == 1:
            given = {self.cell.states[0]: given}
        arrays = _mapping(given, "state")
        check_names(self.cell, "state", arrays)
        advice, sample = "a state is (samples, entries)", ": write h[None, :] for one sample"
        return {
            n: self._array(
                f'state["{n}"]', arrays[n], ((self.samples,), *self._vector(n)), advice, sample
            )
            for n in self.cell.states
        }

    def cotangent(self, given: object) -> Array:
        """What flows in at the outputs, `(T, B, n)`."""
        if _is_mapping(given):
            raise InputError(
                f"cotangent holds arrays by name ({_few(_mapping(given, 'cotangent'))}), expected "
                "one array, (steps, samples, entries); in a file: .npy"
            )
        shape = ((self.steps,), (self.samples,), *self._vector(self.cell.output))
        return self._array("cotangent", given, shape, "it is (steps, samples, entries)")

    def _vector(self, name: str) -> Shape:
        # One number for each sample has an axis of its own, of length 1.
        return self.cell.shapes[name] or (_ONE,)

    def _array(
        self,
        label: str,
        given: object,
        shape: Sequence[Size],
        advice: str = "",
        without_samples: str = "",
    ) -> Array:
        """`without_samples` is the advice where only the axis of samples is missing."""
        array = numbers(label, given, self.dtype)
        if array.ndim == len(shape) - 1:
            advice += without_samples
        self.claims.append(Claim(label, array.shape, tuple(shape), advice))
        return array


def _few(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")


def numbers(label: str, given: object, dtype: str) -> Array:
    """An array of real numbers in a dtype. Raises InputError, naming the argument, for others."""
    try:
        array: Array = np.asarray(given)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{label} is not an array of numbers: {error}") from None
    if np.ma.is_masked(given):
        raise InputError(f"{label} has masked entries, expected a number everywhere")
    if array.dtype.kind not in "buif":
        kind = {"c": "complex numbers", "U": "text", "S": "text"}.get(array.dtype.kind)
        kind = kind or f"dtype {array.dtype}"
        raise InputError(f"{label} holds {kind}, expected real numbers")
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def problem(
    cell: Cell,
    *,
    length: int | None = None,
    batch: int | None = None,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
    dtype: DTypeLike = "float64",
    params: object = None,
    xs: object = None,
    state: object = None,
    cotangent: object = "last",
) -> Problem:
    """The problem for a trace: what is not given is drawn from the seed, and states begin at 0.

    Sizes, length and batch follow from the arrays that are given. Raises InputError for anything
    that does not fit.
    """
    kind = precision("dtype", dtype)
    for name, value, least in (("length", length, 1), ("batch", batch, 1), ("seed", seed, 0)):
        if value is not None or name == "seed":
            whole(name, value, least)
    own = Own(cell, kind)
    given_params = None if params is None else own.params(params)
    given_xs = None if xs is None else own.xs(xs)
    given_state = None if state is None else own.state(state)
    named = isinstance(cotangent, str)
    if named and cotangent not in COTANGENTS:
        near = nearest(str(cotangent), COTANGENTS)
        raise InputError(
            f"cotangent {cotangent!r}: expected {', '.join(COTANGENTS)} or an array"
            + (f"; {near}" if near else "")
        )
    given_cotangent = None if named else own.cotangent(cotangent)

    resolve_sizes(cell, sizes)
    stated = {n: Known(v, "sizes") for n, v in (sizes or {}).items()}
    stated["1"] = Known(1, "one number for each sample")
    if length is not None:
        stated[own.steps] = Known(int(length), "length")
    if batch is not None:
        stated[own.samples] = Known(int(batch), "batch")
    learned = fit(own.claims, stated)
    resolved = resolve_sizes(cell, {n: learned[n].value for n in cell.sizes if n in learned})
    everything = learned | {
        n: Known(v, "the default") for n, v in resolved.items() if n not in learned
    }
    everything.setdefault(own.steps, Known(4, "the default"))
    everything.setdefault(own.samples, Known(1, "the default"))
    fit(own.claims, everything)
    steps, samples = everything[own.steps].value, everything[own.samples].value
    _check_amount(cell, resolved, steps, samples)

    drawn = random_problem(cell, resolved, length=steps, batch=samples, seed=int(seed), dtype=kind)
    zeros = {n: np.zeros_like(a) for n, a in drawn.state.items()}
    return Problem(
        sizes=resolved,
        params=drawn.params if given_params is None else given_params,
        xs=drawn.xs if given_xs is None else given_xs,
        state=zeros if given_state is None else given_state,
        d_hs=_named_cotangent(str(cotangent), drawn.d_hs)
        if given_cotangent is None
        else given_cotangent,
        # The loss looks at the outputs alone: nothing flows into the last state by another way.
        d_state={n: np.zeros_like(a) for n, a in drawn.d_state.items()},
    )


def _named_cotangent(name: str, drawn: Array) -> Array:
    if name == "random":
        return drawn
    ones = np.ones_like(drawn)
    if name == "last":
        ones[:-1] = 0
    return ones


def least_recorded(cell: Cell, sizes: Mapping[str, int], steps: int, samples: int) -> int:
    """How many numbers a trace records at least; adjoints of values come on top."""
    per_step = sum(
        width(cell.shapes[n], sizes) for n in (*cell.inputs, *cell.computed, *cell.states)
    )
    fixed = sum(math.prod(dimensions(cell.shapes[n], sizes)) for n in cell.parameters)
    # A share of every gradient is kept for every step.
    return steps * samples * per_step + (steps + 1) * fixed


def _check_amount(cell: Cell, sizes: Mapping[str, int], steps: int, samples: int) -> None:
    amount = least_recorded(cell, sizes, steps, samples)
    if amount > _LARGEST:
        shown = ", ".join(f"{n}={v}" for n, v in sizes.items())
        raise InputError(
            f"T={steps}, B={samples}, {shown} would record {amount:,} numbers; "
            f"at most {_LARGEST:,} can be traced"
        )


def _is_mapping(given: object) -> bool:
    return isinstance(given, Mapping) or hasattr(given, "_asdict") or hasattr(given, "keys")


def _mapping(given: Any, label: str) -> dict[str, object]:
    """A mapping or a named tuple as a dictionary."""
    if hasattr(given, "_asdict"):
        return dict(given._asdict())
    if not _is_mapping(given):
        raise InputError(
            f"{label} is {type(given).__name__}, expected a mapping from names to arrays "
            "(in a file: .npz)"
        )
    return {name: given[name] for name in given}


def check_names(cell: Cell, argument: str, arrays: Iterable[str]) -> None:
    """Raises InputError for names that `params`, `xs` or `state` cannot have, or that they lack."""
    match argument:
        case "params":
            constants = tuple(c.name for c in cell.constants)
            _check_names("params", arrays, cell.parameters, constants)
        case "xs":
            _check_names("xs", arrays, cell.inputs)
        case "state":
            _check_names("state", arrays, cell.states)


def _check_names(
    label: str, arrays: Iterable[str], needed: Sequence[str], optional: Sequence[str] = ()
) -> None:
    known, given = (*needed, *optional), list(arrays)
    for name in given:
        if name not in known:
            near = nearest(str(name), known)
            expected = f"expected {', '.join(known)}" if known else "the cell has none"
            raise InputError(
                f"{label} has {name!r}, which the cell does not have; {near or expected}"
            )
    missing = [name for name in needed if name not in given]
    if missing:
        raise InputError(f"{label}: {', '.join(missing)} missing")
