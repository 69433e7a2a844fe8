"""Each item of the acceptance list that the library and the command line can prove is named by a test."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SPAN = re.compile(r"(S[0-4]-)(\d\d) ?… ?S[0-4]-(\d\d)")
ITEM = re.compile(r"S[0-4]-(?:D\d\d[a-e]?|\d\d)")
SCOPE = {
    *(f"S0-{number:02d}" for number in range(12, 37)),
    *(f"S1-{number:02d}" for number in range(1, 60)),
    *(f"S2-{name}" for name in ("01", "02", "03", "12", "13", "14", "15", "16", "18", "21")),
    *(f"S2-D01{letter}" for letter in "abcde"),
    *(f"S2-D02{letter}" for letter in "abcd"),
    *(f"S2-D{name}" for name in ("03", "04", "05", "06", "07a", "07b", *(f"{number:02d}" for number in range(8, 18)))),
    *(f"S3-{number:02d}" for number in range(1, 30)),
    *(f"S4-{number:02d}" for number in range(1, 35)),
}  # fmt: skip
IN_THE_BROWSER = "needs the UI"
DEPLOYED = "needs the web server, the daemon or containers"
INTEGRATION = "needs an integration that is not there yet"
LATER = {
    **dict.fromkeys(("S1-02", "S1-52", "S2-D14", "S3-23", "S3-24", "S3-25", "S3-26"), IN_THE_BROWSER),
    **dict.fromkeys(("S1-30", "S1-51", "S2-D03", "S4-15", "S4-27", "S4-28", "S4-33"), DEPLOYED),
    **dict.fromkeys(("S1-17", "S1-18", "S1-59", "S3-02", "S3-03", "S4-24", "S4-29", "S4-30", "S4-31"), INTEGRATION),
    "S2-D06": "needs resources in Pipes sessions and the Kubernetes client",
    "S2-D07b": "warnings of undeclared resources in runs follow with the resource's page",
}  # fmt: skip


def named_items() -> set[str]:
    found: set[str] = set()
    for file in TESTS.rglob("*.py"):
        if file == Path(__file__):
            continue
        text = file.read_text("utf-8")
        found.update(ITEM.findall(text))
        for prefix, first, last in SPAN.findall(text):
            found.update(f"{prefix}{number:02d}" for number in range(int(first), int(last) + 1))
    return found


def test_each_item_is_named_by_a_test_or_has_a_reason() -> None:
    assert sorted(SCOPE - named_items() - set(LATER)) == []
    assert set(LATER) <= SCOPE


def test_what_is_tested_is_not_said_to_come_later() -> None:
    assert sorted(set(LATER) & named_items()) == []
