"""What a run needs besides the catalog. It exists only in a process that imported the user's code."""

from collections.abc import Mapping
from typing import Any

import msgspec

from treadle.core.catalog import AssetNode, Catalog
from treadle.core.keys import AssetKey
from treadle.define.asset_definition import AssetsDefinition
from treadle.define.op import OpDefinition


class CodeOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """How another process imports the same code. Exactly one of the first three is given."""

    module_name: str | None = None
    file: str | None = None
    package_name: str | None = None
    attribute: str | None = None
    """The name of the `Definitions`, a function that returns one, or None for all that the module defines."""
    working_directory: str | None = None


class Code(msgspec.Struct, kw_only=True, eq=False):
    """Definitions of one code location, resolved: the catalog, and the user's objects behind it."""

    catalog: Catalog
    assets_defs: dict[str, AssetsDefinition]
    """Computation -> definition."""
    ops: dict[str, OpDefinition]
    """Computation -> op. Of a graph its ops, named `graph.op`, not the graph."""
    resources: dict[str, Any]
    """Key -> ResourceDefinition."""
    jobs: dict[str, Any]
    """Name -> JobDefinition."""
    schedules: dict[str, Any] = msgspec.field(default_factory=dict)
    sensors: dict[str, Any] = msgspec.field(default_factory=dict)
    hooks: dict[str, Any] = msgspec.field(default_factory=dict)
    """Name -> HookDefinition."""
    loggers: Mapping[str, Any] = msgspec.field(default_factory=dict)
    mapped_graphs: dict[str, Any] = msgspec.field(default_factory=dict)
    """Computation -> GraphDefinition, of those whose config is mapped to that of their ops."""
    executor: Any = None
    """The ExecutorDefinition given, or None for the default."""
    origin: CodeOrigin | None = None
    external_assets: dict[AssetKey, AssetNode] | None = None
    """Its assets as jobs of ops see them; made when the first of them runs."""
