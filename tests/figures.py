"""The figures that the project promises, measured here and now: `python tests/figures.py`.

Times are processor times. Commands that are compared run in turn, each in a fresh process, and
medians are taken; a cell's is the shortest of several. Still, a machine that does other work shows
up to twice as much for a cell: its cores share caches and clock.
Run it in an environment into which gatecalc was installed (`pip install .`), as users do: pip
compiles the modules. `--rounds 15` measures more often than the usual 5.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from statistics import median

_FIRST_CALL = """
import json, sys, time
import jinja2, sympy
import sympy.tensor.tensor  # what SymPy imports at its first sum
import gatecalc.codegen
from gatecalc.equations import cell
found = cell(sys.argv[1])
start = time.process_time()
gatecalc.codegen.generate(found)
print(json.dumps(time.process_time() - start))
"""

_CHECKS = """
import json, sys, time
from gatecalc.checks import check
from gatecalc.checks.exact import exact
from gatecalc.checks.subject import subject
from gatecalc.codegen import generate, load
from gatecalc.equations import cell
from gatecalc.evaluate.problem import random_problem, resolve_sizes

found = cell(sys.argv[1])
module = load(generate(found))
judged = subject(found, module, resolve_sizes(found, None))
problem = random_problem(found)
times = []
for _ in range(5):
    start = time.process_time()
    rows = exact(judged, problem)
    times.append(time.process_time() - start)
facts = {"exact": min(times)}
assert all(row.verdict == "proved" for row in rows)
for row in check(found, module).rows:
    if row.error is not None:
        facts[row.check] = max(row.error, facts.get(row.check, 0.0))
print(json.dumps(facts))
"""


def main() -> None:
    """Prints every figure beside what it may be at most."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="measure N times")
    rounds = options.parse_args().rounds
    listed = json.loads(_output("-m", "gatecalc", "list", "--json"))
    cells = [entry["name"] for entry in listed["cells"]]
    with tempfile.TemporaryDirectory() as folder:
        target = ["-o", f"{folder}/lstm.py", "--force"]
        bare, showing, sympy, generating = _medians(
            (
                ["-c", "pass"],
                ["-m", "gatecalc", "--help"],
                ["-c", "import sympy"],
                ["-m", "gatecalc", "generate", "lstm", *target],
            ),
            rounds,
        )
    _say("gatecalc --help, beyond python -c pass", showing - bare, 0.15, "s")
    _say("gatecalc generate lstm / import sympy", generating / sympy, 1.6, "times")
    _each("derive and generate, first call", _first_calls(cells, rounds), 0.1, "s")
    facts = {name: json.loads(_output("-c", _CHECKS, name)) for name in cells}
    _each("exact check, T=3 B=2 D=3 H=4", {n: f["exact"] for n, f in facts.items()}, 0.2, "s")
    for check, bound in (("complex step", 1e-10), ("central differences", 1e-6)):
        errors = {n: f[check] for n, f in facts.items() if check in f}
        _each(f"{check}, relative error", errors, bound, "")


def _first_calls(cells: Iterable[str], rounds: int) -> dict[str, float]:
    return {
        name: min(json.loads(_output("-c", _FIRST_CALL, name)) for _ in range(rounds))
        for name in cells
    }


def _medians(commands: Iterable[list[str]], rounds: int) -> list[float]:
    """Processor time of each command, the commands taking turns."""
    found: dict[int, list[float]] = {}
    for round_ in range(rounds + 1):
        for number, arguments in enumerate(commands):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            _output(*arguments)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if round_:  # the first one fills the caches of the disk
                found.setdefault(number, []).append(spent)
    return [median(times) for times in found.values()]


def _output(*arguments: str) -> str:
    # These two variables choose kernels for this machine; users do not have them.
    plain = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, env=plain
    )
    return run.stdout


def _each(what: str, values: dict[str, float], bound: float, unit: str) -> None:
    worst = max(values, key=values.__getitem__)
    _say(what, values[worst], bound, f"{unit}, {worst}".removeprefix(", "))
    if unit:
        middle = median(values.values())
        print(f"{'':44}{middle:>10.3g}  in the middle of {len(values)} cells")


def _say(what: str, value: float, bound: float, unit: str) -> None:
    verdict = "" if value <= bound else "  MISSED"
    print(f"{what:44}{value:>10.3g}  at most {bound:g}  ({unit}){verdict}", flush=True)


if __name__ == "__main__":
    main()
