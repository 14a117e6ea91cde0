"""A derivation for people, as plain text, and for programs, as a dict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gatecalc.calculus.statements import Derivation, Role, Rule, Statement, Term
from gatecalc.equations.text import size_text, to_text
from gatecalc.equations.tree import Add, Call, Dim, Neg, Node, Sub, walk
from gatecalc.equations.wrapping import equation_lines, prose_lines

_SECTIONS: tuple[tuple[str, bool, tuple[Role, ...]], ...] = (
    ("Forward, once: what depends on {} alone", True, ("static",)),
    ("Forward, at every step", True, ("step",)),
    ("Backward, at every step, from the last statement to the first", False, ("adjoint", "input")),
    ("Backward, what goes back to the step before", False, ("carried",)),
    ("Gradients of parameters, added over time and samples", False, ("parameter",)),
    ("Backward, once: gradients through what depends on {} alone", False, ("static",)),
)


def derivation_text(derivation: Derivation, width: int = 80) -> str:
    """The derivation, statement by statement, with the rule and the source of each term.

    >>> from gatecalc.calculus import derive
    >>> print(derivation_text(derive("h[t] = tanh(W @ x[t] + b)")))  # doctest: +ELLIPSIS
    cell: derivation
    ...
      (2) h[t] = tanh(a_h[t])
    ...
      (4) d_a_h[t] = d_h[t] * (1 - h[t]**2)  chain rule through (2)
    ...
    """
    cell = derivation.cell
    lines = prose_lines(f"{cell.name}: derivation", width)
    lines += ["", *_legend(derivation, width)]
    number_width = len(f"  ({len(derivation.forward) + len(derivation.backward)})")
    for title, forward, members in _SECTIONS:
        side = derivation.forward if forward else derivation.backward
        statements = [s for s in side if s.role in members]
        if not statements:
            continue
        lines += ["", title.format(behind_once(derivation))]
        if forward:
            for statement in statements:
                lines += _forward_lines(statement, width, number_width)
        else:
            lines += _backward_lines(statements, width, number_width)
    return "\n".join(lines) + "\n"


def behind_once(derivation: Derivation) -> str:
    """What the values that are computed once depend on.

    >>> from gatecalc.calculus import derive
    >>> behind_once(derive("W: (K, D)\\nh[t] = a * b + (V @ (W @ x[t])) / sqrt(K)"))
    'parameters and sizes'
    """
    once = (s.expression for s in derivation.forward if s.role == "static")
    sizes = any(isinstance(node, Dim) for tree in once for node in walk(tree))
    return "parameters and sizes" if sizes else "parameters"


def derivation_facts(derivation: Derivation) -> dict[str, Any]:
    """The derivation as strings, numbers, lists and dicts, for JSON."""
    cell = derivation.cell
    return {
        "name": cell.name,
        "title": cell.title,
        "source": cell.source,
        "cotangent": derivation.cotangent,
        "incoming": dict(derivation.incoming),
        "outgoing": dict(derivation.outgoing),
        "forward": [_statement_facts(s) for s in derivation.forward],
        "backward": [_statement_facts(s) for s in derivation.backward],
    }


_WORDS: dict[Rule, tuple[str, str]] = {
    "chain": ("chain rule", " through"),
    "map": ("transposed matrix", " of"),
    "matrix": ("outer product", ", from"),
    "sum": ("spread by the sum", " in"),
    "mean": ("share of the mean", " in"),
    "norm": ("derivative of the norm", " in"),
    "softmax": ("derivative of the softmax", " in"),
}
"""What a rule is called, and what stands before the statement that it follows."""


def reason(term: Term, statement: Statement, *, source: bool = True) -> str:
    """Why an adjoint has this term, in a few words; `source` says through which statement."""
    if term.rule == "output":
        return f"the loss looks at {statement.of} of this step"
    if term.rule == "carried":
        return f"{statement.of} flows into the next step"
    words, joint = _WORDS[term.rule]
    return f"{words}{joint} ({term.source})" if source else words


SEVERAL_PATHS = (
    "A value that is used more than once receives one term from each use. Code that follows the "
    "paths one after another writes = for the first and += for every further one."
)
"""What is said where an adjoint has several terms; the notes say it in the same words."""


def is_sum_of_paths(statement: Statement) -> bool:
    """Whether the adjoint of a value adds up several terms."""
    return statement.role in ("adjoint", "input", "carried") and len(statement.terms) > 1


_INTERNAL = {
    "step": "step(a) is 1 where a > 0, elsewhere 0.",
    "sign": "sign(a) is 1 where a > 0, -1 where a < 0, and 0 at 0.",
    "reciprocal": "reciprocal(a) is 1 / a, and 0 at 0.",
}
"""Functions that only derivatives have."""


def _legend(derivation: Derivation, width: int) -> list[str]:
    sentences = ["The adjoint d_v of a value v is the derivative of the loss by v."]
    sentences.append(f"{derivation.cotangent} is what the loss sends into the output.")
    for state, name in derivation.incoming.items():
        if state in derivation.outgoing:
            sentences.append(f"{name} arrives from step t+1 as its {derivation.outgoing[state]}.")
    if any(map(is_sum_of_paths, derivation.backward)):
        sentences.append(SEVERAL_PATHS)
    used = {
        node.function
        for statement in derivation.backward
        for term in statement.terms
        for node in walk(term.expression)
        if isinstance(node, Call)
    }
    sentences += [meaning for name, meaning in _INTERNAL.items() if name in used]
    return prose_lines(" ".join(sentences), width)


def _forward_lines(statement: Statement, width: int, number_width: int) -> list[str]:
    number = f"{f'({statement.number})':>{number_width}} "
    text = f"{to_text(statement.target)} = {to_text(statement.expression)}"
    lines = equation_lines(text, width, number)
    return [*lines, *prose_lines(statement.explanation, width, " " * (number_width + 3))]


def _backward_lines(statements: Sequence[Statement], width: int, number_width: int) -> list[str]:
    """One line for each path, its reason beside it, or below where there is no room."""
    rows: list[tuple[list[str], str]] = []
    for statement in statements:
        number = f"{f'({statement.number})':>{number_width}} "
        start = f"{number}{to_text(statement.target)} {statement.operation} "
        for position, term in enumerate(statement.terms):
            before = " " * (len(start) - 2) if position else start
            shown = _signed(term.expression, position)
            below = " " * (len(start) + 2)
            lines = equation_lines(shown, width, before, below)
            rows.append((lines, reason(term, statement)))
    longest = max(len(why) for _, why in rows)
    ends = [len(lines[-1]) for lines, _ in rows]
    column = max((end for end in ends if end + 2 + longest <= width), default=2) + 2
    printed: list[str] = []
    for lines, why in rows:
        beside = f"{lines[-1]:{column - 2}}  {why}"
        fits = len(beside) <= width
        printed += [*lines[:-1], beside] if fits else [*lines, f"{why:>{width}}"]
    return printed


def _signed(expression: Node, position: int) -> str:
    """A summand with its sign, the first without a plus."""
    if isinstance(expression, Neg):
        # `-(a * b)` as `- a * b`: the sign stands before the whole term.
        text = to_text(expression.argument)
        bracketed = f"({text})" if isinstance(expression.argument, Add | Sub) else text
        return f"- {bracketed}" if position else f"-{bracketed}"
    bracketed = to_text(expression)
    return f"+ {bracketed}" if position else bracketed


def _statement_facts(statement: Statement) -> dict[str, Any]:
    return {
        "number": statement.number,
        "target": statement.target.name,
        "text": f"{to_text(statement.target)} {statement.operation} "
        f"{to_text(statement.expression)}",
        "role": statement.role,
        "of": statement.of,
        "shape": [size_text(size) for size in statement.shape],
        "equation": statement.equation,
        "explanation": statement.explanation,
        "terms": list(_term_facts(statement.terms)),
    }


def _term_facts(terms: Iterable[Term]) -> Iterable[dict[str, Any]]:
    return ({"text": to_text(t.expression), "rule": t.rule, "source": t.source} for t in terms)
