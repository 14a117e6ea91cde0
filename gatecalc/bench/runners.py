"""Forward and backward of each kind of subject, ready to be timed. Imported by workers alone."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gatecalc.bench.arrays import Array, Arrays, draw
from gatecalc.bench.task import Task

Results = dict[str, Array]
"""`hs`, `d_NAME` of every input and `grad NAME` of every parameter."""


@dataclass(frozen=True, slots=True)
class Runner:
    """`run` is what is timed; `results` gives the numbers of one run, to be compared."""

    run: Callable[[], object]
    results: Callable[[], Results]
    compile_seconds: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def runner(task: Task) -> Runner:
    """The runner of a task, its arrays drawn. Raises whatever the subject raises."""
    return RUNNERS[task.kind](task, draw(task))


def _module(task: Task, arrays: Arrays) -> Runner:
    """The generated code; `reuse` says whether with a workspace."""
    module = _loaded(task.path)
    params = module.init(**task.sizes, dtype=task.dtype, values=arrays.params)
    xs = arrays.xs[0] if len(arrays.xs) == 1 else module.Inputs(*arrays.xs)
    options: dict[str, Any] = dict(task.options)
    if options.pop("reuse", False):
        options["workspace"] = module.workspace(params, task.T, task.B)
    state = module.State(*arrays.state)

    def run() -> Any:
        hs, _, tape = module.forward(params, xs, state, **options)
        grads, d_xs, _ = module.backward(params, tape, arrays.d_hs)
        return hs, grads, d_xs

    def results() -> Results:
        hs, grads, d_xs = run()
        d_xs = [d_xs] if len(arrays.xs) == 1 else d_xs
        return _named(task, hs, d_xs, {n: grads[n] for n in task.params})

    return Runner(run, results)


def _textbook(task: Task, arrays: Arrays) -> Runner:
    module = _loaded(task.path)
    params = module.Parameters(arrays.params)
    params.sizes, params.one = dict(task.sizes), np.dtype(task.dtype).type(1)
    d_state = [np.zeros_like(a) for a in arrays.state]

    def run() -> Any:
        hs, caches = module.forward(params, arrays.xs, arrays.state)
        return hs, *module.backward(params, caches, arrays.d_hs, d_state)

    def results() -> Results:
        hs, grads, d_xs = run()
        return _named(task, hs, d_xs, {n: grads[n] for n in task.params})

    return Runner(run, results)


def _torch_loop(task: Task, arrays: Arrays) -> Runner:
    torch = _imported("torch")
    module = _loaded(task.path)
    tensors = {n: torch.from_numpy(np.array(a)) for n, a in arrays.params.items()}
    params = {n: tensors[n].requires_grad_() for n in task.params}
    xs = [torch.from_numpy(x).requires_grad_() for x in arrays.xs]
    state = [torch.from_numpy(s) for s in arrays.state]
    d_hs = torch.from_numpy(arrays.d_hs)
    leaves = [*params.values(), *xs]

    def run() -> Any:
        for leaf in leaves:
            leaf.grad = None
        hs = module.forward(tensors, xs, state, task.sizes)
        if hs.requires_grad:  # an output may depend on nothing
            hs.backward(d_hs)
        return hs

    def results() -> Results:
        hs = run().detach().numpy()
        return _named(
            task, hs, [_gradient(x) for x in xs], {n: _gradient(p) for n, p in params.items()}
        )

    return Runner(run, results, facts=_torch_facts(torch))


def _torch_layer(task: Task, arrays: Arrays) -> Runner:
    """The layer of `torch.nn` that the options describe; see the table of layers."""
    torch = _imported("torch")
    options, blocks = task.options, task.options["blocks"]
    layer = getattr(torch.nn, options["class"])(*options["arguments"], **options["keywords"])
    layer = layer.to(getattr(torch, task.dtype)).train()
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            rows = [arrays.params[p][..., columns] for p, columns in blocks.get(name, ())]
            filled = np.concatenate(rows) if rows else np.zeros(tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(filled)))
    x = torch.from_numpy(arrays.xs[0]).requires_grad_()
    d_hs = torch.from_numpy(arrays.d_hs)

    def run() -> Any:
        layer.zero_grad()
        x.grad = None
        answer = layer(x)
        hs = answer[0] if isinstance(answer, tuple) else answer
        hs.backward(d_hs)
        return hs

    def results() -> Results:
        hs = run().detach().numpy()
        grads = {n: np.zeros(shape, task.dtype) for n, shape in task.params.items()}
        for weight, stacked in blocks.items():
            row, gradient = 0, _gradient(getattr(layer, weight))
            for name, columns in stacked:
                height = grads[name].shape[0]
                grads[name][..., columns] = gradient[row : row + height]
                row += height
        return _named(task, hs, [_gradient(x)], grads)

    return Runner(run, results, facts=_torch_facts(torch))


def _jax(task: Task, arrays: Arrays) -> Runner:
    jax = _imported("jax")
    if task.dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    module = _loaded(task.path)
    everything = {n: jax.device_put(a) for n, a in arrays.params.items()}
    params = {n: everything.pop(n) for n in task.params}
    xs, state = ([jax.device_put(a) for a in some] for some in (arrays.xs, arrays.state))
    d_hs = jax.device_put(arrays.d_hs)

    def both(params: Any, xs: Any, constants: Any, state: Any, d_hs: Any) -> Any:
        def hs_of(params: Any, xs: Any) -> Any:
            return module.forward({**constants, **params}, xs, state, task.sizes)

        hs, pull_back = jax.vjp(hs_of, params, xs)
        return hs, *pull_back(d_hs)

    started = time.perf_counter()
    compiled = jax.jit(both).lower(params, xs, everything, state, d_hs).compile()
    compile_seconds = time.perf_counter() - started

    def run() -> Any:
        return jax.block_until_ready(compiled(params, xs, everything, state, d_hs))

    def results() -> Results:
        hs, grads, d_xs = run()
        return _named(task, hs, d_xs, grads)

    return Runner(run, results, compile_seconds, {"jax": jax.__version__})


def _floor(task: Task, _arrays: Arrays) -> Runner:
    """The products that cannot be avoided, feature-major, on memory that stays in the cache.

    One good schedule of them, not a proven bound.
    """
    runs = [_floor_of(task, *product) for product in task.options["products"]]

    def run() -> None:
        for forward, _ in runs:
            forward()
        for _, backward in runs:
            backward()

    return Runner(run, dict)


def _floor_of(
    task: Task, rows: int, columns: int, in_loop: bool
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Forward and backward of one product, for the whole sequence."""
    rng, dtype = np.random.default_rng(0), np.dtype(task.dtype)

    def random(*shape: int) -> Array:
        return rng.random(shape).astype(dtype)

    steps = max(1, (1 << 22) // (rows * task.B * dtype.itemsize), -(-1024 // task.B))
    chunks = -(-task.T // steps)
    steps = -(-task.T // chunks)  # of one length, but for the last
    last = task.T - (chunks - 1) * steps
    counts = [samples * task.B for samples in [steps] * (chunks - 1) + [last]]
    samples = steps * task.B
    weight, turned = random(rows, columns), random(columns, rows)
    one_in, one_out = random(columns, task.B), random(rows, task.B)
    one_result, one_back = random(rows, task.B), random(columns, task.B)
    all_in, all_out = random(samples, columns), random(samples, rows)
    all_result, all_back = random(samples, rows), random(samples, columns)
    gradient, out_rows = random(rows, columns), random(rows, samples)

    def forward() -> None:
        if in_loop:
            for _ in range(task.T):
                np.dot(weight, one_in, out=one_result)
        else:
            for count in counts:
                np.dot(all_in[:count], turned, out=all_result[:count])

    def backward() -> None:
        if in_loop:
            for _ in range(task.T):
                np.dot(turned, one_out, out=one_back)
        for count in counts:
            if not in_loop:
                np.dot(all_out[:count], weight, out=all_back[:count])
            np.dot(out_rows[:, :count], all_in[:count], out=gradient)

    return forward, backward


RUNNERS: dict[str, Callable[[Task, Arrays], Runner]] = {
    "module": _module,
    "textbook": _textbook,
    "torch_loop": _torch_loop,
    "torch_layer": _torch_layer,
    "jax": _jax,
    "floor": _floor,
}
"""By kind of task."""


def _named(task: Task, hs: Any, d_xs: Any, grads: Any) -> Results:
    """Copies: what a workspace returns is overwritten by the next run."""
    found = {"hs": hs}
    found |= {f"d_{name}": d_x for name, d_x in zip(task.inputs, d_xs, strict=True)}
    found |= {f"gradient of {name}": gradient for name, gradient in grads.items()}
    return {name: np.array(array) for name, array in found.items()}


def _gradient(leaf: Any) -> Array:
    if leaf.grad is None:
        return np.zeros(tuple(leaf.shape), dtype=leaf.detach().numpy().dtype)
    gradient: Array = leaf.grad.numpy()
    return gradient


def _torch_facts(torch: Any) -> dict[str, Any]:
    return {"torch": torch.__version__, "torch threads": torch.get_num_threads()}


def _imported(name: str) -> Any:
    return importlib.import_module(name)


def _loaded(path: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
