"""Forward statements to a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import sympy

from gatecalc.calculus.algebra import Algebra, partial
from gatecalc.calculus.statements import Derivation, Statement
from gatecalc.codegen.schedule.cancellation import LARGEST_FACTOR, keeps_digits
from gatecalc.codegen.schedule.forms import content_of, multiplied_out
from gatecalc.codegen.schedule.lowering import Lowering
from gatecalc.codegen.schedule.program import (
    ONE,
    Count,
    Linear,
    Literal,
    Op,
    Operand,
    Previous,
    Product,
    Program,
    Rows,
    Slab,
    SlabVec,
    Value,
    operand_of,
)
from gatecalc.codegen.schedule.step import Step
from gatecalc.equations.ranges import ranges
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    MatVec,
    Neg,
    Node,
    Reduce,
    Ref,
    Shape,
    Size,
    Sub,
    references,
)


@dataclass(slots=True)
class Forward:
    """The forward program of a cell and what the backward pass wants to know of it."""

    step: Step
    program: Program
    algebra: Algebra
    lowering: Lowering
    linears: dict[str, Linear] = field(default_factory=dict)

    @property
    def derivation(self) -> Derivation:
        """The statements of the cell."""
        return self.step.derivation


def rows_of(shape: Shape) -> Rows:
    """The rows that a value of one sample's shape takes."""
    return tuple(shape[0]) if shape else ONE


def forward_program(step: Step) -> Forward:
    """Lowers every statement of a step."""
    derivation = step.derivation
    program = Program(scale=dict(step.scale))
    for name, shape in derivation.shapes.items():
        if len(shape) < 2:
            program.rows[name] = rows_of(shape)
    algebra = Algebra()
    lowering = Lowering(
        program,
        algebra,
        derivation.shapes,
        small=_small(step),
        reuse=step.reuse,
        stable=step.stable,
    )
    forward = Forward(step, program, algebra, lowering)
    for name in derivation.cell.inputs:
        algebra.symbol(Ref(name, 0))
    for statement in step.live:
        _lower_statement(forward, statement)
    return forward


def _small(step: Step) -> frozenset[str]:
    """The states, and the values that are never far from one: gates."""
    found = ranges((s.target, s.expression) for s in step.live)
    gates = {n for n, bounds in found.items() if max(map(abs, bounds)) <= LARGEST_FACTOR}
    return frozenset(gates | {*step.derivation.cell.states})


def _lower_statement(forward: Forward, statement: Statement) -> None:
    program, lowering = forward.program, forward.lowering
    name, numbers = statement.target.name, (statement.number,)
    output = Value(name)
    expression = statement.expression
    if isinstance(expression, Call) and expression.function == "sigmoid":
        _lower_sigmoid(forward, statement)
        return
    if isinstance(expression, Reduce):
        _lower_reduction(forward, statement, expression)
        return
    products: list[Product] = []
    static: list[tuple[int, Node]] = []
    rest: list[tuple[int, Node]] = []
    for sign, term in _summands(expression):
        if _is_static(term):
            static.append((sign, term))
        elif isinstance(term, MatVec):
            for piece in _split(forward, sign, term):
                if isinstance(piece, Product):
                    products.append(piece)
                else:
                    static.append(piece)
        else:
            rest.append((sign, term))
    if not products:
        true = sympy.Add(*_signed(forward, (*rest, *static)))
        _assign(forward, statement, lowering.rescaled(true), numbers)
        return
    linear = Linear(
        output if not rest else program.temporary(program.rows[name], name),
        tuple(products),
        tuple(static),
        numbers=numbers,
    )
    if not rest:
        _add_linear(forward, linear)
        return
    wanted = program.scale.get(name, Fraction(1))
    program.scale[linear.output.name] = wanted
    _add_linear(forward, linear)
    true = sympy.Add(lowering.symbol(linear.output), *_signed(forward, rest))
    _assign(forward, statement, lowering.rescaled(true), numbers)


def _signed(forward: Forward, terms: Iterable[tuple[int, Node]]) -> Iterator[sympy.Expr]:
    for sign, term in terms:
        expr = forward.algebra.to_sympy(term)
        yield expr if sign > 0 else -expr


def _add_linear(forward: Forward, linear: Linear) -> None:
    forward.linears[linear.output.name] = linear
    forward.program.instructions.append(linear)


def _assign(
    forward: Forward, statement: Statement, stored: sympy.Expr, numbers: tuple[int, ...]
) -> None:
    """Lowers `scale * stored` into the statement's value, choosing the scale where it is free."""
    program, lowering = forward.program, forward.lowering
    name = statement.target.name
    stored = _absorb(forward, stored)
    if name in forward.step.free and name not in program.scale:
        content, _ = content_of(lowering.cheapest(stored))
        if content not in (1, -1) and content > 0:
            program.scale[name] = 1 / content
    scale = program.scale.get(name, Fraction(1))
    wanted = stored * sympy.Rational(scale.numerator, scale.denominator)
    long = multiplied_out(wanted) if scale != 1 else wanted
    careful = keeps_digits(wanted, long, lowering.is_small)
    program.instructions.extend(lowering.assign(long if careful else wanted, Value(name), numbers))


def _absorb(forward: Forward, stored: sympy.Expr) -> sympy.Expr:
    """Moves a term's number into a matrix product that only this term reads."""
    program = forward.program
    products = _absorbing(forward, stored)
    if not products:
        return stored
    terms = sympy.Add.make_args(multiplied_out(stored))
    readers = Counter(s for term in terms for s in term.free_symbols)
    for term in terms:
        number, rest = term.as_coeff_Mul()
        if abs(number) == 1 or not number.is_Rational:
            continue
        factors = [s for s in sympy.Mul.make_args(rest) if s in products and readers[s] == 1]
        if not factors:
            continue
        symbol = min(factors, key=lambda s: s.name)
        operand = products[symbol]
        factor = Fraction(abs(int(number.p)), int(number.q))
        program.scale[operand.name] = program.scale_of(operand) * factor
        sign = sympy.Rational(factor.denominator, factor.numerator)
        stored = stored.xreplace({symbol: symbol * sign})
    return stored


def _absorbing(forward: Forward, stored: sympy.Expr) -> dict[sympy.Symbol, Value]:
    """The matrix products in an expression that may take a number, if it is linear in them."""
    found: dict[sympy.Symbol, Value] = {}
    wanted = forward.step.absorbing & forward.linears.keys()
    symbols = sorted(stored.free_symbols, key=lambda s: s.name) if wanted else []
    for symbol in symbols:
        operand = forward.lowering.operand(symbol)
        if not isinstance(operand, Value) or operand.name not in wanted:
            continue
        if symbol not in partial(stored, symbol).free_symbols:
            found[symbol] = operand
    return found


def _lower_sigmoid(forward: Forward, statement: Statement) -> None:
    """sigmoid(a) = 1/2 + tanh(a/2)/2; the direct form where small values must keep digits."""
    program, lowering = forward.program, forward.lowering
    name, numbers = statement.target.name, (statement.number,)
    assert isinstance(statement.expression, Call)
    (argument,) = statement.expression.arguments
    true = forward.algebra.to_sympy(argument)
    output = Value(name)
    if forward.step.stable:
        operand = _one_operand(forward, lowering.rescaled(true), name, numbers)
        program.instructions.append(Op("sigmoid", (operand,), output, numbers))
        return
    inner = _one_operand(forward, lowering.rescaled(true / 2), name, numbers)
    tanh = program.temporary(program.rows[name], name)
    program.instructions.append(Op("tanh", (inner,), tanh, numbers))
    one, half = Literal(Fraction(1)), Literal(Fraction(1, 2))
    if program.scale.get(name) == 2:
        program.instructions.append(Op("add", (tanh, one), output, numbers))
        return
    scaled = program.temporary(program.rows[name], name)
    program.instructions.append(Op("multiply", (tanh, half), scaled, numbers))
    program.instructions.append(Op("add", (scaled, half), output, numbers))


def _one_operand(
    forward: Forward, stored: sympy.Expr, whole: str, numbers: tuple[int, ...]
) -> Operand:
    if stored.is_Symbol:
        return forward.lowering.operand(stored)
    rows = ONE
    for symbol in stored.free_symbols:
        here = forward.lowering.rows_of(forward.lowering.operand(symbol))
        rows = here if here != ONE else rows
    value = forward.program.temporary(rows, whole)
    forward.program.instructions.extend(forward.lowering.assign(stored, value, numbers))
    return value


def _lower_reduction(forward: Forward, statement: Statement, expression: Reduce) -> None:
    program, lowering = forward.program, forward.lowering
    name, numbers = statement.target.name, (statement.number,)
    assert isinstance(expression.argument, Ref)
    stored = lowering.rescaled(forward.algebra.to_sympy(expression.argument))
    vector = _one_operand(forward, stored, name, numbers)
    rows = lowering.rows_of(vector)
    output = Value(name)

    def emit(function: str, *inputs: Operand, out: Value | None = None, one: bool = False) -> Value:
        value = out or program.temporary(ONE if one else rows, name)
        program.instructions.append(Op(function, inputs, value, numbers))
        return value

    match expression.kind:
        case "sum":
            emit("sum", vector, out=output)
        case "mean":
            total = emit("sum", vector, one=True)
            size = forward.derivation.shapes[expression.argument.name][0]
            emit("multiply", total, Count(size, inverse=True), out=output)
        case "norm":
            square = emit("multiply", vector, vector)
            total = emit("sum", square, one=True)
            emit("sqrt", total, out=output)
        case "softmax":
            largest = emit("largest", vector, one=True)
            shifted = emit("subtract", vector, largest)
            exponential = emit("exp", shifted)
            total = emit("sum", exponential, one=True)
            emit("divide", exponential, total, out=output)


def _summands(node: Node, sign: int = 1) -> list[tuple[int, Node]]:
    match node:
        case Add(left, right):
            return _summands(left, sign) + _summands(right, sign)
        case Sub(left, right):
            return _summands(left, sign) + _summands(right, -sign)
        case Neg(argument):
            return _summands(argument, -sign)
    return [(sign, node)]


def _is_static(node: Node) -> bool:
    return all(r.lag is None for r in references(node))


def _split(forward: Forward, sign: int, node: MatVec) -> list[Product | tuple[int, Node]]:
    """A map of a concat as one product for each part; a part that is static is a column."""
    matrix = node.matrix
    parts = node.operand.parts if isinstance(node.operand, Concat) else (node.operand,)
    found: list[Product | tuple[int, Node]] = []
    start: Size = ()
    for part in parts:
        assert isinstance(part, Ref)
        stop = (*start, *forward.derivation.shapes[part.name][0])
        slab = Slab.forward(matrix, None if len(parts) == 1 else (start, stop))
        operand = operand_of(part)
        if isinstance(operand, Value | Previous):
            found.append(Product(slab, operand, sign))
        else:
            found.append((sign, SlabVec(slab, part)))
        start = stop
    return found
