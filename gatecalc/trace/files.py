"""Arrays from NumPy's files, which strangers may have made: nothing in them is ever executed."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from gatecalc.errors import InputError
from gatecalc.evaluate.functions import Array

_BROKEN = (
    ValueError,
    TypeError,
    EOFError,
    KeyError,
    OSError,
    MemoryError,
    OverflowError,
    RuntimeError,  # an encrypted archive; NotImplementedError, an unknown compression, is one too
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy and zipfile raise for files that are damaged or were never theirs."""

_LARGEST = 2**31
"""Bytes of one archive, unpacked: a small file may claim to hold terabytes."""


def load_arrays(
    path: str | PathLike[str], names: Callable[[Sequence[str]], None] | None = None
) -> Array | dict[str, Array]:
    """The array of an `.npy` file, or the arrays of an `.npz` file by name.

    What kind of file it is, its contents say and not its name. `names` gets the names in an
    archive before any array is read, and may raise. Raises InputError for a file that is not
    there, cannot be read, is damaged, or holds Python objects.

    >>> load_arrays("there_is_no.npz")
    Traceback (most recent call last):
    gatecalc.errors.InputError: cannot read `there_is_no.npz`: No such file or directory
    """
    shown = f"`{path}`"
    if not str(path) or Path(path).is_dir():
        raise InputError(f"cannot read {shown}: a file with arrays expected, .npy or .npz")
    try:
        with Path(path).open("rb") as file:
            archive = file.read(2) == b"PK"
            file.seek(0)
            if archive:
                return _members(Path(path), shown, names)
            loaded = np.load(file, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"cannot read {shown}: {error.strerror}") from None
    except InputError:
        raise
    except _BROKEN as error:
        if isinstance(error, OSError) and error.strerror:
            raise InputError(f"cannot read {shown}: {error.strerror}") from None
        raise InputError(_not_ours(shown, error)) from None
    if not isinstance(loaded, np.ndarray):
        raise InputError(_not_ours(shown, None))
    return loaded


def _members(
    path: Path, shown: str, names: Callable[[Sequence[str]], None] | None
) -> dict[str, Array]:
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > _LARGEST:
        raise InputError(f"{shown} unpacks to {size:,} bytes; at most {_LARGEST:,} are read")
    with np.load(path, allow_pickle=False) as loaded:
        if names is not None:
            names(loaded.files)
        found = {name: loaded[name] for name in loaded.files}
    for name, array in found.items():
        if not isinstance(array, np.ndarray):
            raise InputError(f"{shown} is an archive, but `{name}` in it is not an array")
    return found


def _not_ours(shown: str, error: BaseException | None) -> str:
    text = str(error) if error is not None else ""
    if "Object arrays" in text:
        return (
            f"{shown} holds Python objects, which are never loaded; "
            "save arrays of numbers (np.savez of lists of unequal length makes objects)"
        )
    return f"{shown} is not a file of NumPy arrays (.npy or .npz), or it is damaged"
