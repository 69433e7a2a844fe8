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


def deviates(case):
    """Flaw 5 (a week or month that begins on an excluded day also gets the window before it), flaw 8 (keys
    and dimensions that do not exist), and mappings that the peer refuses for assets yet answers alone."""
    text = text_of(case)
    excluded = "'exclusions': ['0 0 * * 0']" in str(case["upstream"]) and case["downstream"]
    return (
        (
            excluded
            and case["downstream"]["type"] in ("WeeklyPartitionsDefinition", "MonthlyPartitionsDefinition")
        )
        or "nope" in text
        or "zzz" in text
        or ("StaticPartitionMapping" in text and is_error(case["definitions"]))
    )


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
BETWEEN = [(c, i) for c, i in zip(CASES, IDS, strict=True) if c["upstream"]]


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


@pytest.mark.parametrize("case", [c for c, _ in BETWEEN], ids=[i for _, i in BETWEEN])
def test_upstream_of_each_recorded_key(case):
    if deviates(case):
        pytest.skip("meant deviation, tested by itself")
    upstream, downstream, mapping = resolved(case)
    now = instant(case["current_time"])
    above = upstream.space(now, STORE)
    for row in case["upstream_of"]:

        def ask(row=row):
            wanted = (
                None if downstream is None else downstream.space(now, STORE).of_keys([row["downstream_key"]])
            )
            return mapping.upstream_of(wanted, above)

        if "error" in row:
            with pytest.raises(TreadleError):
                ask()
            continue
        found = ask()
        assert agrees(found.partitions_subset, row["keys"]), row
        required = row.get("required_but_nonexistent", [])
        if weekly_above_daily(case) and row["downstream_key"] == "2026-01-01":
            required = ["2025-12-28"]  # meant: a missing first week is required like any other missing window
        assert agrees(found.required_but_nonexistent_subset, required), row


@pytest.mark.parametrize(
    "case", [c for c, _ in BETWEEN if c["downstream"]], ids=[i for c, i in BETWEEN if c["downstream"]]
)
def test_downstream_of_each_recorded_key(case):
    if deviates(case):
        pytest.skip("meant deviation, tested by itself")
    upstream, downstream, mapping = resolved(case)
    now = instant(case["current_time"])
    below = downstream.space(now, STORE)
    for row in case["downstream_of"]:

        def ask(row=row):
            return mapping.downstream_of(upstream.space(now, STORE).of_keys([row["upstream_key"]]), below)

        if "error" in row:
            with pytest.raises(TreadleError):
                ask()
            continue
        assert agrees(ask(), row["keys"]), row


@pytest.mark.parametrize("case", FACTS["construction"], ids=lambda c: str(c["mapping"])[:90])
def test_construction_is_accepted_or_refused(case):
    if case["result"] == "accepted":
        build(case["mapping"])
        return
    with pytest.raises((TreadleError, TypeError)):
        build(case["mapping"])
