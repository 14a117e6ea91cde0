"""Generated source to a module, such that tracebacks and debuggers show its lines."""

from __future__ import annotations

import io
import itertools
import linecache
import tokenize
import weakref
from os import PathLike
from pathlib import Path
from types import ModuleType

from gatecalc.errors import InputError, shown_path

MOST = 16 * 10**6
"""Bytes of a module that are read; none that is generated comes near."""

_count = itertools.count(1)


def load(source: str | PathLike[str], name: str | None = None) -> ModuleType:
    """The module of a generated text, or of a file with one; the file is executed.

    A string with a line break is source text, anything else a path. The module is new each time
    and is not entered into `sys.modules`; `name` becomes its `__name__`. So what it defines cannot
    be pickled: for that, write the text into a file and import it. Raises InputError for a
    file that cannot be read or is not Python.

    >>> from gatecalc.codegen import generate
    >>> layer = load(generate("y[t] = W @ x[t] + b"))
    >>> layer.init(D=2, H=3, rng=0)["W"].shape
    (3, 2)
    """
    if not isinstance(source, str | PathLike) or not str(source):
        given = "an empty text" if isinstance(source, str) else f"{source!r}"
        raise InputError(f"load: source text or the path of a file expected, {given} given")
    number = next(_count)
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        text, path = source, None
        filename = f"<gatecalc {name or 'module'} {number}>"
    else:
        path = Path(source)
        filename = str(path.absolute())
        data = _contents(path)
        try:
            text = tokenize_decode(data)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise InputError(f"`{path.name}` is not Python source: {error}") from error
    try:
        code = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"`{path.name if path else filename}` is not Python: {error}") from error
    module = ModuleType(name or f"gatecalc_generated_{number}")
    module.__file__ = filename
    if path is None:
        lines = text.splitlines(keepends=True)
        # No modification time: linecache keeps such an entry for as long as the module lives.
        linecache.cache[filename] = (len(text), None, lines, filename)
        weakref.finalize(module, linecache.cache.pop, filename, None)
    else:
        linecache.checkcache(filename)
    exec(code, module.__dict__)  # noqa: S102  the purpose of this function
    return module


def _contents(path: Path) -> bytes:
    shown = shown_path(path)
    try:
        # What is no regular file, such as /dev/zero, may never end.
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise InputError(f"cannot read `{shown}`: {error.strerror or error}") from error
    except ValueError as error:  # a NUL character, or one that no file name can hold
        raise InputError(f"cannot read `{shown}`: no file can have this name") from error
    refuse_too_much(data, f"`{shown}`")
    return data


def refuse_too_much(data: bytes, what: str) -> None:
    """Raises InputError for more bytes than a module has."""
    if len(data) > MOST:
        raise InputError(f"{what} is no module: it has more than {MOST // 10**6} million bytes")


def tokenize_decode(data: bytes) -> str:
    """Bytes of a Python file as text, by its declared encoding, with plain line ends."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return io.IncrementalNewlineDecoder(None, translate=True).decode(data.decode(encoding))
