"""Who is timed: one row for each subject, and what its process is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gatecalc.bench.floor import unavoidable
from gatecalc.bench.loops import jax_text, textbook_text, torch_text
from gatecalc.bench.points import Point
from gatecalc.bench.task import Task
from gatecalc.bench.torch_layers import blocks, layer_for
from gatecalc.calculus.statements import Derivation
from gatecalc.codegen.module import module_text
from gatecalc.codegen.schedule.passes import PASSES
from gatecalc.codegen.schedule.workspace import workspace_text
from gatecalc.equations.hints import nearest
from gatecalc.evaluate.problem import dimensions, width

OURS = "gatecalc"
"""The generated code with a reused workspace: whom the others are compared with."""

Told = tuple[str, str, dict[str, Any]]
"""The kind of a runner, the source that it loads, its options."""


class Prepared:
    """A cell's derivation, and the sources that subjects run, in a folder of their own."""

    def __init__(self, derivation: Derivation, folder: Path) -> None:
        self.derivation, self.cell, self.folder = derivation, derivation.cell, folder

    def sizes(self, point: Point) -> dict[str, int]:
        """The cell's sizes at a point: D and H are the point's, any other is half of H."""
        known = {"D": point.D, "H": point.H}
        return {n: known.get(n, max(1, point.H // 2)) for n in self.cell.sizes}

    def source(self, name: str, text: Callable[[], str]) -> str:
        """The path of a source, written when it is first asked for."""
        path = self.folder / f"{name}.py"
        if not path.exists():
            path.write_text(text(), "utf-8")
        return str(path)

    def module(self, without: str = "") -> str:
        """The generated module, perhaps with one pass switched off."""
        return self.source(
            f"module_without_{without}" if without else "module",
            lambda: generated(self.derivation, [p for p in PASSES if p != without]),
        )

    @cached_property
    def layer(self) -> Any:
        """The layer of PyTorch that computes the same thing, if there is one."""
        return layer_for(self.cell)

    def task(self, told: Told, point: Point, dtype: str, *, positive: bool = False) -> Task:
        """What a process is told at a point."""
        cell, sizes = self.cell, self.sizes(point)
        kind, path, options = told
        return Task(
            kind=kind,
            T=point.T,
            B=point.B,
            dtype=dtype,
            sizes=sizes,
            params={p: dimensions(cell.shapes[p], sizes) for p in cell.parameters},
            constants={c.name: c.value for c in cell.constants},
            inputs={n: width(cell.shapes[n], sizes) for n in cell.inputs},
            states={n: width(cell.shapes[n], sizes) for n in cell.states},
            output=width(cell.shapes[cell.output], sizes),
            path=path,
            options=options,
            positive=positive,
        )


def generated(derivation: Derivation, passes: Iterable[str]) -> str:
    """The generated module with the chosen passes alone."""
    workspace = workspace_text(derivation, passes)
    return module_text(derivation, workspace.layout, workspace.text)


@dataclass(frozen=True, slots=True)
class Subject:
    """A row. `tell` says what the process is told, or, as a string, why there is nothing."""

    name: str
    words: str
    package: str
    tell: Callable[[Prepared, Mapping[str, int]], Told | str]


def _layer(prepared: Prepared, sizes: Mapping[str, int]) -> Told | str:
    layer = prepared.layer
    if layer is None:
        return "no layer of PyTorch computes this cell"
    options = dict(layer.options)
    return (
        "torch_layer",
        "",
        {
            "class": layer.kind,
            "arguments": [sizes[name] for name in layer.arguments],
            "keywords": {name: sizes.get(value, value) for name, value in options.items()},
            "blocks": dict(blocks(layer.weights, sizes)),
        },
    )


def _products(prepared: Prepared, sizes: Mapping[str, int]) -> Told | str:
    found = unavoidable(prepared.derivation, sizes)
    if not found:
        return "the cell has no matrix product"
    return "floor", "", {"products": [(p.rows, p.columns, p.in_loop) for p in found]}


SUBJECTS: dict[str, Subject] = {
    row.name: row
    for row in (
        Subject(
            OURS,
            "the generated code with a reused workspace",
            "",
            lambda p, _: ("module", p.module(), {"reuse": True}),
        ),
        Subject(
            "fresh",
            "the generated code with fresh results",
            "",
            lambda p, _: ("module", p.module(), {}),
        ),
        Subject("torch.nn", "PyTorch's own layer", "torch", _layer),
        Subject(
            "torch.loop",
            "the cell as a loop in eager PyTorch",
            "torch",
            lambda p, _: (
                "torch_loop",
                p.source("torch_loop", lambda: torch_text(p.derivation)),
                {},
            ),
        ),
        Subject(
            "jax",
            "jax.jit of lax.scan, compiled before",
            "jax",
            lambda p, _: ("jax", p.source("jax_scan", lambda: jax_text(p.derivation)), {}),
        ),
        Subject(
            "textbook",
            "NumPy, statement by statement",
            "",
            lambda p, _: (
                "textbook",
                p.source("textbook", lambda: textbook_text(p.derivation)),
                {},
            ),
        ),
        Subject("floor", "the matrix products alone", "", _products),
    )
}
"""In the order in which they are shown."""

BASES = ("torch.nn", "torch.loop", "textbook", OURS)
"""What times are relative to: the first of these that is there."""


def without(name: str) -> Subject:
    """The subject of an ablation: the generated code with one pass switched off."""
    return Subject(
        f"-{name}",
        f"without {name}",
        "",
        lambda p, _: ("module", p.module(name), {"reuse": True}),
    )


def chosen_peers(names: Iterable[str] | None) -> tuple[list[Subject], list[str], dict[str, str]]:
    """Subjects by name, messages for unknown names, and those that are not installed.

    `torch` means all whose name begins with `torch.`; None means all.
    """
    wanted: dict[str, None] = {OURS: None}
    problems = []
    for name in SUBJECTS if names is None else names:
        found = [n for n in SUBJECTS if n == name or n.startswith(f"{name}.")]
        if not found:
            near = nearest(name, (*SUBJECTS, "torch"))
            problems.append(
                f"there is no peer `{name}`\n"
                + (f"{near}\n" if near else "")
                + f"peers are {', '.join(SUBJECTS)}"
            )
        wanted |= dict.fromkeys(found)
    rows = [row for name, row in SUBJECTS.items() if name in wanted]
    missing = {
        r.name: f"{r.package} is not installed (pip install '.[bench]')"
        for r in rows
        if not installed(r.package)
    }
    return [r for r in rows if r.name not in missing], problems, missing


def chosen_passes(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Passes by name, `all` for all of them, and messages for unknown names."""
    wanted: dict[str, None] = {}
    problems = []
    for name in names:
        if name not in (*PASSES, "all"):
            near = nearest(name, PASSES)
            problems.append(
                f"there is no pass `{name}`\n"
                + (f"{near}\n" if near else "")
                + f"passes are {', '.join(PASSES)}"
            )
        wanted |= dict.fromkeys(PASSES if name == "all" else [name])
    return [p for p in PASSES if p in wanted], problems


def installed(package: str) -> bool:
    """Whether a package can be imported; the empty name always can."""
    return not package or find_spec(package) is not None
