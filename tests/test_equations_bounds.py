"""Texts that are too long, too deep or too large get an answer at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gatecalc.calculus import derive
from gatecalc.codegen import generate
from gatecalc.equations import cell, read, read_file
from gatecalc.errors import GatecalcError, NotationError

ENDLESS = {
    "100,000 nested parentheses": "h[t] = " + "(" * 50_000 + "x[t]" + ")" * 50_000,
    "parentheses on lines of their own": "h[t] = " + "(\n" * 1900 + "x[t]" + ")" * 1900,
    "100,000 minus signs": "h[t] = " + "-" * 100_000 + "x[t]",
    "a line of minus signs": "h[t] = " + "-" * 3900 + "x[t]",
    "minus signs with blanks": "h[t] = " + "- " * 1900 + "x[t]",
    "minus signs on lines of their own": "h[t] = (" + "-\n" * 1900 + "x[t])",
    "not, again and again": "h[t] = " + "not " * 900 + "x[t]",
    "transposes of transposes": "h[t] = W" + ".T" * 1900 + " @ x[t]",
    "subscripts of subscripts": "h[t] = x" + "[t]" * 1300,
    "shifts": "h[t] = x[t]" + "<<a" * 1300,
    "comparisons": "h[t] = x[t]" + "<a" * 1900,
    "calls of calls": "h[t] = f" + "(x)" * 1300,
    "braces": "h[t] = " + "a{" * 1900,
    "a zero with an exponent": "h[t] = x[t] + 0e9999999999",
    "a zero with a negative exponent": "h[t] = x[t] + 0.0e-9999999999",
    "a long sum": "h[t] = x[t]" + " + b" * 900,
    "a tower of powers": "h[t] = x[t]" + "**2" * 900,
    "powers of powers": "h[t] = ((((0.9999999 * x[t])**16)**16)**16)**16",
    "a number of many digits": "h[t] = " + "1" * 3900 + " * x[t]",
    "many factors": "h[t] = " + "12345678 * " * 90 + "x[t]",
    "10 MB of equations": "h[t] = x[t]\n" * 900_000,
    "10 MB in one line": "x" * 10_000_000,
    "10 MB of brackets": "[ " * 5_000_000,
    "10 MB of blanks": "[" + " " * 10_000_000,
    "a hundred thousand lines": "\n" * 99_000,
    "a long comment": "# " + "a" * 90_000 + "\nh[t] = x[t]",
    "a long name": "a" * 3900 + " = 3",
    "500 equations": "\n".join(f"h{k}[t] = x[t]" for k in range(500)),
    "many operators in all": "\n".join(f"h{k}[t] = x[t]" + " + W @ x[t]" * 20 for k in range(390)),
    "nonlinearities that double each other": "f0 = lambda a: a * a\n"
    + "\n".join(f"f{k} = lambda a: f{k - 1}(a) + f{k - 1}(a)" for k in range(1, 200))
    + "\nh[t] = f199(x[t])",
    "many calls of a large nonlinearity": "f0 = lambda a: a * a\n"
    + "\n".join(f"f{k} = lambda a: f{k - 1}(a) + f{k - 1}(a)" for k in range(1, 6))
    + "".join("\n" + f"h{k}[t] = x[t]" + " + f5(x[t])" * 12 for k in range(60)),
    "a nonlinearity of itself, again and again": "f = lambda a: a * a\nh[t] = "
    + "f(" * 39
    + "x[t]"
    + ")" * 39,
    "concatenations that double each other": "y0[t] = x[t]\n"
    + "\n".join(
        f"z{k}[t] = W{k} @ concat(y{k - 1}[t], y{k - 1}[t])\ny{k}[t] = W{k}.T @ z{k}[t]"
        for k in range(1, 100)
    ),
}

LARGE = {
    "a product of sums": "h[t] = x[t]" + "".join(f" * (a{k} + b{k})" for k in range(60)),
    "a product of sums that a nonlinearity reads": "a[t] = x[t]"
    + "".join(f" * (a{k} + b{k})" for k in range(25))
    + "\nh[t] = tanh(a[t])",
    "a product of sums and of a map": "h[t] = tanh(U @ h[t-1] + 0.5 * (W @ x[t])"
    + "".join(f" * (a{k} + b{k})" for k in range(25))
    + ")",
    "a product of sums that a matrix reads": "m[t] = x[t]"
    + "".join(f" * (0.5 * a{k} + b{k})" for k in range(25))
    + "\nh[t] = tanh(W @ m[t])",
    "a power of a sum": "h[t] = (x[t] + a + b + c + d + e + f)**16",
    "a power of a sum below": "h[t] = 1 / (x[t] + a + b + c + d + e + f)**16",
    "a nested sum": "h[t] = " + "(" * 39 + "x[t]" + " + a) * b" * 39,
    "nested functions": "h[t] = " + "tanh(" * 39 + "x[t]" + ")" * 39,
    "a tower of maps": "h[t] = " + "W @ " * 150 + "x[t]",
    "a chain, last first": "\n".join(f"h{k}[t] = tanh(a * h{k + 1}[t])" for k in range(390))
    + "\nh390[t] = x[t]",
    "a chain of states": "\n".join(f"h{k}[t] = tanh(a * h{k + 1}[t-1])" for k in range(390))
    + "\nh390[t] = x[t]",
    "many inputs": "".join(f"h{k}[t] = x{k}[t] + w * y{k}[t]\n" for k in range(300)),
    "many lines": "".join(f"h{k}[t] = W_{k} @ x[t] * b + c\n\n" for k in range(390)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_refused_at_once(name: str) -> None:
    started = time.process_time()
    with pytest.raises(NotationError) as caught:
        read(ENDLESS[name])
    assert time.process_time() - started < 1
    assert len(str(caught.value)) < 1500


def test_concatenations_without_end_are_shown_where_they_grow_too_long() -> None:
    with pytest.raises(NotationError, match="put together from more than 200 others") as caught:
        read(ENDLESS["concatenations that double each other"])
    assert "line 16: " in str(caught.value)
    assert "    z8[t] = W8 @ concat(y7[t], y7[t])\n                 ^^^^" in str(caught.value)


@pytest.mark.parametrize("name", LARGE)
def test_what_is_merely_large_is_derived_within_a_second(name: str) -> None:
    started = time.process_time()
    derivation = derive(read(LARGE[name]))
    assert time.process_time() - started < 1
    assert derivation.backward


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_what_is_merely_large_becomes_a_module_within_seconds(name: str) -> None:
    started = time.process_time()
    source = generate(read(LARGE[name]))
    assert time.process_time() - started < 60  # at most some seconds; years, multiplied out
    compile(source, name, "exec")


def test_a_file_of_any_size_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(NotationError, match=r"^large.txt: `large.txt` has more than 400,000 bytes"):
        read_file(path)


def test_ten_megabytes_given_as_a_path_are_no_path() -> None:
    with pytest.raises(GatecalcError, match="there is no cell and no file `xxx"):
        cell("x" * 10_000_000)
