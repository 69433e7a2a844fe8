"""What is told and skipped of assets whose `partitions_def` was given, taken away or changed since they were made."""

import json

import pytest

import treadle as dg
from tests.cli.conftest import Project
from treadle.store.instance import Instance

NONE = ""
LETTERS = 'partitions_def=dg.StaticPartitionsDefinition(["a", "b"])'
OTHER_LETTERS = 'partitions_def=dg.StaticPartitionsDefinition(["b", "c"])'
REGIONS = 'partitions_def=dg.DynamicPartitionsDefinition(name="regions")'
SHOPS = 'partitions_def=dg.DynamicPartitionsDefinition(name="shops")'
DAYS = 'partitions_def=dg.DailyPartitionsDefinition("1970-01-01", end_date="1970-01-07")'
WEEKS = 'partitions_def=dg.WeeklyPartitionsDefinition("1970-01-01", end_date="1970-01-19")'
KEYS = {
    NONE: (),
    LETTERS: ("a",),
    OTHER_LETTERS: ("b",),
    REGIONS: ("x",),
    SHOPS: ("x",),
    DAYS: ("1970-01-04",),
    WEEKS: ("1970-01-04",),
}


def _write(project: Project, definition: str) -> None:
    project.write(
        "defs.py",
        f"import treadle as dg\n\n@dg.asset({definition})\ndef one(): return 1\n\n"
        f"@dg.asset({definition})\ndef two(one): return one\n",
    )


def _materialize(project: Project, definition: str) -> None:
    chosen = [part for key in KEYS[definition] for part in ("--partition", key)]
    done = project.treadle("materialize", "-f", "defs.py", "--select", "*", *chosen)
    assert done.code == 0, done


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (DAYS, NONE, "Never materialized"),
        (LETTERS, NONE, "Never materialized"),
        (REGIONS, NONE, "Never materialized"),
        (NONE, LETTERS, "Never materialized"),
        (NONE, REGIONS, "Never materialized"),
        (NONE, DAYS, "Never materialized"),
        (LETTERS, REGIONS, "Never materialized"),
        (REGIONS, LETTERS, "Never materialized"),
        (REGIONS, SHOPS, "Never materialized"),
        (DAYS, REGIONS, "Never materialized"),
        (LETTERS, DAYS, "Never materialized"),
        (DAYS, WEEKS, "Never materialized"),
        (LETTERS, OTHER_LETTERS, "Never materialized"),
        (OTHER_LETTERS, LETTERS, "1 of 2 materialized"),
    ],
)
def test_what_was_made_for_another_definition_does_not_count(
    project: Project, before: str, after: str, state: str
) -> None:
    with Instance.at(project.folder / ".treadle") as instance:
        for name in ("regions", "shops"):
            instance.add_dynamic_partitions(name, ["x", "y"])
    _write(project, before)
    _materialize(project, before)
    _write(project, after)
    listed = json.loads(project.treadle("list", "-f", "defs.py", "--json").out)
    assert {asset["state"] for asset in listed} == {state}
    planned = project.treadle(
        "materialize", "-f", "defs.py", "--select", "*", "--changed", "--dry-run", "--json",
        *(part for key in KEYS[after] for part in ("--partition", key)),
    )  # fmt: skip
    steps = json.loads(planned.out)["steps"]
    assert [step["reason"]["code"] for step in steps] == ["never-materialized"] * 2, planned.out


def test_an_asset_that_was_only_observed_is_not_made(project: Project) -> None:
    project.write(
        "defs.py",
        """
import treadle as dg

@dg.asset
def one(context):
    context.log_event(dg.AssetObservation("one"))
    raise ValueError("no luck")
""",
    )
    assert project.treadle("materialize", "-f", "defs.py", "--select", "*").code == 1
    assert (
        json.loads(project.treadle("list", "-f", "defs.py", "--json").out)[0]["state"] == "Never materialized"
    )
    again = project.treadle("materialize", "-f", "defs.py", "--select", "*", "--changed")
    assert "no luck" in again.out, "it is tried again"


def test_a_backfill_of_what_has_no_partitions_any_more_says_so(project: Project) -> None:
    _write(project, DAYS)
    project.write(
        "broken.py", (project.folder / "defs.py").read_text().replace("return 1", "raise ValueError")
    )
    assert project.treadle("backfill", "-f", "broken.py", "-a", "one").code == 1
    (listed,) = json.loads(project.treadle("backfill", "--list", "--json").out)
    project.write("broken.py", "import treadle as dg\n\n@dg.asset\ndef one(): return 1\n")
    resumed = project.treadle("backfill", "--resume", listed["backfill_id"])
    assert resumed.code == 1
    assert resumed.out.count("one: it has no partitions any more") == 6, resumed.out
    with Instance.at(project.folder / ".treadle") as instance:
        assert not instance.get_materialized_partitions(dg.AssetKey("one"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("partitions_def=days('Europe/Berlin')", "a: its partitions are other ones now"),
        ("", "a: it has no partitions any more"),
        (None, "a: it is not defined any more"),
    ],
)
def test_a_resumed_backfill_makes_what_did_not_change_and_names_what_did(
    project: Project, change: str | None, said: str
) -> None:
    def write(given: str | None, body: str) -> None:
        text = (
            "import treadle as dg\n\ndef days(zone='UTC'):\n"
            "    return dg.DailyPartitionsDefinition('2024-01-01', end_date='2024-01-03', timezone=zone)\n"
        )
        for name, arguments in (("a", given), ("b", "partitions_def=days()")):
            if arguments is not None:
                text += f"\n@dg.asset({arguments})\ndef {name}() -> None: {body}\n"
        project.write("defs.py", text)

    write("partitions_def=days()", "raise ValueError")
    assert project.treadle("backfill", "-f", "defs.py", "--select", "*").code == 1
    write(change, "...")
    resumed = project.treadle("backfill", "--resume", "latest", "--json")
    assert resumed.code == 1
    assert json.loads(resumed.out)["partitions"] == {"materialized": 2, "failed": 2}
    assert resumed.err.count(said) == 2, resumed.err
    left = project.treadle("backfill", "--resume", "latest", "--dry-run", "--json")
    assert json.loads(left.out) == []
