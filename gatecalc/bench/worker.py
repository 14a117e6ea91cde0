"""The process that times one subject: it obeys commands on standard input until that is closed.

Commands and answers are pickled: `("build", task)`, `("results",)`, `("calibrate",)`, `("time",)`,
`("memory", task)`, `("facts",)`. An answer is `("ok", value)` or `("failed", message)`.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_SPAN = 0.03
"""Seconds that a subject is timed for in a round, at least."""

_TRIES = 5
"""Runs of which the fastest tells how many make up a span."""

_WARM = 1.0
"""A run that takes longer than this is not repeated only to warm up."""


class _Worker:
    def __init__(self) -> None:
        self.runner: Any = None
        self.repeats = 1
        self.seconds = 0.0

    def build(self, task: Any) -> dict[str, Any]:
        """Prepares a subject: what is found out about it."""
        from gatecalc.bench.runners import runner

        self.runner = runner(task)
        return {"compile_seconds": self.runner.compile_seconds, "versions": self.runner.facts}

    def results(self) -> Any:
        """The numbers of one run."""
        return self.runner.results()

    def calibrate(self) -> float:
        """Runs once to warm up, then tells how long a run takes and settles on repetitions."""
        self.runner.run()
        tries = [_timed(self.runner.run, 1)]
        while len(tries) < _TRIES and sum(tries) < _SPAN:
            tries.append(_timed(self.runner.run, 1))
        self.seconds = min(tries)
        self.repeats = max(1, round(_SPAN / max(self.seconds, 1e-7)))
        return self.seconds

    def time(self) -> float:
        """Seconds of one run, the mean of a few; one run before them fills the caches."""
        if self.seconds < _WARM:
            self.runner.run()
        return _timed(self.runner.run, self.repeats)

    def memory(self, task: Any) -> dict[str, float]:
        """How far memory grows in one forward and backward pass."""
        from gatecalc.bench.growth import measured

        return measured(task)

    def facts(self) -> dict[str, Any]:
        """The machine, as this process sees it."""
        from gatecalc.bench.machine import facts

        return facts()


def _timed(run: Callable[[], object], repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - started) / repeats


def _message(error: BaseException) -> str:
    words = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
    if isinstance(error, MemoryError) or "allocate memory" in str(error):
        return "there is not enough memory"
    return text


def serve(commands: Any, answers: Any) -> None:
    """Answers commands until there are no more."""
    worker = _Worker()
    while True:
        try:
            name, *arguments = pickle.load(commands)
        except EOFError:
            return
        try:
            answer = ("ok", getattr(worker, name)(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is reported
            answer = ("failed", _message(error))
        pickle.dump(answer, answers, protocol=5)
        answers.flush()


def main() -> None:
    """Serves on the standard streams."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    with suppress(OSError):
        # If memory runs out, this process shall end, not the one that keeps the results.
        Path("/proc/self/oom_score_adj").write_text("1000")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    with suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers)
