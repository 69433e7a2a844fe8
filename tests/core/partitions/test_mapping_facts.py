"""Partition mappings as recorded (S4-07). Each meant deviation is named where it is."""

import pytest

from tests.core.partitions.facts import Store, build, instant, is_error, load
from treadle.core.errors import TreadleError
from treadle.core.partitions.multi_mapping import check_mapping, default_mapping

FACTS = load("mappings")
STORE = Store(**FACTS["dynamic_partitions"])


def resolved(case):
    upstream, downstream = build(case["upstream"]), build(case["downstream"])
    return upstream, downstream, build(case["mapping"]) or default_mapping(upstream, downstream)


def text_of(case):
    return f"{case['upstream']} {case['downstream']} {case['mapping']}"


MEANT_UPSTREAM = {
    # A week or month that begins on an excluded day has what overlaps it; the peer adds the day before.
    (37, "2026-05-03"): ([f"2026-05-0{day}" for day in range(4, 10)], []),
    (42, "2026-02-01"): ([f"2026-02-{day:02}" for day in range(1, 29) if day % 7 != 1], []),
    # A key that does not exist is told as such; the peer hands it on.
    (61, "a"): ([], ["zzz"]),
}
"""Number of the case and downstream key -> what we need of the upstream, and what of that does not exist."""

MEANT_REFUSALS = {("up", 64), ("down", 65), ("down", 66), ("up", 73), ("down", 73)}
"""A mapping of a key or dimension that does not exist, or one that cannot work for these assets: we refuse every
question, the peer answers some."""


def weekly_above_daily(case):
    return case["upstream"] and "Weekly" in case["upstream"]["type"] and "Daily" in str(case["downstream"])


def as_set(expected):
    return set(expected) if isinstance(expected, list) else None


def agrees(found, expected):
    found = [str(key) for key in found]
    if isinstance(expected, list):
        return sorted(found) == sorted(expected)
    ordered = sorted(found)
    first, last = expected["first"], expected["last"]
    return (
        len(found) == expected["count"] and ordered[: len(first)] == first and ordered[-len(last) :] == last
    )


CASES = FACTS["cases"]
IDS = [f"{n}-{text_of(c)[:90]}" for n, c in enumerate(CASES)]
BETWEEN = [(n, c) for n, c in enumerate(CASES) if c["upstream"]]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_default_mapping_is_the_recorded_one(case):
    if case["mapping"] is None:
        chosen = default_mapping(build(case["upstream"]), build(case["downstream"]))
        assert type(chosen).__name__ == case["default_mapping"]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_mapping_that_cannot_work_is_refused_at_load(case):
    upstream, downstream, mapping = resolved(case)
    refused = is_error(case["definitions"]) or "nope" in text_of(case)  # flaw 8
    if refused:
        with pytest.raises(TreadleError):
            check_mapping(mapping, upstream, downstream)
    else:
        check_mapping(mapping, upstream, downstream)


@pytest.mark.parametrize(("number", "case"), BETWEEN, ids=[IDS[n] for n, _ in BETWEEN])
def test_upstream_of_each_recorded_key(number, case):
    upstream, downstream, mapping = resolved(case)
    now = instant(case["current_time"])
    above = upstream.space(now, STORE)
    for row in case["upstream_of"]:

        def ask(row=row):
            wanted = (
                None if downstream is None else downstream.space(now, STORE).of_keys([row["downstream_key"]])
            )
            return mapping.upstream_of(wanted, above)

        if "error" in row or ("up", number) in MEANT_REFUSALS:
            with pytest.raises(TreadleError):
                ask()
            continue
        found = ask()
        keys, required = row["keys"], row.get("required_but_nonexistent", [])
        meant = MEANT_UPSTREAM.get((number, row["downstream_key"]))
        if meant is not None:
            assert not agrees(found.partitions_subset, keys), "no deviation any more"
            keys, required = meant
        if weekly_above_daily(case) and row["downstream_key"] == "2026-01-01":
            required = ["2025-12-28"]  # meant: a missing first week is required like any other missing window
        assert agrees(found.partitions_subset, keys), row
        assert agrees(found.required_but_nonexistent_subset, required), row


DOWNSTREAM = [(n, c) for n, c in BETWEEN if c["downstream"]]


@pytest.mark.parametrize(("number", "case"), DOWNSTREAM, ids=[IDS[n] for n, _ in DOWNSTREAM])
def test_downstream_of_each_recorded_key(number, case):
    upstream, downstream, mapping = resolved(case)
    now = instant(case["current_time"])
    below = downstream.space(now, STORE)
    for row in case["downstream_of"]:

        def ask(row=row):
            return mapping.downstream_of(upstream.space(now, STORE).of_keys([row["upstream_key"]]), below)

        if "error" in row or ("down", number) in MEANT_REFUSALS:
            with pytest.raises(TreadleError):
                ask()
            continue
        assert agrees(ask(), row["keys"]), row


def test_every_meant_deviation_is_of_a_recorded_row():
    rows = {
        (way, n): [row["keys"] for row in case.get(name, ()) if "error" not in row]
        for n, case in BETWEEN
        for way, name in (("up", "upstream_of"), ("down", "downstream_of"))
    }
    assert all(rows[refused] for refused in MEANT_REFUSALS)
    recorded = {(n, row.get("downstream_key")) for n, case in BETWEEN for row in case["upstream_of"]}
    assert recorded >= MEANT_UPSTREAM.keys()


@pytest.mark.parametrize("case", FACTS["construction"], ids=lambda c: str(c["mapping"])[:90])
def test_construction_is_accepted_or_refused(case):
    if case["result"] == "accepted":
        build(case["mapping"])
        return
    with pytest.raises((TreadleError, TypeError)):
        build(case["mapping"])
