"""Names that surely mean something else to their author: mistyped ones, and sizes that are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby

from gatecalc.equations.cell import Constant, Equation, Nonlinearity
from gatecalc.equations.hints import nearest
from gatecalc.equations.pins import Pin
from gatecalc.equations.roles import Roles
from gatecalc.equations.shapes import Inferred, pin_naming
from gatecalc.equations.tree import Call, Div, Node, Ref, walk
from gatecalc.errors import NotationError, Place

_LONG = 5
"""From so many letters on, one that is missing is a slip."""

_MOST = 30
"""So many names are compared with so many others; nobody types more."""


def check_names(
    equations: Sequence[Equation],
    constants: Sequence[Constant],
    nonlinearities: Sequence[Nonlinearity],
    pins: Sequence[Pin],
    roles: Roles,
    places: Mapping[str, Place],
) -> None:
    """Raises NotationError for a name beside one that it was meant to be; a pinned one is meant."""
    trees = [*(e.expression for e in equations), *(n.body for n in nonlinearities)]
    first: dict[str, Ref] = {}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Ref):
                first.setdefault(node.name, node)
    meant = {pin.name for pin in pins}
    parameters = [name for name in roles.parameters if name not in meant]
    _check_constants(constants, first, parameters, places)
    _check_results(equations, first, [name for name in roles.inputs if name not in meant], roles)


def _check_constants(
    constants: Sequence[Constant],
    first: Mapping[str, Ref],
    parameters: Sequence[str],
    places: Mapping[str, Place],
) -> None:
    for constant in constants:
        if constant.name not in first:
            raise NotationError(
                f"the constant `{constant.name}` stands in no equation",
                places[constant.name],
                write=nearest(constant.name, parameters) or "remove the line",
            )
    long = [constant.name for constant in constants if len(constant.name) >= _LONG]
    for meant in long[:_MOST]:
        for name in [name for name in parameters if name in first][:_MOST]:
            # Letters in another case are another name: K beside k.
            if name.lower() != meant.lower() and _is_slip(name, meant):
                raise NotationError(
                    f"`{name}` is no name yet, and nearly the constant `{meant}`",
                    first[name].place,
                    write=f"write {meant}, or call the parameter otherwise",
                )


def _is_slip(typed: str, meant: str) -> bool:
    """Whether a name is another with a letter twice, turned around, left out, or in another case.

    >>> [_is_slip(name, "alpha") for name in ("alhpa", "Alpha", "alpa", "allpha", "alpha_2")]
    [True, True, True, True, False]
    >>> _is_slip("W_hx", "W_xh"), _is_slip("f", "o"), _is_slip("F", "f"), _is_slip("ff", "f")
    (False, False, True, True)
    """
    short, long = sorted((typed.lower(), meant.lower()), key=len)
    if short == long or [k for k, _ in groupby(short)] == [k for k, _ in groupby(long)]:
        return True
    if len(long) < _LONG:
        return False
    places = range(len(long))
    if len(short) == len(long):
        turned = (long[:k] + long[k : k + 2][::-1] + long[k + 2 :] for k in places)
        return short in turned
    return short in (long[:k] + long[k + 1 :] for k in places if long[k].isalpha())


def _check_results(
    equations: Sequence[Equation], first: Mapping[str, Ref], inputs: Sequence[str], roles: Roles
) -> None:
    """A value that nothing uses, beside an input that is called nearly so."""
    computed = [e.target.name for e in equations if e.target.lag == 0]
    unused = [name for name in computed if name not in first and name != roles.output]
    for name in unused[:_MOST]:
        for given in inputs[:_MOST]:
            if _is_slip(given, name):
                raise NotationError(
                    f"no equation defines `{given}[t]`, and nothing uses `{name}[t]`",
                    first[given].place,
                    write=f"write {name}[t]; if {given} is an input, remove the line of {name}",
                )


def check_sizes(
    equations: Sequence[Equation],
    constants: Sequence[Constant],
    pins: Sequence[Pin],
    inferred: Inferred,
    places: Mapping[str, Place],
) -> None:
    """Raises NotationError where a size's name was meant to be its number, and is not."""
    in_pins = {name for pin in pins for size in pin.shape for name in size}
    for constant in constants:
        whole = constant.value >= 1 and constant.value == int(constant.value)
        if whole and constant.name in in_pins.union(inferred.sizes):
            pin = "" if constant.name in in_pins else f", and {_pin(constant.name, inferred)}"
            raise NotationError(
                f"the constant `{constant.name}` is called like a size of this cell",
                places[constant.name],
                write=f"remove the line{pin}: the size is then the number, given with "
                f"--size {constant.name}=...; or call the constant otherwise",
            )
    pinned = {pin.name for pin in pins}
    for name in inferred.sizes:
        if name in inferred.shapes and len(inferred.shapes[name]) == 1 and name not in pinned:
            for ref in chain.from_iterable(map(_divisors, (e.expression for e in equations))):
                if ref == Ref(name):
                    raise NotationError(
                        f"`{name}` is a parameter here, not the size {name}",
                        ref.place,
                        write=f"{_pin(name, inferred)}: then it is the size, a number; if a "
                        f"parameter is meant, pin it: {name}: {name}",
                    )


def _divisors(node: Node) -> Iterator[Ref]:
    """Names below a fraction's bar, or under a root."""
    for below in walk(node):
        inside: Node | None = None
        if isinstance(below, Div):
            inside = below.right
        elif isinstance(below, Call) and below.function == "sqrt":
            inside = below.arguments[0]
        if inside is not None:
            yield from (n for n in walk(inside) if isinstance(n, Ref))


def _pin(size: str, inferred: Inferred) -> str:
    """What makes a size a number: a line to be added."""
    line = pin_naming(size, inferred.shapes)
    return f"add the line {line}" if line else f"pin a matrix that has {size} rows or columns"
