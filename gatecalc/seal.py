"""A checksum at the end of what is generated, by which a change of hand is seen later.

It is the last line of a text, the last key of JSON, and stands in the comment of an archive.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zipfile import ZipFile

_SEAL = re.compile(
    rb"[#%] Checksum of all that stands above: ([0-9a-f]{8})\s*\Z"
    rb'|,\s*"checksum": "([0-9a-f]{8})"\s*\}\s*\Z'
)

_LONGEST = 200
"""Bytes at the end of a file where its seal is looked for; JSON may have very many before."""


def sealed(text: str, sign: str) -> str:
    """The text with its checksum below; `sign` begins a comment in its language.

    >>> print(sealed("x = 1\\n", "#"), end="")
    x = 1
    # Checksum of all that stands above: 8bf6893b
    """
    return f"{text}{sign} Checksum of all that stands above: {_checksum(text.encode()):08x}\n"


def sealed_json(text: str) -> str:
    """A JSON object, of one key at least, with the checksum of what stands before it as last key.

    >>> sealed_json('{"a": 1}')
    '{"a": 1, "checksum": "7aa88204"}\\n'
    """
    body = text.rstrip().removesuffix("}").rstrip()
    indented = re.match(r"\{(\s*)", body)
    gap = indented[1] if indented else ""
    end = "\n" if gap else ""
    return f'{body},{gap or " "}"checksum": "{_checksum(body.encode()):08x}"{end}}}\n'


def archive_seal(archive: ZipFile) -> str:
    """The end of an archive's comment: a checksum of its members' names and contents.

    The archive is not unpacked for it: each member carries a checksum of its own.
    """
    members = "".join(f"{m.filename}\n{m.CRC}\n" for m in archive.infolist())
    return f"; checksum {_checksum(members.encode()):08x}"


def is_sealed(data: bytes) -> bool:
    """Whether a text still is what was sealed; other ends of lines are no change.

    >>> is_sealed(sealed("x = 1\\n", "#").encode()), is_sealed(b"x = 1\\n")
    (True, False)
    """
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    end = plain[-_LONGEST:]
    found = _SEAL.search(end)
    if found is None:
        return False
    start = len(plain) - len(end) + found.start()
    return int(found[1] or found[2], 16) == _checksum(plain[:start])


def _checksum(body: bytes) -> int:
    return zlib.crc32(body)
