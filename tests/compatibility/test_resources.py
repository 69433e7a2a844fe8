"""Resources in tests and scripts, as projects write them."""

from typing import Any

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
