"""The derivative of each function of the notation, worked out step by step.

Every line of a derivation is an expression with one value: the derivative that the table of
functions states in its last form. `a` and `b` are the arguments, `y` is the function's own value.
What stands between backticks in a remark is in the notation too. A function that stands in no table
here has its derivation from the table of functions and SymPy.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache

from gatecalc.calculus.algebra import Algebra, partial
from gatecalc.equations.expressions import expression
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.lines import Line, LogicalLine
from gatecalc.equations.rows import derivative_row
from gatecalc.equations.syntax import Scope
from gatecalc.equations.tree import Node, Ref


@dataclass(frozen=True, slots=True)
class Step:
    """One form of a derivative, and what was done to get it."""

    expression: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Worked:
    """A function, and for each argument the steps to its derivative.

    `definition` is what the derivation starts from; None where `remark` says it in words.
    """

    name: str
    arguments: tuple[str, ...]
    definition: Node | None
    steps: tuple[tuple[Step, ...], ...]
    remark: str = ""
    kink: str = ""


_Lines = tuple[tuple[str, str], ...]

_PIECEWISE = "each straight piece has its own slope"
_TIES = "1 where the first argument is the one that is taken"

_LEFT_OF_GELU = "0.5 * (1 + erf(0.7071067811865476 * a))"
_PRODUCT_OF_GELU = (
    "0.5 * a * (1.1283791670955126 * 0.7071067811865476 * exp(-(0.7071067811865476 * a)**2))"
)

_DEFINITIONS = {
    "sigmoid": "1 / (1 + exp(-a))",
    "tanh": "(exp(a) - exp(-a)) / (exp(a) + exp(-a))",
    "relu": "maximum(a, 0)",
    "leaky_relu": "maximum(a, 0) + 0.01 * minimum(a, 0)",
    "elu": "maximum(a, 0) + exp(minimum(a, 0)) - 1",
    "gelu": "0.5 * a * (1 + erf(0.7071067811865476 * a))",
    "silu": "a * sigmoid(a)",
    "softplus": "log(1 + exp(a))",
    "softsign": "a / (1 + abs(a))",
    "hard_sigmoid": "minimum(maximum(0.2 * a + 0.5, 0), 1)",
    "hard_sigmoid_6": "minimum(maximum(a / 6 + 0.5, 0), 1)",
    "hard_tanh": "minimum(maximum(a, -1), 1)",
}

_REMARKS = {
    "erf": "2 divided by the root of pi, times the integral of `exp(-s**2)` over s from 0 to `a`",
    "exp": "the function that is its own derivative",
    "log": "`exp(y) = a`, and both sides are differentiated",
    "sqrt": "`y**2 = a`, and both sides are differentiated",
    "abs": "`a` where that is positive, `-a` where it is negative",
    "sin": "from the addition theorem, since `sin(s) / s` tends to 1 as s goes to 0",
    "cos": "the sine, a quarter of a turn ahead",
    "maximum": "the greater of `a` and `b`",
    "minimum": "the smaller of `a` and `b`",
}

_STEPS: dict[str, tuple[_Lines, ...]] = {
    "sigmoid": (
        (
            ("exp(-a) / (1 + exp(-a))**2", "quotient rule"),
            ("1 / (1 + exp(-a)) * (exp(-a) / (1 + exp(-a)))", "as a product"),
            (
                "1 / (1 + exp(-a)) * (1 - 1 / (1 + exp(-a)))",
                "the second factor is 1 minus the first",
            ),
            ("y * (1 - y)", "in terms of the value"),
        ),
    ),
    "tanh": (
        (
            (
                "((exp(a) + exp(-a))**2 - (exp(a) - exp(-a))**2) / (exp(a) + exp(-a))**2",
                "quotient rule",
            ),
            ("1 - ((exp(a) - exp(-a)) / (exp(a) + exp(-a)))**2", "divided term by term"),
            ("1 - y**2", "in terms of the value"),
        ),
    ),
    "relu": ((("step(a)", _PIECEWISE),),),
    "leaky_relu": (
        (
            ("step(a) + 0.01 * (1 - step(a))", _PIECEWISE),
            ("0.01 + 0.99 * step(a)", "collected"),
        ),
    ),
    "elu": (
        (
            (
                "step(a) + exp(minimum(a, 0)) * (1 - step(a))",
                "slope 1 above 0; below, exp is its own derivative",
            ),
            ("step(a) + (1 - step(a)) * exp(minimum(a, 0))", "as it is computed"),
        ),
    ),
    "gelu": (
        (
            (
                f"{_LEFT_OF_GELU} + {_PRODUCT_OF_GELU}",
                "product rule, and the derivative of erf",
            ),
            (
                f"{_LEFT_OF_GELU} + 0.3989422804014327 * a * exp(-0.5 * a**2)",
                "numbers multiplied",
            ),
        ),
    ),
    "silu": (
        (
            ("sigmoid(a) + a * (sigmoid(a) * (1 - sigmoid(a)))", "product rule"),
            ("sigmoid(a) + y * (1 - sigmoid(a))", "in terms of the value"),
        ),
    ),
    "softplus": (
        (
            ("exp(a) / (1 + exp(a))", "chain rule: `log(s)` has the derivative `1 / s`"),
            ("1 / (1 + exp(-a))", "divided by `exp(a)` above and below"),
            ("sigmoid(a)", "which is the logistic sigmoid"),
        ),
    ),
    "softsign": (
        (
            ("(1 + abs(a) - a * sign(a)) / (1 + abs(a))**2", "quotient rule"),
            ("1 / (1 + abs(a))**2", "`a * sign(a)` is `abs(a)`"),
        ),
    ),
    "hard_sigmoid": ((("0.2 * step(y) * step(1 - y)", "slope 0.2 between the two bends"),),),
    "hard_sigmoid_6": ((("step(y) * step(1 - y) / 6", "slope 1/6 between the two bends"),),),
    "hard_tanh": ((("step(y + 1) * step(1 - y)", "slope 1 between the two bends"),),),
    "erf": (
        (
            (
                "1.1283791670955126 * exp(-a**2)",
                "the derivative of an integral by its upper end",
            ),
        ),
    ),
    "exp": ((("y", "by definition"),),),
    "log": ((("1 / a", "`exp(y)` times the derivative is 1"),),),
    "sqrt": ((("0.5 / y", "`2 * y` times the derivative is 1"),),),
    "abs": ((("sign(a)", _PIECEWISE),),),
    "sin": ((("cos(a)", "a quarter of a turn ahead"),),),
    "cos": ((("-sin(a)", "a quarter of a turn ahead"),),),
    "maximum": (
        (("step(a - b)", _TIES),),
        (("1 - step(a - b)", "1 where the second one is, and in a tie"),),
    ),
    "minimum": (
        (("step(b - a)", _TIES),),
        (("1 - step(b - a)", "1 where the second one is, and in a tie"),),
    ),
}


@cache
def worked(name: str) -> Worked:
    """How the derivative of a function of the table comes about.

    Raises KeyError for a function that users cannot write.

    >>> from gatecalc.equations.text import to_text
    >>> for step in worked("tanh").steps[0]:
    ...     print(to_text(step.expression), "|", step.reason)
    ((exp(a) + exp(-a))**2 - (exp(a) - exp(-a))**2) / (exp(a) + exp(-a))**2 | quotient rule
    1 - ((exp(a) - exp(-a)) / (exp(a) + exp(-a)))**2 | divided term by term
    1 - y**2 | in terms of the value
    """
    definition = _DEFINITIONS.get(name) or FUNCTIONS[name].definition
    start = tree(definition) if definition else None
    return Worked(
        name=name,
        arguments=FUNCTIONS[name].arguments,
        definition=start,
        steps=_by_hand(name) if name in _STEPS else _by_rules(name, start),
        remark=_REMARKS.get(name, ""),
        kink=FUNCTIONS[name].kink,
    )


def _by_hand(name: str) -> tuple[tuple[Step, ...], ...]:
    return tuple(tuple(Step(tree(text), why) for text, why in lines) for lines in _STEPS[name])


def _by_rules(name: str, start: Node | None) -> tuple[tuple[Step, ...], ...]:
    """What SymPy makes of a definition, and the derivative as the table of functions has it."""
    steps: list[tuple[Step, ...]] = []
    for position, argument in enumerate(FUNCTIONS[name].arguments):
        last = Step(derivative_row(name, position), "as it is computed")
        if start is None:
            steps.append((Step(last.expression, "a derivative that tables have"),))
            continue
        algebra = Algebra()
        slope = partial(algebra.to_sympy(start), algebra.symbol(Ref(argument)))
        first = Step(algebra.to_tree(slope), "by the rules for sums, products and chains")
        steps.append((first,) if first.expression == last.expression else (first, last))
    return tuple(steps)


def tree(text: str) -> Node:
    """An expression in the names `a`, `b`, `y` and `s`, as the derivations are written in.

    >>> tree("1 - y**2")
    Sub(left=Number(text='1'), right=Pow(base=Ref(name='y', lag=None), exponent=2))
    """
    line = LogicalLine((Line(1, text, None, text),))
    scope = Scope(line, arguments=("a", "b", "y", "s"), internal=True)
    return expression(ast.parse(text, mode="eval").body, scope)
