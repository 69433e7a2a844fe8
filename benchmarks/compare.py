"""Runs the sides of a case alternately, each measurement in a fresh process, and takes medians."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.case import Case, SideName

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv" / "peer" / "bin" / "python"


@dataclass
class Figures:
    """All measurements of one side of one case."""

    runs: list[float] = field(default_factory=list)
    missing: str | None = None
    failed: str | None = None

    @property
    def value(self) -> float | None:
        return median(self.runs) if self.runs else None


@dataclass
class Comparison:
    case: str
    what: str
    unit: str
    target: float | None
    ours: Figures
    peer: Figures
    floor: Figures
    more_is_better: bool = False
    floor_is: str = ""
    """What no implementation can do without, which the floor measures."""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer."""
        ours, peer = self.ours.value, self.peer.value
        if not ours or not peer:
            return None
        return ours / peer if self.more_is_better else peer / ours

    @property
    def on_target(self) -> bool | None:
        if self.target is None or self.ours.value is None:
            return None
        return self.ours.value >= self.target if self.more_is_better else self.ours.value <= self.target

    def as_json(self) -> dict[str, object]:
        values = {side: getattr(self, side).value for side in ("ours", "peer", "floor")}
        return asdict(self) | {"median": values, "ratio": self.ratio, "on_target": self.on_target}


def compare(
    chosen: Case, *, rounds: int, sides: Iterable[SideName], timeout: float, clock: str = "wall"
) -> Comparison:
    """Measures each side `rounds` times, one after the other in turn, so that a busy minute hits all of them."""
    figures = {"ours": Figures(), "peer": Figures(), "floor": Figures()}
    if not chosen.peer:
        figures["peer"].missing = "not measured"
    wanted = [side for side in sides if side != "peer" or chosen.peer]
    wanted = [side for side in wanted if side != "floor" or chosen.floor is not None]
    for number in range(rounds):
        for side in wanted:
            if side == "peer" and chosen.peer_rounds is not None and number >= chosen.peer_rounds:
                continue
            if figures[side].missing or figures[side].failed:
                continue
            _take(chosen.name, side, figures[side], timeout, clock)
    return Comparison(
        case=chosen.name,
        what=chosen.what,
        unit=chosen.unit,
        target=chosen.target,
        more_is_better=chosen.more_is_better,
        floor_is=chosen.floor_is,
        **figures,
    )


def _take(name: str, side: SideName, figures: Figures, timeout: float, clock: str) -> None:
    python = str(PEER_PYTHON) if side == "peer" else sys.executable
    if side == "peer" and not PEER_PYTHON.exists():
        figures.missing = "no peer here: make bench"
        return
    try:
        done = subprocess.run(
            [python, "-m", "benchmarks.measure", name, side],
            cwd=ROOT,
            env=_environment(side) | {"BENCH_CLOCK": clock},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        figures.failed = f"took longer than {timeout:.0f} s"
        return
    last = done.stdout.strip().rpartition("\n")[2]
    if not last.startswith("{"):
        figures.failed = done.stderr.strip().rpartition("\n")[2][:300] or f"exit {done.returncode}"
        return
    result = json.loads(last)
    figures.missing, figures.failed = result.get("missing"), result.get("failed")
    if "value" in result:
        figures.runs.append(result["value"])


def _environment(side: SideName) -> dict[str, str]:
    """Without what would slow or colour a measurement: no forbidden bytecode, no telemetry, no home of the user's."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH", "DAGSTER_HOME", "TREADLE_HOME"}
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    kept["DAGSTER_DISABLE_TELEMETRY"] = "1"
    if side != "peer":
        kept["PYTHONPATH"] = str(ROOT / "src")
    return kept
