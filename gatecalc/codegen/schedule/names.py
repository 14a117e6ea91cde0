"""Names in the generated class: ours are plain words, and what the author's names are beside them.

Nothing outside sees these names, so where an author uses one of our words, the author's name is
changed: a value `start` is `start_2` in a method, a size `start` is `_start` in all of them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

_OURS = """
add B begin both chunk coef columns copy count d_hs d_state d_static d_x d_xs dict divide dot dtype
exp first gradients keep last later left left_rows len length list loop many math max memory min
most multiply now np numbers out outputs params range reused reversed right row rows samples
scratch self shapes size sizes source stack start state steps stop subtract sums T tanh tape total
tuple unit vars work xs zip
"""
OURS = frozenset(_OURS.split())
"""Words that the generated methods use for things of their own, and Python's names in them."""

LONGEST = 20
"""Letters of the name of rows that several values share; beyond these only the ends are named."""

_PART = re.compile(r"(.+_part)(_\d+)?")

_WORDS = {
    Fraction(0): "zero",
    Fraction(1): "one",
    Fraction(2): "two",
    Fraction(3): "three",
    Fraction(4): "four",
    Fraction(8): "eight",
    Fraction(1, 2): "half",
    Fraction(1, 3): "third",
    Fraction(1, 4): "quarter",
    Fraction(1, 8): "eighth",
    Fraction(1, 16): "sixteenth",
}


class Names:
    """Unique names, one for each key.

    >>> names = Names(["H"])
    >>> names.name("a state", "H"), names.name("one more", "c"), names.name("a state", "H")
    ('H_2', 'c', 'H_2')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._names: dict[object, str] = {}
        self._taken = {*OURS, *taken}

    def name(self, key: object, wanted: str) -> str:
        """The name of a key; the first time, `wanted` or something like it."""
        if key not in self._names:
            name, count = wanted, 1
            while name in self._taken or keyword.iskeyword(name):
                count += 1
                name = f"{wanted}_{count}"
            self._taken.add(name)
            self._names[key] = name
        return self._names[key]


def size_name(name: str) -> str:
    """The variable that holds a size.

    >>> size_name("H"), size_name("max")
    ('H', '_max')
    """
    return f"_{name}" if name in OURS or keyword.iskeyword(name) else name


def number_word(value: Fraction) -> str:
    """What a number is called.

    >>> number_word(Fraction(1, 2)), number_word(Fraction(-1, 2)), number_word(Fraction(9, 10))
    ('half', 'minus_half', 'number_0_9')
    """
    if value < 0:
        return f"minus_{number_word(-value)}"
    return _WORDS.get(value) or "number_" + re.sub(r"\W+", "_", repr(float(value)))


def shared_name(names: Sequence[str]) -> str:
    """What rows that several values share are called.

    >>> shared_name(["i", "f", "o"]), shared_name(["c_part", "c_part_2"])
    ('i_f_o', 'c_parts')
    >>> shared_name(["candidate", "forget_gate", "output_gate"])
    'candidate_to_output_gate'
    """
    parts = [_PART.fullmatch(name) for name in names]
    stems = {m[1] for m in parts if m}
    if len(names) > 1 and len(stems) == 1 and all(parts):
        return f"{stems.pop()}s"
    joined = "_".join(names)
    if len(joined) > LONGEST and len(names) > 2:
        return f"{names[0]}_to_{names[-1]}"
    return joined
