"""What a cell is, once its equations are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatecalc.equations.text import size_text, to_text
from gatecalc.equations.tree import Node, Ref, Shape
from gatecalc.errors import Place

MOST_LISTED = 6
"""How many names `repr` lists."""


@dataclass(frozen=True, slots=True)
class Equation:
    """One line as typed. `target.lag` is 0, or None where parameters alone define the target."""

    target: Ref
    expression: Node
    explanation: str = ""
    place: Place | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Equation {to_text(self.target)} = {to_text(self.expression)}>"


@dataclass(frozen=True, slots=True)
class Nonlinearity:
    """A nonlinearity of the cell's own: `silu = lambda a: a * sigmoid(a)`.

    The arguments stand in `body` as bare references.
    """

    name: str
    arguments: tuple[str, ...]
    body: Node
    explanation: str = ""

    def __repr__(self) -> str:
        arguments = ", ".join(self.arguments)
        return f"<Nonlinearity {self.name} = lambda {arguments}: {to_text(self.body)}>"


@dataclass(frozen=True, slots=True)
class Constant:
    """A number with a default: `epsilon = 0.01`. Held in `params`, without a gradient."""

    name: str
    text: str
    explanation: str = ""

    @property
    def value(self) -> float:
        """The default."""
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Cell:
    """A recurrent cell: equations in the author's order, and the role and shape of every name.

    `shapes` covers inputs, computed names (a state among them), parameters and constants; sizes are
    sums of the names in `sizes` (see `gatecalc.equations.tree.Shape`). `states` are the computed
    names that some equation reads at `[t-1]`, in order of definition. `parameters` are in order of
    first appearance. `equal_sizes` tells which sizes the equations force to be one. `pins` are the
    shapes that the author fixed, as typed, and `remarks` the comments behind them. `text` is what
    was typed, with plain line ends and no control characters.

    >>> from gatecalc.equations import cell
    >>> gru = cell("gru")
    >>> gru.inputs, gru.states, gru.output, gru.sizes
    (('x',), ('h',), 'h', ('D', 'H'))
    >>> gru.shapes["W_z"]
    (('H',), ('D',))
    >>> gru
    <Cell gru: x (D) -> h (H); state h; 9 parameters>
    """

    name: str
    title: str
    source: str
    notes: tuple[str, ...]
    equations: tuple[Equation, ...]
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: tuple[Constant, ...]
    nonlinearities: tuple[Nonlinearity, ...]
    output: str
    shapes: Mapping[str, Shape]
    sizes: tuple[str, ...]
    equal_sizes: tuple[str, ...]
    pins: Mapping[str, Shape]
    remarks: Mapping[str, str]
    text: str

    def __repr__(self) -> str:
        inputs = ", ".join(self._with_shape(name) for name in self.inputs[:MOST_LISTED])
        more = ", ..." if len(self.inputs) > MOST_LISTED else ""
        facts = [f"{inputs}{more} -> {self._with_shape(self.output)}"]
        if self.states:
            facts.append(listed("state", self.states))
        facts.append(_counted(len(self.parameters), "parameter"))
        if self.constants:
            facts.append(_counted(len(self.constants), "constant"))
        return f"<Cell {self.name}: {'; '.join(facts)}>"

    def __str__(self) -> str:
        """What `gatecalc show` prints."""
        from gatecalc.equations.describe import cell_text

        return cell_text(self).removesuffix("\n")

    @property
    def computed(self) -> tuple[str, ...]:
        """The targets of the equations with `[t]`, as written."""
        return tuple(e.target.name for e in self.equations if e.target.lag == 0)

    @property
    def matrices(self) -> tuple[str, ...]:
        """The parameters that stand left of an `@`."""
        return tuple(p for p in self.parameters if len(self.shapes[p]) == 2)

    def equation(self, target: str) -> Equation:
        """The equation that defines a name."""
        return next(e for e in self.equations if e.target.name == target)

    def nonlinearity(self, name: str) -> Nonlinearity | None:
        """The cell's own nonlinearity of that name, if there is one."""
        return next((n for n in self.nonlinearities if n.name == name), None)

    def _with_shape(self, name: str) -> str:
        shape = self.shapes[name]
        return f"{name} ({', '.join(map(size_text, shape)) or 'scalar'})"


def listed(what: str, names: Sequence[str]) -> str:
    """Names behind what they are; a long row of them is cut, for `repr` must stay short.

    >>> listed("state", ["h", "c"])
    'states h, c'
    """
    more = len(names) - MOST_LISTED
    shown = ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"{what}{'s' * (len(names) > 1)} {shown}"


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number != 1)}"
