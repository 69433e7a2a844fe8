"""Which steps may start beside others, by their tags."""

from typing import Any

import pytest

from treadle.run.executors.limits import TagLimit, TagLimits

ANY_VALUE = {"key": "api", "limit": 2}
ONE_VALUE = {"key": "api", "value": "maps", "limit": 2}
EACH_VALUE = {"key": "api", "value": {"applyLimitPerUniqueValue": True}, "limit": 2}
NOT_EACH_VALUE = {"key": "api", "value": {"applyLimitPerUniqueValue": False}, "limit": 2}


@pytest.mark.parametrize(
    ("limit", "value", "running", "allowed"),
    [
        (ANY_VALUE, "maps", ["maps"], True),
        (ANY_VALUE, "maps", ["maps", "mail"], False),
        (NOT_EACH_VALUE, "maps", ["maps", "mail"], False),
        (EACH_VALUE, "maps", ["maps", "mail"], True),
        (EACH_VALUE, "maps", ["maps", "mail", "maps"], False),
        (ONE_VALUE, "maps", ["maps", "mail"], True),
        (ONE_VALUE, "maps", ["maps", "maps"], False),
        (ONE_VALUE, "mail", ["maps", "maps"], True),
        (ONE_VALUE, None, ["maps", "maps"], True),
        (ANY_VALUE, "maps", [None, None], True),
    ],
)
def test_a_step_starts_while_fewer_of_its_tag_run(
    limit: dict[str, Any], value: str | None, running: list[str | None], allowed: bool
) -> None:
    def tags(one: str | None) -> dict[str, str]:
        return {} if one is None else {"api": one}

    limits = TagLimits([TagLimit.from_config(limit)])
    assert limits.allows(tags(value), [tags(one) for one in running]) is allowed


def test_every_limit_counts() -> None:
    limits = TagLimits([TagLimit("api", 2), TagLimit("disk", 1)])
    assert limits.allows({"api": "x"}, [{"disk": "y"}])
    assert not limits.allows({"api": "x", "disk": "z"}, [{"disk": "y"}])
