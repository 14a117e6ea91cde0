"""The same cell as others would write it, as source: eager PyTorch, JAX, textbook NumPy."""

from __future__ import annotations

from gatecalc.bench.printing import Dialect, printed_step
from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.helpers import helpers
from gatecalc.codegen.readable import readable, spelling_for
from gatecalc.templating import render

TORCH = Dialect(
    functions={
        "sigmoid": "_torch.sigmoid({0})",
        "tanh": "_torch.tanh({0})",
        "relu": "_torch.relu({0})",
        "leaky_relu": "_F.leaky_relu({0}, 0.01)",
        "elu": "_F.elu({0})",
        "gelu": "_F.gelu({0})",
        "silu": "_F.silu({0})",
        "softplus": "_F.softplus({0}, threshold=40)",
        "softsign": "_F.softsign({0})",
        "hard_sigmoid": "_torch.clamp(0.2 * ({0}) + 0.5, 0, 1)",
        "hard_sigmoid_6": "_F.hardsigmoid({0})",
        "hard_tanh": "_F.hardtanh({0})",
        "erf": "_torch.erf({0})",
        "exp": "_torch.exp({0})",
        "expm1": "_torch.expm1({0})",
        "log": "_torch.log({0})",
        "log1p": "_torch.log1p({0})",
        "sqrt": "_torch.sqrt({0})",
        "abs": "_torch.abs({0})",
        "sin": "_torch.sin({0})",
        "cos": "_torch.cos({0})",
        "maximum": "_torch.maximum({0}, {1})",
        "minimum": "_torch.minimum({0}, {1})",
    },
    reductions={
        "sum": "_torch.sum({0}, -1, keepdim=True)",
        "mean": "_torch.mean({0}, -1, keepdim=True)",
        "norm": "_torch.linalg.vector_norm({0}, dim=-1, keepdim=True)",
        "softmax": "_torch.softmax({0}, -1)",
    },
    concat="_torch.cat(({0}), -1)",
    spread="({0}).expand({1})",
    one="_one",
)

JAX = Dialect(
    functions={
        "sigmoid": "_nn.sigmoid({0})",
        "tanh": "_np.tanh({0})",
        "relu": "_nn.relu({0})",
        "leaky_relu": "_nn.leaky_relu({0}, 0.01)",
        "elu": "_nn.elu({0})",
        "gelu": "_nn.gelu({0}, approximate=False)",
        "silu": "_nn.silu({0})",
        "softplus": "_nn.softplus({0})",
        "softsign": "_nn.soft_sign({0})",
        "hard_sigmoid": "_np.clip(0.2 * ({0}) + 0.5, 0, 1)",
        "hard_sigmoid_6": "_nn.hard_sigmoid({0})",
        "hard_tanh": "_nn.hard_tanh({0})",
        "erf": "_jax.scipy.special.erf({0})",
        "exp": "_np.exp({0})",
        "expm1": "_np.expm1({0})",
        "log": "_np.log({0})",
        "log1p": "_np.log1p({0})",
        "sqrt": "_np.sqrt({0})",
        "abs": "_np.abs({0})",
        "sin": "_np.sin({0})",
        "cos": "_np.cos({0})",
        "maximum": "_np.maximum({0}, {1})",
        "minimum": "_np.minimum({0}, {1})",
    },
    reductions={
        "sum": "_np.sum({0}, -1, keepdims=True)",
        "mean": "_np.mean({0}, -1, keepdims=True)",
        "norm": "_np.linalg.norm({0}, axis=-1, keepdims=True)",
        "softmax": "_nn.softmax({0}, -1)",
    },
    concat="_np.concatenate(({0}), -1)",
    spread="_np.broadcast_to({0}, {1})",
    one="_one",
)


def torch_text(derivation: Derivation) -> str:
    """A module with `forward(params, xs, state, sizes)`, a Python loop over PyTorch tensors.

    >>> from gatecalc.calculus import derive
    >>> "h = _torch.tanh(a_h)" in torch_text(derive("h[t] = tanh(x[t] + U @ h[t-1])"))
    True
    """
    return _filled("bench_torch.py.j2", derivation, TORCH)


def jax_text(derivation: Derivation) -> str:
    """A module with `forward(params, xs, state, sizes)`, a `jax.lax.scan`."""
    return _filled("bench_jax.py.j2", derivation, JAX)


def textbook_text(derivation: Derivation) -> str:
    """A module with `forward(params, xs, state)` and `backward(params, caches, d_hs)` in NumPy.

    It computes the statements one by one as they are printed: one matrix product for each map and
    step, new arrays for every result.
    """
    lines = readable(derivation)
    spelling = spelling_for(derivation)
    return render(
        "bench_textbook.py.j2",
        helpers=[text.rstrip("\n") for text in helpers(derivation)],
        lines=lines,
        np=spelling.ours("np"),
    )


def _filled(template: str, derivation: Derivation, dialect: Dialect) -> str:
    cell = derivation.cell
    step = printed_step(derivation, dialect)
    return render(
        template,
        parameters=(*cell.parameters, *(c.name for c in cell.constants)),
        once=step.once,
        kept=tuple(s.target.name for s in derivation.forward if s.role == "static"),
        lines=step.lines,
        inputs=cell.inputs,
        previous=tuple(f"{s}_prev" for s in cell.states),
        states=cell.states,
        output=cell.output,
    )
