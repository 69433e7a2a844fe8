"""The table and the JSON of a benchmark run."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from benchmarks.compare import Comparison, Figures


def as_table(rows: Sequence[Comparison]) -> str:
    """Aligned columns: what, ours, peer, how many times better, floor, target, and whether it is met."""
    head = ("what", "ours", "peer", "ratio", "floor", "target", "")
    lines = [head, *(_line(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = []
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        text.append("  ".join(cells).rstrip())
    notes = [
        f"{row.case}, {side}: {figures.failed}"
        for row in rows
        for side, figures in (("ours", row.ours), ("peer", row.peer), ("floor", row.floor))
        if figures.failed
    ]
    return "\n".join([*text, *([""] if notes else []), *notes])


def _line(row: Comparison) -> tuple[str, ...]:
    ratio = f"{row.ratio:.3g}×" if row.ratio is not None else "–"
    target = shown(row.target, row.unit) if row.target is not None else "–"
    verdict = {True: "met", False: "missed", None: ""}[row.on_target]
    cells = (_cell(figures, row.unit) for figures in (row.ours, row.peer))
    floor = shown(row.floor.value, row.unit) if row.floor.value is not None else "–"
    return (row.what, *cells, ratio, floor, target, verdict)


def _cell(figures: Figures, unit: str) -> str:
    if figures.value is not None:
        return shown(figures.value, unit)
    if figures.failed:
        return "failed"
    if figures.missing and figures.missing != "not measured":
        return "not available yet"
    return "–"


def shown(value: float, unit: str) -> str:
    """A figure as a person reads it: 3 digits, seconds as s, ms or µs."""
    if unit == "bytes":
        return f"{value / 2**20:.3g} MB"
    if unit == "events/s":
        return f"{value:,.0f}/s"
    if unit == "ratio":
        return f"{value * 100:+.3g} %"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if abs(value) * factor >= 1 or name == "µs":
            return f"{value * factor:.3g} {name}"
    raise AssertionError(value)


def write_json(rows: Sequence[Comparison], path: Path, peer_version: str | None, clock: str) -> None:
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "peer": peer_version,
        "clock": clock,
        "load_average": list(os.getloadavg()),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "cases": [row.as_json() for row in rows]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
