"""A look at the words and signs of a line before Python's parser: what is missing, and where.

Python says "invalid syntax" to most of what a student leaves out or brings along from elsewhere;
here each gets its caret and what to write instead.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from gatecalc.equations.beside import no_operator
from gatecalc.equations.functions import FUNCTIONS
from gatecalc.equations.lines import LogicalLine
from gatecalc.equations.names import NOT_DECLARED, OUTPUTS, ROLE_WORDS
from gatecalc.equations.tokens import NUMBER, Token, depths, stretch, subscript, tokens
from gatecalc.equations.tree import REDUCTIONS
from gatecalc.errors import NotationError

_EQUATION = "write h[t] = tanh(W @ x[t] + U @ h[t-1] + b)"

_FOREIGN_SIGNS = {
    "==": ("`==` compares", "write = for an equation"),
    "=>": ("`=>` is not part of the notation", "write = for an equation"),
    "<-": ("`<-` is not part of the notation", "write = for an equation"),
    "->": ("`->` is not part of the notation", "write = for an equation"),
    ":=": ("`:=` is not part of the notation", "write = for an equation"),
    "//": ("`//` is not part of the notation", "write / for a quotient, # before a comment"),
    "/*": ("`/*` is not part of the notation", "write # before a comment"),
    "*/": ("`*/` is not part of the notation", "write # before a comment"),
    ".*": ("`.*` is not part of the notation", "write *, which is elementwise"),
    "./": ("`./` is not part of the notation", "write /, which is elementwise"),
    "{": ("braces are not part of the notation", "write round brackets"),
    "}": ("braces are not part of the notation", "write round brackets"),
}
_OPERATORS = ("+", "-", "*", "/", "@", "**")
_CONTINUED = "put round brackets around a right side that takes several lines"
_COMPARISONS = ("<", ">", "<=", ">=", "!=")
_CONDITIONS = ("if", "else", "and", "or", "in", "is", "not")
_ARROWS = ("->", "=>")
_INSTEAD_OF_CONDITIONS = "write maximum(a, b), minimum(a, b), relu(a) or abs(a)"

_STATEMENTS = (
    *("assert", "async", "await", "break", "class", "continue", "def", "del", "for", "from"),
    *("global", "if", "import", "match", "nonlocal", "pass", "raise", "return", "try", "type"),
    *("while", "with", "yield"),
)


def check_tokens(line: LogicalLine) -> None:
    """Raises NotationError for a line that cannot be an equation, a constant or a pin."""
    found = tokens(line)
    if len(found) > 1 and all(token.text in ("-", "=", "==", "*", "**", "+") for token in found):
        raise NotationError("signs alone", line.whole(), write="write # before a comment")
    _check_statement(found, line)
    _check_signs(found)
    split = next((k for k, depth in depths(found) if not depth and found[k].text in "=:"), None)
    if split is None:
        raise NotationError("this line has no =", line.whole(), write=_instead_of(found))
    _check_left(found[:split], found[split])
    if found[0].text == "output" and len(found) == 2:
        raise NotationError(
            "nothing stands behind `output:`", found[split].place, write="write output: h"
        )
    if found[split].text == ":":
        _check_pin(found[split + 1 :], found[0].text)
    _check_right(found[split:])


def _instead_of(found: Sequence[Token]) -> str:
    """What to write for a line without `=` and `:`."""
    if found[0].text == "output" and len(found) > 1:
        return f"write output: {found[1].text}"
    if found[0].text in _OPERATORS:
        return f"{_CONTINUED};\na comment begins with #"
    return f"{_EQUATION}, a constant epsilon = 0.01,\nor a pin W: (P, H); a comment begins with #"


def _check_statement(found: Sequence[Token], line: LogicalLine) -> None:
    first, second = found[0], found[1] if len(found) > 1 else None
    if first.text in _STATEMENTS and (second is None or second.kind != "sign"):
        raise NotationError(
            f"`{first.text}`: statements of Python are not part of the notation",
            line.whole(),
            write=_EQUATION,
        )


def _check_signs(found: Sequence[Token]) -> None:
    for k, token in enumerate(found):
        if token.kind == "number":
            _check_number(token, found[k + 1 :])
        elif token.text in _ARROWS and k > 1 and found[1].text == "=":
            raise NotationError(
                f"`{token.text}` is not part of the notation",
                token.place,
                write=f"write {found[0].text} = lambda a: ... for a function of your own",
            )
        elif token.text == "==" and any(t.text == "=" for t in found[:k]):
            raise _comparison(token)
        elif token.text in _FOREIGN_SIGNS:
            message, write = _FOREIGN_SIGNS[token.text]
            raise NotationError(message, token.place, write=write)
        elif token.text in _COMPARISONS:
            raise _comparison(token)
        elif token.kind == "sign" and len(token.text) > 1 and token.text.endswith("="):
            raise NotationError(
                f"`{token.text}`: an equation is not an update",
                token.place,
                write="write = and the whole sum: c[t] = c[t-1] + ...",
            )


def _comparison(token: Token) -> NotationError:
    return NotationError(
        f"`{token.text}`: comparisons are not part of the notation",
        token.place,
        write=_INSTEAD_OF_CONDITIONS,
    )


def _check_number(token: Token, following: Sequence[Token]) -> None:
    text = token.text
    digits = NUMBER.match(text)
    behind = text[digits.end() :] if digits else text
    based = re.match(r"0[xXoObB]", text)
    if digits and not based and re.fullmatch(r"[A-Za-z]\w*", behind):
        right = behind + subscript(following)
        raise NotationError(
            f"no operator between `{digits[0]}` and `{right}`",
            token.place,
            write=f"write {digits[0]} * {right}"
            + ("; there are no complex numbers" if behind in ("j", "J") else ""),
        )
    plain = text.lstrip("0").replace("_", "")
    if behind or re.fullmatch(r"0+[1-9]\d*", text):
        shown = plain if NUMBER.fullmatch(plain) else "12, 0.5 or 1e-3"
        raise NotationError(
            f"`{text}`: numbers are plain decimals", token.place, write=f"write {shown}"
        )


def _check_left(left: Sequence[Token], sign: Token) -> None:
    if not left:
        raise NotationError(
            f"nothing stands before `{sign.text}`", sign.place, write="write a name: h[t] = ..."
        )
    first = left[0]
    if any(left[k].text == "," and not depth for k, depth in depths(left)):
        raise NotationError(
            f"one name stands left of {sign.text}",
            stretch(first.place, left[-1].place),
            write="write one equation a line",
        )
    if first.text == "lambda" and sign.text == ":":
        shown = ", ".join(token.text for token in left[1:] if token.kind == "name")
        raise NotationError(
            "a function without a name", first.place, write=f"write f = lambda {shown}: ..."
        )
    if first.kind == "name" and keyword.iskeyword(first.text):
        raise _keyword(first)
    if first.kind == "name" and (len(left) == 1 or left[1].text == "["):
        closing = next((k for k, depth in depths(left[1:]) if not depth), -1) + 2
        if closing >= len(left):
            return
    if first.kind == "name" and len(left) > 3 and left[1].text == "(" and sign.text == "=":
        arguments = ", ".join(t.text for t in left[2:-1] if t.kind == "name")
        write = f"write {first.text} = lambda {arguments or 'a'}: ... for a function of your own"
    elif target := _target_behind_words(left):
        middle = " =" if sign.text == "=" else sign.text
        write = f"write {target}{middle} ...; words go behind #"
    else:
        write = "write h[t] = ..., the name alone on the left"
    raise NotationError(
        f"one name stands left of {sign.text}", stretch(first.place, left[-1].place), write=write
    )


def _target_behind_words(left: Sequence[Token]) -> str:
    """`z[t]` of `update gate z[t]`; empty for all else."""
    words = tuple(takewhile(lambda token: token.kind == "name", left))
    behind = subscript(left[len(words) :])
    whole = sum(len(token.text) for token in left[len(words) :]) == len(behind)
    return words[-1].text + behind if len(words) > 1 and whole else ""


def _check_pin(shape: Sequence[Token], name: str) -> None:
    """`W: H x D`, `W: H * D`, `W: H by D`, `W: H, D` and `W: [H, D]`; `output: h, c`."""
    match [token.text for token in shape]:
        case [first, ",", *_] if name.lower() in OUTPUTS:
            raise NotationError(
                "the output is one name", shape[0].place, write=f"write output: {first}"
            )
        case [_, ",", *_] if name.lower() in ROLE_WORDS:
            raise NotationError(
                f"`{name}` is not declared",
                stretch(shape[0].place, shape[-1].place),
                write=NOT_DECLARED,
            )
        case [rows, "x" | "X" | "*" | "by" | ",", columns] | ["[", rows, ",", columns, "]"] if (
            rows.isidentifier() and columns.isidentifier()
        ):
            raise NotationError(
                "the two sizes of a matrix stand in round brackets",
                stretch(shape[0].place, shape[-1].place),
                write=f"write {name}: ({rows}, {columns})",
            )


def _check_right(found: Sequence[Token]) -> None:
    """Operands and operators take turns; what a subscript holds is judged later."""
    depth, subscript, k = 0, 0, 0
    _check_commas(found)
    while k + 1 < len(found):
        before, here = found[k], found[k + 1]
        k += 1
        if here.opens:
            depth += 1
            if here.text == "[" and before.ends_operand and not subscript:
                _check_subscript(before, found[k:])
                subscript = depth
                continue
        if here.closes:
            depth -= 1
            if subscript:
                subscript = subscript if depth >= subscript else 0
                continue
        if subscript:
            continue
        if here.text == "lambda" and not before.ends_operand:
            _check_lambda(before, here, found[k + 1 :])
            while k + 1 < len(found) and found[k].text != ":":
                k += 1
            continue
        if here.kind == "name" and keyword.iskeyword(here.text):
            raise _keyword_inside(before, here)
        if before.ends_operand:
            if here.kind in ("name", "number") or (here.text == "(" and before.kind != "name"):
                raise no_operator(found, k)
        elif here.kind == "sign" and here.text not in ("(", "[", "{", "+", "-"):
            closing = here.closes and before.text in ("(", "[", ",")
            if not closing:
                raise NotationError(
                    f"nothing stands between `{before.text}` and `{here.text}`",
                    here.place,
                    write="write a name, a number or a function between them",
                )
    last = found[-1]
    if not last.ends_operand:
        write = _EQUATION if len(found) == 1 else f"write what follows, or remove `{last.text}`"
        if last.text in (*_OPERATORS, "="):
            write += f";\n{_CONTINUED}"
        raise NotationError(f"nothing stands behind `{last.text}`", last.place, write=write)


def _check_commas(found: Sequence[Token]) -> None:
    """`0,5`, as decimals are written in many countries; `maximum(0,5)` has two arguments."""
    for k, depth in depths(found)[1:-1]:
        left, comma, right = found[k - 1 : k + 2]
        if not depth and comma.text == "," and left.text.isdigit() and right.text.isdigit():
            raise NotationError(
                "a comma in a number",
                stretch(left.place, right.place),
                write=f"write {left.text}.{right.text}",
            )


def _check_subscript(before: Token, found: Sequence[Token]) -> None:
    """Leaves to the reader of the syntax tree what at least is one."""
    inside = [token.text for token in found[1 : next(_ends(found))]]
    if (before.text in FUNCTIONS or before.text in REDUCTIONS) and inside[:1] != ["t"]:
        raise NotationError(
            f"`{before.text}` takes its argument in round brackets",
            stretch(before.place, found[0].place),
            write=f"write {before.text}(...)",
        )
    if not inside or re.search(r"\w \w|^[^\w(\[:+-]|[^\w)\]:]$", " ".join(inside)):
        name = before.text if before.kind == "name" else "h"
        raise NotationError(
            "only [t] and [t-1] are subscripts",
            found[0].place,
            write=f"write {name}[t] or {name}[t-1]",
        )


def _ends(found: Sequence[Token]) -> Iterator[int]:
    yield from (k for k, depth in depths(found) if not depth)
    yield len(found)


def _check_lambda(before: Token, here: Token, rest: Sequence[Token]) -> None:
    if before.text == "=" and any(t.text == ":" for t in rest):
        return
    if any(t.text == ":" for t in rest):
        raise NotationError(
            "a lambda inside an equation",
            here.place,
            write="define it on a line of its own: silu = lambda a: a * sigmoid(a)",
        )
    raise _keyword(here)


def _keyword(token: Token) -> NotationError:
    instead = {"lambda": "lambda_", "True": "1", "False": "0"}
    if token.text == "None":
        return NotationError(
            "`None`: there are no empty values", token.place, write="write a number or a name"
        )
    if token.text == "for":
        return NotationError(
            "`for`: the notation has no loops",
            token.place,
            write="write sum(v), which adds all entries; operators and functions take all at once",
        )
    return NotationError(
        f"`{token.text}` is a keyword of Python and cannot be a name",
        token.place,
        write=f"write {instead.get(token.text, f'{token.text.lower()}_g, say')}",
    )


def _keyword_inside(before: Token, token: Token) -> NotationError:
    if token.text in _CONDITIONS and (before.ends_operand or token.text == "not"):
        return NotationError(
            f"`{token.text}`: conditions are not part of the notation",
            token.place,
            write=_INSTEAD_OF_CONDITIONS,
        )
    return _keyword(token)
