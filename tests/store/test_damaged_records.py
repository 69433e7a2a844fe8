"""A record that can not be read is shown as such and hides nothing else. (B29, I13)"""

import sqlite3
from pathlib import Path

import treadle as dg


@dg.asset
def side() -> int:
    return 1


def damaged(home: Path, statement: str) -> dg.Instance:
    """An instance with three runs of `side`, whose store was then damaged."""
    with dg.Instance.at(home) as instance:
        for _ in range(3):
            dg.materialize([side], instance=instance)
    with sqlite3.connect(home / "treadle.db") as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()
    return dg.Instance.at(home)


def test_a_damaged_run_is_listed_with_the_others(tmp_path: Path) -> None:
    with damaged(tmp_path, "UPDATE runs SET body = x'6e6f' WHERE id = 2") as instance:
        runs = instance.get_runs()
        assert len(runs) == 3
        (broken,) = [run for run in runs if run.error is not None]
        assert broken.error is not None and broken.error.code == "corrupt-record"
        assert broken.run_id in broken.error.message


def test_a_damaged_materialization_keeps_what_its_columns_say(tmp_path: Path) -> None:
    with damaged(tmp_path, "UPDATE asset_events SET body = x'00' WHERE id = 3") as instance:
        latest = instance.get_latest_materialization_event(side.key)
        assert latest is not None and "corrupt-record" in latest.message
        records = instance.fetch_materializations(dg.AssetKey("side"), limit=10).records
        assert len(records) == 3
        assert dg.materialize([side], instance=instance).success


def test_a_damaged_log_line_does_not_hide_the_log(tmp_path: Path) -> None:
    with damaged(tmp_path, "UPDATE events SET body = x'7b' WHERE id = 2") as instance:
        lines = [event for run in instance.get_runs() for event in instance.all_logs(run.run_id)]
        assert sum("corrupt-record" in event.message for event in lines) == 1
        assert len(lines) > 10
