"""Writes the README's speed table from benchmarks/figures.json, so that it says what was measured: `python -m benchmarks.readme`.

Measure first: `python -m benchmarks --json benchmarks/figures.json`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import shown

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "benchmarks" / "figures.json"
README = ROOT / "README.md"
BETWEEN = re.compile(r"(?<=<!-- speed: python -m benchmarks.readme -->\n).*?(?=<!-- end of speed -->)", re.S)
CLOCKS = {"wall": "wall clock", "cpu": "processor time"}
LEFT_OUT = ("floor-", "map-year", "load-factory", "alias-load", "automation-memory")
"""Beginnings of the cases that only `make bench` shows."""


def table(document: Mapping[str, Any]) -> str:
    """What was measured on which machine, and a row a case."""
    machine = document["machine"]
    rounds = max(len(each["ours"]["runs"]) for each in document["cases"])
    clock, load = CLOCKS[machine["clock"]], machine["load_average"][0]
    head = (
        f"Medians of up to {rounds} fresh processes a side, both sides in turn: {clock}, {machine['cores']} cores, "
        f"load average {load:.1f}, Dagster {machine['peer']}, Python {machine['python']}.\n"
    )
    return "\n".join(
        [head, "| what | Treadle | Dagster | |", "|---|---|---|---|", *_rows(document["cases"]), ""]
    )


def _rows(cases: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for each in cases:
        ours, peer = each["median"]["ours"], each["median"]["peer"]
        if ours is None or each["case"].startswith(LEFT_OUT):
            continue
        theirs = "not measured" if peer is None else shown(peer, each["unit"])
        what = each["what"].replace("the peer", "Dagster").replace("peer:", "Dagster:")
        yield f"| {what} | {shown(ours, each['unit'])} | {theirs} | {_times(each)} |"


def _times(each: Mapping[str, Any]) -> str:
    ratio = each["ratio"]
    if ratio is None or each["unit"] == "ratio":
        return ""
    return f"{ratio:.0f}×" if ratio >= 2 else f"{ratio:.1f}×" if ratio >= 1 else "slower"


def written(readme: str, document: Mapping[str, Any]) -> str:
    """The README's text with the table in its place.

    Raises:
        ValueError: the README has no place for it, or several.
    """
    text, count = BETWEEN.subn(lambda _: table(document), readme)
    if count != 1:
        raise ValueError(f"{README.name} has {count} places for the speed table")
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8"), json.loads(FIGURES.read_text("utf-8"))), "utf-8")
