"""No file is lost, none is left half written."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from gatecalc.cli import files
from gatecalc.cli.files import MARKER, is_generated, write, write_all
from gatecalc.cli.output import marked_archive
from gatecalc.errors import OutputError

OURS = f'"""{MARKER} 0.1."""\n'.encode()


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_new_file_holds_exactly_the_bytes(tmp_path: Path) -> None:
    write(tmp_path / "gru.py", b"one\r\ntwo\n")
    assert (tmp_path / "gru.py").read_bytes() == b"one\r\ntwo\n"
    assert names(tmp_path) == ["gru.py"]


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(tmp_path / "gru.py", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "gru.py").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "content",
    [
        OURS,
        b"% " + MARKER.encode() + b"\n\\documentclass{article}\n",
        b'#!/usr/bin/env python\n"""GRU.\n\n' + MARKER.encode() + b' 0.1\n"""\n',
        b'{\n  "generated_by": "gatecalc 0.1.0"\n}\n',
        b'{"generated_by":"gatecalc 9"}',
    ],
)
def test_what_gatecalc_generated_is_replaced(tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "gru.py"
    target.write_bytes(content)
    write(target, b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(
    "content",
    [
        b"my own work\n",
        b"\x00\x01\x02",
        b"PK\x03\x04 not an archive",
        b"\n" * 40 + OURS,
        b'{"generated_by": "somebody else"}',
        b'{"generated_by": "gatecalculus"}',
    ],
)
def test_what_gatecalc_did_not_generate_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "gru.py"
    target.write_bytes(content)
    with pytest.raises(OutputError, match=r"gru\.py` exists, and gatecalc has not generated it"):
        write(target, b"new")
    assert target.read_bytes() == content
    write(target, b"new", force=True)
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["gru.py"]


def test_an_archive_of_arrays_is_known_by_its_comment(tmp_path: Path) -> None:
    np.savez(tmp_path / "theirs.npz", h=np.arange(3))
    data = (tmp_path / "theirs.npz").read_bytes()
    (tmp_path / "ours.npz").write_bytes(marked_archive(data))
    assert is_generated(tmp_path / "ours.npz")
    assert not is_generated(tmp_path / "theirs.npz")
    with np.load(tmp_path / "ours.npz") as arrays:
        assert arrays.files == ["h"]
        assert arrays["h"].tolist() == [0, 1, 2]


def test_an_empty_file_holds_nothing_to_lose(tmp_path: Path) -> None:
    target = tmp_path / "made_by_mktemp"
    target.touch()
    write(target, b"new")
    assert target.read_bytes() == b"new"


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "gru.py"
    target.write_bytes(OURS)
    target.chmod(0o600)
    write(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "gru.py", tmp_path / "gru.py"
    link.symlink_to(real)
    write(link, OURS)
    assert link.is_symlink()
    assert real.read_bytes() == OURS
    write(link, b"again")
    assert link.is_symlink()
    assert real.read_bytes() == b"again"
    with pytest.raises(OutputError, match="has not generated it"):
        write(link, b"third time")


def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path / "loop", b"")


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a directory; name a file in it"):
        write(tmp_path, b"")
    with pytest.raises(OutputError, match="is a directory, and does not exist"):
        write(f"{tmp_path}/new/", b"")
    assert names(tmp_path) == []


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=f"there is no directory `{tmp_path}/no/where`"):
        write(tmp_path / "no" / "where" / "gru.py", b"")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="Not a directory"):
        write(tmp_path / "file" / "gru.py", b"")


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "is empty"), ("x" * 300, "File name too long"), ("/proc/gru.py", "cannot write")],
)
def test_names_that_cannot_be_files(name: str, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        write(name, b"")


def test_devices_and_pipes_take_bytes_and_stay_what_they_are(tmp_path: Path) -> None:
    write("/dev/null", b"into the void")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OutputError, match="No space left on device"):
        write("/dev/full", b"more")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    listener.start()
    write(pipe, b"through the pipe")
    listener.join()
    assert heard == [b"through the pipe"]
    assert pipe.is_fifo()


def test_a_write_protected_file_of_ours_needs_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "gru.py"
    target.write_bytes(OURS)
    # Root may write everywhere, and tests may run as root.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="write-protected"):
        write(target, b"new")
    write(target, b"new", force=True)
    assert target.read_bytes() == b"new"


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"my own work")
    with pytest.raises(OutputError, match="has not generated it"):
        write_all({tmp_path / "a": b"new a", tmp_path / "b": b"new b"})
    assert names(tmp_path) == ["b"]


def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(OURS)

    def full(_temporary: Path, _place: Path, data: bytes) -> None:
        _temporary.write_bytes(data[:2])
        if data == b"new b":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_fill", full)
    with pytest.raises(OutputError, match=r"cannot write `.*b`: No space left on device"):
        write_all({tmp_path / "a": b"new a", tmp_path / "b": b"new b"})
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == OURS


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_files_already_exchanged_go_back_when_a_later_one_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, linked: bool
) -> None:
    (tmp_path / "old").write_bytes(OURS)
    replace = Path.replace

    def fails_for_the_last(self: Path, target: Path) -> Path:
        if target.name == "last":
            raise error
        return replace(self, target)

    def no_links(self: Path, target: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "replace", fails_for_the_last)
    if not linked:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_all({tmp_path / n: b"new" for n in ("old", "new", "last")})
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == OURS
