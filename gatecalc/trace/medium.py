"""What a trace is printed on: how wide it is, which characters it has, and whether in colour."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import astuple, dataclass
from typing import Literal

from rich.console import Console
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Characters for rules, bars, brackets and gaps. `eighths` fill a cell from the left."""

    rule: str
    eighths: str
    empty: str
    levels: str
    opening: str
    closing: str
    gap: str
    cut: str


UNICODE = Glyphs("─", "▏▎▍▌▋▊▉█", "░", "▁▂▃▄▅▆▇█", "⎛⎜⎝", "⎞⎟⎠", "⋮", "…")
ASCII = Glyphs("-", "#", ".", "0123456789", "/|\\", "\\|/", ":", "...")

FAINT = "faint"
"""The style of what should not distract: operators, remarks."""

_MANY_COLOURS = {
    "faint": "#8a8a8a",
    "wrong": "white on red",
    "negative 1": "#6f9fd0",
    "negative 2": "#4f93f7",
    "negative 3": "#2f7fff",
    "positive 1": "#c89860",
    "positive 2": "#e08a3c",
    "positive 3": "#ff7700",
    "open 0": "#8a8a8a",
    "open 1": "#5f9f5f",
    "open 2": "#4fb85f",
    "open 3": "#00c853",
}
"""Blue and orange differ for colour-blind eyes too, and the sign is printed anyway. All are of
middling lightness, for dark and light backgrounds."""

_FEW_COLOURS = {
    "wrong": "white on red",
    "negative 2": "blue",
    "negative 3": "blue",
    "positive 2": "red",
    "positive 3": "red",
    "open 2": "green",
    "open 3": "green",
}
"""For terminals of 16 colours, whose greys vanish on one background or the other."""


@dataclass(frozen=True, slots=True)
class Medium:
    """Width in columns, the encoding of the stream, and how many colours: many, few or none."""

    width: int
    encoding: str
    colours: Literal["many", "few", "none"] = "none"

    @property
    def glyphs(self) -> Glyphs:
        """Block characters where the encoding has them all, ASCII elsewhere."""
        return UNICODE if self._has("".join(astuple(UNICODE))) else ASCII

    def _has(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except (UnicodeError, LookupError):
            return False
        return True

    def clean(self, text: str) -> str:
        """Foreign text without what would steer a terminal, or what it cannot show.

        >>> Medium(80, "ascii").clean("Schr\\u00f6der\\x1b[2J")
        'Schr?der?[2J'
        """
        return "".join(
            "?" if unicodedata.category(c) in ("Cc", "Cf", "Cs") or not self._has(c) else c
            for c in text
        )

    def text(self, content: str = "", style: str = "") -> Text:
        """A piece of a line; `style` is a name of `shade`, or FAINT, after a possible `bold`."""
        return Text(content, style=self._style(style), no_wrap=True)

    def _style(self, style: str) -> str:
        if self.colours == "none":
            return ""
        bold, name = style.startswith("bold"), style.removeprefix("bold").strip()
        colour = (_MANY_COLOURS if self.colours == "many" else _FEW_COLOURS).get(name, "")
        return f"bold {colour}".strip() if bold else colour

    def bar(self, share: float, width: int = 12) -> str:
        """How much of 1 something is.

        >>> Medium(80, "ascii").bar(0.5, 8)
        '####....'
        """
        glyphs = self.glyphs
        if math.isnan(share):
            return "?" * width
        steps = len(glyphs.eighths)
        filled = round(min(max(share, 0.0), 1.0) * width * steps)
        whole, part = divmod(filled, steps)
        partial = glyphs.eighths[part - 1] if part else ""
        return (glyphs.eighths[-1] * whole + partial).ljust(width, glyphs.empty)

    def level(self, share: float) -> str:
        """How much of 1 something is, in one character."""
        if math.isnan(share):
            return "?"
        levels = self.glyphs.levels
        return levels[min(int(min(max(share, 0.0), 1.0) * len(levels)), len(levels) - 1)]

    def cut(self, text: str, width: int) -> str:
        """Text shortened to a width."""
        if len(text) <= width:
            return text
        return text[: max(0, width - len(self.glyphs.cut))] + self.glyphs.cut


def medium_of(console: Console, width: int | None = None) -> Medium:
    """What a console prints on; without colours by a pipe, or by `NO_COLOR`."""
    colours: Literal["many", "few", "none"] = "many"
    if console.no_color or console.color_system is None:
        colours = "none"
    elif console.color_system not in ("256", "truecolor"):
        colours = "few"
    return Medium(width or console.width, console.encoding, colours)


def shade(value: float, scale: float, gate: bool = False) -> str:
    """The style of a number: its sign, and how large it is beside the largest of its kind.

    >>> shade(-0.3, 1.0), shade(0.99, 1.0), shade(0.99, 1.0, gate=True), shade(0.0, 1.0)
    ('negative 1', 'positive 3', 'open 3', 'faint')
    """
    if not math.isfinite(value):
        return "wrong"
    if gate:
        return f"open {min(int(max(value, 0.0) * 4), 3)}"
    strength = abs(value) / scale if scale else 0.0
    if strength < 0.05:
        return FAINT
    sign = "positive" if value > 0 else "negative"
    return f"{sign} {1 + (strength >= 1 / 3) + (strength >= 2 / 3)}"
