"""Source lines of at most `WIDTH` columns, broken where formatters break them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gatecalc.codegen.breaking import assigned, broken, items_of, operands_of
from gatecalc.codegen.wrapping import WIDTH, comment

_WORD, _COMMENT = re.compile(r"[A-Za-z_]\w*"), re.compile(r"  #.*")
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Branch:
    """Statements of which some run if a condition holds, the others if it does not."""

    condition: str
    lines: Sequence[tuple[str, str]]
    otherwise: Sequence[tuple[str, str]]


class Writer:
    """Lines of Python with indentation."""

    def __init__(self, depth: int = 0) -> None:
        self.lines: list[str] = []
        self._depth = depth

    def line(self, text: str = "", remark: str = "") -> None:
        """One statement; a remark goes behind it where there is room, else above."""
        if not text:
            self.lines.append("")
            return
        room = WIDTH - len(_INDENT) * self._depth
        whole = f"{text}  # {remark}" if remark else text
        if len(whole) <= room:
            lines = [whole]
        else:
            lines = folded(text, room)
            if remark and len(lines[-1]) + 4 + len(remark) <= room:
                lines[-1] += f"  # {remark}"
            elif remark:
                lines = [*comment(remark, room), *lines]
        self.lines += [_INDENT * self._depth + line for line in lines]

    def note(self, text: str) -> None:
        """A comment on lines of its own."""
        room = WIDTH - len(_INDENT) * self._depth
        self.lines += [_INDENT * self._depth + line for line in comment(text, room)]

    def write(self, lines: Iterable[tuple[str, str] | Branch]) -> None:
        """Statements, each with its remark."""
        for item in lines:
            if isinstance(item, Branch):
                with self.block(f"if {item.condition}:"):
                    self.write(item.lines)
                with self.block("else:"):
                    self.write(item.otherwise)
            else:
                self.line(*item)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A compound statement."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def loop(self, targets: Sequence[str], source: str) -> Iterator[None]:
        """A loop that unpacks what it runs through."""
        head = f"for {targets_text(targets)} in {source}:"
        if len(head) + len(_INDENT) * self._depth <= WIDTH:
            self.line(head)
        else:
            with self.display("for (", f") in {source}:"):
                for name in targets:
                    self.line(f"{name},")
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def display(self, opening: str, closing: str) -> Iterator[None]:
        """Something in brackets, an element a line."""
        self.line(opening)
        self._depth += 1
        yield
        self._depth -= 1
        self.line(closing)

    def tuple(self, target: str, items: Sequence[str]) -> None:
        """A variable that is set to a tuple."""
        whole = f"{target} = ({', '.join(items)}{',' if len(items) == 1 else ''})"
        if len(items) == 1 or len(whole) + len(_INDENT) * self._depth <= WIDTH:
            self.line(whole)
            return
        with self.display(f"{target} = (", ")"):
            for item in items:
                self.line(f"{item},")

    def text(self) -> str:
        """Everything written."""
        return "\n".join(self.lines) + "\n"


def folded(text: str, room: int) -> list[str]:
    """A statement that ends with a bracket over several lines, as formatters would write it.

    >>> folded("f(a, g(b, c))", 10)
    ['f(', '    a,', '    g(', '        b,', '        c,', '    ),', ')']
    >>> folded("f(a, b + g(c))", 10)
    ['f(', '    a,', '    b', '    + g(', '        c', '    ),', ')']
    """
    if len(text) <= room:
        return [text]
    if sum_of := re.fullmatch(r"(.+?) ([+-]?=) (.+)", text):
        target, sign, value = sum_of.groups()
        if not _is_one_group(value):
            return assigned(target, value, room, sign)
    start, stop = _last_group(text)
    head, body, tail = text[: start + 1], text[start + 1 : stop], text[stop:]
    is_call = text[start] == "(" and re.search(r"\w$", text[:start]) is not None
    parts = items_of(body)
    whole = tail in {")", "),", "]", "],"} and len(operands_of(text)) == 1
    if stop - start < 2 or not whole or not (is_call or len(parts) > 1):
        if re.search(r"\w : ", text):
            return [text]  # a stretch: nothing breaks it
        comma = "," if text.endswith(",") else ""
        *lines, last = broken(text.removesuffix(","), room - 1)
        return [*lines, last + comma]
    deeper = room - len(_INDENT)
    if len(body) <= deeper and is_call:
        return [head, _INDENT + body, tail]
    inside = [line for part in parts for line in folded(f"{part},", deeper)]
    return [head, *(_INDENT + line for line in inside), tail]


def _last_group(text: str) -> tuple[int, int]:
    """Where the last bracket outside of others opens, and where it closes."""
    stop = max(text.rfind(c) for c in ")]")
    if stop < 0:
        return 0, 0
    depth = 0
    for place in range(stop, -1, -1):
        depth += (text[place] in ")]") - (text[place] in "([")
        if depth == 0:
            return place, stop
    return 0, 0


def _is_one_group(value: str) -> bool:
    """Whether a value is a call or a display: a name, if any, and one pair of brackets."""
    start, stop = _last_group(value)
    return stop == len(value) - 1 and re.fullmatch(r"[\w.]*", value[:start]) is not None


def head_text(name: str, arguments: Sequence[str], words: set[str]) -> str:
    """The first line of a method; arguments that its lines do not use begin with `_`.

    >>> head_text("f", ["a", "b"], {"b"})
    'def f(self, _a, b):'
    """
    return f"def {name}({', '.join(['self', *(a if a in words else f'_{a}' for a in arguments)])}):"


def targets_text(names: Sequence[str]) -> str:
    """Names to which a sequence is unpacked.

    >>> targets_text(["a", "b"]), targets_text(["a"])
    ('a, b', '(a,)')
    """
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names)


def unpacked(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Assignments `names = values`, as many to a line as it takes.

    >>> list(unpacked([("a", "self.a"), ("b", "self.b")]))
    ['a, b = self.a, self.b']
    """
    room = WIDTH - 2 * len(_INDENT)
    some: list[tuple[str, str]] = []
    for pair in pairs:
        if some and len(_unpacked([*some, pair])) > room:
            yield _unpacked(some)
            some = []
        some.append(pair)
    if some:
        yield _unpacked(some)


def _unpacked(pairs: Sequence[tuple[str, str]]) -> str:
    return " = ".join(", ".join(column) for column in zip(*pairs, strict=True))


def words_of(lines: Iterable[str]) -> set[str]:
    """Every word of some lines, comments apart."""
    return set(_WORD.findall(_COMMENT.sub("", "\n".join(lines))))


def numbers_text(numbers: Iterable[int]) -> str:
    """Numbers of statements.

    >>> numbers_text([3, 1, 1])
    '(1) (3)'
    """
    return " ".join(f"({n})" for n in sorted(set(numbers)))
