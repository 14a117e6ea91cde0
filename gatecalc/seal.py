"""The last line of a generated text: a checksum, by which a change of hand is seen later."""

from __future__ import annotations

import re
import zlib

_SEAL = re.compile(rb"[#%] Checksum of all that stands above: ([0-9a-f]{8})\s*\Z")


def sealed(text: str, sign: str) -> str:
    """The text with its checksum below; `sign` begins a comment in its language.

    >>> print(sealed("x = 1\\n", "#"), end="")
    x = 1
    # Checksum of all that stands above: 8bf6893b
    """
    return f"{text}{sign} Checksum of all that stands above: {_checksum(text.encode()):08x}\n"


def is_sealed(data: bytes) -> bool:
    """Whether a text still is what `sealed` gave; other ends of lines are no change.

    >>> is_sealed(sealed("x = 1\\n", "#").encode()), is_sealed(b"x = 1\\n")
    (True, False)
    """
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    found = _SEAL.search(plain)
    return found is not None and int(found[1], 16) == _checksum(plain[: found.start()])


def _checksum(body: bytes) -> int:
    return zlib.crc32(body)
