"""Elementwise expressions to single NumPy calls, with as few of them as can be found quickly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import sympy

from gatecalc.calculus.algebra import Algebra
from gatecalc.codegen.schedule.cancellation import keeps_digits
from gatecalc.codegen.schedule.forms import (
    abs_term,
    forms,
    is_inverse,
    plain_factors,
    power_price,
    unwieldy,
)
from gatecalc.codegen.schedule.program import (
    ONE,
    Column,
    Count,
    Literal,
    Op,
    Operand,
    Previous,
    Program,
    Rows,
    Value,
    operand_of,
)
from gatecalc.equations.rows import definition
from gatecalc.equations.shapes import shape_of
from gatecalc.equations.tree import Dim, Ref, Shape

_MOST_SEARCHES = 30
"""After so many searches expressions are taken as they stand."""


class Lowering:
    """Writes instructions for SymPy expressions whose symbols mean values as they are stored.

    Values that are known already are reused: `known` maps an expression to the value that holds
    it, and `products` a multiset of factors to the value of their product.
    """

    def __init__(
        self,
        program: Program,
        algebra: Algebra,
        shapes: Mapping[str, Shape],
        *,
        small: frozenset[str] = frozenset(),
        reuse: bool = True,
        stable: bool = False,
    ) -> None:
        self.program, self.algebra, self.shapes = program, algebra, shapes
        self.small, self.reuse, self.stable = small, reuse, stable
        self.known: dict[sympy.Expr, Operand] = {}
        self.products: list[tuple[tuple[sympy.Symbol, ...], sympy.Symbol]] = []
        self.numbers: tuple[int, ...] = ()
        self.static: dict[sympy.Expr, bool] = {}
        self.searches = 0
        self.whole = ""
        self.out: list[Op] = []

    # Symbols.

    def symbol(self, operand: Value | Previous) -> sympy.Symbol:
        """The symbol that means an operand as stored."""
        lag = 1 if isinstance(operand, Previous) else 0
        return self.algebra.symbol(Ref(operand.name, lag))

    def operand(self, symbol: sympy.Symbol) -> Operand:
        """The operand that a symbol means."""
        node = self.algebra.node(symbol)
        if isinstance(node, Dim):
            return Count(node.size)
        return operand_of(node) if isinstance(node, Ref) else Column(node)

    def rescaled(self, expr: sympy.Expr) -> sympy.Expr:
        """An expression in true values as one in stored values."""
        table = {}
        for symbol in expr.free_symbols if self.program.scale else ():
            operand = self.operand(symbol)
            scale = self.program.scale_of(operand)
            if scale != 1:
                table[symbol] = symbol * sympy.Rational(scale.denominator, scale.numerator)
        return expr.xreplace(table) if table else expr

    def is_static(self, expr: sympy.Expr) -> bool:
        """Whether parameters alone decide an expression."""
        found = self.static.get(expr)
        if found is None:
            if expr.is_Symbol:
                found = isinstance(self.operand(expr), Column | Count)
            else:
                found = all(map(self.is_static, expr.args))
            self.static[expr] = found
        return found

    def is_small(self, symbol: sympy.Symbol) -> bool:
        """Whether a symbol means a value of about one: gates are, and so are most states."""
        operand = self.operand(symbol)
        return isinstance(operand, Previous) or (
            isinstance(operand, Value) and operand.name in self.small
        )

    def rows_of(self, operand: Operand) -> Rows:
        """How many rows an operand has; ONE for numbers."""
        if isinstance(operand, Value | Previous):
            return self.program.rows[operand.name]
        if isinstance(operand, Column):
            shape = shape_of(operand.node, self.shapes)
            return tuple(shape[0]) if shape else ONE
        return ONE

    # Lowering.

    def assign(self, expr: sympy.Expr, output: Value, numbers: Iterable[int] = ()) -> list[Op]:
        """The calls that compute `expr` into `output`."""
        self.numbers, self.whole, self.out = tuple(numbers), output.name, []
        best = self.cheapest(expr)
        result = self._lower(best, output)
        if result != output:
            self._emit("copy", (result,), output)
        symbol = self.symbol(output)
        if not self._is_spread(best, output):
            if not best.is_Atom:
                self.known.setdefault(best, output)
            self._remember_product(best, symbol)
        ops, self.out = self.out, []
        return ops

    def _is_spread(self, expr: sympy.Expr, output: Value) -> bool:
        """Whether one number fills the rows of `output`: whoever needs it needs one row."""
        if self.rows_of(output) == ONE:
            return False
        return all(self.rows_of(self.operand(s)) == ONE for s in expr.free_symbols)

    def _remember_product(self, expr: sympy.Expr, symbol: sympy.Symbol) -> None:
        factors = plain_factors(expr)
        if factors is not None and len(factors) > 1:
            self.products.append((factors, symbol))

    def cheapest(self, expr: sympy.Expr) -> sympy.Expr:
        """The form of an expression that takes the fewest calls."""
        if expr.is_Atom or isinstance(expr, sympy.Function) or not self.reuse:
            return expr
        best, price = expr, self.price(expr)
        if price <= 1 or self.searches >= _MOST_SEARCHES:
            return expr
        self.searches += 1
        least = self._least(expr)
        tried: set[sympy.Expr] = set()
        numbers = unwieldy(expr)
        for form in forms(expr):
            if price <= least:
                break
            if not numbers >= unwieldy(form):
                continue
            candidate = self._with_products(form)
            if candidate in tried:
                continue
            tried.add(candidate)
            cost = self.price(candidate)
            if cost < price and keeps_digits(expr, form, self.is_small):
                best, price = candidate, cost
        return best

    def _least(self, expr: sympy.Expr) -> int:
        """No form takes fewer calls: each reads two values, and all must be read."""
        symbols = expr.free_symbols
        helpful = any(symbols.issuperset(factors) for factors, _ in self.products) or any(
            symbols >= known.free_symbols for known in self.known
        )
        return 0 if helpful else sum(not self.is_static(s) for s in symbols) - 1

    def price(self, expr: sympy.Expr) -> float:
        """How many calls an expression takes, about."""
        if expr in self.known or expr.is_Atom or self.is_static(expr):
            return 0
        if isinstance(expr, sympy.Add):
            terms = [t for t in expr.args if not self.is_static(t)]
            extra = 1 if len(terms) < len(expr.args) else 0
            signs = [t.could_extract_minus_sign() for t in terms]
            negative = 1 if all(signs) and not extra else 0
            return sum(self.price(abs_term(t)) for t in terms) + len(terms) - 1 + extra + negative
        if isinstance(expr, sympy.Mul):
            moving = [f for f in expr.args if not self.is_static(f)]
            extra = 1 if len(moving) < len(expr.args) and abs(_static(self, expr)) != 1 else 0
            return sum(self.price(f) for f in moving) + len(moving) - 1 + extra
        if isinstance(expr, sympy.Pow):
            return self.price(expr.base) + power_price(int(expr.exp))
        return sum(self.price(a) for a in expr.args) + 1.5

    def _with_products(self, expr: sympy.Expr) -> sympy.Expr:
        if isinstance(expr, sympy.Add):
            return expr.func(*(self._with_products(a) for a in expr.args))
        if not isinstance(expr, sympy.Mul):
            return expr
        powers = {b: e for b, e in (f.as_base_exp() for f in expr.args) if b.is_Symbol}
        for factors, symbol in self.products:
            if any(not isinstance(powers.get(f), sympy.Integer) for f in factors):
                continue
            if any(int(powers[f]) < factors.count(f) for f in factors):
                continue
            expr = expr / sympy.Mul(*factors) * symbol
            powers = {
                b: e for b, e in (f.as_base_exp() for f in sympy.Mul.make_args(expr)) if b.is_Symbol
            }
        return expr

    def _emit(self, function: str, inputs: tuple[Operand, ...], output: Value | None) -> Value:
        if output is None:
            rows = ONE
            for operand in inputs:
                here = self.rows_of(operand)
                if here != ONE:
                    rows = here
            output = self.program.temporary(rows, self.whole)
        self.out.append(Op(function, inputs, output, self.numbers))
        return output

    def _lower(self, expr: sympy.Expr, output: Value | None = None) -> Operand:
        if expr in self.known and self.reuse:
            return self.known[expr]
        if isinstance(expr, sympy.Symbol):
            return self.operand(expr)
        if isinstance(expr, sympy.Rational):
            return Literal(Fraction(int(expr.p), int(expr.q)))
        if self.is_static(expr):
            return self._column(expr)
        if isinstance(expr, sympy.Add):
            result: Operand = self._sum(expr, output)
        elif isinstance(expr, sympy.Mul):
            result = self._product(expr, output)
        elif isinstance(expr, sympy.Pow):
            result = self._power(expr, output)
        else:
            result = self._function(expr, output)
        if output is None:
            self.known[expr] = result
            if isinstance(result, Value):
                self._remember_product(expr, self.symbol(result))
        return result

    def _column(self, expr: sympy.Expr) -> Operand:
        coefficient, rest = expr.as_coeff_Mul()
        return Column(self.algebra.to_tree(rest), Fraction(int(coefficient.p), coefficient.q))

    def _sum(self, expr: sympy.Add, output: Value | None) -> Operand:
        ordered = sorted(expr.args, key=self.algebra.rank)
        static = [t for t in ordered if self.is_static(t)]
        moving = [t for t in ordered if not self.is_static(t)]
        positive = [t for t in moving if not t.could_extract_minus_sign()]
        negative = [-t for t in moving if t.could_extract_minus_sign()]
        parts: list[tuple[str, Operand]] = []
        lowered_negative = [self._lower(t) for t in negative]
        lowered_positive = [self._lower(t) for t in positive]
        constant = self._lower(sympy.Add(*static)) if static else None
        if lowered_positive:
            parts = [("add", o) for o in lowered_positive]
            if constant is not None:
                parts.append(("add", constant))
        elif constant is not None:
            parts = [("add", constant)]
        parts += [("subtract", o) for o in lowered_negative]
        (sign, current), rest = parts[0], parts[1:]
        if sign == "subtract":
            current = self._negated(current, output if not rest else None)
        for position, (function, operand) in enumerate(rest):
            last = position == len(rest) - 1
            current = self._emit(function, (current, operand), output if last else None)
        return current

    def _product(self, expr: sympy.Mul, output: Value | None) -> Operand:
        static = [f for f in expr.args if self.is_static(f)]
        moving = sorted((f for f in expr.args if not self.is_static(f)), key=self.algebra.rank)
        above = [f for f in moving if not is_inverse(f)]
        below = [sympy.Pow(f.base, -f.exp) for f in moving if is_inverse(f)]
        factor = sympy.Mul(*static)
        operands = [self._lower(f) for f in above]
        negate = factor == -1
        if factor not in (1, -1):
            operands.append(self._lower(factor))
        if not operands:
            operands = [Literal(Fraction(1))]
        count = len(operands) - 1 + len(below) + negate
        current = operands[0]
        for operand in operands[1:]:
            count -= 1
            current = self._emit("multiply", (current, operand), output if not count else None)
        for divisor in below:
            count -= 1
            lowered = self._lower(divisor)
            current = self._emit("divide", (current, lowered), output if not count else None)
        if negate:
            current = self._negated(current, output)
        return current

    def _negated(self, operand: Operand, output: Value | None) -> Operand:
        """Times -1: np.negative reads the wrong entries of some arrays (NumPy 2.4 with AVX2).

        It takes inputs of 64 bytes from one entry to the next for contiguous where the output is
        not; `tests/test_codegen_contract.py` has a cell that meets it.
        """
        return self._emit("multiply", (operand, Literal(Fraction(-1))), output)

    def _power(self, expr: sympy.Pow, output: Value | None) -> Operand:
        exponent = int(expr.exp)
        if exponent < 0:
            below = self._lower(sympy.Pow(expr.base, -exponent))
            return self._emit("divide", (Literal(Fraction(1)), below), output)
        base = self._lower(expr.base)
        result: Operand | None = None
        square = base
        while exponent:
            exponent, bit = divmod(exponent, 2)
            if bit:
                done = output if not exponent else None
                result = (
                    square if result is None else self._emit("multiply", (result, square), done)
                )
            if exponent:
                done = output if exponent == 1 and result is None else None
                square = self._emit("multiply", (square, square), done)
        assert result is not None
        return result

    def _function(self, expr: sympy.Expr, output: Value | None) -> Operand:
        name = expr.func.__name__
        arguments = [self.algebra.to_tree(a) for a in expr.args]
        if name == "sigmoid" and self.stable:
            return self._emit(name, tuple(self._lower(a) for a in expr.args), output)
        if name == "sigmoid":
            half, one = sympy.Rational(1, 2), sympy.Integer(1)
            inner = self._lower(expr.args[0] * half)
            tanh = self._emit("tanh", (inner,), None)
            shifted = self._emit("add", (tanh, Literal(Fraction(int(one)))), None)
            return self._emit("multiply", (shifted, Literal(Fraction(1, 2))), output)
        body = definition(name, arguments)
        if body is not None:
            return self._lower(self.cheapest(self.algebra.to_sympy(body)), output)
        return self._emit(name, tuple(self._lower(a) for a in expr.args), output)


def _static(lowering: Lowering, expr: sympy.Mul) -> sympy.Expr:
    value = sympy.Mul(*(f for f in expr.args if lowering.is_static(f)))
    return value if value.is_number else sympy.Integer(2)
