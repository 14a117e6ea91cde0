"""What each name is: input, state, computed, parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatecalc.equations.cell import Constant, Equation, Nonlinearity
from gatecalc.equations.hints import nearest
from gatecalc.equations.names import NOT_DECLARED, OUTPUTS, ROLE_WORDS, as_product
from gatecalc.equations.order import ordered
from gatecalc.equations.pins import Output, Pin
from gatecalc.equations.text import to_text
from gatecalc.equations.tree import Call, Matrix, MatVec, Node, Ref, walk
from gatecalc.errors import NotationError, Place


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of a cell by role, each in order of first appearance (states: of definition)."""

    inputs: tuple[str, ...]
    states: tuple[str, ...]
    parameters: tuple[str, ...]
    output: str


_NUMBERS = ("pi", "inf", "nan")
"""Names that mean a number to whoever types them."""


def assign_roles(
    equations: Sequence[Equation],
    constants: Sequence[Constant],
    output: Output | None,
    pins: Sequence[Pin],
    nonlinearities: Sequence[Nonlinearity] = (),
) -> Roles:
    """Infers the role of every name. Raises NotationError for what cannot be a cell."""
    computed = {e.target.name for e in equations if e.target.lag == 0}
    # Constants, and what is computed from parameters alone.
    static = {c.name for c in constants} | {e.target.name for e in equations} - computed
    _check_static(equations)
    uses = _uses(equations, nonlinearities)
    timed = {n.name for n in uses if isinstance(n, Ref) and n.lag is not None}
    inputs: dict[str, None] = {}
    delayed: dict[str, Place | None] = {}
    parameters: dict[str, None] = {}
    for node in uses:
        if isinstance(node, MatVec):
            _check_matrix(node, computed | timed, static, equations)
            if node.matrix.name == "I" and all(pin.name != "I" for pin in pins):
                raise _identity(node)
            parameters.setdefault(node.matrix.name)
        elif node.lag is not None:
            if node.name in static:
                raise _static_with_time(node, equations, timed - static, computed)
            if node.lag == 1:
                delayed.setdefault(node.name, node.place)
            elif node.name not in computed:
                inputs.setdefault(node.name)
        elif node.name in computed or node.name in timed:
            raise NotationError(
                f"`{node.name}` without a time step",
                node.place,
                write=f"write {node.name}[t] or {node.name}[t-1]",
            )
        elif node.name not in static:
            if node.name in _NUMBERS and all(pin.name != node.name for pin in pins):
                raise _named_number(node)
            parameters.setdefault(node.name)
    for name, place in delayed.items():
        if name not in computed:
            raise _undefined_state(name, place, name in inputs, computed)
    if not inputs:
        raise _no_input(equations, parameters)
    _check_pins(pins, [*computed, *static, *inputs, *parameters])
    ordered(equations)
    return Roles(
        inputs=tuple(inputs),
        states=tuple(e.target.name for e in equations if e.target.name in delayed),
        parameters=tuple(parameters),
        output=_output(equations, nonlinearities, {*inputs, *parameters}, output),
    )


def result_of(equations: Sequence[Equation], nonlinearities: Sequence[Nonlinearity]) -> str:
    """What a step leads to: the last value as written that no other equation of the step uses.

    It is the output, unless the author says otherwise. Papers print h_t first as well as last.
    """
    uses = _uses(equations, nonlinearities)
    used = {n.name for n in uses if isinstance(n, Ref) and n.lag == 0}
    computed = [e.target.name for e in equations if e.target.lag == 0]
    return [name for name in computed if name not in used][-1]


def _uses(
    equations: Sequence[Equation], nonlinearities: Sequence[Nonlinearity]
) -> list[Ref | MatVec]:
    """References and maps, left to right, a map before its operand.

    What the body of a nonlinearity uses beside its arguments counts where it is first called.
    """
    bodies = {n.name: n for n in nonlinearities}
    found: list[Ref | MatVec] = []
    for equation in equations:
        _collect(equation.expression, (), bodies, found)
    return found


def _collect(
    node: Node,
    arguments: tuple[str, ...],
    bodies: dict[str, Nonlinearity],
    found: list[Ref | MatVec],
) -> None:
    for below in walk(node):
        if isinstance(below, MatVec) or (isinstance(below, Ref) and below.name not in arguments):
            found.append(below)
        elif isinstance(below, Call) and (own := bodies.pop(below.function, None)):
            _collect(own.body, own.arguments, bodies, found)


def _check_matrix(
    node: MatVec, timed: set[str], static: set[str], equations: Sequence[Equation]
) -> None:
    name = node.matrix.name
    if name in timed:
        raise NotationError(
            f"`{name}` changes with time; a matrix parameter stands left of @",
            node.place,
            write=f"write {name}[t] * ... for the elementwise product",
        )
    for equation in equations:
        if equation.target.name == name:
            match equation.expression:
                case MatVec(matrix, Ref(second, None)):
                    # The operand may be a vector in truth, and then this is no product of matrices.
                    inner = MatVec(Matrix(second, node.matrix.transposed), node.operand)
                    raise NotationError(
                        f"`{name}` is computed; a matrix parameter stands left of @",
                        node.place,
                        write=f"if {name} is the product of two matrices, leave its line out, and "
                        f"write\n{to_text(MatVec(matrix, inner))}, or take {name} as one parameter",
                    )
    if name in static:
        raise NotationError(
            f"`{name}` is computed; a matrix parameter stands left of @",
            node.place,
            write=f"write {name} * ... for the elementwise product",
        )


def _identity(node: MatVec) -> NotationError:
    return NotationError(
        "`I` is no identity in the notation: it would be a parameter, which is trained",
        node.place,
        write=f"write {to_text(node.operand)} for I @ {to_text(node.operand)}; for a parameter of "
        "this name pin its shape, I: (H, H)",
    )


def _named_number(node: Ref) -> NotationError:
    write = "write a finite number"
    if node.name == "pi":
        write = "write pi = 3.141592653589793 above"
    return NotationError(
        f"`{node.name}` is no number of the notation: it would be a parameter, which is trained",
        node.place,
        write=f"{write}; for a parameter of this name pin its shape, {node.name}: scalar",
    )


def _static_with_time(
    node: Ref, equations: Sequence[Equation], timed: set[str], computed: set[str]
) -> NotationError:
    """`h[t-1]` beside a line `h = tanh(c)`: the fault is on the left if `c` changes with time.

    `timed` are the names that are used with time steps, those of lines without [t] left out.
    """
    by_name = {e.target.name: e for e in equations}
    equation = by_name.get(node.name)
    changes = equation and _changes(equation, by_name, timed | computed)
    # A cell has an input: where no name can be one, a [t] was forgotten on the way to it.
    if equation and (changes or node.lag or timed <= computed):
        write = f"write {node.name}[t] = ..."
        if not changes:
            shown = to_text(node)
            write += f"; or {node.name} for {shown}, if it is the same at every step"
        return NotationError(
            f"`{node.name}` stands without [t], but has time steps in line {_line(node.place)}",
            equation.target.place,
            write=write,
        )
    return NotationError(
        f"`{node.name}` does not depend on time", node.place, write=f"write {node.name}"
    )


def _changes(equation: Equation, by_name: Mapping[str, Equation], changing: set[str]) -> bool:
    """Whether a line without [t] uses, by itself or by way of others, what has time steps."""
    seen, waiting = {equation.target.name}, [equation]
    while waiting:
        for node in walk(waiting.pop().expression):
            if not isinstance(node, Ref):
                continue
            if node.lag is not None or node.name in changing:
                return True
            if node.name in by_name and node.name not in seen:
                seen.add(node.name)
                waiting.append(by_name[node.name])
    return False


def _line(place: Place | None) -> int:
    return place.line if place else 0


def _undefined_state(
    name: str, place: Place | None, is_input: bool, computed: set[str]
) -> NotationError:
    keep = f"add {name}_1[t] = {name}[t] above, and write {name}_1[t-1] here"
    if is_input:
        return NotationError(
            f"`{name}[t-1]`: `{name}` is an input, and old inputs are not kept",
            place,
            write=f"keep it by a state: {keep}",
        )
    near = nearest(name, sorted(computed))
    if product := as_product(f"{name}[t-1]"):
        near = f"write {product} for a matrix {product.partition(' ')[0]}; else"
    return NotationError(
        f"`{name}[t-1]` is a state, but no equation defines {name}[t]",
        place,
        write=(near + "\n" if near else "")
        + f"add {name}[t] = ...; if {name} is an input, keep it by a state:\n{keep}",
    )


def _check_static(equations: Sequence[Equation]) -> None:
    for equation in equations:
        name = equation.target.name
        if equation.target.lag is None and any(
            isinstance(n, Ref) and n.lag is not None for n in walk(equation.expression)
        ):
            raise NotationError(
                f"`{name}` stands without [t], but its equation depends on time",
                equation.target.place,
                write=f"write {name}[t] = ...",
            )


def _no_input(equations: Sequence[Equation], parameters: Mapping[str, None]) -> NotationError:
    like = next((n for n in ("x", "u", "input", "inputs", "x_in") if n in parameters), None)
    return NotationError(
        "the cell has no input",
        equations[0].place,
        write=f"write {like}[t] for {like}"
        if like
        else "a name with [t] that no equation defines is an input: write x[t]",
    )


def _check_pins(pins: Sequence[Pin], known: Sequence[str]) -> None:
    for pin in pins:
        if pin.name not in known:
            write = nearest(pin.name, sorted(known)) or "remove it"
            if pin.name.lower() in OUTPUTS and len(pin.shape) == 1:
                write = f"write output: {pin.shape[0][0]}"
            elif pin.name.lower() in ROLE_WORDS:
                write = NOT_DECLARED
            raise NotationError(
                f"the pin `{pin.name}` names nothing in the equations", pin.place, write=write
            )


def _output(
    equations: Sequence[Equation],
    nonlinearities: Sequence[Nonlinearity],
    given: set[str],
    output: Output | None,
) -> str:
    result = result_of(equations, nonlinearities)
    if output is None:
        return result
    computed = {e.target.name for e in equations if e.target.lag == 0}
    if output.name in given:
        raise NotationError(
            f"`output: {output.name}`: `{output.name}` is given, not computed",
            output.place,
            write=f"write output: {result}, or another name that stands left of =",
        )
    if output.name not in computed:
        raise NotationError(
            f"`output: {output.name}`: no equation defines {output.name}[t]",
            output.place,
            write=nearest(output.name, sorted(computed)) or f"add {output.name}[t] = ...",
        )
    return output.name
