"""Where each public name lives. One line a module; `__init__` loads a module when one of its names is first used.

A name written `Alias=Name` is the spelling that code written for the peer uses. `__init__.pyi` is generated from
this table by `python -m treadle._public_names`, so that editors and type checkers see the same names.
"""

MODULES: dict[str, str] = {
    "treadle.core.keys": "AssetCheckKey AssetKey",
    "treadle.core.partitions.context": "PartitionLoadingContext partition_loading_context",
    "treadle.core.partitions.definition": "AddDynamicPartitionsRequest DeleteDynamicPartitionsRequest "
    "DynamicPartitionsDefinition PartitionsDefinition StaticPartitionsDefinition",
    "treadle.core.partitions.keys": "MultiPartitionKey Partition PartitionKeyRange TimeWindow",
    "treadle.core.partitions.mapping": "AllPartitionMapping IdentityPartitionMapping LastPartitionMapping "
    "PartitionMapping SpecificPartitionsPartitionMapping StaticPartitionMapping UpstreamPartitionsResult",
    "treadle.core.partitions.multi": "MultiPartitionsDefinition",
    "treadle.core.partitions.multi_mapping": "DimensionPartitionMapping MultiPartitionMapping "
    "MultiToSingleDimensionPartitionMapping",
    "treadle.core.partitions.rhythms": "DailyPartitionsDefinition HourlyPartitionsDefinition "
    "MonthlyPartitionsDefinition WeeklyPartitionsDefinition",
    "treadle.core.partitions.time_mapping": "TimeWindowPartitionMapping",
    "treadle.core.partitions.time_windows": "TimeWindowPartitionsDefinition",
    "treadle.core.run_states": "RunStatus DagsterRunStatus=RunStatus",
}


def name_table() -> dict[str, tuple[str, str]]:
    """Every public name with its module and the name it has there."""
    table: dict[str, tuple[str, str]] = {}
    for module, names in MODULES.items():
        for entry in names.split():
            public, _, inner = entry.partition("=")
            table[public] = (module, inner or public)
    return table


def stub_text() -> str:
    """The text of `__init__.pyi`."""
    lines = ["# Generated from _public_names.py by `python -m treadle._public_names`; do not edit."]
    for public, (module, inner) in sorted(name_table().items()):
        lines.append(f"from {module} import {inner} as {public}")
    lines.append("")
    lines.append("__version__: str")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("__init__.pyi").write_text(stub_text(), encoding="utf-8")
