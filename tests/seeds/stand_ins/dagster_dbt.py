"""The resource of `dagster_dbt` that the page configures; nothing there uses it."""

from dagster import ConfigurableResource


class DbtCliResource(ConfigurableResource):
    """Where a dbt project lies."""

    project_dir: str
    profiles_dir: str
