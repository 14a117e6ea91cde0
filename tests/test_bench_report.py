"""Medians, quartiles, tables and JSON: from made-up times, so that the results are known."""

from __future__ import annotations

import json

import pytest

from gatecalc.bench.company import Clocks, share_of_others
from gatecalc.bench.points import GRID, Point
from gatecalc.bench.report import Growth, Report, Result, spread

MACHINE = {
    "processor": "An Old Abacus",
    "processors": 2,
    "memory": 1 << 30,
    "load": 0.5,
    "blas": "beads",
    "blas version": "1.0",
    "blas kernel": "Wood",
    "blas threads": 2,
    "python": "3.11",
    "numpy": "2.0",
    "threads by environment": {"OMP_NUM_THREADS": "1"},
}


def result(**changes) -> Result:
    facts = {
        "cell": "lstm",
        "dtype": "float32",
        "point": GRID["small"],
        "base": "torch.nn",
        "seconds": {"gatecalc": [1e-3, 2e-3, 9e-3], "torch.nn": [2e-3, 2e-3, 3e-3]},
    }
    return Result(**{**facts, **changes})


def test_ratios_are_taken_round_by_round():
    ratio = result().ratio("gatecalc")
    assert (ratio.low, ratio.middle, ratio.high) == pytest.approx((0.75, 1.0, 2.0))
    assert result().ratio("jax") is None


def test_a_subject_that_broke_down_keeps_the_rounds_that_it_had():
    part = result(seconds={"gatecalc": [1.0], "torch.nn": [2.0, 1.0, 1.0]})
    assert part.ratio("gatecalc").middle == 0.5


@pytest.mark.parametrize("numbers", [[3.0], [3.0, 3.0]])
def test_one_round_has_no_spread(numbers: list[float]):
    assert spread(numbers) == spread([3.0])
    assert spread(numbers).low == spread(numbers).high == 3.0


def test_the_table_says_what_was_measured_and_on_what():
    text = str(Report(MACHINE, [result(compile_seconds={"jax": 1.25})]))
    for part in (
        "An Old Abacus, 2 processors, load 0.5",
        "BLAS beads 1.0, kernel Wood, 2 threads",
        "Python 3.11, numpy 2.0",
        "OMP_NUM_THREADS=1",
        "lstm float32: forward + backward, time / time of torch.nn",
        ".75-2.00",
        "2.00 ms",
        "jax took 1.2 s to compile, which is not counted",
    ):
        assert part in text
    assert "\x1b" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_what_is_missing_is_named_with_the_reason():
    report = Report(
        MACHINE,
        [
            result(left_out={"torch.nn": "no layer"}, failed={"jax": "it sulks"}),
            result(point=GRID["large"], seconds={}, failed={"": "no memory for it"}),
        ],
        left_out={"torch.loop": "torch is not installed"},
        interrupted=True,
    )
    text = " ".join(str(report).split())
    assert "left out: torch.loop, torch is not installed" in text
    assert "left out for lstm: torch.nn, no layer" in text
    assert "lstm float32 small (32, 1, 8, 16): jax: it sulks" in text
    assert "lstm float32 large (64, 128, 256, 512): no memory for it" in text
    assert "interrupted: this is what was measured until then" in text


def test_a_machine_that_others_used_too_is_not_to_be_trusted():
    busy = str(Report({**MACHINE, "share of others": 0.31}, [result()]))
    assert "other work took 31% of the processors meanwhile" in busy
    assert "other work" not in str(Report({**MACHINE, "share of others": 0.02}, [result()]))
    assert "other work" not in str(Report({**MACHINE, "share of others": None}, [result()]))


def test_the_share_of_others_is_what_we_did_not_use(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    before = Clocks(wall=10.0, busy=100.0, own=50.0)
    assert share_of_others(before, Clocks(20.0, 130.0, 60.0)) == 0.5
    assert share_of_others(before, Clocks(20.0, 105.0, 60.0)) == 0.0
    assert share_of_others(before, None) is None


def test_many_points_take_several_tables():
    points = [Point(f"{n}x1x1x1", n, 1, 1, 1) for n in range(1, 9)]
    text = str(Report(MACHINE, [result(point=p) for p in points]))
    assert text.count("forward + backward") == 2
    assert all(f"{n}x1" in text for n in range(1, 9))


def test_no_heading_breaks_inside_a_point_and_no_table_is_too_wide():
    longest = Point("x".join(4 * ["1000000000"]), *4 * [10**9])
    points = [Point("8x2x3x4", 8, 2, 3, 4), *GRID.values(), longest, GRID["small"]]
    lines = str(Report(MACHINE, [result(point=p) for p in points])).splitlines()
    for point in points:
        assert any("x".join(map(str, point.dimensions)) in line.split() for line in lines)
    assert max(map(len, lines)) <= 80


def test_json_has_every_round():
    report = Report(MACHINE, [result()], [Growth("lstm", "float32", GRID["long"], "fresh", 5.0)])
    told = json.loads(json.dumps(report.to_dict()))
    subject = told["results"][0]["subjects"]["gatecalc"]
    assert subject["seconds"] == [1e-3, 2e-3, 9e-3]
    assert subject["ratio"] == 1.0
    assert subject["quartiles"] == pytest.approx([0.75, 2.0])
    assert told["results"][0]["T"] == 32
    assert told["memory"][0]["bytes"] == 5.0
    assert told["machine"]["blas kernel"] == "Wood"


def test_a_report_is_true_if_nothing_failed():
    assert Report(MACHINE, [result(left_out={"jax": "not there"})])
    assert not Report(MACHINE, [result(failed={"jax": "wrong"})])
    assert not Report(MACHINE, [result()], interrupted=True)
    assert not Report(MACHINE, [result()], problems=["there is no peer"])
    assert not Report(MACHINE, [], [Growth("a", "b", GRID["long"], "fresh", failed="no")])


def test_memory_is_related_to_that_of_pytorch():
    growths = [
        Growth("lstm", "float32", GRID["long"], name, count, 1 << 20, 0.5)
        for name, count in (("gatecalc", 3 << 20), ("torch.nn", 4 << 20))
    ]
    text = str(
        Report(MACHINE, [], [*growths, Growth("lstm", "float32", GRID["long"], "x", failed="why")])
    )
    row = next(line for line in text.splitlines() if "gatecalc" in line)
    assert row.split() == [
        "1000x16x32x64",
        "gatecalc",
        "3.0",
        "MiB",
        "2.0",
        "MiB",
        ".75",
        "500",
        "ms",
    ]
    assert "x: why" in text
