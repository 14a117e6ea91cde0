"""Why an adjoint has a term, in a few words beside it."""

from __future__ import annotations

from gatecalc.calculus.statements import Rule, Term

_WORDS: dict[Rule, str] = {
    "output": "the loss at this step",
    "carried": "from step $t+1$",
    "chain": "chain rule",
    "map": "transposed matrix",
    "matrix": "outer product",
    "sum": "spread by the sum",
    "mean": "share of the mean",
    "norm": "the norm",
    "softmax": "the softmax",
}


def reason(term: Term, label: str) -> str:
    """The rule and the equation whose use the term follows, as LaTeX text.

    >>> from gatecalc.equations.tree import Ref
    >>> reason(Term(Ref("d_h", 0), "chain", 8), "gru")
    '\\\\eqref{gru:8}, chain rule'
    """
    words = _WORDS[term.rule]
    return words if term.source is None else f"{reference(term.source, label)}, {words}"


def reference(number: int, label: str) -> str:
    """A statement's number, which is a link where hyperref is loaded."""
    return rf"\eqref{{{label}:{number}}}"


def references(numbers: tuple[int, ...], label: str, last: str = ", ") -> str:
    """Several numbers, neighbours as a range; `last` stands before the last of them.

    >>> references((1, 2, 3, 7), "gru", " and ")
    '\\\\eqref{gru:1}--\\\\eqref{gru:3} and \\\\eqref{gru:7}'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown: list[str] = []
    for run in runs:
        first, end = reference(run[0], label), reference(run[-1], label)
        if len(run) == 1:
            shown.append(first)
        elif len(run) == 2:
            shown += [first, end]
        else:
            shown.append(f"{first}--{end}")
    return last.join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
