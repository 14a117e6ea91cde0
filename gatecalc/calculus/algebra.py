"""Between the author's tree and SymPy: elementwise expressions become scalar algebra.

A vector is an ordinary commutative symbol, so SymPy's `Mul` and `Add` are the elementwise product
and sum. Maps, reductions and references are opaque symbols. Nonlinearities are undefined functions
of our own: SymPy's `tanh`, `Abs` or `Max` evaluate by themselves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.rows import derivative_row
from gatecalc.equations.tree import (
    Add,
    Call,
    Div,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    Ref,
    Sub,
)

Rank = tuple[tuple[str, ...], str]


class Algebra:
    """A two-way dictionary between opaque nodes and SymPy symbols, for one derivation.

    Symbols are numbered in the order in which nodes are met, so that anything sorted by symbol
    has the author's order. Trees and sort keys are remembered: derivatives repeat their parts.

    >>> a = Algebra()
    >>> expr = a.to_sympy(Mul(Ref("z", 0), Ref("n", 0)))
    >>> a.to_tree(sympy.diff(expr, a.symbol(Ref("n", 0))))
    Ref(name='z', lag=0)
    """

    def __init__(self) -> None:
        self._symbols: dict[Node, sympy.Symbol] = {}
        self._nodes: dict[sympy.Symbol, Node] = {}
        self._trees: dict[sympy.Expr, Node] = {}
        self._ranks: dict[sympy.Basic, Rank] = {}

    def symbol(self, node: Node) -> sympy.Symbol:
        """The symbol that stands for an opaque node."""
        found = self._symbols.get(node)
        if found is None:
            found = sympy.Symbol(f"v{len(self._symbols):05d}")
            self._symbols[node] = found
            self._nodes[found] = node
        return found

    def node(self, symbol: sympy.Symbol) -> Node:
        """The node that a symbol stands for."""
        return self._nodes[symbol]

    def to_sympy(self, node: Node) -> sympy.Expr:
        """The tree as a SymPy expression; maps, reductions and references become symbols."""
        match node:
            case Number():
                value = node.value
                return sympy.Rational(value.numerator, value.denominator)
            case Neg(argument):
                return -self.to_sympy(argument)
            case Add() | Sub():
                return sympy.Add(*self._terms(node))
            case Mul():
                return sympy.Mul(*self._multiplied(node))
            case Div(left, right):
                return self.to_sympy(left) / self.to_sympy(right)
            case Pow(base, exponent):
                return self.to_sympy(base) ** exponent
            case Call(function, arguments):
                return _function(function)(*(self.to_sympy(a) for a in arguments))
        return self.symbol(node)

    def _terms(self, node: Node) -> list[sympy.Expr]:
        """What a sum adds up: one call of SymPy's for all of them is faster than one for each."""
        if isinstance(node, Add):
            return [*self._terms(node.left), *self._terms(node.right)]
        if isinstance(node, Sub):
            return [*self._terms(node.left), *(-term for term in self._terms(node.right))]
        return [self.to_sympy(node)]

    def _multiplied(self, node: Node) -> list[sympy.Expr]:
        """What a product multiplies, likewise."""
        if isinstance(node, Mul):
            return [*self._multiplied(node.left), *self._multiplied(node.right)]
        return [self.to_sympy(node)]

    def to_tree(self, expr: sympy.Expr) -> Node:
        """A SymPy expression as a tree, in one stated order.

        Terms: positive before negative, then by first appearance of what they contain. Factors:
        numbers first, then by first appearance; negative powers become one denominator.
        """
        found = self._trees.get(expr)
        if found is None:
            found = self._trees[expr] = self._tree(expr)
        return found

    def _tree(self, expr: sympy.Expr) -> Node:
        if isinstance(expr, sympy.Symbol):
            return self._nodes[expr]
        if isinstance(expr, sympy.Rational):
            return number(Fraction(int(expr.p), int(expr.q)))
        if isinstance(expr, sympy.Add):
            return self._sum(expr.args)
        if isinstance(expr, sympy.Mul):
            return self._product(expr)
        if isinstance(expr, sympy.Pow):
            exponent = int(expr.exp)
            if exponent < 0:
                return Div(Number("1"), power(self.to_tree(expr.base), -exponent))
            return power(self.to_tree(expr.base), exponent)
        if expr.func.__name__ in FUNCTIONS:
            return Call(expr.func.__name__, tuple(self.to_tree(a) for a in expr.args))
        raise TypeError(f"no tree for {type(expr).__name__}")  # a SymPy node we never make

    def rank(self, expr: sympy.Basic) -> Rank:
        """A sort key: by the symbols of an expression, earliest first, then by its structure."""
        found = self._ranks.get(expr)
        if found is None:
            found = self._ranks[expr] = self._rank(expr)
        return found

    def _rank(self, expr: sympy.Basic) -> Rank:
        if isinstance(expr, sympy.Symbol):
            return (expr.name,), expr.name
        if not expr.args:
            return (), str(expr)
        below = [self.rank(part) for part in expr.args]
        if isinstance(expr, sympy.Add | sympy.Mul):
            below.sort()
        names = sorted({name for symbols, _ in below for name in symbols})
        return tuple(names), f"{type(expr).__name__}({','.join(text for _, text in below)})"

    def _sum(self, terms: Sequence[sympy.Expr]) -> Node:
        signed = [(t.could_extract_minus_sign(), self.rank(t), t) for t in terms]
        signed.sort(key=lambda item: item[:2])
        node: Node | None = None
        for negative, _, term in signed:
            here = self.to_tree(-term if negative else term)
            if node is None:
                node = Neg(here) if negative else here
            else:
                node = Sub(node, here) if negative else Add(node, here)
        assert node is not None
        return node

    def _product(self, expr: sympy.Mul) -> Node:
        coefficient, rest = expr.as_coeff_Mul()
        if coefficient < 0:
            return negated(self.to_tree(-expr))
        above: list[Node] = []
        below: list[Node] = []
        if coefficient != 1:
            match number(Fraction(int(coefficient.p), int(coefficient.q))):
                case Div(Number("1"), denominator):
                    below.append(denominator)
                case Div(numerator, denominator):
                    above.append(numerator)
                    below.append(denominator)
                case decimal:
                    above.append(decimal)
        for factor in sorted(sympy.Mul.make_args(rest), key=self.rank):
            if isinstance(factor, sympy.Pow) and factor.exp.is_negative:
                below.append(power(self.to_tree(factor.base), -int(factor.exp)))
            else:
                above.append(self.to_tree(factor))
        node = product(above)
        return Div(node, product(below)) if below else node


def partial(expr: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """The derivative of sums, products and whole powers of symbols.

    What `sympy.diff` gives, many times faster on long expressions: parts without the symbol are
    passed by instead of differentiated.

    >>> x, y = sympy.symbols("x y")
    >>> partial(y * (1 - x) ** 2, x)
    -2*y*(1 - x)
    """
    if isinstance(expr, sympy.Add):
        return sympy.Add(*(partial(term, symbol) for term in expr.args))
    if not isinstance(expr, sympy.Mul):
        return sympy.Mul(*_factors(expr, symbol))
    rest = [a for a in expr.args if symbol not in a.free_symbols]
    deep = [a for a in expr.args if symbol in a.free_symbols]
    return sympy.Add(
        *(
            sympy.Mul(*rest, *deep[:k], *_factors(factor, symbol), *deep[k + 1 :])
            for k, factor in enumerate(deep)
        )
    )


def _factors(expr: sympy.Expr, symbol: sympy.Symbol) -> tuple[sympy.Expr, ...]:
    """The factors of a derivative: as long as they are apart SymPy does not multiply them out."""
    if expr == symbol:
        return (sympy.S.One,)
    if symbol not in expr.free_symbols:
        return (sympy.S.Zero,)
    if isinstance(expr, sympy.Pow) and expr.exp.is_Integer:
        return (expr.exp, expr.base ** (expr.exp - 1), *_factors(expr.base, symbol))
    if isinstance(expr, sympy.Add | sympy.Mul):
        return (partial(expr, symbol),)
    return (expr.diff(symbol),)


def expanded(expr: sympy.Expr) -> sympy.Expr:
    """A sum of products: what `sympy.expand` gives where exponents are whole, in less time.

    >>> x, y = sympy.symbols("x y")
    >>> expanded(x * (1 - y) ** 2)
    x*y**2 - 2*x*y + x
    """
    terms = _terms(expr)
    if terms is None:
        return expr.expand(power_base=False, power_exp=False, log=False, basic=False)
    return sympy.Add(*terms)


def _terms(expr: sympy.Expr) -> list[sympy.Expr] | None:
    """The terms of a polynomial, also in inverses of symbols; None for other expressions.

    Of powers of sums only squares are multiplied out here: a higher one has terms that many
    products make up, which SymPy counts instead of adding them.
    """
    if isinstance(expr, sympy.Add | sympy.Mul):
        parts = [_terms(arg) for arg in expr.args]
    elif isinstance(expr, sympy.Pow) and not expr.base.is_Symbol:
        parts = [_terms(expr.base)] * 2 if expr.exp == 2 else [None]
    else:
        return [expr] if expr.as_base_exp()[0].is_Symbol or expr.is_Rational else None
    known = [terms for terms in parts if terms is not None]
    if len(known) < len(parts):
        return None
    if isinstance(expr, sympy.Add):
        return [term for terms in known for term in terms]
    return [sympy.Mul(*factors) for factors in itertools.product(*known)]


def most_terms(expr: sympy.Expr) -> int:
    """No more terms than this has what `expanded` gives; to be asked first where they may be many.

    >>> x, y, z = sympy.symbols("x y z")
    >>> most_terms((x + y) * (x + z)), most_terms((x + y + z) ** 16)
    (4, 153)
    """
    if not expr.args:
        return 1
    if isinstance(expr, sympy.Pow):
        base, exponent = most_terms(expr.base), abs(int(expr.exp))
        return math.comb(base + exponent - 1, exponent)
    counts = map(most_terms, expr.args)
    return math.prod(counts) if isinstance(expr, sympy.Mul) else sum(counts)


def number(value: Fraction) -> Node:
    """A number as a literal, or as a quotient of literals where no short decimal is exact.

    What is neither a decimal nor a quotient that a reader takes in is rounded to a float.

    >>> number(Fraction(1, 4)), number(Fraction(1, 3))
    (Number(text='0.25'), Div(left=Number(text='1'), right=Number(text='3')))
    """
    if value < 0:
        return Neg(number(-value))
    above, below = value.numerator, value.denominator
    if below == 1:
        return Number(str(above))
    if decimal := _decimal(value):
        return Number(decimal)
    if max(above, below) < 10**15:
        return Div(Number(str(above)), Number(str(below)))
    return Number(repr(float(value)))


def _decimal(value: Fraction) -> str:
    """The digits of a fraction where no more than 17 of them say all, else nothing."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest, times = rest // prime, times + 1
        places = max(places, times)
    digits = str(value.numerator * 10**places // value.denominator)
    if rest != 1 or len(digits) > 17:
        return ""
    digits = digits.rjust(places + 1, "0")
    plain, short = f"{digits[:-places]}.{digits[-places:]}", repr(float(value))
    return short if Fraction(short) == value and len(short) < len(plain) else plain


def product(factors: Sequence[Node]) -> Node:
    """The factors multiplied from the left; 1 where there is none."""
    if not factors:
        return Number("1")
    node = factors[0]
    for factor in factors[1:]:
        node = Mul(node, factor)
    return node


def power(base: Node, exponent: int) -> Node:
    """`base**exponent`, without the exponent 1."""
    return base if exponent == 1 else Pow(base, exponent)


def negated(node: Node) -> Node:
    """The negative, without two signs in a row."""
    return node.argument if isinstance(node, Neg) else Neg(node)


@cache
def _function(name: str) -> type[sympy.Function]:
    row = FUNCTIONS[name]

    def fdiff(self: sympy.Function, argindex: int = 1) -> sympy.Expr:
        algebra = Algebra()
        table = dict(zip(row.arguments, self.args, strict=True)) | {"y": self}
        plain = algebra.to_sympy(derivative_row(name, argindex - 1))
        return plain.xreplace({algebra.symbol(Ref(n)): value for n, value in table.items()})

    return type(name, (sympy.Function,), {"fdiff": fdiff, "eval": classmethod(lambda *_: None)})
