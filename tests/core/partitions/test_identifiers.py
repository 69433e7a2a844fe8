"""`get_serializable_unique_identifier`: the same for definitions that say the same, in every process."""

import pytest

import treadle as dg

A_DAY = dg.DailyPartitionsDefinition("2024-01-01")


def identifier_of(definition: dg.PartitionsDefinition[str]) -> str:
    return definition.get_serializable_unique_identifier()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (dg.StaticPartitionsDefinition(["a", "b"]), dg.StaticPartitionsDefinition(["b", "a"])),
        (A_DAY, dg.DailyPartitionsDefinition("2024-01-02")),
        (A_DAY, dg.DailyPartitionsDefinition("2024-01-01", end_offset=1)),
        (A_DAY, dg.DailyPartitionsDefinition("2024-01-01", timezone="Europe/Oslo")),
        (A_DAY, dg.DailyPartitionsDefinition("2024-01-01", exclusions=["0 0 * * 6"])),
        (
            dg.MultiPartitionsDefinition({"day": A_DAY, "x": dg.StaticPartitionsDefinition(["a"])}),
            dg.MultiPartitionsDefinition({"day": A_DAY, "y": dg.StaticPartitionsDefinition(["a"])}),
        ),
    ],
)
def test_definitions_that_differ_have_other_identifiers(one, other):
    assert identifier_of(one) != identifier_of(other)


def test_definitions_that_say_the_same_have_the_same():
    assert identifier_of(A_DAY) == identifier_of(
        dg.TimeWindowPartitionsDefinition("2024-01-01", "%Y-%m-%d", cron_schedule="0 0 * * *")
    )
    # Written down: it must not change from one process, or one version, to the next.
    known = identifier_of(dg.StaticPartitionsDefinition(["a", "b"]))
    assert known == "14683f87f0aaf263612d3867034c44b81786f896"


def test_that_of_dynamic_partitions_changes_with_their_keys():
    colors = dg.DynamicPartitionsDefinition(name="colors")
    with dg.DagsterInstance.ephemeral() as instance:
        before = colors.get_serializable_unique_identifier(dynamic_partitions_store=instance)
        instance.add_dynamic_partitions("colors", ["red"])
        assert colors.get_serializable_unique_identifier(dynamic_partitions_store=instance) != before
