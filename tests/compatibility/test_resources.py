"""Resources in tests and scripts, as projects write them."""

from typing import Any

import pydantic
import pytest

import treadle as dg


def test_a_resource_called_directly_has_a_log_an_instance_and_its_definition() -> None:
    seen: list[Any] = []

    @dg.resource(config_schema={"n": int})
    def counted(context: dg.InitResourceContext) -> int:
        context.log.info("making %s", context.resource_config["n"])
        seen.extend([context.instance.get_runs_count(), context.resource_def])
        return context.resource_config["n"] * 2

    with dg.build_init_resource_context(config={"n": 4}) as context:
        assert counted(context) == 8
        assert context.instance is context.instance
    assert seen == [0, counted]


def test_a_keyword_that_a_config_class_lacks_is_a_warning_and_dropped() -> None:
    class Database(dg.ConfigurableResource):
        host: str = "local"

    with pytest.warns(dg.ConfigArgumentWarning, match="did you mean `host`"):
        database = Database(hst="db")
    assert database.host == "local"
    assert not hasattr(database, "hst")


def test_a_class_that_forbids_other_fields_itself_still_refuses_them() -> None:
    class Strict(dg.Config):
        model_config = pydantic.ConfigDict(extra="forbid")
        limit: int = 1

    with pytest.raises(pydantic.ValidationError):
        Strict(limt=2)


def test_an_instance_for_a_test_is_the_process_home_meanwhile() -> None:
    @dg.asset
    def orders() -> int:
        return 1

    with dg.instance_for_test() as instance:
        dg.materialize([orders], instance=instance)
        with dg.DagsterInstance.get() as same:
            assert same.get_runs_count() == 1
        assert not instance.is_ephemeral


def test_a_path_beside_a_source_file() -> None:
    assert dg.file_relative_path("/project/assets.py", "orders.csv") == "/project/orders.csv"
