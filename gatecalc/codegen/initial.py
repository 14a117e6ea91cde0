"""Starting values: a scaled uniform distribution, as PyTorch draws them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gatecalc.calculus import Derivation
from gatecalc.codegen.breaking import assigned
from gatecalc.codegen.fans import fans_in
from gatecalc.codegen.layout import ONE
from gatecalc.codegen.numpy_text import sum_text
from gatecalc.codegen.wrapping import INDENT, WIDTH, call, printable
from gatecalc.equations import Cell
from gatecalc.equations.tree import Size

DEFAULTS = {"H": 16}
_DEFAULT = 8


def initial_values(derivation: Derivation) -> dict[str, object]:
    """What the template needs for `init`: its sizes, the scale of every parameter, the rule."""
    cell = derivation.cell
    arguments = [f"{size}={DEFAULTS.get(size, _DEFAULT)}" for size in cell.sizes]
    arguments += ["rng=None", "dtype=np.float64", "values=None"]
    arguments += ["**_others"] if cell.equal_sizes else []
    pairs = [f'"{size}": {size}' for size in cell.sizes]
    opened = "{" + ", ".join(pairs[:1])
    pairs = [opened + "}"] if len(pairs) < 2 else [opened, *pairs[1:-1], pairs[-1] + "}"]
    return {
        "signature": tuple(call("def ", "init", arguments, ":")),
        "words": tuple(_words(cell)),
        "example": next((p for p in cell.parameters if p.startswith("b")), _first(cell)),
        "refusal": tuple(_refusal(cell)),
        "result": tuple(call("return ", "_drawn", [*pairs, "rng", "dtype", "values"])),
        "scale": tuple(_scale(derivation)),
    }


def _refusal(cell: Cell) -> Iterator[str]:
    """The message for a size that the equations force to equal another, as literals."""
    if not cell.equal_sizes:
        return
    force = "init: no size {', '.join(_others)}: the equations force"
    force = f"{force} {' = '.join(cell.equal_sizes)}, "
    sizes = f"so the sizes are {', '.join(cell.sizes)}"
    if len(force + sizes) + 3 * INDENT + 3 <= WIDTH:
        yield f'f"{force}{sizes}"'
    else:
        yield from (f'f"{force}"', f'"{sizes}"')


def _first(cell: Cell) -> str:
    return next(iter((*cell.parameters, *(c.name for c in cell.constants))), "name")


def _scale(derivation: Derivation) -> Iterator[str]:
    """The lines that draw the parameters; sizes are in `params.sizes`."""
    cell = derivation.cell
    if units := units_of(cell):
        texts = [_looked_up(size) for size in units]
        yield f"n = {texts[0]}" if len(texts) == 1 else f"n = max({', '.join(texts)})"
        yield "for name in _PARAMETERS:"
        yield "    params[name] = rng.uniform(-1, 1, params[name].shape) / np.sqrt(n)"
        return
    fans = fans_in(derivation)
    for name in cell.parameters:
        texts = [_looked_up(size) for size in fans[name]]
        n = texts[0] if len(texts) == 1 else f"max({', '.join(texts)})"
        drawn = f'params["{name}"] = rng.uniform(-1, 1, params["{name}"].shape) / np.sqrt'
        if len(texts) > 1 or len(f"{drawn}({n})") > WIDTH - INDENT:
            fits = len(f"n = {n}") <= WIDTH - INDENT
            yield from [f"n = {n}"] if fits else assigned("n", n, WIDTH - INDENT)
            n = "n"
        yield f"{drawn}({n})"


def _looked_up(size: Size) -> str:
    """A size in terms of `params.sizes`."""
    return " + ".join(n if n == ONE else f'params.sizes["{n}"]' for n in size)


def _words(cell: Cell) -> Iterator[str]:
    """The rule and the sizes, for the docstring."""
    room = WIDTH - INDENT
    if units := units_of(cell):
        widths = [sum_text(size) for size in units]
        n = widths[0] if len(widths) == 1 else f"max({', '.join(widths)})"
        rule = (
            f"Every entry is uniform between -1/sqrt(n) and 1/sqrt(n) with n = {n}, the number of "
            "hidden units, as in PyTorch."
        )
    else:
        rule = (
            "Every entry is uniform between -1/sqrt(n) and 1/sqrt(n), as in torch.nn.Linear. For "
            "a matrix, n is the length of the vector that it multiplies, and the longest of these "
            "for what is added to such products; for any other vector, n is its own length."
        )
    yield from textwrap.wrap(rule, room)
    yield ""
    for size in cell.sizes:
        users = [n for n in (*cell.inputs, *cell.computed) if cell.shapes[n] == ((size,),)]
        said = f"the size of {', '.join(users)}" if users else "a size of parameters"
        yield from textwrap.wrap(printable(f"{size}: {said}."), room, subsequent_indent="    ")
    if cell.equal_sizes:
        yield from textwrap.wrap(f"The equations force {' = '.join(cell.equal_sizes)}.", room)


def units_of(cell: Cell) -> tuple[Size, ...]:
    """The widths of the states that are vectors: the number of hidden units of a recurrent cell."""
    widths = (cell.shapes[s][0] for s in cell.states if cell.shapes[s])
    return tuple(dict.fromkeys(widths))
