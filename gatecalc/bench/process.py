"""Processes with one subject each, as their parent sees them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import gatecalc

_START = "import sys; sys.path.append({!r}); from gatecalc.bench.worker import main; main()"


class SubjectError(Exception):
    """A subject that could not be built or run; its text says why."""


def clean_environment() -> dict[str, str]:
    """Our environment without what tunes OpenBLAS, and JAX kept on the CPU."""
    kept = {n: v for n, v in os.environ.items() if not n.upper().startswith("OPENBLAS_")}
    return {**kept, "JAX_PLATFORMS": "cpu"}


class Process:
    """A process of our own Python that answers to `ask`; it ends when it is closed, or we do."""

    def __init__(self) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-c", _START.format(str(Path(gatecalc.__file__).parents[1]))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=clean_environment(),
        )

    def ask(self, *command: Any) -> Any:
        """The answer to a command of the worker. Raises SubjectError."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        try:
            pickle.dump(command, self.child.stdin)
            self.child.stdin.flush()
            verdict, answer = pickle.load(self.child.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise SubjectError(self._death()) from None
        if verdict == "failed":
            raise SubjectError(answer)
        return answer

    def close(self) -> None:
        """Ends the process, at once if need be."""
        for stream in (self.child.stdin, self.child.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            self.child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.errors.close()

    def kill(self) -> None:
        """Ends the process whatever it is doing."""
        with suppress(OSError):
            self.child.kill()
        self.close()

    def _death(self) -> str:
        status = self.child.wait()
        if status == -9:  # SIGKILL, which is what the system sends
            return "the process was killed, most likely for want of memory"
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return f"the process ended with status {status}" + (f": {lines[-1]}" if lines else "")
