"""The benchmark harness measures in fresh processes and says plainly what it could not measure. Nothing is timed here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import choose, main
from benchmarks.case import NotAvailable, Side, case
from benchmarks.cases import load_all
from benchmarks.compare import Comparison, Figures
from benchmarks.readme import FIGURES, README, written
from benchmarks.report import as_table, shown
from tests.repository.source_tree import ROOT

load_all()


def row(**changes: object) -> Comparison:
    given: dict[str, object] = {
        "case": "x",
        "what": "x",
        "unit": "s",
        "target": 0.2,
        "ours": Figures([0.1, 0.3, 0.1]),
        "peer": Figures([1.0]),
        "floor": Figures(),
    }
    return Comparison(**(given | changes))  # type: ignore[arg-type]


def test_a_ratio_says_how_many_times_better_the_median_is() -> None:
    assert row().ratio == pytest.approx(10)
    assert row(ours=Figures([50.0]), peer=Figures([10.0]), more_is_better=True).ratio == pytest.approx(5)


def test_a_target_is_met_or_missed_and_unknown_where_nothing_was_measured() -> None:
    assert row().on_target is True
    assert row(ours=Figures([0.3])).on_target is False
    assert row(ours=Figures([50.0]), target=40.0, more_is_better=True).on_target is True
    assert row(ours=Figures(missing="no such name yet")).on_target is None


def test_the_table_tells_missing_from_failed_and_names_the_failure() -> None:
    table = as_table([row(ours=Figures(missing="later"), peer=Figures(failed="ValueError: boom"))])
    assert "not available yet" in table
    assert "failed" in table
    assert "x, peer: ValueError: boom" in table


def test_the_readme_says_what_was_measured() -> None:
    """After a measurement: python -m benchmarks.readme."""
    readme = README.read_text("utf-8")
    figures = json.loads(FIGURES.read_text("utf-8"))
    assert written(readme, figures) == readme
    figures["machine"]["clock"] = "cpu"
    figures["cases"][0]["median"]["ours"] = 0.5
    changed = written(readme, figures)
    assert "processor time" in changed and "| 500 ms |" in changed
    with pytest.raises(ValueError, match="2 places"):
        written(readme * 2, figures)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.5, "s", "1.5 s"),
        (0.0123, "s", "12.3 ms"),
        (4e-8, "s", "0.04 µs"),
        (2**20, "bytes", "1 MB"),
        (20_000, "events/s", "20,000/s"),
        (0.1, "ratio", "+10 %"),
    ],
)
def test_figures_are_shown_for_people(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_cases_are_chosen_by_the_beginning_of_their_names() -> None:
    assert [chosen.name for chosen in choose(["load-1"])] == ["load-1k", "load-10k", "load-100k"]
    assert choose([]) == list(case.cases.values())
    with pytest.raises(ValueError, match="no benchmark begins with 'nonsense'; there are: import,"):
        choose(["nonsense"])


def test_a_name_that_is_missing_means_not_available() -> None:
    with pytest.raises(NotAvailable, match="treadle has no `nothing_of_the_kind` yet"):
        _ = Side("ours").dg.nothing_of_the_kind


def test_one_measurement_is_one_process_that_prints_json() -> None:
    command = [sys.executable, "-m", "benchmarks.measure", "step-memory", "floor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["value"] > 0


def test_a_second_may_be_one_of_processor_time() -> None:
    code = "import time; from benchmarks.case import now; time.process_time = lambda: -1.0; print(now())"
    asked = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "BENCH_CLOCK": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout == "-1.0\n"


def test_our_command_line_is_measured_also_where_it_is_not_installed() -> None:
    done = subprocess.run(
        [*Side("ours").command, "--version"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("treadle ")


def test_every_measurement_is_written_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    assert main(["step-memory", "--sides", "floor", "--rounds", "2", "--json", str(file)]) == 0
    written = json.loads(file.read_text())
    (only,) = written["cases"]
    assert written["machine"]["clock"] == "wall"
    assert len(only["floor"]["runs"]) == 2
    assert "a no-op step, in memory" in capsys.readouterr().out
