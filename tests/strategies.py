"""Hypothesis strategies: valid cells of every shape, as text; and texts that almost are cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import note, settings
from hypothesis import strategies as st

from gatecalc.equations import catalogue

SMOOTH = ("sigmoid", "tanh", "sin", "cos", "erf", "silu", "gelu", "exp", "sqrt", "log")
KINKED = ("relu", "leaky_relu", "elu", "softplus", "softsign", "hard_sigmoid", "hard_tanh", "abs")

# Names that are Python's, NumPy's or our own: a generated module must keep clear of all of them.
AWKWARD = (
    *("T", "B", "n", "w", "dt", "one", "np", "x", "state", "cache"),
    *("d_h", "h_prev_", "len", "self", "tape", "step_", "rng", "value", "d_x"),
)
ALIKE = ("params", "Params")
"""One at a time: beside the other it may be taken for a slip."""

PLAIN = (*"cfgijklmopqrsvyz", "h_2", "c_tilde", "alpha_1", "x_hat", "u_")


def examples(number: int, **more: Any) -> settings:
    """Settings for so many examples where the profile has a hundred, and ten times as many where
    it has a thousand; `tests/conftest.py` has the profiles."""
    return settings(max_examples=number * settings.default.max_examples // 100, **more)


@dataclass
class _Draft:
    """What has been written so far: names by size, matrices by shape."""

    draw: Callable[..., object]
    smooth: bool
    free_names: list[str]
    lines: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    matrices: dict[str, tuple[str, str]] = field(default_factory=dict)
    functions: list[tuple[str, int]] = field(default_factory=list)
    vectors: int = 0
    same: str = ""

    def pick(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def chance(self, percent: int) -> bool:
        return int(str(self.draw(st.integers(1, 100)))) <= percent

    def name(self) -> str:
        return self.free_names.pop()


@st.composite
def cell_texts(
    draw: st.DrawFn, *, smooth: bool = True, max_values: int = 5, static: bool = True
) -> str:
    """The text of a random cell that can be read.

    Several states (gates and `[t-1]` of anything), one or two inputs, `concat`, `W.T`, maps that
    repeat (in two spellings, too), own nonlinearities, constants, numbers for each sample,
    reductions, static statements, pins (of vectors that come down to one number, too), powers,
    quotients that stay away from zero; equations in any order. With `smooth` every function is
    analytic, so that the complex step applies.
    """
    odd = [*AWKWARD, draw(st.sampled_from(ALIKE))]
    pool = list(PLAIN) + (odd if draw(st.booleans()) else [])
    draft = _Draft(draw, smooth, draw(st.permutations(pool)))
    inputs = [draft.name() for _ in range(draw(st.sampled_from((1, 1, 1, 2))))]
    targets = [draft.name() for _ in range(draw(st.integers(1, max_values)))]
    states = [t for t in targets if draft.chance(55)]
    for k, name in enumerate(inputs):
        draft.values.setdefault(f"D{k}", []).append(f"{name}[t]")
    for name in states:
        draft.values.setdefault("H", []).append(f"{name}[t-1]")
    _declare(draft, static=static)
    # What is equated must not depend on itself: each target sees those before it alone.
    equations = []
    if draft.chance(25):
        narrow = draft.name()
        draft.lines.append(f"{narrow}: P")
        equations.append(f"{narrow}[t] = {_map(draft, 'P', 1)} * 0.5 + {_parameter(draft, 'P')}")
        draft.values["P"].append(f"{narrow}[t]")
    if draft.chance(25):
        spread = draft.name()
        draft.lines.append(f"{spread}: H")
        equations.append(f"{spread}[t] = {_number(draft, 1)}")
        draft.values.setdefault("H", []).append(f"{spread}[t]")
    for k, target in enumerate(targets):
        # A state that numbers alone multiply would be a number itself.
        must = [_parameter(draft, "H") if k else f"{_matrix(draft, 'H', 'D0')} @ {inputs[0]}[t]"]
        if k < len(states):
            must.append(f"{states[k]}[t-1]")
        equations.append(f"{target}[t] = {' + '.join([_vector(draft, 'H', 3), *must])}")
        draft.values["H"].append(f"{target}[t]")
    if draft.chance(30):
        number = draft.name()
        equations.append(f"{number}[t] = {_number(draft, 2)}")
        equations[0] += f" * {number}[t-1]" if draft.chance(50) else ""
    draft.lines = [x for x in draft.lines if not _is_unused(x, [*draft.lines, *equations])]
    lines = draw(st.permutations([*draft.lines, *equations]))
    # A nonlinearity stands above those that use it.
    lines = [x for x in draft.lines if "lambda" in x] + [x for x in lines if "lambda" not in x]
    if draft.chance(30):
        lines.append(f"output: {draw(st.sampled_from(targets))}")
    text = "\n".join(lines)
    note(text)  # as it would be typed, where a test fails
    return text


def _is_unused(line: str, lines: list[str]) -> bool:
    """Whether a line declares a constant that no line uses, which is an error."""
    constant = re.fullmatch(r"(\w+) = -?[\d.]+(?:e-\d)?", line)
    return constant is not None and not any(
        re.search(rf"\b{constant[1]}\b", other) for other in lines if other != line
    )


def _declare(draft: _Draft, *, static: bool) -> None:
    if draft.chance(40):
        name = draft.name()
        draft.lines.append(f"{name} = {draft.pick('0.5', '-0.3', '2', '1e-1', '1.')}")
        draft.numbers.append(name)
    if draft.chance(40):
        name = draft.name()
        draft.lines.append(f"{name}: scalar")
        draft.numbers.append(name)
        # A pin must name something that the equations use.
        own = draft.name()
        draft.lines.append(f"{own} = {name} * 0.5 + {name}**2")
        draft.numbers.append(own)
    if draft.chance(40):
        name, inner = draft.name(), draft.pick("a * sigmoid(a)", "0.5 * a + sin(a)", "a**2 / 3")
        draft.lines.append(f"{name} = lambda a: {inner}")
        draft.functions.append((name, 1))
        if draft.chance(40):
            other = draft.name()
            draft.lines.append(f"{other} = lambda a, b: {name}(a) * b - {name}(a + b) * 0.25")
            draft.functions.append((other, 2))
    if draft.chance(30):
        draft.same = draft.name()
        draft.lines.append(f"{draft.same} = lambda a: a")
        draft.functions.append((draft.same, 1))
    if static and draft.numbers and draft.chance(40):
        name, size, number = draft.name(), draft.pick("H", "Q"), draft.pick(*draft.numbers)
        form = draft.pick("{0} * 1", "tanh({0})", "{0} + 1")
        draft.lines += [f"{name}: {size}", f"{name} = {form.format(number)}"]
        draft.values.setdefault(size, []).append(name)
    if static and draft.chance(30):
        name, weight = draft.name(), draft.name()
        shape = draft.pick("tanh({0}) * 0.5", "softmax({0})", "{0} - mean({0})", "exp({0}) / 4")
        draft.lines.append(f"{name} = {shape.format(weight)}")
        draft.values.setdefault("H", []).append(name)


def _matrix(draft: _Draft, rows: str, columns: str) -> str:
    """A matrix of that shape: an old one, the transpose of one, or a new one."""
    old = [n for n, shape in draft.matrices.items() if shape == (rows, columns)]
    old += [f"{n}.T" for n, shape in draft.matrices.items() if shape == (columns, rows)]
    if old and draft.chance(40):
        return draft.pick(*old)
    name = f"W{len(draft.matrices)}"
    draft.matrices[name] = (rows, columns)
    return name


def _parameter(draft: _Draft, size: str) -> str:
    known = [n for n in draft.values.get(size, ()) if n.startswith("b_")]
    if known and draft.chance(50):
        return draft.pick(*known)
    draft.vectors += 1
    name = f"b_{draft.vectors}"
    draft.values.setdefault(size, []).append(name)
    return name


def _leaf(draft: _Draft, size: str) -> str:
    if not draft.values.get(size) or draft.chance(25):
        return _parameter(draft, size)
    return draft.pick(*draft.values[size])


def _operand(draft: _Draft, depth: int) -> tuple[str, str]:
    """What a map is applied to, and its size."""
    sizes = sorted(draft.values)
    if draft.chance(25):
        first, second = draft.pick(*sizes), draft.pick(*sizes)
        joined = f"concat({_leaf(draft, first)}, {_vector(draft, second, depth - 2)})"
        return joined, f"{first}+{second}"
    size = draft.pick(*sizes)
    inner = _vector(draft, size, depth - 1)
    return (inner, size) if re.fullmatch(r"\w+(\[[^]]*\])?", inner) else (f"({inner})", size)


def _map(draft: _Draft, size: str, depth: int) -> str:
    operand, columns = _operand(draft, depth)
    matrix = _matrix(draft, size, columns)
    if draft.same and "concat" not in operand and draft.chance(20):
        return f"{matrix} @ {operand} {draft.pick('+', '-')} {matrix} @ {draft.same}({operand})"
    return f"{matrix} @ {operand}"


def _vector(draft: _Draft, size: str, depth: int) -> str:
    """An expression of one size, in brackets where it is not an atom or a product."""
    if depth <= 0:
        return _leaf(draft, size)

    def below() -> str:
        return _vector(draft, size, depth - 1)

    kind = draft.pick("leaf", "map", "map", "sum", "gate", "call", "call", "scaled", "other")
    if kind == "leaf":
        return _leaf(draft, size)
    if kind == "map":
        return f"({_map(draft, size, depth)} {draft.pick('+', '-')} {_leaf(draft, size)})"
    if kind == "sum":
        return f"({below()} {draft.pick('+', '-')} {below()})"
    if kind == "gate":
        gate = _leaf(draft, size)
        return f"((1 - {gate}) * {below()} + {gate} * {below()})"
    if kind == "call":
        return _call(draft, below)
    if kind == "scaled":
        return f"{_number(draft, depth - 1)} * {below()}"
    return _rare(draft, size, below)


def _rare(draft: _Draft, size: str, below: Callable[[], str]) -> str:
    forms = (
        "-{0}",
        "{0}**2",
        "{0} / (2 + {1}**2)",
        "softmax({0})",
        "{0} / 3",
        "({0})",
        "{2} - {0}",
    )
    form = draft.pick(*forms)
    inner = below()
    if form in ("{0}**2", "-{0}"):
        inner = f"({inner})"
    return f"({form.format(inner, _leaf(draft, size), draft.pick('1', '0.5', '2.'))})"


def _call(draft: _Draft, below: Callable[[], str]) -> str:
    own = [name for name, _ in draft.functions]
    names = [*SMOOTH, *own]
    if not draft.smooth:
        names += [*KINKED, "maximum", "minimum"]
    name, inner = draft.pick(*names), below()
    if name == "exp":
        return f"exp(-({inner})**2)"
    if name in ("sqrt", "log"):
        return f"{name}(1.5 + ({inner})**2)"
    if name in ("maximum", "minimum") or (name, 2) in draft.functions:
        return f"{name}({inner}, {below()})"
    return f"{name}({inner})"


def _number(draft: _Draft, depth: int) -> str:
    """An expression that is one number for each sample, or for all."""
    size = draft.pick(*sorted(draft.values))
    kind = draft.pick("literal", "name", "reduce", "product") if depth > 0 else "literal"
    if kind == "reduce":
        inner = _vector(draft, size, depth - 1)
        whole = draft.pick("sum({0} * {1})", "mean({0})", "norm(tanh({0}))", "mean({0}**2)")
        bracketed = inner if inner.startswith("(") else f"({inner})"
        return whole.format(bracketed, _leaf(draft, size))
    if kind == "name" and draft.numbers:
        return draft.pick(*draft.numbers)
    if kind == "product":
        return f"tanh({_number(draft, depth - 1)} * 0.5)"
    return draft.pick("0.5", "2", "-0.25", "1.5e-1", "3")


_TOKEN = re.compile(r"\w+|\*\*|\S|\s+")
_INSERTED = (
    *("+", "-", "*", "/", "@", "**", "(", ")", "[", "]", "[t]", "[t-1]", "[t+1]", "=", ":", ","),
    *("x", "h", "W", "0", "1e400", "t", "lambda", "if", "None", ".T", ".", "\n", "#", "sigmoid("),
    *("concat(", "sum(", "not ", "==", "σ", "{", "'", "\t", "\\", "x_t", "h[t-2]", "1_0", "_"),
)


@st.composite
def almost_cells(draw: st.DrawFn) -> str:
    """Equations of the catalogue with tokens deleted, doubled, exchanged or put in."""
    name = draw(st.sampled_from([n for n in catalogue.names() if n != "lstm_layer_norm"]))
    text = "\n".join(x for x in catalogue.text(name).splitlines() if x and x[0] != "#")
    tokens = _TOKEN.findall(text)
    for _ in range(draw(st.integers(1, 4))):
        k, other = draw(st.integers(0, len(tokens) - 1)), draw(st.integers(0, len(tokens) - 1))
        change = draw(st.sampled_from(("delete", "double", "exchange", "insert", "replace")))
        if change == "delete" and len(tokens) > 1:
            del tokens[k]
        elif change == "double":
            tokens.insert(k, tokens[k])
        elif change == "exchange":
            tokens[k], tokens[other] = tokens[other], tokens[k]
        else:
            tokens[k : k + (change == "replace")] = [draw(st.sampled_from(_INSERTED))]
    return "".join(tokens)
