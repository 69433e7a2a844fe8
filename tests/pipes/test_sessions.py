"""Sessions, injectors, readers and the wire, without a client (issue 4, Pipes)."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dagster_pipes import decode_param, encode_param
from hypothesis import given
from hypothesis import strategies as st

from treadle import (
    AssetKey,
    AssetSpec,
    MetadataValue,
    PipesBlobStoreMessageReader,
    PipesCompositeMessageReader,
    PipesEnvContextInjector,
    PipesExecutionError,
    PipesFileContextInjector,
    PipesFileMessageReader,
    PipesLogReader,
    PipesTempFileContextInjector,
    PipesTempFileMessageReader,
    asset,
    build_asset_context,
    extract_message_or_forward_to_stdout,
    job,
    materialize,
    multi_asset,
    op,
    open_pipes_session,
)
from treadle.core.errors import InvariantViolationError
from treadle.pipes.wire import decode_params, encode_params, metadata_from_wire

TEXTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), TEXTS))
def test_parameters_are_read_by_the_package_and_the_other_way_round(params: dict[str, Any]) -> None:
    assert decode_param(encode_params(params)) == params
    assert decode_params(encode_param(params)) == params


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("text", "x", MetadataValue.text("x")),
        ("url", "http://x", MetadataValue.url("http://x")),
        ("path", "/p", MetadataValue.path("/p")),
        ("notebook", "/n", MetadataValue.notebook("/n")),
        ("json", {"a": [1]}, MetadataValue.json({"a": [1]})),
        ("md", "# x", MetadataValue.md("# x")),
        ("float", 1, MetadataValue.float(1.0)),
        ("int", 2, MetadataValue.int(2)),
        ("bool", False, MetadataValue.bool(False)),
        ("dagster_run", "r", MetadataValue.dagster_run("r")),
        ("asset", "a/b", MetadataValue.asset(AssetKey(["a", "b"]))),
        ("null", None, MetadataValue.null()),
        ("timestamp", 12.5, MetadataValue.timestamp(12.5)),
        ("__infer__", [1], MetadataValue.json([1])),
        ("__infer__", None, MetadataValue.null()),
    ],
)
def test_metadata_of_every_kind(kind: str, raw: Any, expected: Any) -> None:
    assert metadata_from_wire({"k": {"raw_value": raw, "type": kind}}) == {"k": expected}


def test_tables_schemas_and_lineage() -> None:
    columns = [{"name": "a", "type": "int", "constraints": {"nullable": False}, "tags": {"pii": ""}}]
    found = metadata_from_wire(
        {
            "table": {"raw_value": {"records": [{"a": 1}], "schema": columns}, "type": "table"},
            "schema": {"raw_value": {"columns": columns}, "type": "table_schema"},
            "lineage": {
                "raw_value": {"deps_by_column": {"a": [{"asset_key": ["x", "y"], "column_name": "b"}]}},
                "type": "table_column_lineage",
            },
        }
    )
    assert found["table"].schema == found["schema"].schema
    assert not found["schema"].schema.columns[0].constraints.nullable
    dep = found["lineage"].value.deps_by_column["a"][0]
    assert (dep.asset_key, dep.column_name) == (AssetKey(["x", "y"]), "b")


@pytest.mark.parametrize(
    "entry", [3, {"raw_value": 1}, {"raw_value": 1, "type": "zork"}, {"raw_value": 1, "type": "md"}]
)
def test_metadata_of_no_kind_names_its_label(entry: Any) -> None:
    with pytest.raises(PipesExecutionError, match="`rows`"):
        metadata_from_wire({"rows": entry})


CHILD = """
import sys
from dagster_pipes import open_dagster_pipes, PipesCliArgsParamsLoader
loader = PipesCliArgsParamsLoader() if "cli" in sys.argv else None
with open_dagster_pipes(params_loader=loader) as pipes:
    pipes.report_custom_message(pipes.get_extra("word"))
"""


@pytest.mark.parametrize("way", ["env", "cli"])
@pytest.mark.parametrize("injector", ["variable", "file", "temporary"])
def test_the_context_reaches_the_child(way: str, injector: str, tmp_path: Path) -> None:
    make = {
        "variable": PipesEnvContextInjector,
        "file": lambda: PipesFileContextInjector(str(tmp_path / "context")),
        "temporary": PipesTempFileContextInjector,
    }[injector]
    context = build_asset_context()
    with open_pipes_session(context, make(), PipesTempFileMessageReader(), {"word": "hi"}) as session:
        command, env = [sys.executable, "-c", CHILD], dict(os.environ)
        if way == "env":
            env.update(session.get_bootstrap_env_vars())
        else:
            command += [
                "cli",
                *(word for pair in session.get_bootstrap_cli_arguments().items() for word in pair),
            ]
        subprocess.run(command, env=env, check=True)
    assert session.get_custom_messages() == ("hi",)
    assert session.message_handler.received_closed_message
    assert list(tmp_path.iterdir()) == []


def test_several_children_of_one_session(tmp_path: Path) -> None:
    @multi_asset(specs=[AssetSpec("a"), AssetSpec("b")])
    def both(context: Any) -> Any:
        readers = [PipesFileMessageReader(str(tmp_path / name)) for name in "ab"]
        with open_pipes_session(
            context, PipesTempFileContextInjector(), PipesCompositeMessageReader(readers)
        ) as session:
            for name, env in zip("ab", session.get_per_writer_bootstrap_env_vars(), strict=True):
                code = (
                    "from dagster_pipes import open_dagster_pipes\n"
                    "with open_dagster_pipes() as p:\n"
                    f"    p.report_asset_materialization(asset_key='{name}', metadata={{'by': '{name}'}})"
                )
                subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, check=True)
                assert session.message_handler.received_closed_message == (name == "b") or name == "b"
        yield from session.get_results(metadata={"added": MetadataValue.int(1)})

    result = materialize([both])
    made = {m.asset_key.to_user_string(): m.metadata for m in result.asset_materializations_for_node("both")}
    assert {name: (m["by"].value, m["added"].value) for name, m in made.items()} == {
        "a": ("a", 1),
        "b": ("b", 1),
    }


class FolderReader(PipesBlobStoreMessageReader):
    """Chunks in a local folder, as a bucket would hold them."""

    def __init__(self, folder: Path, **given: Any) -> None:
        super().__init__(interval=0.02, **given)
        self.folder = folder

    @contextmanager
    def get_params(self) -> Iterator[Any]:
        yield {"folder": str(self.folder)}

    def download_messages_chunk(self, index: int, params: Any) -> str | None:
        path = Path(params["folder"]) / f"{index}.json"
        return path.read_text() if path.exists() else None


class LineLog(PipesLogReader):
    """Shows a file once it is there."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.shown = ""

    def start(self, params: Any, is_session_closed: threading.Event) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")
        self.shown = self.path.read_text()

    def is_running(self) -> bool:
        return self.calls[-1:] == ["start"]

    def target_is_readable(self, params: Any) -> bool:
        self.path = Path(params["folder"]) / "log"
        return self.path.exists()


def _message(method: str, **params: Any) -> str:
    return json.dumps({"__dagster_pipes_version": "0.1", "method": method, "params": params})


def test_chunks_of_a_bucket_are_read_in_order_to_the_last(tmp_path: Path) -> None:
    log = LineLog()
    reader = FolderReader(tmp_path, log_readers=[log])
    with open_pipes_session(build_asset_context(), PipesEnvContextInjector(), reader) as session:
        (tmp_path / "1.json").write_text(
            _message("opened", extras={}) + "\n" + _message("report_custom_message", payload=1)
        )
        (tmp_path / "log").write_text("a line")
        (tmp_path / "2.json").write_text(_message("report_custom_message", payload=2))
        threading.Timer(0.1, lambda: (tmp_path / "3.json").write_text(_message("closed"))).start()
    assert session.get_custom_messages() == (1, 2)
    assert session.message_handler.received_closed_message  # the last chunk came after the block's end
    assert log.calls == ["start", "stop"]
    assert log.shown == "a line"


def test_a_log_that_never_came_is_named(tmp_path: Path) -> None:
    @asset
    def table(context: Any):
        reader = FolderReader(tmp_path, log_readers=[LineLog()])
        with open_pipes_session(context, PipesEnvContextInjector(), reader) as session:
            pass
        return session.get_results()

    result = materialize([table])
    lines = [event.message for event in result.events if event.level == 30]
    assert any("LineLog found no log" in line for line in lines)
    assert any("in chunks by FolderReader" in line for line in lines)


@pytest.mark.parametrize("returned", [None, 5], ids=["nothing", "a value of its own"])
def test_an_asset_that_does_not_hand_on_what_was_reported_fails(returned: Any) -> None:
    @asset
    def forgets(context: Any):
        with open_pipes_session(context, PipesEnvContextInjector(), PipesTempFileMessageReader()):
            pass
        return returned

    with pytest.raises(InvariantViolationError, match=r"session\.get_results"):
        materialize([forgets])


def test_an_op_that_makes_no_asset_may_forget_what_was_reported() -> None:
    @op
    def starts(context: Any):
        with open_pipes_session(context, PipesEnvContextInjector(), PipesTempFileMessageReader()):
            pass
        return 5

    @job
    def beginning():
        starts()

    assert beginning.execute_in_process().output_for_node("starts") == 5


def test_context_of_a_session_needs_no_package() -> None:
    context = build_asset_context(partition_key="a")
    with open_pipes_session(context, PipesEnvContextInjector(), PipesTempFileMessageReader()) as session:
        params = session.get_bootstrap_params()
        told = params["DAGSTER_PIPES_CONTEXT"]["data"]
        folder = os.path.dirname(params["DAGSTER_PIPES_MESSAGES"]["path"])
    assert told["partition_key"] == "a"
    assert told["asset_keys"] is None
    assert not os.path.exists(folder)
    shutil.rmtree(folder, ignore_errors=True)


def test_messages_between_the_lines_of_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    context = build_asset_context()
    with open_pipes_session(context, PipesEnvContextInjector(), PipesTempFileMessageReader()) as session:
        handler = session.message_handler
        for line in ("plain text", _message("opened", extras={}), '{"json": 1}', _message("closed")):
            extract_message_or_forward_to_stdout(handler, line)
    assert handler.received_closed_message
    assert capsys.readouterr().out.splitlines()[-2:] == ["plain text", '{"json": 1}']


def test_the_package_of_the_child_is_not_ours_under_the_alias() -> None:
    code = (
        "import treadle.compat; treadle.compat.install()\n"
        "import dagster, dagster_pipes\n"
        "from dagster._core.pipes.utils import PipesThreadedMessageReader\n"
        "assert dagster.PipesSubprocessClient.__module__.startswith('treadle.')\n"
        "assert dagster_pipes.PIPES_PROTOCOL_VERSION == '0.1'\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
