"""Which module of ours answers to which name of the peer's."""

from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

API_VERSION: Final = "1.13.27"
"""The peer's release whose public names these are; `dagster.__version__` answers it."""

DOCS: Final = "docs/compatibility.md"
"""The page that lists what is not there yet."""

PACKAGE: Final = Path(__file__).resolve().parents[1]

INTEGRATIONS: Final[dict[str, str]] = {
    "dagster_duckdb_pandas": "duckdb",
    "dagster_duckdb_polars": "duckdb",
}
"""Packages whose home is another than `treadle.integrations.<what follows dagster_>`."""

PUBLISHED: Final = frozenset(
    f"dagster_{name}"
    for name in (
        "airbyte",
        "airflow",
        "airlift",
        "aws",
        "azure",
        "celery",
        "celery_docker",
        "celery_k8s",
        "census",
        "cloud",
        "dask",
        "databricks",
        "datadog",
        "datahub",
        "dbt",
        "deltalake",
        "deltalake_pandas",
        "deltalake_polars",
        "dlt",
        "docker",
        "duckdb",
        "duckdb_pandas",
        "duckdb_polars",
        "duckdb_pyspark",
        "embedded_elt",
        "fivetran",
        "gcp",
        "gcp_pandas",
        "gcp_pyspark",
        "ge",
        "github",
        "graphql",
        "hightouch",
        "k8s",
        "looker",
        "mlflow",
        "msteams",
        "mysql",
        "openai",
        "pagerduty",
        "pandas",
        "pandera",
        "papertrail",
        "pipes",
        "polars",
        "postgres",
        "powerbi",
        "prometheus",
        "pyspark",
        "shell",
        "sigma",
        "slack",
        "sling",
        "snowflake",
        "snowflake_pandas",
        "snowflake_polars",
        "snowflake_pyspark",
        "spark",
        "ssh",
        "tableau",
        "twilio",
        "wandb",
        "webserver",
    )
)
"""Packages that the peer's own project publishes. Other `dagster_*` names are of other people, or of the user."""

PROJECT_ROOTS: Final[dict[str, str]] = {
    "phlo": "treadle.phlo",
    "oso_dagster.factories": "treadle.factories",
}
"""Names of other projects that Treadle answers to where no module of that name is installed."""

PUBLIC_SUBMODULES: Final[dict[str, str]] = {
    "dagster.components": "treadle.components",
    "dagster.components.core": "treadle.components",
    "dagster.components.core.context": "treadle.components",
    "dagster.components.core.tree": "treadle.components",
    "dagster.components.lib": "treadle.components",
    "dagster.components.lib.sql_component": "treadle.components",
    "dagster.components.lib.sql_component.sql_component": "treadle.components",
    "dagster.components.resolved": "treadle.components",
    "dagster.components.resolved.base": "treadle.components",
    "dagster.components.resolved.context": "treadle.components",
    "dagster.components.resolved.core_models": "treadle.components",
    "dagster.components.resolved.model": "treadle.components",
    "dagster.components.testing": "treadle.components.testing",
    "dagster.components.utils": "treadle.components",
    "dagster.components.utils.defs_state": "treadle.components",
    "dagster.preview": "treadle",
    "dagster.deprecated": "treadle",
    "dagster.version": "treadle",
}
"""Public submodules of the peer's, with whose names they answer; so do all modules below them."""


def is_private(name: str) -> bool:
    """Whether a module name is of a private module: `dagster._core`, `dagster._utils.warnings`.

    So are all of `dagster_shared`, a package of the peer's for its own use.
    """
    return name.startswith("dagster._") or name.partition(".")[0] == "dagster_shared"


@cache
def private_modules() -> frozenset[str]:
    """The peer's private modules, in the release whose names these are and those before it that projects still use."""
    text = (PACKAGE / "compat" / "private_modules.txt").read_text(encoding="utf-8")
    return frozenset(("dagster_shared", *text.split()))


def is_integration(name: str) -> bool:
    """Whether it is named like a package beside the peer's, or a module in one: `dagster_aws.s3`."""
    return name.startswith("dagster_") and not is_private(name)


def integration_home(name: str) -> str | None:
    """The module of ours for a `dagster_*` name, or None where we have no such integration.

    Example:
        >>> integration_home("dagster_duckdb_pandas")
        'treadle.integrations.duckdb'
        >>> integration_home("dagster_nowhere") is None
        True
    """
    top, _, inner = name.partition(".")
    home = f"treadle.integrations.{INTEGRATIONS.get(top, top.removeprefix('dagster_'))}"
    if not exists(home):
        return None
    return f"{home}.{inner}" if inner and exists(f"{home}.{inner}") else home


def project_home(name: str) -> str | None:
    """The module of ours for a name of another project: `phlo.config`, `oso_dagster.factories.common`.

    All modules below `oso_dagster.factories` are answered by one of ours.
    """
    for root, home in PROJECT_ROOTS.items():
        if name == root or name.startswith(root + "."):
            ours = home + name[len(root) :]
            return home if root == "oso_dagster.factories" and not exists(ours) else ours
    return None


def below_project_root(name: str) -> bool:
    """Whether a name is one of those projects', or leads to one: `oso_dagster`."""
    return project_home(name) is not None or any(root.startswith(name + ".") for root in PROJECT_ROOTS)


def exists(module: str) -> bool:
    """Whether Treadle has that module; imports nothing."""
    parts = module.split(".")[1:]
    folder = PACKAGE.joinpath(*parts[:-1])
    if not parts:
        return True
    spec = PathFinder.find_spec(module, [str(folder)])
    return spec is not None and spec.origin is not None
