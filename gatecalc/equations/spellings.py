"""Spellings from papers, MATLAB and programs that can mean nothing here, and what to write."""

from __future__ import annotations

import re
from collections.abc import Callable

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.names import likely, with_time
from gatecalc.equations.steps import carried, in_future, moved
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.equations.upper import Targets, check_upper
from gatecalc.errors import NotationError, Place

_NAME = r"\b([A-Za-z]\w*?)"

TIME = re.compile(_NAME + r"[_^]?[{(<]{1,3} *t *(- *1)? *[})>]{1,3}")
_TIME_SUFFIX = re.compile(_NAME + r"(?:_t( *- *1)(?![\w.])|\^t\b(-1(?![\w.]))?)")
_OTHER_STEP = re.compile(_NAME + r"([_^]?[{(<]{1,3} *t *)([-+]) *(\d+)( *[})>]{1,3})")
_STEP_AFTER = re.compile(
    r"^ *([A-Za-z]\w*?)([_^]?t *)(\+) *(1)( *)(?==(?!=))|" + _NAME + r"[_^]t\+1(?![\w.])"
)

_WORD = r"\b([A-Za-z]\w*)"
_VALUE = r"\b([A-Za-z]\w*(?:\[t(?: *- *1)?\])?)"
_TIMED = r"([A-Za-z]\w*\[t(?: *- *1)?\])"

_SPELLINGS: tuple[tuple[str, str, str], ...] = (
    # What stands before an equation, or behind one.
    (
        r"^ *(>>>|let|set|[-*+]|\(\w{1,5}\)|\d+[.):]) +([A-Za-z]\w*(?: *\[[^\[\]]*\])?) *=(?!=)",
        "`{1}` before an equation",
        "write {2} = ..., the name alone on the left; a label goes behind #",
    ),
    (
        r"^ *(?!(?:while|for|if|else|with)\b)([A-Za-z][\w ]*): *([A-Za-z]\w*\[[^\]]*\]) *=(?!=)",
        "`{1}:` before an equation",
        "write {2} = ...  # {1}",
    ),
    (
        r"(?<=[\])]) +(\(\d+(?:\.\d+)*\))$",
        "`{1}` behind an equation",
        "write # {1}: comments begin with #",
    ),
    *(
        (pattern, "one equation a line", "write {1} = {2} on a line of its own")
        for pattern in (
            r"\bwhere +([A-Za-z]\w*) *= *(-?[\d.]+)",
            r"(?<=[\])]), *([A-Za-z]\w*) *= *(-?[\d.]+)$",
            r"(?<=[\])]) +\(([A-Za-z]\w*) *= *(-?[\d.]+)\)$",
        )
    ),
    (
        r"\bwhere +[A-Za-z]\w*",
        "`{0}`: words about an equation are a comment",
        "write # before them: comments begin with #",
    ),
    # MATLAB, Julia, C.
    (
        _WORD + r" *= *@ *\(([\w ,]*)\)",
        "`@({2})` is not part of the notation",
        "write {1} = lambda {2}: ... for a function of your own",
    ),
    (
        rf"\[ *{_TIMED} +{_TIMED}(?= *\])",
        "brackets do not join vectors",
        "write concat({1}, {2}) as operand of @",
    ),
    (
        rf"\[ *{_TIMED} +{_TIMED} ",
        "brackets do not join vectors",
        "write concat({1}, {2}, ...) as operand of @",
    ),
    (
        r"(?<=[\w\])]) ?\|\| ?(?=[A-Za-z])",
        "`||` is not part of the notation",
        "write concat(a, b) as operand of @ to join vectors",
    ),
    (
        _VALUE + r" *>=? *0 *\? *\1 *: *0\b",
        "conditions are not part of the notation",
        "write maximum({1}, 0)",
    ),
    (r"\b([A-Za-z]\w*)\.\(", "`{0}`: functions take all entries at once", "write {1}(...)"),
    (
        r"^ *d([A-Za-z]\w*) */ *dt *=(?!=)",
        "a differential equation; a cell takes steps",
        "write {1}[t] = {1}[t-1] + dt * (...), with a line dt = 0.1, say",
    ),
    (r"\b([A-Za-z]\w*)\.\[", "`{0}`: brackets do not join vectors", "write {1} @ concat(a, b)"),
    # Shapes, primes, quotes.
    (
        r"(?:[∈∊]|\bin +R *\^|: *[Rℝ] *\^).*",
        "`{0}` is not part of the notation",
        "write a pin: W: (H, D) for a matrix, x: D for a vector",
    ),
    (
        r"^ *([A-Za-z]\w*) *: *([A-Za-z]\w*) *× *([A-Za-z]\w*)",
        "the two sizes of a matrix stand in round brackets",
        "write {1}: ({2}, {3})",
    ),
    (
        r"^ *([A-Za-z]\w*) *: *\(? *([A-Z]\w{0,3}) *[ ;*|@] *([A-Z]\w{0,3}) *\)? *$",
        "the two sizes of a matrix stand in round brackets, with a comma",
        "write {1}: ({2}, {3})",
    ),
    (
        r"^ *([A-Za-z]\w*)\.shape *[=:]+ *(\(.*\))",
        "`{1}.shape`: a shape is a pin",
        "write {1}: {2}",
    ),
    (
        r"^ *([A-Za-z]\w*) *~",
        "`~`: the equations hold no values",
        "leave the line out: values are given to the module's init(values=...)",
    ),
    (
        r"\b((?!d)[a-z])t-1\b",
        "`{0}`: the time step stands in square brackets",
        "write {1}[t-1]; for a parameter {1}t: {1}t - 1",
    ),
    (
        _WORD + r"'+(?= *[\[(])",
        "`{0}`: a prime is not part of a name",
        "name it otherwise: {1}_prime",
    ),
    (
        r"\beinsum *\( *['\"]",
        "there is no function `einsum`",
        "write W @ x[t] for a matrix times a vector, sum(a * b) for a dot product",
    ),
    (
        r"(?<![\w\])'\".])['\"]",
        "the notation has no text in quotes",
        "write names and numbers without quotes; comments begin with #",
    ),
    (
        r"\b([a-z]\w*?)(?:_t\b)?'+",  # behind quotes; with a capital, W', a transpose
        "`{0}`: a prime is not part of a name",
        "name it otherwise: {1}_prime; sum(a * b) is a dot product",
    ),
    # Braces and powers.
    (
        r"\b([A-Z]\w*?)\^\{ *T *\}([a-z]\w*(?:\[[^\[\]]*\])?)",
        "no operator between `{1}.T` and `{2}`",
        "write {1}.T @ {2}",
    ),
    (
        r"\b([A-Z]\w*?)[_^]?\{ *\(?(?![tT]\b)(\w+)\)? *\}([a-z]\w*(?:\[[^\[\]]*\])?)",
        "no operator between `{1}_{2}` and `{3}`",
        "write {1}_{2} @ {3}",
    ),
    (
        _NAME + r"_?\{ *(\w+) *\}",
        "`{0}`: braces are not part of the notation",
        "write {1}_{2}",
    ),
    (r"\b([A-Z]\w*?)\^\{?T\}?(?!\w)", "`{0}`: a transpose", "write {1}.T"),
    (
        r"\^\{?T\}?(?!\w)",
        "only matrix parameters are transposed",
        "write W.T @ v[t]; sum(a * b) for a dot product",
    ),
    (
        r"\b([A-Z]\w*?)\^\{? *- *1 *\}?",
        "`{0}`: a power of a matrix",
        "the notation has no inverse of a matrix: give it as a parameter, {1}_inv @ v",
    ),
    (r"\be\^", "`^` is not a power here", "write exp(...)"),
    *(
        (pattern, "`{0}`: an upper index is part of the name", "write {1}_{2}")
        for pattern in (
            _WORD + r"\^\{ *\(?([A-Za-z]\w*)\)? *\}",
            r"^ *([A-Za-z]\w*)\^[({]? *(\w+) *[)}]?(?= *(?:\[[^\]]*\])? *=)",
        )
    ),
    (
        _WORD + r"\^([A-Za-z]\w*)(?![\w(\[])",
        "`{0}`: an upper index is part of the name",
        "write {1}_{2}; for a power exp({2} * log({1}))",
    ),
    (r"\.?\^", "`{0}` is not a power here", "write ** for a power: a**2"),
)
_COMPILED = tuple((re.compile(pattern), message, write) for pattern, message, write in _SPELLINGS)


def check_spelling(
    code: str, place: Callable[[int, int], Place], known: Callable[[], Targets]
) -> None:
    """Raises NotationError for a spelling that is known elsewhere; `place` gives a stretch.

    `known` tells what stands on left sides; it is asked only where there is something to say.
    """
    if "^" in code:
        check_upper(code, place, known)
    _check_other_steps(code, place, known)
    for pattern in (TIME, _TIME_SUFFIX):
        for found in pattern.finditer(code):
            if found[1] in FUNCTIONS or found[1] in REDUCTIONS:
                continue
            back = next((group for group in found.groups()[1:] if group), "")
            end = found.end() - _closed_too_much(found[0])
            spelling = f"{found[1]}[t{'-1' if back else ''}]"
            write = with_time(spelling)
            if back and pattern is _TIME_SUFFIX:
                difference = f"{likely(f'{found[1]}[t]')} - 1"
                write = f"{write}; for a difference {difference}"
                if " " in back:
                    write = f"write {difference}; for the step before {likely(spelling)}"
            raise NotationError(
                f"`{code[found.start() : end]}`: time steps stand in square brackets",
                place(found.start(), end),
                write=write,
            )
    for pattern, message, write in _COMPILED:
        if first := pattern.search(code):
            groups = tuple(group.strip() for group in (first[0], *first.groups()))
            start = first.end() - len(first[0].lstrip())
            raise NotationError(
                message.format(*groups), place(start, first.end()), write=write.format(*groups)
            )


def _check_other_steps(
    code: str, place: Callable[[int, int], Place], known: Callable[[], Targets]
) -> None:
    """Raises NotationError for `s_{t+1}`, `s_t+1` and `h_(t-2)`."""
    for pattern in (_OTHER_STEP, _STEP_AFTER):
        for found in pattern.finditer(code):
            name, opening, sign, steps, closing = found.groups()[:5]
            end = found.end() - _closed_too_much(found[0])
            start = found.end() - len(found[0].lstrip())
            shown = code[start:end].rstrip()
            where = place(start, start + len(shown))
            if "lambda" in code or (name and not _is_step(found, known)):
                continue
            if name is None:  # 1 may be added to what stands before it
                name = found[6]
                raise NotationError(
                    f"`{shown}`: time steps stand in square brackets",
                    where,
                    write=f"write {name}[t] + 1 for a sum; the step after lies in the future: "
                    f"{name}[t] for it,\nand each step of its equation one earlier",
                )
            if "=" not in code[:start] and "=" in code[end:]:
                now = f"{name}{opening.rstrip()}{closing.strip()}"
                raise NotationError(
                    f"`{shown}` on a left side: a step computes what is at [t]",
                    where,
                    write=moved(name, re.sub(r"([_^])[{(] *t *[})]", r"\1t", now))
                    if (sign, steps) == ("+", "1")
                    else f"write {name}[t] = ...",
                )
            message = f"`{shown}`: a step reaches back one step only"
            write = carried(name, int(steps), known().names)
            if sign == "+":
                message, write = f"`{shown}` lies in the future", in_future(name)
            if _may_be_power(name, opening, known()):
                message = f"`{shown}`: a power, or a time step"
                write = (
                    f"write exp((tau[t] {sign} {steps}) * log({name})) for a power, with the time "
                    f"tau[t] as an input;\nfor a step: {write.removeprefix('write ')}"
                )
            raise NotationError(message, where, write=write)


def _is_step(found: re.Match[str], known: Callable[[], Targets]) -> bool:
    """Whether it is no function of t+1, and no step that has an answer of its own."""
    name, opening, sign, steps = found.groups()[:4]
    if name in FUNCTIONS or name in REDUCTIONS or not int(steps) or (sign, steps) == ("-", "1"):
        return False
    return name != "e" and (opening[0] != "(" or name not in known().functions)


def _may_be_power(name: str, opening: str, known: Targets) -> bool:
    """Whether it may be beta^(t+1): no equation computes beta, nowhere has it a time step."""
    if opening.startswith(("^{(", "^{<")) or opening[0] != "^":
        return False
    timed = re.compile(rf"\b{name}(?:\[t|_\{{?t\b|\^[{{(]*t(?: *(?:- *1 *)?[)}}]|(?![\w +-])))")
    return name not in known.names and not any(timed.search(code) for code in known.codes)


def _closed_too_much(spelling: str) -> int:
    """How many brackets close behind it that were opened before it: tanh(h_{t-1})."""
    return max(0, len(re.findall("[})>]", spelling)) - len(re.findall("[{(<]", spelling)))
