"""Partition mappings that users write (DESIGN idea 2): whatever their shape, they are asked."""

from typing import NamedTuple

import pytest

import treadle as dg

KEYS = dg.StaticPartitionsDefinition(["a", "b"])


class _Swap(dg.PartitionMapping):
    def swapped(self, subset, definition):
        keys = [{"a": "b", "b": "a"}[key] for key in subset.get_partition_keys()]
        return definition.empty_subset().with_partition_keys(keys)

    def get_upstream_mapped_partitions_result_for_partitions(
        self, downstream_partitions_subset, downstream_partitions_def, upstream_partitions_def, *_, **__
    ):
        return dg.UpstreamPartitionsResult(
            partitions_subset=self.swapped(downstream_partitions_subset, upstream_partitions_def),
            required_but_nonexistent_subset=upstream_partitions_def.empty_subset(),
        )

    def get_downstream_partitions_for_partitions(
        self, upstream_partitions_subset, upstream_partitions_def, downstream_partitions_def, *_, **__
    ):
        return self.swapped(upstream_partitions_subset, downstream_partitions_def)

    def validate_partition_mapping(self, *_, **__):
        pass

    @property
    def description(self):
        return "the other one"


class Plain(_Swap):
    pass


class EmptyTuple(_Swap, NamedTuple("_EmptyTuple", [])):
    """Without fields such a tuple is false."""


@dg.asset(partitions_def=KEYS)
def letter(context) -> str:
    return context.partition_key


@pytest.mark.parametrize("mapping", [Plain(), EmptyTuple()], ids=["object", "empty tuple"])
def test_a_mapping_counts_although_it_is_false(mapping):
    ins = {"letter": dg.AssetIn(partition_mapping=mapping)}

    @dg.asset(partitions_def=KEYS, ins=ins)
    def by_input(letter) -> str:
        return letter

    @dg.asset(partitions_def=KEYS, deps=[dg.AssetDep(letter, partition_mapping=mapping)])
    def by_dep(context) -> list:
        return list(context.asset_partition_keys_for_input("letter"))

    with dg.DagsterInstance.ephemeral() as instance:
        for key in "ab":
            dg.materialize([letter], partition_key=key, instance=instance)
        made = dg.materialize(
            [letter, by_input, by_dep], selection=[by_input, by_dep], partition_key="a", instance=instance
        )
        assert made.output_for_node("by_input") == "b"
        assert made.output_for_node("by_dep") == ["b"]
