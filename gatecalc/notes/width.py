"""How wide a formula prints, estimated from its LaTeX: what decides where an equation breaks.

Widths are those of Computer Modern in thousandths of an em (a quad of the text font). Only the
LaTeX that this package writes is understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ITALIC = {
    **dict(zip("abcdefghijklm", (529, 429, 433, 520, 466, 590, 477, 576, 345, 430, 521, 298, 878),
               strict=True)),
    **dict(zip("nopqrstuvwxyz", (600, 485, 503, 460, 470, 469, 361, 572, 500, 716, 572, 500, 480),
               strict=True)),
    **dict(zip("ABCDEFGHIJKLM", (750, 800, 760, 850, 780, 720, 786, 890, 500, 630, 900, 681, 1050),
               strict=True)),
    **dict(zip("NOPQRSTUVWXYZ", (890, 790, 740, 791, 765, 660, 700, 770, 760, 1050, 890, 740, 740),
               strict=True)),
}  # fmt: skip
_UPRIGHT = {
    **dict.fromkeys("fijlt", 320),
    **dict.fromkeys("acersvz", 470),
    **dict.fromkeys("bdghknopquxy", 545),
    **dict.fromkeys("mwMW", 900),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 740),
    "I": 361,
}
_SIGNS = {
    **dict.fromkeys("0123456789", 500),
    **dict.fromkeys("+-", 1222),
    **dict.fromkeys("=<>", 1334),
    **dict.fromkeys("()", 389),
    **dict.fromkeys("[].!:|'", 278),
    ",": 445,
    "/": 500,
    "~": 333,
}
_COMMANDS = {
    "odot": 1222,
    "cdot": 722,
    "delta": 444,
    "partial": 570,
    "nabla": 833,
    "top": 778,
    "prime": 275,
    "imath": 322,
    "jmath": 384,
    "infty": 1000,
    "quad": 1000,
    "qquad": 2000,
    ",": 167,
    ";": 278,
    ":": 222,
    "!": -167,
    "dots": 1100,
    "ldots": 1172,
    "lVert": 500,
    "rVert": 500,
    "lvert": 278,
    "rvert": 278,
    "tanh": 2100,
    "exp": 1600,
    "log": 1278,
    "sin": 1228,
    "cos": 1338,
    "max": 1862,
    "min": 1667,
    "sum": 1444,
    "sigma": 571,
    "mathrel": 556,
    "mathbin": 444,
    "mathcal": 0,
    "mathsf": 0,
    "notag": 0,
    "displaystyle": 0,
    "textstyle": 0,
}
_DELIMITERS = {"big": 460, "Big": 600, "bigg": 740, "Bigg": 880}
_SMALLER = 0.74

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)


def width(latex: str) -> float:
    """The width of a formula in display style, in ems.

    >>> 3.0 < width("a_{i,t} + b") < 4.5
    True
    """
    return _Reader(_TOKEN.findall(latex)).until("") / 1000


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    position: int = 0
    letters: tuple[dict[str, int], ...] = (_ITALIC,)

    def until(self, end: str) -> float:
        """The width of everything up to a closing token, which is passed over."""
        total, script = 0.0, 0.0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token == end:
                break
            if token in ("^", "_"):
                here = self.argument() * _SMALLER
                # A subscript and a superscript of the same letter share their place.
                total += max(0.0, here - script)
                script = max(script, here)
                continue
            if not token.isspace():
                script = 0.0
            total += self.one(token)
        return total

    def argument(self) -> float:
        while self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        if self.position >= len(self.tokens):
            return 0.0
        token = self.tokens[self.position]
        self.position += 1
        return self.until("}") if token == "{" else self.one(token)

    def one(self, token: str) -> float:
        if token == "{":
            return self.until("}")
        if token.isspace():
            return 333.0 if self.letters[-1] is _UPRIGHT else 0.0
        if not token.startswith("\\"):
            fallback = 700 if token.isupper() else 550
            return self.letters[-1].get(token, _SIGNS.get(token, fallback))
        return self.command(token[1:].rstrip("*"))

    def command(self, name: str) -> float:
        match name:
            case "frac" | "tfrac" | "dfrac":
                return max(self.argument(), self.argument()) + 240
            case "sqrt":
                return 850 + self.argument()
            case "mathrm" | "text" | "operatorname" | "mathtt" | "mathit":
                self.letters = (*self.letters, _UPRIGHT)
                inside = self.argument()
                self.letters = self.letters[:-1]
                return inside + (170 if name == "operatorname" else 0)
            case "tilde" | "hat" | "bar" | "widetilde" | "widehat" | "overline":
                return self.argument()
            case "begin":
                return self.environment()
        for size, wide in _DELIMITERS.items():
            if name in (size, size + "l", size + "r"):
                self.argument()
                return wide
        return _COMMANDS.get(name, 600)

    def environment(self) -> float:
        self.argument()
        columns: list[float] = []
        cell, column = 0.0, 0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token in ("&", r"\\", r"\end"):
                columns += [0.0] * (column + 1 - len(columns))
                columns[column] = max(columns[column], cell)
                cell, column = 0.0, column + 1 if token == "&" else 0
                if token == r"\end":
                    self.argument()
                    break
            elif token in ("^", "_"):
                cell += self.argument() * _SMALLER
            else:
                cell += self.one(token)
        return sum(columns) + 1000 * (len(columns) - 1) + 1500
