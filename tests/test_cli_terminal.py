"""What is seen, and can be pressed, at a terminal."""

from __future__ import annotations

import ast
import os
import pty
import select
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gatecalc as package

if TYPE_CHECKING:
    from conftest import RunCommand

# Makes standard output the terminal of a session of its own, so that Ctrl-C arrives as a signal.
_IN_A_SESSION = """
import fcntl, runpy, termios
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
runpy.run_module("gatecalc", run_name="__main__", alter_sys=True)
"""


def in_a_terminal(
    keys: bytes,
    *arguments: str,
    prompt: bytes = b"any key",
    at_once: bool = False,
    piped: str | None = None,
    **environment: str,
) -> tuple[int, str]:
    """The status and the screen of a command in a terminal where a key answers each prompt.

    `piped` is what comes by a pipe at standard input.
    """
    ours, theirs = pty.openpty()
    root = str(Path(package.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-c", _IN_A_SESSION, *arguments],
        stdin=theirs if piped is None else subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": root, "TERM": "xterm", **environment},
        start_new_session=True,
    )
    os.close(theirs)
    if child.stdin is not None:
        with child.stdin as pipe:
            pipe.write((piped or "").encode())
    screen = b""
    asked = 0
    while True:
        if not select.select([ours], [], [], 60)[0]:
            child.kill()
            pytest.fail(f"a minute without a word; the screen:\n{screen.decode()}")
        try:
            screen += os.read(ours, 65536)
        except OSError:  # the command has ended
            break
        if screen.count(prompt) > asked and keys:
            asked += 1
            time.sleep(0.1)
            pressed = len(keys) if at_once else 1
            os.write(ours, keys[:pressed])
            keys = keys[pressed:]
    os.close(ours)
    return child.wait(), screen.decode()


PAUSED = ("trace", "gru", "--length", "3", "--only", "h", "--pause")


def test_pause_waits_for_a_key_at_each_step() -> None:
    status, screen = in_a_terminal(b"  ", *PAUSED)
    assert status == 0
    assert screen.count("any key") == 2
    assert "t = 2" in screen


def test_arrow_keys_go_on() -> None:
    paused = ("trace", "gru", "--length", "2", "--only", "h", "--pause")
    status, screen = in_a_terminal(b"\x1b[B", *paused, at_once=True)
    assert status == 0
    assert "t = 1" in screen


def test_pause_can_be_left_with_q_and_with_interrupt() -> None:
    status, screen = in_a_terminal(b" q", *PAUSED)
    assert status == 0
    assert "t = 1" in screen
    assert "t = 2" not in screen
    status, screen = in_a_terminal(b"\x03", *PAUSED)
    assert status == 130
    assert "Traceback" not in screen


PIPED = ("trace", "-", "--length", "3", "--only", "h", "--pause")
EQUATIONS = "h[t] = tanh(W @ x[t] + U @ h[t-1] + b)\n"


def test_pause_reads_keys_from_the_terminal_where_the_cell_comes_by_a_pipe() -> None:
    status, screen = in_a_terminal(b"  ", *PIPED, piped=EQUATIONS)
    assert status == 0
    assert screen.count("any key") == 2
    assert "t = 2" in screen
    status, screen = in_a_terminal(b" q", *PIPED, piped=EQUATIONS)
    assert status == 0
    assert "t = 1" in screen
    assert "t = 2" not in screen
    status, screen = in_a_terminal(b"\x03", *PIPED, piped=EQUATIONS)
    assert (status, "Traceback" in screen) == (130, False)


def test_pause_leaves_the_terminal_alone_where_the_command_reads_no_cell_from_the_pipe() -> None:
    status, screen = in_a_terminal(b"", *PAUSED, piped="")
    assert status == 0
    assert "any key" not in screen


def test_interrupting_leaves_a_word_and_the_usual_status() -> None:
    status, screen = in_a_terminal(b"\x03", "show", "-", prompt=b"reading equations")
    assert status == 130
    assert "Traceback" not in screen
    assert screen.endswith("gatecalc: interrupted\r\n")


# Ctrl-C while a module is imported, at a moment that is the same in every run.
_INTERRUPTED = """
import sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "{name}":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
import runpy
sys.argv = ["gatecalc", "generate", "dense"]
{start}
"""


@pytest.mark.parametrize("name", ["gatecalc.cli.main", "argparse", "gatecalc.errors", "sympy"])
@pytest.mark.parametrize(
    "start",
    [
        'runpy.run_module("gatecalc", run_name="__main__", alter_sys=True)',
        "from gatecalc.cli.entry import main\nsys.exit(main())",  # as the installed script does
    ],
)
def test_interrupting_imports_leaves_a_word_and_the_usual_status(name: str, start: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED.format(name=name, start=start)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "gatecalc: interrupted\n")


def test_the_command_begins_where_nothing_slow_is_imported() -> None:
    root = Path(package.__file__).parents[1]
    with (root / "pyproject.toml").open("rb") as file:
        script = tomllib.load(file)["project"]["scripts"]["gatecalc"]
    assert script == "gatecalc.cli.entry:main"
    code = (
        "import gatecalc, sys; before = {*sys.modules}\n"
        "import gatecalc.cli.entry; print({*sys.modules} - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(run.stdout) == {"gatecalc.cli", "gatecalc.cli.entry"}


@pytest.mark.parametrize("columns", ["9" * 23, "0", "1"])
def test_a_terminal_of_any_width_is_written_to(columns: str) -> None:
    command = ("trace", "gru", "--length", "1")
    status, screen = in_a_terminal(b"", *command, COLUMNS=columns, LINES=columns)
    assert status == 0
    assert "Traceback" not in screen


def test_equations_may_be_typed_at_a_terminal() -> None:
    typed = b"h[t] = tanh(W @ x[t])\n\x04"
    status, screen = in_a_terminal(typed, "show", "-", prompt=b"reading equations", at_once=True)
    assert status == 0
    assert "W" in screen.partition("Names")[2]


def test_pause_does_not_wait_where_there_is_no_keyboard(gatecalc: RunCommand) -> None:
    for arguments, stdin in ((PAUSED, ""), (PIPED, EQUATIONS)):
        run = gatecalc(*arguments, stdin=stdin)
        assert run.status == 0
        assert "any key" not in run.out


def test_colours_are_for_terminals_that_want_them() -> None:
    _, coloured = in_a_terminal(b"", "trace", "gru", "--length", "1")
    _, plain = in_a_terminal(b"", "trace", "gru", "--length", "1", NO_COLOR="1")
    assert "\x1b[3" in coloured
    assert "\x1b[3" not in plain
