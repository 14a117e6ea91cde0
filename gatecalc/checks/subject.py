"""The module under check: whether it fits the cell, and how it is called."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from gatecalc.checks.quantities import Quantity
from gatecalc.equations.cell import Cell
from gatecalc.errors import InputError
from gatecalc.evaluate.functions import Array
from gatecalc.evaluate.problem import Problem, dimensions

STRANGE = (Exception, GeneratorExit, SystemExit)
"""A module under check is a stranger's: it may raise any of these, also to end the program."""

FUNCTIONS = ("init", "forward", "backward", "step", "step_backward")
"""The functions of the contract that a check calls."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A module, or any object with its functions, and the cell that it should compute."""

    cell: Cell
    module: Any


def subject(cell: Cell, module: Any, sizes: Mapping[str, int]) -> Subject:
    """The module as a subject of checks on the cell.

    Raises InputError where it cannot be one: it lacks a function of the contract, or its
    parameters are not the cell's.
    """
    if isinstance(module, str | PathLike):
        raise InputError("a path or text given as module; hand over gatecalc.load of it")
    missing = [name for name in FUNCTIONS if not callable(getattr(module, name, None))]
    if missing:
        raise InputError(
            f"the module has no function {', '.join(missing)}; a module that `gatecalc generate` "
            f"wrote has {', '.join(FUNCTIONS)}"
        )
    try:
        params = dict(module.init(**sizes))
    except STRANGE as error:
        wanted = ", ".join(f"{n}={v}" for n, v in sizes.items())
        raise InputError(
            f"the module cannot be made ready for {cell.name}: init({wanted}) "
            f"raised {in_one_line(error)}"
        ) from error
    _compare_parameters(cell, params, sizes)
    return Subject(cell, module)


def _compare_parameters(cell: Cell, params: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    wanted = {n: dimensions(cell.shapes[n], sizes) for n in cell.parameters}
    wanted |= {c.name: () for c in cell.constants}
    lacking = [n for n in wanted if n not in params]
    extra = [n for n in params if n not in wanted]
    if lacking or extra:
        parts = [f"lacks {_listed(lacking)}"] if lacking else []
        parts += [f"also has {_listed(extra)}"] if extra else []
        raise InputError(
            f"the module's parameters are not those of {cell.name}: it {' and '.join(parts)}"
        )
    for name, shape in wanted.items():
        if np.shape(params[name]) != shape:
            raise InputError(
                f"parameter {name} has shape {np.shape(params[name])} in the module, "
                f"{shape} in {cell.name}"
            )


def raised(error: BaseException, who: str = "the module") -> str:
    """What a module, or a library, raised, in one line."""
    return f"{who} raised {in_one_line(error)}"


def in_one_line(error: BaseException) -> str:
    """An exception without control characters, as it may come from anywhere."""
    try:
        words = str(error).strip().splitlines()
    except STRANGE:  # an exception may not even have a text
        words = []
    first = "".join(c if c.isprintable() else " " for c in (words or [""])[0]).strip()
    text = f"{type(error).__name__}: {first}".removesuffix(": ")
    return text if len(text) < 160 else text[:157] + "..."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - 6
    return ", ".join(names[:6]) + (f" and {more} more" if more > 0 else "")


def run_sequences(
    subject: Subject,
    problem: Problem,
    *,
    workspace: bool = False,
    between: bool = False,
    tape: bool = True,
    **options: Any,
) -> dict[Quantity, Array]:
    """Outcomes and gradients from `forward` and `backward`; whatever they raise goes through.

    A `workspace` has run another problem before. `between` uses the tape for other adjoints before
    and after, and then runs another problem; what was returned must stay as it was. `options` are
    those of `forward`. Without a `tape` there are outcomes alone.
    """
    cell, module, params = subject.cell, subject.module, _params(subject, problem)
    other = _other(problem)
    if not tape:
        options["tape"] = False
    xs, state = _bundle("Inputs", problem.xs), _state(cell, problem.state)
    if workspace:
        options["workspace"] = module.workspace(params, problem.length, problem.batch)
        _run(subject, other, **options)
    hs, last, kept = module.forward(params, xs, state, **options)
    if not tape:
        found = {Quantity("output", cell.output): np.asarray(hs)}
        return found | _unpacked(cell.states, last, "last state")
    d_others = other.d_hs, _state(cell, other.d_state)
    if between:
        module.backward(params, kept, *d_others)
    grads, d_xs, d_first = module.backward(
        params, kept, problem.d_hs, _state(cell, problem.d_state)
    )
    if between:
        module.backward(params, kept, *d_others)
        _run(subject, other)
    found = {Quantity("output", cell.output): np.asarray(hs)}
    found |= _unpacked(cell.states, last, "last state")
    return found | _gradients(cell, grads, d_xs, d_first)


def run_steps(subject: Subject, problem: Problem) -> dict[Quantity, Array]:
    """The same from `step` and `step_backward`, one after the other along the sequence."""
    cell, module, params = subject.cell, subject.module, _params(subject, problem)
    state = _state(cell, problem.state)
    outputs, caches = [], []
    for t in range(problem.length):
        x = {n: a[t] for n, a in problem.xs.items()}
        h, state, cache = module.step(params, _bundle("Inputs", x), state)
        outputs.append(np.asarray(h))
        caches.append(cache)
    found = {Quantity("output", cell.output): np.stack(outputs)}
    found |= _unpacked(cell.states, state, "last state")
    total: dict[Quantity, Array] = {}
    d_xs: dict[Quantity, list[Array]] = {}
    d_state = _state(cell, problem.d_state)
    for t in reversed(range(problem.length)):
        grads, d_x, d_state = module.step_backward(params, caches[t], problem.d_hs[t], d_state)
        for quantity, array in _gradients(cell, grads, d_x, d_state).items():
            if quantity.kind == "parameter":
                total[quantity] = total[quantity] + array if quantity in total else array
            elif quantity.kind == "input":
                d_xs.setdefault(quantity, []).append(array)
            else:
                total[quantity] = array
    return found | total | {q: np.stack(arrays[::-1]) for q, arrays in d_xs.items()}


def _run(subject: Subject, problem: Problem, **options: Any) -> None:
    """`forward` and `backward`, whose results nobody wants."""
    params = _params(subject, problem)
    xs, state = _bundle("Inputs", problem.xs), _state(subject.cell, problem.state)
    tape = subject.module.forward(params, xs, state, **options)[2]
    subject.module.backward(params, tape, problem.d_hs)


def _other(problem: Problem) -> Problem:
    """Halves of all numbers, which stay where a cell is defined."""
    half = {
        part: {name: 0.5 * array for name, array in getattr(problem, part).items()}
        for part in ("params", "xs", "state", "d_state")
    }
    return replace(problem, d_hs=0.5 * problem.d_hs, **half)


def _params(subject: Subject, problem: Problem) -> Any:
    return subject.module.init(
        **problem.sizes, dtype=problem.d_hs.dtype, values=dict(problem.params)
    )


def _gradients(cell: Cell, grads: Any, d_xs: Any, d_first: Any) -> dict[Quantity, Array]:
    found = {Quantity("parameter", n): np.asarray(grads[n]) for n in cell.parameters if n in grads}
    if len(cell.inputs) == 1:
        found[Quantity("input", cell.inputs[0])] = np.asarray(d_xs)
    else:
        found |= _unpacked(cell.inputs, d_xs, "input")
    return found | _unpacked(cell.states, d_first, "first state")


def _unpacked(names: Sequence[str], bundle: Any, kind: Any) -> dict[Quantity, Array]:
    return {Quantity(kind, n): np.asarray(getattr(bundle, n)) for n in names}


def _bundle(name: str, arrays: Mapping[str, Array]) -> Any:
    """One array as it is; several as a named tuple."""
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    return _named(name, arrays)


def _state(cell: Cell, arrays: Mapping[str, Array]) -> Any:
    return _named("State", arrays) if cell.states else None


def _named(name: str, arrays: Mapping[str, Array]) -> Any:
    return namedtuple(name, list(arrays))(**arrays)
