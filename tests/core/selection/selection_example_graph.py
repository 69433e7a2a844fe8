"""The graph of `facts/selection.json`, put together by hand, and stand-ins for its definitions."""

from types import SimpleNamespace

from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.graph import AssetsAndChecks, SelectableAsset

# key: (group, kinds, tags, owners)
KNOWN = {
    "raw/users": ("ingest", {"s3"}, {"tier": "1", "pii": ""}, ["team:data"]),
    "raw/orders": ("ingest", {"s3"}, {"tier": "1"}, ["team:data"]),
    "raw/items": ("ingest", {"s3", "csv"}, {}, []),
    "raw/events": ("events", {"kafka"}, {"tier": "2"}, ["ann@example.com"]),
    "stg/users": ("staging", {"dbt", "snowflake"}, {"tier": "2"}, ["team:data"]),
    "stg/orders": ("staging", {"dbt", "snowflake"}, {}, []),
    "stg/items": ("staging", {"dbt"}, {}, []),
    "stg/events": ("events", {"dbt"}, {"tier": "2"}, ["ann@example.com"]),
    "dim_users": ("marts", {"dbt", "table"}, {"pii": ""}, []),
    "fct_orders": ("marts", {"dbt", "table"}, {}, ["team:bi"]),
    "fct_events": ("marts", {"dbt"}, {}, ["team:bi", "ann@example.com"]),
    "report_daily": ("reports", {"python"}, {"freq": "daily"}, []),
    "report_weekly": ("reports", {"python"}, {"freq": "weekly"}, []),
    "report_all": ("reports", {"python", "html"}, {"freq": "weekly", "tier": "1"}, ["team:bi"]),
    "ml/features": ("ml", {"python", "spark"}, {}, ["bob@example.com"]),
    "ml/model": ("ml", {"python"}, {"gpu": "true"}, ["bob@example.com"]),
    "ml/scores": ("ml", {"python"}, {}, []),
    "export": ("default", {"python"}, {}, []),
    "lonely": ("default", set(), {}, []),
    "lonely_tagged": ("default", set(), {"a.b/c-d": "e_f"}, []),
    "x": ("chain", set(), {}, []),
    "y": ("chain", set(), {}, []),
    "z": ("chain", set(), {}, []),
    "w": ("chain", set(), {}, []),
    "m1": ("multi", set(), {}, []),
    "m2": ("multi", set(), {}, []),
    "ext": ("outside", set(), {}, []),
    "uses_ext": ("outside", set(), {}, []),
}


def asset_key(text: str) -> AssetKey:
    return AssetKey(text.split("/"))


def check_key(text: str) -> AssetCheckKey:
    asset, name = text.split(":")
    return AssetCheckKey(asset_key(asset), name)


def build_graph(edges: dict[str, list[str]], checks: list[str]) -> AssetsAndChecks:
    together = frozenset({AssetKey("m1"), AssetKey("m2")})
    assets = [
        SelectableAsset(
            key=asset_key(name),
            parents=[asset_key(parent) for parent in edges[name]],
            group=group,
            kinds=frozenset(kinds),
            tags=tags,
            owners=tuple(owners),
            is_materializable=name != "ext",
            neighbours=together if name in ("m1", "m2") else frozenset(),
        )
        for name, (group, kinds, tags, owners) in KNOWN.items()
    ]
    return AssetsAndChecks(assets, map(check_key, checks))


def definitions_namespace() -> dict[str, object]:
    """What the table's expressions call `ns`: things with `.key`, `.keys` or `.check_keys`."""
    singles = [name for name in KNOWN if name not in ("m1", "m2", "ext", "uses_ext")]
    return {
        "assets": [SimpleNamespace(keys={asset_key(name)}, check_keys=set()) for name in singles],
        "multi": SimpleNamespace(keys={AssetKey("m1"), AssetKey("m2")}, check_keys=set()),
        "ext": SimpleNamespace(key=AssetKey("ext")),
        "x_check": SimpleNamespace(keys=set(), check_keys={check_key("x:x_check")}),
        "users_unique": SimpleNamespace(keys=set(), check_keys={check_key("dim_users:users_unique")}),
        "raw_check": SimpleNamespace(keys=set(), check_keys={check_key("raw/users:raw_check")}),
    }
