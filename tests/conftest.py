"""What all tests share: nothing is skipped where CI runs, and no test sees the user's settings."""

from __future__ import annotations

import gc
import io
import os
import signal
from collections.abc import Callable, Generator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings

# One thread each for the matrix products of as many processes as there are cores; what a test
# starts inherits it. NumPy and PyTorch read these when they are imported, which is later.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
"""A package that is missing on a user's machine skips its tests; in CI nothing may be missing."""


# The same examples in every run: what is pushed is judged by itself, not by luck. Fresh ones are
# drawn, ten times as many, by `pytest --hypothesis-profile=explore`. Health checks that look at
# the clock, and deadlines, fail where the machine has other work.
settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Shrinking may take five minutes, and whoever repairs it shrinks the same example at home.
settings.register_profile(
    "ci",
    settings.get_profile("same"),
    phases=[phase for phase in Phase if phase is not Phase.shrink],
)
settings.register_profile(
    "explore", settings.get_profile("same"), derandomize=False, max_examples=1000, print_blob=True
)
settings.load_profile("ci" if IN_CI else "same")

# A shell that starts programs in the background has them ignore Ctrl-C, and their children too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is there now stays; looking through it for garbage again and again takes a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_to_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_to_skip(report)
    return report


def _refuse_to_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"nothing may be skipped in CI: {reason}"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command line left: the exit status and both streams."""

    status: int
    out: str
    err: str


RunCommand = Callable[..., Outcome]


@pytest.fixture
def gatecalc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Runs a command line in this process; `stdin` is what comes in."""

    def run(*arguments: str, stdin: str | bytes = b"") -> Outcome:
        from gatecalc.cli.main import main

        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run
