"""Text to cell: the notation as people type it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from textwrap import indent

from gatecalc.equations.arithmetic import check_arithmetic
from gatecalc.equations.cell import Cell, Constant, Equation, Nonlinearity
from gatecalc.equations.elsewhere import means_something_else
from gatecalc.equations.expressions import expression
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.leaves import number, timed
from gatecalc.equations.lines import (
    ONE_CELL,
    LogicalLine,
    leading_comment,
    logical_lines,
    physical_lines,
)
from gatecalc.equations.names import check_name, time_suffix
from gatecalc.equations.nonlinearities import Extent, extent, nonlinearity
from gatecalc.equations.pins import Output, Pin, is_one_number, pin
from gatecalc.equations.roles import assign_roles
from gatecalc.equations.shapes import infer_shapes
from gatecalc.equations.steps import moved
from gatecalc.equations.suspects import check_names, check_sizes
from gatecalc.equations.syntax import Declared, Scope, parse_line
from gatecalc.equations.tree import Dim, Ref, Size, walk, with_sizes
from gatecalc.equations.values import check_value
from gatecalc.errors import GatecalcError, NotationError, Place

MAX_OPERATIONS = 20_000


@dataclass(slots=True)
class _Draft:
    """What the lines say, before anything is inferred."""

    equations: list[Equation] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    nonlinearities: list[Nonlinearity] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    output: Output | None = None
    places: dict[str, Place] = field(default_factory=dict)
    extents: dict[str, tuple[Nonlinearity, Extent]] = field(default_factory=dict)


def read(text: str, name: str = "cell") -> Cell:
    """Reads equations into a cell; `name` is what the cell is called in headers.

    Raises NotationError, with the line and a caret, for anything that the notation does not have,
    and ShapeError for shapes that cannot agree. Nothing in the text is evaluated.

    >>> cell = read("h[t] = tanh(W @ x[t] + U @ h[t-1] + b)")
    >>> cell.inputs, cell.states, cell.parameters
    (('x',), ('h',), ('W', 'U', 'b'))
    """
    try:
        return _read(text, name)
    except NotationError as error:
        if advice := _respelled(text):
            raise type(error)(error.message, error.place, f"{error.write}\n{advice}") from None
        raise


def _respelled(text: str) -> str:
    """All lines as they should be, where several are spelt as papers do; else nothing."""
    # Its patterns take longer to compile than a cell to read, and most cells have no slip.
    from gatecalc.equations.respelling import respelled

    better = respelled(text)
    if better == text or means_something_else(text):
        return ""
    try:
        _read(better, "cell")
    except GatecalcError:
        return ""
    shown = indent(better.strip("\n"), "    ")
    return f"or all of it, respelled (compare it with the paper):\n{shown}"


def _read(text: str, name: str) -> Cell:
    lines = physical_lines(text)
    draft = _draft(logical_lines(lines))
    roles = assign_roles(
        draft.equations, draft.constants, draft.output, draft.pins, draft.nonlinearities
    )
    check_names(
        draft.equations, draft.constants, draft.nonlinearities, draft.pins, roles, draft.places
    )
    _check_length(draft)
    check_arithmetic(draft.equations, draft.nonlinearities)
    inferred = infer_shapes(draft.equations, roles, draft.constants, draft.pins)
    check_sizes(draft.equations, draft.constants, draft.pins, inferred, draft.places)
    equations, nonlinearities = _with_sizes(draft, inferred.named)
    title, source, notes = _header(leading_comment(lines), name)
    return Cell(
        name=name,
        title=title,
        source=source,
        notes=notes,
        equations=equations,
        inputs=roles.inputs,
        states=roles.states,
        parameters=roles.parameters,
        constants=tuple(draft.constants),
        nonlinearities=nonlinearities,
        output=roles.output,
        shapes=inferred.shapes,
        sizes=inferred.sizes,
        equal_sizes=inferred.equal,
        pins={p.name: p.shape for p in draft.pins},
        remarks=draft.remarks,
        text="\n".join(line.text for line in lines),
    )


def _with_sizes(
    draft: _Draft, named: Mapping[str, Size]
) -> tuple[tuple[Equation, ...], tuple[Nonlinearity, ...]]:
    """Sizes that stand for their number, under the names that they have in the cell's shapes."""
    equations, nonlinearities = tuple(draft.equations), tuple(draft.nonlinearities)
    if all(size == (name,) for name, size in named.items()):
        return equations, nonlinearities
    for tree in (*(e.expression for e in equations), *(n.body for n in nonlinearities)):
        for node in walk(tree):
            if isinstance(node, Dim) and not {named[node.size[0]]} <= {(name,) for name in named}:
                raise _no_name(node, named[node.size[0]])
    return (
        tuple(replace(e, expression=with_sizes(e.expression, named)) for e in equations),
        tuple(replace(n, body=with_sizes(n.body, named)) for n in nonlinearities),
    )


def _no_name(node: Dim, size: Size) -> NotationError:
    """Of a size that no pin names by itself, what is shown could not be read again."""
    name, shown = node.size[0], " + ".join(size)
    return NotationError(
        f"`{name}` is the size {shown} here, which no pin names",
        node.place,
        write=f"write {shown if len(size) == 1 else f'({shown})'}, with pins that name "
        + ("it" if len(size) == 1 else "each of them"),
    )


def _header(leading: tuple[str, ...], name: str) -> tuple[str, str, tuple[str, ...]]:
    """Title, source and notes: the first line, the rest of its paragraph, the others."""
    paragraphs: list[list[str]] = [[]]
    for line in leading:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    if not paragraphs[-1]:
        paragraphs.pop()
    if not paragraphs:
        return name, "", ()
    first, rest = paragraphs[0], paragraphs[1:]
    return first[0], " ".join(first[1:]), tuple(" ".join(p) for p in rest)


def _draft(lines: tuple[LogicalLine, ...]) -> _Draft:
    parsed = [(line, parse_line(line)) for line in lines]
    draft, declared = _Draft(), _declared([statement for _, statement in parsed])
    for line, statement in parsed:
        scope = Scope(line, declared)
        match statement:
            case ast.AnnAssign():
                _pin(statement, scope, draft)
            case ast.Assign(targets=[target]):
                _assignment(target, statement.value, scope, draft)
            case _:
                raise NotationError(
                    "more than one = in an equation",
                    line.whole(),
                    write="write one equation a line",
                )
    if not draft.equations:
        raise NotationError(
            "there is no equation in the text",
            write="write one a line: h[t] = tanh(W @ x[t] + U @ h[t-1] + b)",
        )
    return draft


def _check_length(draft: _Draft) -> None:
    """Bounds all operations together, those of the cell's own nonlinearities put in."""
    total = 0
    for equation in draft.equations:
        total += extent(equation.expression, draft.extents).nodes
        if total > MAX_OPERATIONS:
            raise NotationError(
                f"the equations come to more than {MAX_OPERATIONS:,} operations",
                equation.place,
                write=ONE_CELL,
            )


def _declared(statements: list[ast.Assign | ast.AnnAssign]) -> Declared:
    scalars: list[str] = []
    functions: dict[str, int] = {}
    computed: list[str] = []
    static: dict[str, ast.expr] = {}
    vectors: set[str] = set()
    for statement in statements:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=shape) if is_one_number(shape):
                scalars.append(name)
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=ast.Name() | ast.Tuple(elts=[_])
            ):
                vectors.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=arguments)):
                functions[name] = len(arguments.args)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _literal(value):
                scalars.append(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                static[name] = value
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                computed.append(name)
    for name in vectors & {*static}:
        del static[name]  # spread over a vector, whatever gives it
    sizes = _sizes(statements)
    numbers = _numbers([*scalars, *sizes], static, {*functions, *FUNCTIONS})
    return Declared(frozenset(scalars), numbers, functions, frozenset(computed), sizes)


def _sizes(statements: list[ast.Assign | ast.AnnAssign]) -> frozenset[str]:
    """Sizes in pins that no parameter or value is called like: these stand for their number."""
    sizes: set[str] = set()
    others = {"scalar"}
    for statement in statements:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) if name != "output":
                others.add(name)
                sizes |= {n.id for n in ast.walk(statement.annotation) if isinstance(n, ast.Name)}
            case ast.Assign(targets=targets):
                others |= {n.id for n in targets if isinstance(n, ast.Name)}
                for node in ast.walk(statement):
                    others |= _no_number(node)
    return frozenset(sizes - others)


def _no_number(node: ast.AST) -> set[str]:
    """The name that a node shows to be a value of a step, or a matrix."""
    match node:
        case ast.Subscript(value=ast.Name(id=name)):
            return {name}
        case ast.BinOp(left=matrix, op=ast.MatMult()):
            while isinstance(matrix, ast.BinOp | ast.UnaryOp | ast.Attribute):
                match matrix:
                    case ast.BinOp(right=inner) | ast.UnaryOp(operand=inner):
                        matrix = inner
                    case ast.Attribute(value=inner):
                        matrix = inner
            return {matrix.id} if isinstance(matrix, ast.Name) else set()
    return set()


def _numbers(
    scalars: list[str], static: dict[str, ast.expr], functions: Collection[str]
) -> frozenset[str]:
    """Names of single numbers, with those that elementwise functions make of them."""
    used = {
        name: {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} - {*functions}
        for name, value in static.items()
        if not any(isinstance(n, ast.Subscript | ast.MatMult) for n in ast.walk(value))
    }
    found = set(scalars)
    while more := {name for name, names in used.items() if names <= found} - found:
        found |= more
    return frozenset(found)


def _literal(value: ast.expr) -> ast.Constant | None:
    """The number of a line `epsilon = 0.01` or `slope = -1`."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub | ast.UAdd):
        value = value.operand
    return value if isinstance(value, ast.Constant) else None


def _assignment(target: ast.expr, value: ast.expr, scope: Scope, draft: _Draft) -> None:
    if isinstance(target, ast.Subscript):
        _equation(_left(target, value, scope), value, scope, draft)
    elif not isinstance(target, ast.Name):
        raise NotationError(
            "a name stands left of =", scope.place(target), write="write h[t] = ..."
        )
    elif isinstance(value, ast.Lambda):
        found, size = nonlinearity(target, value, scope, draft.extents)
        _define(target.id, scope.place(target), draft)
        draft.nonlinearities.append(found)
        draft.extents[target.id] = found, size
    else:
        place = scope.place(target)
        if spelling := time_suffix(target.id):
            now = spelling.replace("[t-1]", "[t]")
            write = f"write {now} = ..."
            if now.removesuffix("[t]") in scope.declared.computed:
                write = f"write {spelling} where it is used; it needs no equation"
            raise NotationError(
                f"`{target.id}`: the time step stands in square brackets", place, write=write
            )
        check_name(target.id, place)
        if literal := _literal(value):
            _define(target.id, place, draft)
            sign = "-" if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) else ""
            text = sign + number(literal, scope).text
            draft.constants.append(Constant(target.id, text, scope.line.explanation))
        else:
            check_value(target.id, value, scope)
            _equation(Ref(target.id, place=place), value, scope, draft)


def _left(target: ast.Subscript, value: ast.expr, scope: Scope) -> Ref:
    match target.slice:
        case (
            ast.Constant(value=0)
            | ast.UnaryOp(ast.USub(), ast.Constant(value=1))
            | ast.BinOp(ast.Name(id="t"), ast.Sub())
        ) if not any(isinstance(n, ast.Subscript) for n in ast.walk(value)):
            raise NotationError(
                f"`{scope.line.source(target)}` on a left side: states begin at zero",
                scope.place(target),
                write="remove the line; where states begin elsewhere, give them to the module's\n"
                "forward(params, xs, state)",
            )
    match target:
        case ast.Subscript(ast.Name(id=name)) if time_suffix(name).endswith("[t-1]"):
            raise NotationError(
                f"`{name}` on a left side: a step computes what is at [t]",
                scope.place(target),
                write=f"write {time_suffix(name)} where it is used; it needs no equation",
            )
        case ast.Subscript(ast.Name(id=name), ast.BinOp(ast.Name(id="t"), sign, _)):
            raise NotationError(
                f"`{scope.line.source(target)}` on a left side: a step computes what is at [t]",
                scope.place(target),
                write=f"write {name}[t] = ..." if isinstance(sign, ast.Sub) else moved(name),
            )
    return timed(target, scope)


def _equation(target: Ref, value: ast.expr, scope: Scope, draft: _Draft) -> None:
    _define(target.name, target.place, draft)
    draft.equations.append(
        Equation(target, expression(value, scope), scope.line.explanation, scope.line.whole())
    )


def _define(name: str, place: Place | None, draft: _Draft) -> None:
    assert place is not None
    if first := draft.places.get(name):
        raise NotationError(
            f"`{name}` is defined twice",
            place,
            write=f"the first time in line {first.line}:\n{first.quoted()}\n"
            "give one of them another name",
        )
    draft.places[name] = place


def _pin(statement: ast.AnnAssign, scope: Scope, draft: _Draft) -> None:
    found = pin(statement, scope)
    if isinstance(found, Output):
        if draft.output:
            raise NotationError("`output:` stands twice", found.place, write="keep one of them")
        draft.output = found
        return
    if any(p.name == found.name for p in draft.pins):
        raise NotationError(
            f"`{found.name}` is pinned twice", found.place, write="keep one of the pins"
        )
    draft.pins.append(found)
    if scope.line.explanation:
        draft.remarks[found.name] = scope.line.explanation
