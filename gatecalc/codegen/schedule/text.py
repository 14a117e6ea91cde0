"""Parameters and what they alone decide, as NumPy text on one-dimensional arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from gatecalc.codegen.numpy_text import ATOM, POWER, PRODUCT, SIGN, SUM, binding, has_names
from gatecalc.codegen.schedule.program import Slab, SlabVec, Stretch
from gatecalc.codegen.schedule.rows import slice_text, sum_text
from gatecalc.equations.functions import IN_NUMPY
from gatecalc.equations.rows import definition
from gatecalc.equations.tree import (
    Add,
    Call,
    Concat,
    Dim,
    Div,
    MatVec,
    Mul,
    Neg,
    Node,
    Number,
    Outer,
    Pow,
    Reduce,
    Ref,
    Sub,
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a method calls parameters, and the number 1 of the kind that they hold.

    `exact` says that sigmoids must keep the digits of small values.
    """

    local: Callable[[str], str]
    one: Callable[[], str] = lambda: "one"
    exact: bool = False


def number_text(value: Fraction) -> str:
    """A number as Python text.

    >>> number_text(Fraction(1, 2)), number_text(Fraction(2))
    ('0.5', '2.0')
    """
    return repr(float(value)).replace("e+", "e")


def static_text(node: Node, spelling: Spelling) -> str:
    """An expression of parameters alone.

    >>> static_text(Mul(Add(Ref("b"), Number("1")), Ref("c")), Spelling(str.upper))
    '(B + 1) * C'
    """

    def within(inner: Node, least: int) -> str:
        found = static_text(inner, spelling)
        return found if _binding(inner) >= least else f"({found})"

    match node:
        case Number(literal):
            value = node.value
            return number_text(value) if value.denominator == 1 and value >= 2**53 else literal
        case Ref(name, _):
            return spelling.local(name)
        case Dim(size):
            return sum_text(size)
        case Neg(argument):
            return f"-{within(argument, SIGN + 1)}"
        case Add(a, b):
            return f"{within(a, SUM)} + {within(b, PRODUCT)}"
        case Sub(a, b):
            return f"{within(a, SUM)} - {within(b, PRODUCT)}"
        case Mul(a, b):
            return f"{within(a, PRODUCT)} * {within(b, SIGN)}"
        case Div(a, b):
            return f"{within(a, PRODUCT)} / {within(b, SIGN)}"
        case Pow(base, exponent):
            return _power(within(base, ATOM), exponent, isinstance(base, Ref | Number))
        case Call(function, arguments):
            return _call(function, arguments, spelling)
        case Reduce(kind, argument):
            return _reduction(kind, within(argument, ATOM), static_text(argument, spelling))
        case Concat(parts):
            return f"np.concatenate([{', '.join(static_text(p, spelling) for p in parts)}])"
        case MatVec(matrix, operand):
            return f"{matrix_text(Slab.backward(matrix), spelling.local)} @ {within(operand, SIGN)}"
        case SlabVec(slab, operand):
            return f"{matrix_text(slab, spelling.local)} @ {within(operand, SIGN)}"
        case Outer(a, b):
            return f"np.outer({static_text(a, spelling)}, {static_text(b, spelling)})"
    raise TypeError(f"no text for {type(node).__name__}")


def matrix_text(slab: Slab, local: Callable[[str], str]) -> str:
    """A matrix or a part of it, perhaps transposed."""
    text = local(slab.name)
    if slab.columns is not None:
        text += f"[{_stretch(slab.rows)}, {_stretch(slab.columns)}]"
    elif slab.rows is not None:
        text += f"[{_stretch(slab.rows)}]"
    return text + (".T" if slab.transposed else "")


def _stretch(stretch: Stretch) -> str:
    if stretch is None:
        return ":"
    start, stop = stretch
    return slice_text(sum_text(start), sum_text(stop))


def _binding(node: Node) -> int:
    match node:
        case SlabVec():
            return PRODUCT
        case Outer() | Reduce():
            return ATOM
        case Call(function, arguments):
            body = definition(function, arguments)
            return ATOM if body is None else _binding(body)
        case Pow(_, exponent):
            return POWER if exponent >= 0 else PRODUCT
    return binding(node)


def _power(base: str, exponent: int, short: bool) -> str:
    sign = "**" if short and base.isidentifier() else " ** "  # as formatters write it
    power = base if exponent in (1, -1) else f"{base}{sign}{abs(exponent)}"
    return power if exponent >= 0 else f"1 / {power}"


def _call(function: str, arguments: tuple[Node, ...], spelling: Spelling) -> str:
    body = definition(function, arguments)
    if body is not None and not (spelling.exact and function == "sigmoid"):
        return static_text(body, spelling)
    texts = [static_text(a, spelling) for a in arguments]
    if not any(has_names(a) for a in arguments):
        # NumPy would answer in float64, whatever the parameters are.
        texts = [
            f"{spelling.one()} * {t}" if _is_plain(t) else f"{spelling.one()} * ({t})"
            for t in texts
        ]
    return f"{'np.' if function in IN_NUMPY else '_'}{function}({', '.join(texts)})"


def _is_plain(text: str) -> bool:
    return " " not in text and not text.startswith("-")


def _reduction(kind: str, atom: str, whole: str) -> str:
    match kind:
        case "sum" | "mean":
            return f"np.{kind}({whole})"
        case "norm":
            return f"np.sqrt(np.sum({atom} * {atom}))"
    return f"_softmax({whole})"
