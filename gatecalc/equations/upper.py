"""Upper indices, as papers number their layers: part of a name, or a power?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.names import time_suffix
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError, Place

# Possessive blanks: a long run of them is never shared out between two signs.
_T = r" *+t *+(?:- *+1)? *+"
_STEP = rf"(?:\{{ *+[(<]?{_T}[)>]? *+\}}|\({_T}\)|\[{_T}\]|<{_T}>)"
_INDEX = r"(?:\d+|[A-Za-z]\w*)(?: *+[-+] *+\d+)?"
_UPPER = re.compile(
    rf"(?<![\w.\])])(?P<word>[A-Za-z]\w*)(?P<step>{_STEP})?"
    r"\^(?:(?P<plain>\d+|[A-Za-z][A-Za-z0-9]*)"
    rf"|\{{ *+(?P<inner>[(\[])? *+(?P<braced>{_INDEX}) *+[)\]]? *+(?P<upper>{_STEP})? *+\}}"
    rf"|\( *+(?P<round>{_INDEX}) *+\))"
    rf"(?P<later>_t(?:-1)?(?!\w)|_?{_STEP})?(?![\w.\[])"
)
_TIME = re.compile(rf"_?\^?{_STEP}|\^t\b|[_^]?[{{(\[]+ *+t *+[-+] *+\d+ *+[}})\]]+")


@dataclass(frozen=True, slots=True)
class Targets:
    """Names on left sides, time steps cut off; `indexed` are those with an upper index there.

    `functions` are those that a lambda follows, `codes` all lines that were looked at.
    """

    names: frozenset[str]
    indexed: frozenset[str]
    functions: frozenset[str]
    codes: tuple[str, ...]


def targets(codes: Sequence[str]) -> Targets:
    """What stands on left sides, as papers write it.

    >>> found = targets(["h_t^1 = tanh(x_t)", "c_{t+1} = 0.5", "y[t] = h_t^1"])
    >>> sorted(found.names), sorted(found.indexed)
    (['c', 'h', 'y'], ['h'])
    """
    names, indexed, functions = set(), set(), set()
    for code in codes:
        left, sign, right = code.partition("=")
        found = re.match(r" *([A-Za-z]\w*)(.{0,40})$", left)
        if not sign or not found:
            continue
        name = _base(found[1])
        names.add(name)
        if "^" in _TIME.sub("", found[2]):
            indexed.add(name)
        if right.lstrip().startswith("lambda"):
            functions.add(name)
    return Targets(frozenset(names), frozenset(indexed), frozenset(functions), tuple(codes))


def check_upper(
    code: str, place: Callable[[int, int], Place], known: Callable[[], Targets]
) -> None:
    """Raises NotationError for `h_t^1`, `h^{(l)}_{t-1}`, `W^1`; a plain power it leaves alone.

    `known` tells what stands on left sides: what has an upper index there has it everywhere.
    """
    for found in _UPPER.finditer(code):
        if write := _advice(found, known()):
            what = "an upper index is part of the name"
            if write.partition(";")[0].endswith("power"):
                what = "a power, or an upper index"
            raise NotationError(f"`{found[0]}`: {what}", place(*found.span()), write=write)


def _advice(found: re.Match[str], known: Targets) -> str:
    """What to write; empty where it is a power, or where other rows know more."""
    code, word = found.string, found["word"]
    base = _base(word)
    index = next(i for i in (found["plain"], found["braced"], found["round"]) if i)
    when = found["step"] or found["upper"] or found["later"] or time_suffix(word)[len(base) :]
    on_left = "=" not in code[: found.start()]
    if (
        base in (*FUNCTIONS, *REDUCTIONS)
        or word == "e"
        or re.match(r"[tT]\b", index)
        or (on_left and "=" not in code[found.end() :])  # a set, as in W ∈ R^d
        or (index.isalpha() and code[found.end() :][:1] == "(")  # what grows there is a function
    ):
        return ""
    digits = index.isdigit()
    number = digits and int(index) > 1
    name = f"{base}_{re.sub('[ ]', '', index).replace('-', 'm').replace('+', 'p')}"
    if time_suffix(name):
        return ""
    back = "-1" if "1" in _steps_back(when) and not on_left else ""
    shown = f"[t{back}]" if when else ""
    sure = (
        on_left
        or base in known.indexed
        or name in known.names
        or bool(found["inner"] or found["upper"])
        or (digits and (not number or bool(found["later"])))
    )
    if sure:
        if not when and index.isidentifier():
            return ""
        difference = (
            f"; for a difference {name}[t] - 1" if found["later"] == "_t-1" and back else ""
        )
        before = f", and {name}[t-1] for the step before" if on_left and when else ""
        return f"write {name}{shown}{before}{difference}"
    plain = any(step and step[0] == "[" for step in (found["step"], found["later"]))
    if digits:
        capital = base[0].isupper() and not when
        if plain or not (when or capital):
            return ""
        power = f"{base}{shown}**{index}"
        if capital:
            return f"write {name}; for a power {power}"
        return f"write {power} for a power; {name}{shown} where {index} is part of the name"
    if (plain and (found["later"] or index in known.names)) or (not when and index.isidentifier()):
        return ""
    power = index if index.isidentifier() else f"({index})"
    return f"write {name}{shown}; for a power exp({power} * log({base}{shown}))"


def _base(word: str) -> str:
    """`h` of `h`, `h_` (of `h_{t}`), `h_t` and `h_prev`."""
    return time_suffix(word).partition("[")[0] or word.rstrip("_")


def _steps_back(when: str) -> str:
    """What stands behind the minus sign of `[t-1]`, `{t - 1}`."""
    return when.partition("-")[2]
