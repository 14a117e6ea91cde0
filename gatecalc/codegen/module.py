"""The generated module: the values that its template is filled with."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gatecalc.calculus import Derivation
from gatecalc.codegen.header import header
from gatecalc.codegen.helpers import helpers
from gatecalc.codegen.initial import initial_values
from gatecalc.codegen.layout import Layout
from gatecalc.codegen.numpy_text import Spelling, sum_text
from gatecalc.codegen.readable import Readable, readable, spelling_for
from gatecalc.codegen.wrapping import INDENT, WIDTH, call, printable
from gatecalc.equations import Cell
from gatecalc.equations.tree import Shape
from gatecalc.templating import render

TEMPLATE = "module.py.j2"

_OURS = ("np", "State", "Inputs", "Cache")
"""Names of the module that the readable steps use, and that equations may use too."""


def module_text(derivation: Derivation, layout: Layout, workspace: str) -> str:
    """The module's source; `workspace` is the text of its class `_Workspace`."""
    cell = derivation.cell
    lines = readable(derivation)
    spelling = spelling_for(derivation)
    many = len(cell.inputs) > 1  # without several, there is no class `Inputs`
    body = render(
        TEMPLATE,
        header=header(cell),
        states=[_field(cell, n) for n in cell.states],
        inputs=[_field(cell, n) for n in cell.inputs],
        sizes=cell.sizes,
        output=cell.output,
        words=_words(cell),
        kept=lines.kept,
        step=tuple(_step_lines(lines, spelling, many)),
        step_backward=tuple(_backward_lines(lines, spelling, many)),
        init=initial_values(derivation),
        helpers=[text.rstrip("\n") for text in helpers(derivation)],
        aliases=[n for n in _OURS if spelling.ours(n) != n and (many or n != "Inputs")],
        batch=_batch(lines, derivation),
        constants=bool(cell.constants),
        tables=tuple(_tables(cell)),
        timed=[(n, _shape_text(cell.shapes[n])) for n in _timed(cell)],
        parameters=[(n, _shape_text(cell.shapes[n])) for n in cell.parameters],
        places=tuple(call("def ", "_places", cell.sizes, ":")),
        blocks=[tuple(map(sum_text, block)) for block in layout.blocks],
        homes=[_home(name, layout) for name in cell.parameters],
        widths=[(n, sum_text(cell.shapes[n][0]) if cell.shapes[n] else "1") for n in _timed(cell)],
        workspace=workspace.rstrip("\n"),
    )
    return body.rstrip("\n") + "\n"


def names_text(names: Sequence[str]) -> str:
    """Names as a tuple of strings.

    >>> names_text(["h"])
    '("h",)'
    """
    return "(" + ", ".join(f'"{n}"' for n in names) + (",)" if len(names) == 1 else ")")


def _timed(cell: Cell) -> tuple[str, ...]:
    """What callers hand in, or get, with one value at each step."""
    return tuple(dict.fromkeys((*cell.inputs, *cell.states, cell.output)))


def _tables(cell: Cell) -> Iterator[str]:
    names = {"_INPUTS": cell.inputs, "_STATES": cell.states, "_SIZES": cell.sizes}
    for table, members in names.items():
        yield f"{table} = {names_text(members)}"
    constants = [f'"{c.name}": {c.value!r}' for c in cell.constants]
    yield f"_CONSTANTS = {{{', '.join(constants)}}}"


def _field(cell: Cell, name: str) -> dict[str, str]:
    remark = cell.remarks.get(name, "")
    if not remark and name in cell.computed:
        remark = cell.equation(name).explanation
    extent = _extent(cell, name, "B")
    return {"name": name, "comment": f"{extent} {printable(remark)}".rstrip()}


def _words(cell: Cell) -> dict[str, object]:
    """Shapes in words, for docstrings."""
    return {
        "x": tuple(_words_of_inputs(cell, "x", "B")),
        "xs": tuple(_words_of_inputs(cell, "xs", "T", "B")),
        "output": _extent(cell, cell.output, "B"),
        "outputs": _extent(cell, cell.output, "T", "B"),
    }


def _words_of_inputs(cell: Cell, argument: str, *lead: str) -> list[str]:
    extents = {n: _extent(cell, n, *lead) for n in cell.inputs}
    if len(extents) == 1:
        (name,) = cell.inputs
        return [f"{argument}: the input {name}, {extents[name]}."]
    text = f"{argument}: `Inputs` with {', '.join(f'{n} {e}' for n, e in extents.items())}."
    return textwrap.wrap(text, WIDTH - INDENT, subsequent_indent="    ")


def _extent(cell: Cell, name: str, *lead: str) -> str:
    """The shape of a value with leading axes: `(B, H)`; one number is `(B, 1)`."""
    shape = cell.shapes[name]
    return f"({', '.join([*lead, '+'.join(shape[0]) if shape else '1'])})"


def _shape_text(shape: Shape) -> str:
    sizes = [names_text(size) for size in shape]
    return "(" + ", ".join(sizes) + (",)" if len(sizes) == 1 else ")")


def _home(name: str, layout: Layout) -> tuple[str, str]:
    home = layout.homes[name]
    sizes = [sum_text(size) for size in home.shape]
    shape = "(" + ", ".join(sizes) + (",)" if len(sizes) == 1 else ")")
    return name, f"({home.block}, {sum_text(home.row)}, {sum_text(home.column)}, {shape})"


def _targets(names: Sequence[str]) -> str:
    return "(" + ", ".join(names) + (",)" if len(names) == 1 else ")")


def _step_lines(lines: Readable, spelling: Spelling, many: bool) -> Iterator[str]:
    inputs = _targets(lines.inputs) if many else lines.inputs[0]
    previous = _targets(lines.previous) if lines.previous else "_"
    arguments = ["params", "x", "state"]
    yield from call(f"_p, {inputs}, {previous} = ", "_step_arguments", arguments)
    yield from lines.step
    yield from call("_cache = ", spelling.ours("Cache"), lines.kept)
    pairs = [f"{n}={n}" for n in lines.states]
    yield from call(f"return {lines.output}, ", spelling.ours("State"), pairs, ", _cache")


def _backward_lines(lines: Readable, spelling: Spelling, many: bool) -> Iterator[str]:
    incoming = _targets(lines.incoming) if lines.incoming else "_"
    arguments = ["params", "cache", "d_h", "d_state"]
    yield from call(f"_p, {lines.cotangent}, {incoming} = ", "_backward_arguments", arguments)
    if lines.kept:
        yield from call("", "", lines.kept, " = cache")
    yield from lines.backward
    d_x = lines.d_inputs[0]
    if many:
        pairs = [f"{n}={d}" for n, d in zip(lines.inputs, lines.d_inputs, strict=True)]
        yield from call("_d_inputs = ", spelling.ours("Inputs"), pairs)
        d_x = "_d_inputs"
    pairs = [f"{n}={d}" for n, d in zip(lines.states, lines.d_previous, strict=True)]
    yield from call(f"return _grads, {d_x}, ", spelling.ours("State"), pairs)


def _batch(lines: Readable, derivation: Derivation) -> str:
    """Where `step_backward` learns how many samples there were."""
    static = {s.target.name for s in derivation.forward if s.role == "static"}
    for name in lines.kept:
        if name not in static:
            return f"cache.{name}.shape[0]"
    return "len(d_h) if np.ndim(d_h) else 0"
