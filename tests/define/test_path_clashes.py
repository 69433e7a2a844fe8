"""Assets whose files would be those of another's partitions."""

import pytest

import treadle as dg

PARTS = dg.StaticPartitionsDefinition(["b", "c"])


@pytest.mark.parametrize(("last", "clashes"), [("b", True), ("d", False)])
def test_an_asset_at_the_place_of_a_partition_is_a_problem(last: str, clashes: bool) -> None:
    @dg.asset(partitions_def=PARTS)
    def a() -> int:
        return 1

    @dg.asset(key=["a", last])
    def nested() -> int:
        return 2

    found = [problem.code for problem in dg.lint(dg.Definitions(assets=[a, nested]))]
    assert ("path-clash" in found) is clashes
