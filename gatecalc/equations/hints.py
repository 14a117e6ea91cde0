"""The nearest thing that exists to what was typed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing.

    >>> nearest("W_rr", ["W_r", "U_z"]), nearest("foo", ["floor"]), nearest("W_I", ["W_o", "W_i"])
    ('did you mean W_r?', '', 'did you mean W_i?')
    """
    known = list(known)
    same = [n for n in known if n.lower() == name.lower()]
    # Most letters of a short name are soon found in a longer one that has nothing to do with it.
    alike = [n for n in known if len(name) > 3 or abs(len(n) - len(name)) <= 1]
    found = same or difflib.get_close_matches(name, alike, 1, 0.6)
    return f"did you mean {found[0]}?" if found else ""
