"""Files as editors on all systems leave them, and files that are no text."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from gatecalc.equations import cell, read, read_file
from gatecalc.equations.lines import decode
from gatecalc.errors import CellNotFoundError, NotationError

TEXT = "# A cell\n# Its source\n\nh[t] = tanh(W @ x[t]\n\t+ b)  # größer\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.rstrip("\n").encode(),
        TEXT.replace("\n", "   \n").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "CR", "UTF-16", "UTF-16 BE", "no last line end", "blanks"],
)
def test_a_cell_is_read_whatever_the_editor_made_of_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cell.txt"
    path.write_bytes(data)
    it = read_file(path)
    assert (it.title, it.source) == ("A cell", "Its source")
    assert it.equations[0].explanation == "größer"
    assert it.equations == read(TEXT).equations
    assert it.text == read(TEXT).text or not data.endswith(b"\n")
    assert "\r" not in it.text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x7fELF\x02\x01\x01\x00", "NUL character: this looks like a binary file"),
        (b"\x89PNG\r\n\x1a\n\x00", r"not text in UTF-8 \(byte 0 cannot be decoded\)"),
        ("h[t] = x[t]".encode("utf-16-le"), "NUL character"),
        ("h[t] = x[t]".encode("utf-32"), "NUL character"),
        (b"\xff\xfeh", "not text in UTF-8"),
        ("h[t] = größe".encode("latin-1"), r"not text in UTF-8 \(byte 9"),
        (b"h[t] = x[t]\n" * 50_000, "has more than 400,000 bytes"),
        (b"", "there is no equation in the text"),
    ],
    ids=["ELF", "PNG", "UTF-16 without mark", "UTF-32", "odd", "Latin-1", "long", "empty"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "cell.bin"
    path.write_bytes(data)
    with pytest.raises(NotationError, match=says) as caught:
        read_file(path)
    assert str(caught.value).startswith(("cell.bin: ", "cell.bin, line ", "`cell.bin`"))


def test_an_error_in_a_file_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("# Mine\nh[t] = foo(x[t])\n")
    with pytest.raises(NotationError, match=r"^mine.txt, line 2: there is no function `foo`\n"):
        read_file(path)


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CellNotFoundError, match=r"there is no cell and no file `.*none.txt`"):
        cell(tmp_path / "none.txt")
    with pytest.raises(CellNotFoundError, match=r"cannot read `.*`: Is a directory"):
        cell(tmp_path)
    with pytest.raises(CellNotFoundError, match=r"there is no cell and no file `none/such.txt`"):
        cell("none/such.txt")


def test_a_file_that_must_not_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("h[t] = x[t]")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CellNotFoundError, match=r"cannot read `.*`: Permission denied"):
        cell(path)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\x1b[31mred", "a/" * 3000])
def test_no_name_of_a_file_is_too_odd(name: str) -> None:
    with pytest.raises(CellNotFoundError) as caught:
        cell(name)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_byte_order_mark_within_a_string_is_accepted() -> None:
    assert read("\ufeffh[t] = x[t]").output == "h"


def test_bytes_beyond_the_bound_are_not_decoded() -> None:
    with pytest.raises(NotationError, match="standard input has more than 400,000 bytes"):
        decode(b"\xff" * 500_000, "standard input")
