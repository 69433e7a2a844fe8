"""Checks that the columns of an asset have not changed since it was made before."""

from collections.abc import Sequence
from typing import Any, Final

from treadle.core.asset_events import AssetCheckResult, AssetCheckSeverity
from treadle.core.deprecation import beta
from treadle.core.keys import AssetKey
from treadle.core.metadata import TableSchemaMetadataValue
from treadle.core.metadata_table import TableSchema
from treadle.core.specs import AssetCheckSpec
from treadle.define.asset_checks_definition import AssetChecksDefinition
from treadle.define.checks.building import checks_of, keys_of, severity_of
from treadle.define.context.asset_context import AssetCheckExecutionContext

CHECK_NAME: Final = "column_schema_change"
COLUMN_SCHEMA: Final = "dagster/column_schema"


@beta()
def build_column_schema_change_checks(
    *, assets: Sequence[Any], severity: AssetCheckSeverity = AssetCheckSeverity.WARN
) -> Sequence[AssetChecksDefinition]:
    """Checks that compare the column schema of each asset's latest materialization with that of the one before.

    Args:
        assets: definitions, specs, keys or texts. Their materializations carry the metadata `dagster/column_schema`.
        severity: of a check that fails.

    Raises:
        InvalidDefinitionError: an argument that is refused, or an asset named twice.

    Example:
        >>> build_column_schema_change_checks(assets=["orders"])[0].check_key.to_user_string()
        'orders:column_schema_change'
    """
    bad = severity_of(severity)
    specs = [
        AssetCheckSpec(
            CHECK_NAME, asset=key, description="Whether the columns are those of the materialization before."
        )
        for key in keys_of(assets)
    ]

    def evaluate(context: AssetCheckExecutionContext, key: AssetKey) -> AssetCheckResult:
        records = context.instance.fetch_materializations(key, limit=2).records
        if len(records) < 2:
            return AssetCheckResult(
                passed=True, severity=bad, description="There are no two materializations to compare yet."
            )
        latest, before = (_schema_of(record) for record in records)
        for schema, which in ((latest, "latest"), (before, "previous")):
            if schema is None:
                return AssetCheckResult(
                    passed=False,
                    severity=bad,
                    description=f"The {which} materialization has no metadata `{COLUMN_SCHEMA}`.",
                )
        assert latest is not None and before is not None
        changes = schema_changes(before, latest)
        text = "The columns have changed:\n\n" + "\n".join(f"- {change}" for change in changes)
        return AssetCheckResult(
            passed=not changes, severity=bad, description=text if changes else "The columns have not changed."
        )

    return checks_of(specs, CHECK_NAME, evaluate)


def schema_changes(before: TableSchema, after: TableSchema) -> list[str]:
    """What is different in the columns, a line each; their order does not matter."""
    old = {column.name: column.type for column in before.columns}
    new = {column.name: column.type for column in after.columns}
    return [
        *(f"added: {name} ({new[name]})" for name in new if name not in old),
        *(f"removed: {name} ({old[name]})" for name in old if name not in new),
        *(
            f"type of {name}: {old[name]} -> {new[name]}"
            for name in new
            if name in old and old[name] != new[name]
        ),
    ]


def _schema_of(record: Any) -> TableSchema | None:
    found = record.asset_materialization.metadata.get(COLUMN_SCHEMA)
    return found.schema if isinstance(found, TableSchemaMetadataValue) else None
