"""An unmodified script with `dagster-pipes` reports into the run that starts it (issue 4, Pipes)."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import executor, run
from treadle import (
    AssetCheckSpec,
    AssetExecutionContext,
    AssetSpec,
    DailyPartitionsDefinition,
    MetadataValue,
    PipesExecutionError,
    PipesSubprocessClient,
    RetryPolicy,
    asset,
    asset_check,
    build_asset_context,
    materialize,
    multi_asset,
)
from treadle.core.events import EventType
from treadle.core.run_states import RunStatus
from treadle.store.instance import Instance

EVERY = ["in_process", "threads", "fork", "spawn"]
PREAMBLE = "from dagster_pipes import open_dagster_pipes\nimport os, sys, time, signal\n"


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    with Instance.at(tmp_path / "home") as made:
        yield made


@pytest.fixture
def script(tmp_path: Path) -> Any:
    """Writes a script that uses the real package, and gives the command that runs it."""

    def write(body: str) -> list[str]:
        path = tmp_path / f"script{len(list(tmp_path.iterdir()))}.py"
        path.write_text(PREAMBLE + textwrap.dedent(body))
        return [sys.executable, str(path)]

    return write


REPORTS = """
with open_dagster_pipes() as pipes:
    print("from the child")
    pipes.log.warning("rows are few: %s", 3)
    pipes.report_asset_materialization(
        metadata={"rows": 3, "page": {"raw_value": "# hi", "type": "md"}}, data_version="v7"
    )
    pipes.report_asset_check("positive", passed=False, severity="WARN", metadata={"least": -1})
    pipes.report_custom_message({"seen": [1, 2], "extra": pipes.get_extra("limit")})
"""


@pytest.mark.parametrize("how", EVERY)
def test_what_the_child_reports_is_in_the_run(how: str, instance: Instance, script: Any) -> None:
    command = script(REPORTS)

    @asset(check_specs=[AssetCheckSpec("positive", asset="table")])
    def table(context: AssetExecutionContext) -> Any:
        done = PipesSubprocessClient().run(command=command, context=context, extras={"limit": 5})
        assert done.get_custom_messages() == ({"seen": [1, 2], "extra": 5},)
        return done.get_results()

    result = run([table], instance, how, capture_output="python")
    assert result.success
    made = result.asset_materializations_for_node("table")[0]
    assert made.metadata == {"rows": MetadataValue.int(3), "page": MetadataValue.md("# hi")}
    assert made.data_version == "v7"
    check = result.get_asset_check_evaluations()[0]
    assert (check.check_name, check.passed, check.severity.value) == ("positive", False, "WARN")
    lines = [event for event in result.events if event.type is EventType.LOG]
    assert [(e.level, e.message) for e in lines if "rows" in e.message] == [(30, "rows are few: 3")]
    kept = "".join(
        path.read_text() for path in (Path(instance.root_directory) / "compute_logs").rglob("*.out")
    )
    assert kept == "from the child\n"


def test_the_child_sees_the_step(instance: Instance, script: Any) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        p.report_custom_message([
            p.asset_key, p.code_version, p.partition_key, p.partition_key_range["start"], p.partition_time_window["end"],
            p.run_id, p.job_name, p.retry_number, p.extras, p.provenance,
        ])
    """)
    seen: list[Any] = []

    @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"), code_version="2", key_prefix="raw")
    def days(context: AssetExecutionContext) -> Any:
        done = PipesSubprocessClient().run(command=command, context=context)
        seen.append([context.run.run_id, context.job_name, done.get_custom_messages()[0]])
        return done.get_materialize_result()

    assert materialize([days], partition_key="2024-01-03", instance=instance).success
    assert materialize([days], partition_key="2024-01-03", instance=instance).success
    run_id, job, told = seen[0]
    assert told[:5] == ["raw/days", "2", "2024-01-03", "2024-01-03", "2024-01-04T00:00:00+00:00"]
    assert told[5:9] == [run_id, job, 0, {}]
    assert told[9] is None
    assert seen[1][2][9]["code_version"] == "2"


def test_several_assets_of_one_child(instance: Instance, script: Any) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        p.report_asset_materialization(asset_key="a", metadata={"n": 1})
        p.report_asset_materialization(asset_key="p/b", data_version="9")
    """)

    @multi_asset(specs=[AssetSpec("a"), AssetSpec(["p", "b"]), AssetSpec("silent")])
    def both(context: AssetExecutionContext) -> Any:
        yield from PipesSubprocessClient().run(command=command, context=context).get_results()

    result = run([both], instance)
    assert result.success
    assert {
        m.asset_key.to_user_string(): m.data_version for m in result.asset_materializations_for_node("both")
    }["p/b"] == "9"
    assert len(result.asset_materializations_for_node("both")) == 3


def test_a_check_may_be_evaluated_outside(instance: Instance, script: Any) -> None:
    """At the peer a check's context has not what a session asks for."""
    command = script("""
    with open_dagster_pipes() as p:
        p.report_asset_check("fresh", passed=True, asset_key="table", metadata={"age": 1})
    """)

    @asset
    def table() -> None: ...

    @asset_check(asset=table)
    def fresh(context: Any) -> Any:
        return PipesSubprocessClient().run(command=command, context=context).get_asset_check_result()

    result = materialize([table, fresh], instance=instance)
    assert [(check.check_name, check.passed) for check in result.get_asset_check_evaluations()] == [
        ("fresh", True)
    ]


def test_an_exception_of_the_child_is_in_the_run(instance: Instance, script: Any) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("bad row") from error
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        return PipesSubprocessClient().run(command=command, context=context).get_results()

    result = run([table], instance)
    assert not result.success
    told = [e for e in result.events if e.type is EventType.ENGINE_EVENT and e.data.error is not None]
    assert [(e.data.error.class_name, e.data.error.message) for e in told] == [("ValueError", "bad row")]
    assert told[0].data.error.cause.class_name == "KeyError"
    assert "script" in told[0].data.error.stack
    with pytest.raises(PipesExecutionError, match=r"ended with code 1\. It raised ValueError: bad row"):
        result.raise_if_failed()


def test_a_killed_child_is_an_error_with_its_last_output(script: Any, instance: Instance) -> None:
    command = script("""
    for n in range(50): print("line", n)
    print("the last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        return PipesSubprocessClient(forward_stdio=False).run(command=command, context=context).get_results()

    with pytest.raises(PipesExecutionError, match="killed by SIGKILL") as caught:
        materialize([table], instance=instance)
    assert "the last words" in str(caught.value)
    assert "line 49" in str(caught.value)
    assert "line 3\n" not in str(caught.value)
    assert "memory" in str(caught.value)


def test_a_child_without_the_package_is_told_what_to_install(script: Any, instance: Instance) -> None:
    @asset
    def lonely(context: AssetExecutionContext) -> Any:
        command = [sys.executable, "-I", "-S", "-c", "import dagster_pipes"]
        return PipesSubprocessClient().run(command=command, context=context).get_results()

    with pytest.raises(PipesExecutionError, match="install `dagster-pipes` in the environment"):
        materialize([lonely], instance=instance)


def test_a_child_that_never_spoke_is_warned_of(script: Any, instance: Instance) -> None:
    """A plain script may be run before it learns the protocol: its asset is materialized all the same."""

    @asset
    def table(context: AssetExecutionContext) -> Any:
        command = [sys.executable, "-c", "print('quiet')"]
        return PipesSubprocessClient().run(command=command, context=context).get_materialize_result()

    result = run([table], instance)
    assert result.success
    warned = [e.message for e in result.events if e.type is EventType.LOG and e.level == 30]
    assert len(warned) == 1
    assert "No message came" in warned[0] and "temporary file" in warned[0]


def test_a_message_that_is_none_hides_no_other(script: Any, instance: Instance) -> None:
    """At the peer the reader's thread dies of it, and all that follows is lost."""
    command = script("""
    import json
    with open_dagster_pipes() as p:
        with open(p._message_channel._path, "a") as file:
            file.write("no json\\n")
            file.write(json.dumps({"__dagster_pipes_version": "0.1", "method": "sing", "params": {}}) + "\\n")
            file.write(json.dumps({"__dagster_pipes_version": "9", "method": "opened", "params": {}}) + "\\n")
        p.report_asset_materialization(metadata={"bad": {"raw_value": 1, "type": "text"}})
        p.report_custom_message("still heard")
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        done = PipesSubprocessClient().run(command=command, context=context)
        assert done.get_custom_messages() == ("still heard",)
        return done.get_results()

    result = run([table], instance)
    assert result.success
    told = [e.data.error.message for e in result.events if e.type is EventType.ENGINE_EVENT and e.data.error]
    assert len(told) == 4
    assert "no message" in told[0] and "`sing`" in told[1] and "version 9" in told[2]
    assert "metadata `bad` is no `text`" in told[3]


def test_a_retry_policy_runs_the_child_again(script: Any, instance: Instance, tmp_path: Path) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        p.report_asset_materialization(metadata={"attempt": p.retry_number})
        if p.retry_number == 0: sys.exit(3)
    """)

    @asset(retry_policy=RetryPolicy(max_retries=1))
    def table(context: AssetExecutionContext) -> Any:
        return PipesSubprocessClient().run(command=command, context=context).get_materialize_result()

    result = run([table], instance)
    assert result.success
    assert result.asset_materializations_for_node("table")[0].metadata["attempt"].value == 1


def test_the_client_is_a_resource_with_settings(script: Any, instance: Instance, tmp_path: Path) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        p.report_custom_message([os.environ["A"], os.environ["B"], os.getcwd()])
    """)

    @asset
    def table(context: AssetExecutionContext, pipes: PipesSubprocessClient) -> Any:
        done = pipes.run(command=command, context=context, env={"B": "call"})
        assert done.get_custom_messages()[0] == ["client", "call", str(tmp_path)]
        return done.get_results()

    client = PipesSubprocessClient(env={"A": "client", "B": "client"}, cwd=str(tmp_path))
    assert materialize([table], resources={"pipes": client}, instance=instance).success


def test_output_may_come_as_messages(
    script: Any, instance: Instance, capfd: pytest.CaptureFixture[str]
) -> None:
    from treadle import PipesTempFileMessageReader

    command = script("""
    with open_dagster_pipes() as p:
        print("spoken", flush=True)
        time.sleep(0.1)
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        reader = PipesTempFileMessageReader(include_stdio_in_messages=True)
        client = PipesSubprocessClient(message_reader=reader, forward_stdio=False)
        return client.run(command=command, context=context).get_results()

    assert materialize([table], instance=instance).success
    assert "spoken" in capfd.readouterr().out


@pytest.mark.parametrize("how", EVERY)
def test_output_is_kept_while_the_child_runs(
    how: str, script: Any, instance: Instance, tmp_path: Path
) -> None:
    seen = str(tmp_path / "seen")
    command = script(f"""
    print("ready")
    for _ in range(1000):
        if os.path.exists({seen!r}): sys.exit(0)
        time.sleep(0.02)
    sys.exit("nobody saw it")
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        return PipesSubprocessClient().run(command=command, context=context).get_results()

    def watch() -> None:
        while not os.path.exists(seen):
            kept = (Path(instance.root_directory) / "compute_logs").rglob("*.out")
            if any("ready" in path.read_text() for path in kept):
                Path(seen).touch()
            time.sleep(0.02)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    assert run([table], instance, how, capture_output="python").success
    thread.join()


def test_a_direct_call_gives_the_results(script: Any) -> None:
    command = script("""
    with open_dagster_pipes() as p:
        p.log.info("hello")
        p.report_asset_materialization(metadata={"rows": 2})
    """)

    @asset
    def table(context: AssetExecutionContext) -> Any:
        return PipesSubprocessClient().run(command=command, context=context).get_materialize_result()

    result = table(build_asset_context())
    assert result.metadata["rows"].value == 2


WAITS = """
import subprocess
with open_dagster_pipes() as p:
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    open({marker!r}, "w").write(f"{{os.getpid()}} {{grandchild.pid}}")
    os.rename({marker!r}, {marker!r} + ".done")
    {ignores}
    time.sleep(120)
"""


@pytest.mark.parametrize(
    "ignores", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"], ids=["ends", "stubborn"]
)
@pytest.mark.parametrize("how", ["in_process", "threads", "fork"])
def test_cancelling_the_run_ends_the_child_and_what_it_started(
    how: str, ignores: str, instance: Instance, script: Any, tmp_path: Path
) -> None:
    marker = str(tmp_path / "started")
    command = script(WAITS.format(marker=marker, ignores=ignores))

    @asset
    def table(context: AssetExecutionContext) -> Any:
        client = PipesSubprocessClient(termination_timeout_seconds=0.5)
        return client.run(command=command, context=context).get_results()

    def interrupt() -> None:
        while not os.path.exists(marker + ".done"):
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    result = run([table], instance, executor(how))
    assert result.status is RunStatus.CANCELED
    for pid in Path(marker + ".done").read_text().split():
        assert _is_gone(int(pid))


KILLED = """
import sys
from treadle import AssetExecutionContext, Definitions, PipesSubprocessClient, asset, materialize
@asset
def table(context: AssetExecutionContext):
    return PipesSubprocessClient().run(command={command!r}, context=context).get_results()
if __name__ == "__main__":
    materialize([table])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX process groups")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("ends_first", [False, True], ids=["script_waits", "script_dies_of_it"])
def test_no_child_outlives_a_run_that_is_killed_or_stopped(
    number: signal.Signals, ends_first: bool, script: Any, tmp_path: Path
) -> None:
    """The script's own children end as well, also those whose parent, the script, was gone before them."""
    marker = str(tmp_path / "started")
    command = script(
        WAITS.format(
            marker=marker,
            ignores="signal.signal(signal.SIGTERM, lambda *_: os._exit(0))" if ends_first else "",
        )
    )
    runner = tmp_path / "runner.py"
    runner.write_text(KILLED.format(command=command))
    log = (tmp_path / "log").open("wb")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (
        log,
        subprocess.Popen(
            [sys.executable, str(runner)], stdout=log, stderr=log, cwd=tmp_path, env=environment
        ) as process,
    ):
        while not os.path.exists(marker + ".done"):
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.01)
        process.send_signal(number)
        process.wait(20)
    for pid in Path(marker + ".done").read_text().split():
        assert _is_gone(int(pid))


def _is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False
