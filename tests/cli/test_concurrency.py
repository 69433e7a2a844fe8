"""`treadle instance concurrency`: limits of pools, on the command line."""

import json


def test_a_limit_is_set_and_shown(project):
    assert "No pool has a limit" in project.treadle("instance", "concurrency", "get", "--all").out
    done = project.treadle("instance", "concurrency", "set", "api", "2")
    assert (done.code, done.out) == (0, "api: at most 2 at once.\n")
    project.treadle("instance", "concurrency", "set", "db", "1")
    assert project.treadle("instance", "concurrency", "get", "api").out == "api: 0 held, at most 2\n"
    shown = project.treadle("instance", "concurrency", "get", "--all", "--json").out
    assert json.loads(shown) == [
        {"pool": "api", "limit": 2, "held": 0},
        {"pool": "db", "limit": 1, "held": 0},
    ]


def test_a_pool_without_a_limit_of_its_own_has_the_default(project):
    assert project.treadle("instance", "concurrency", "get", "new").out == "new: 0 held, no limit\n"
    project.write("treadle.toml", "compat = false\ndefault_pool_limit = 4\n")
    assert project.treadle("instance", "concurrency", "get", "new").out == "new: 0 held, at most 4\n"


def test_asking_for_no_pool_is_an_error(project):
    asked = project.treadle("instance", "concurrency", "get")
    assert asked.code == 1 and "--all" in asked.err


def test_a_limit_that_the_settings_would_take_back_is_refused(project):
    project.write("treadle.toml", "compat = false\n[pools]\napi = 3\n")
    refused = project.treadle("instance", "concurrency", "set", "api", "2")
    assert refused.code == 2 and "treadle.toml" in refused.err
    assert "at most 3" in project.treadle("instance", "concurrency", "get", "api").out


PARTITIONED = """
import treadle as dg

@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
def sales() -> None: ...
"""


def test_clearing_the_cache_of_partitions_loses_nothing(project):
    project.write("defs.py", PARTITIONED)
    assert project.treadle("materialize", "-f", "defs.py", "--select", "sales", "--partition", "a").code == 0
    before = project.treadle("asset", "show", "sales", "-f", "defs.py", "--json")
    cleared = project.treadle("asset", "wipe-partitions-status-cache", "--all", "--noprompt")
    assert (cleared.code, cleared.out) == (0, "What was kept of 1 asset is worked out anew.\n")
    assert project.treadle("asset", "wipe-partitions-status-cache", "sales").code == 0
    after = project.treadle("asset", "show", "sales", "-f", "defs.py", "--json")
    assert before.code == after.code == 0 and before.out == after.out
    assert project.treadle("asset", "wipe-partitions-status-cache", "salez").code == 2
    assert project.treadle("asset", "wipe-partitions-status-cache").code == 2
