"""The shape of every name, inferred from how it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatecalc.equations.cell import Constant, Equation
from gatecalc.equations.kinds import elsewhere, infer_kinds
from gatecalc.equations.pins import Pin
from gatecalc.equations.sizes import CannotUnifyError, Sizes, Sum, Unknown
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import (
    Concat,
    MatVec,
    Node,
    Outer,
    Reduce,
    Ref,
    Shape,
    Size,
    children,
)
from gatecalc.errors import Place, ShapeError

if TYPE_CHECKING:
    from gatecalc.equations.roles import Roles


@dataclass(frozen=True, slots=True)
class Inferred:
    """Shapes by name; the sizes that `init` takes; those that the equations force to be one.

    `named` says what each size of a pin is in terms of these.
    """

    shapes: Mapping[str, Shape]
    sizes: tuple[str, ...]
    equal: tuple[str, ...]
    named: Mapping[str, Size]


def infer_shapes(
    equations: Sequence[Equation],
    roles: Roles,
    constants: Sequence[Constant],
    pins: Sequence[Pin],
) -> Inferred:
    """Infers all shapes. Raises ShapeError, with both uses, where they cannot agree."""
    return _Inference(equations, roles, constants, pins).run()


def shape_of(node: Node, shapes: Mapping[str, Shape]) -> Shape:
    """The shape of the value of a node, from the shapes of names.

    >>> from gatecalc.equations.tree import Matrix
    >>> shapes = {"W": (("H",), ("D",)), "x": (("D",),)}
    >>> shape_of(MatVec(Matrix("W"), Ref("x", 0)), shapes)
    (('H',),)
    """
    match node:
        case Ref(name, _):
            return shapes[name]
        case MatVec(matrix, _):
            rows, columns = shapes[matrix.name]
            if matrix.columns is not None:
                start, stop = matrix.columns
                return (stop[len(start) :],)
            return (columns if matrix.transposed else rows,)
        case Reduce(kind, argument):
            return shape_of(argument, shapes) if kind == "softmax" else ()
        case Concat(parts):
            return (tuple(s for part in parts for s in shape_of(part, shapes)[0]),)
        case Outer(left, right):
            return (shape_of(left, shapes)[0], shape_of(right, shapes)[0])
    return next((s for child in children(node) if (s := shape_of(child, shapes))), ())


def pin_naming(size: str, shapes: Mapping[str, Shape]) -> str:
    """The pin of a matrix that names a size, and no sum of sizes; nothing where there is none.

    >>> pin_naming("H", {"x": (("D",),), "W": (("H",), ("D",))})
    'W: (H, D)'
    """
    for name, shape in shapes.items():
        if len(shape) == 2 and (size,) in shape and all(len(part) == 1 for part in shape):
            return f"{name}: ({shape[0][0]}, {shape[1][0]})"
    return ""


class _Inference:
    def __init__(
        self,
        equations: Sequence[Equation],
        roles: Roles,
        constants: Sequence[Constant],
        pins: Sequence[Pin],
    ) -> None:
        self.equations, self.roles, self.pins = equations, roles, pins
        free = (*roles.inputs, *roles.parameters)
        self.kinds = infer_kinds(equations, free, frozenset(c.name for c in constants), pins)
        self.sizes = Sizes()
        self.vectors = {n: self.sizes.fresh() for n, k in self.kinds.items() if k == "vector"}
        self.maps = {
            n: (self.sizes.fresh(), self.sizes.fresh())
            for n, k in self.kinds.items()
            if k == "matrix"
        }

    def run(self) -> Inferred:
        for pin in self.pins:
            self._pin(pin)
        pinned = {pin.name for pin in self.pins}
        for position, name in enumerate(self.roles.inputs):
            size = "D" if position == 0 else f"D_{name}"
            if name not in self.vectors or name in pinned:
                continue
            if position == 0 or self.sizes.is_named(size):
                self._unify(self.vectors[name], self.sizes.named(size), None, name)
        for equation in self.equations:
            found = self._size(equation.expression)
            target = self.vectors.get(equation.target.name)
            if found is not None and target is not None:
                self._unify(target, found, equation.place, f"what gives {equation.target.name}")
        return self._named()

    def _pin(self, pin: Pin) -> None:
        wanted = tuple(self.sizes.named(size[0]) for size in pin.shape)
        have = self.maps.get(pin.name) or (self.vectors.get(pin.name, ()),)
        for mine, given in zip(have, wanted, strict=False):
            self._unify(mine, given, pin.place, pin.name)

    def _unify(self, first: Sum, second: Sum, place: Place | None, what: str) -> None:
        try:
            self.sizes.unify(first, second, place)
        except CannotUnifyError:
            shown = f"{self._shown(first)} against {self._shown(second)}"
            # The other use of the same name tells more than how its operand came to its size.
            reasons = (*self.sizes.reasons(second), *self.sizes.reasons(first))
            other = next((p for p in reversed(reasons) if p != place), None)
            advice = "give one of the two uses a parameter of its own"
            raise ShapeError(
                f"shapes cannot agree, {what}: {shown}",
                place,
                write="\n".join(part for part in (elsewhere(other), advice) if part),
            ) from None

    # What an expression says about sizes.

    def _size(self, node: Node) -> Sum | None:
        """The size of a vector, None for one number; unifies on the way."""
        match node:
            case Ref(name, _):
                return self.vectors.get(name)
            case MatVec(matrix, operand):
                rows, columns = self.maps[matrix.name]
                if matrix.transposed:
                    rows, columns = columns, rows
                whole = self._operand(operand, node)
                self._unify(columns, whole, node.place, f"what {matrix.name} is applied to")
                return rows
            case Concat():
                raise ShapeError(
                    "`concat` stands only right of @",
                    node.place,
                    write="write W @ concat(h[t-1], x[t])",
                )
            case Reduce(kind, argument):
                size = self._size(argument)
                if size is None:
                    raise ShapeError(
                        f"the argument of {kind} is one number, not a vector",
                        argument.place or node.place,
                        write="write the number alone",
                    )
                return size if kind == "softmax" else None
        common: Sum | None = None
        for child in children(node):
            size = self._size(child)
            if common is None:
                common = size
            elif size is not None:
                self._unify(common, size, node.place, "elementwise operands")
        return common

    def _operand(self, node: Node, product: MatVec) -> Sum:
        """The size of what a matrix is applied to."""
        if isinstance(node, Concat):
            parts = tuple(u for part in node.parts for u in self._part(part))
            self.sizes.resolve(parts, node.place)
            return parts
        size = self._size(node)
        if size is None:
            shown = to_text(node)
            write = f"write w * {shown} with a vector w"
            if isinstance(node, Ref):
                write += f"; if {node.name} is meant to be a vector, pin it: {node.name}: H"
            raise ShapeError(
                f"`{product.matrix.name} @` stands before one number, not a vector",
                node.place or product.place,
                write=write,
            )
        return size

    def _part(self, node: Node) -> Sum:
        size = self._size(node)
        if size is None:
            raise ShapeError(
                "a part of concat is one number, not a vector",
                node.place,
                write="write a term of its own: W @ concat(h[t-1], x[t]) + b",
            )
        return size

    def _shown(self, size: Sum) -> str:
        return " + ".join(self._shown_part(u) for u in self.sizes.resolve(size))

    def _shown_part(self, unknown: Unknown) -> str:
        if names := self.sizes.names().get(unknown):
            return names[0]
        for name, size in self.vectors.items():
            if self.sizes.resolve(size) == (unknown,):
                return f"dim({name})"
        for name, pair in self.maps.items():
            for what, size in zip(("rows", "columns"), pair, strict=True):
                if self.sizes.resolve(size) == (unknown,):
                    return f"{what} of {name}"
        return "a free size"

    # Names for the sizes that remain.

    def _named(self) -> Inferred:
        of_inputs = self._input_sizes()
        of_states = self._unknowns(self.roles.states)
        of_results = self._unknowns(e.target.name for e in self.equations if e.target.lag == 0)
        every = dict.fromkeys(of_inputs)
        for size in (*self.vectors.values(), *(s for pair in self.maps.values() for s in pair)):
            every |= dict.fromkeys(self.sizes.resolve(size))
        apart = any(unknown not in of_inputs for unknown in of_results)
        names: dict[Unknown, str] = {}
        equal: dict[str, None] = {}
        given = self.sizes.names()
        for unknown in every:
            wanted = given.get(unknown, ())
            own = [n for n in wanted if n != "D"]
            # Where other computed values have a size of their own, that one is H.
            is_input, is_state = unknown in of_inputs, unknown in of_states and not apart
            if own:
                names[unknown] = own[0]
            elif is_input and not is_state:
                names[unknown] = of_inputs[unknown]
            else:
                names[unknown] = "D" if wanted and not is_input else "H"
            if is_input and is_state:
                equal |= dict.fromkeys((of_inputs[unknown], *own, names[unknown]))
            elif len(own) > 1:
                equal |= dict.fromkeys(own)
        shapes = {n: self._shape(n, names) for n in self.kinds}
        order = [names[u] for u in of_inputs]
        order += [n for n in ("H", *names.values()) if n in names.values()]
        pinned = dict.fromkeys(name for pin in self.pins for size in pin.shape for name in size)
        named = {n: self._size_of(self.sizes.named(n), names) for n in pinned}
        return Inferred(shapes, tuple(dict.fromkeys(order)), tuple(equal), named)

    def _unknowns(self, names: Iterable[str]) -> dict[Unknown, None]:
        return dict.fromkeys(u for n in names for u in self.sizes.resolve(self.vectors.get(n, ())))

    def _input_sizes(self) -> dict[Unknown, str]:
        """What sizes of inputs are called: after an input of that size, else after a longer one."""
        alone: dict[Unknown, str] = {}
        within: dict[Unknown, str] = {}
        for position, name in enumerate(self.roles.inputs):
            size = f"D_{name}" if position else "D"
            unknowns = self._unknowns([name])
            for unknown in unknowns:
                within.setdefault(unknown, size)
                if len(unknowns) == 1:
                    alone.setdefault(unknown, size)
        return within | alone

    def _shape(self, name: str, names: Mapping[Unknown, str]) -> Shape:
        dimensions = self.maps.get(name) or ((self.vectors[name],) if name in self.vectors else ())
        return tuple(self._size_of(size, names) for size in dimensions)

    def _size_of(self, size: Sum, names: Mapping[Unknown, str]) -> Size:
        return tuple(names[u] for u in self.sizes.resolve(size))
