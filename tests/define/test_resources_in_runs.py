"""Resources, config and types as a run uses them."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import pytest

import treadle as dg


def run(assets, resources=None, run_config=None):
    """A run whose values stay in memory."""
    given = {"io_manager": dg.mem_io_manager, **(resources or {})}
    return dg.materialize(assets, resources=given, run_config=run_config)


class Database(dg.ConfigurableResource):
    host: str
    password: str
    port: int = 5432

    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dg.asset
def address(database: Database) -> str:
    return database.address()


def test_variables_are_read_when_the_run_starts(monkeypatch):
    """S4-12."""
    database = Database(host=dg.EnvVar("RUN_DB_HOST"), password=dg.EnvVar("RUN_DB_PASSWORD"))
    monkeypatch.setenv("RUN_DB_HOST", "h")
    monkeypatch.setenv("RUN_DB_PASSWORD", "hunter22")
    assert run([address], resources={"database": database}).output_for_node("address") == "h:5432"
    monkeypatch.delenv("RUN_DB_HOST")
    with pytest.raises(dg.InvalidConfigError, match="`RUN_DB_HOST` is not set"):
        run([address], resources={"database": database})


def test_mocks_are_taken_and_unused_resources_do_no_harm():
    """S4-21, S2-D02b."""
    database = mock.Mock()
    database.address.return_value = "mocked"
    result = run([address], resources={"database": database, "unused": object()})
    assert result.output_for_node("address") == "mocked"


def test_another_resource_class_is_refused_with_both_names():
    """S2-D02b."""

    class Other(dg.ConfigurableResource):
        pass

    with pytest.raises(dg.TreadleError, match="expected Database, got Other"):
        run([address], resources={"database": Other()})


def test_a_default_is_used_by_reference_and_a_given_key_wins():
    """S2-D02c."""
    warehouse = Database(host="default", password="p")

    @dg.asset
    def trips(db: Database = warehouse) -> str:
        return db.host

    assert run([trips]).output_for_node("trips") == "default"
    given = {"db": Database(host="given", password="p")}
    assert run([trips], resources=given).output_for_node("trips") == "given"


def test_two_resources_and_a_context_in_one_asset():
    """S0-21, S1-19."""

    class Api(dg.ConfigurableResource):
        url: str

    @dg.asset
    def both(database: Database, context: dg.AssetExecutionContext, api: Api) -> dg.MaterializeResult:
        return dg.MaterializeResult(
            metadata={"said": f"{database.host} {api.url} {context.asset_key.path[0]}"}
        )

    resources = {"database": Database(host="h", password="p"), "api": Api(url="u")}
    result = run([both], resources=resources)
    [event] = result.asset_materializations_for_node("both")
    assert event.metadata["said"].value == "h u both"


def test_a_resource_that_fails_to_start_fails_the_run_without_its_secret():
    """B05, B28."""

    class Broken(dg.ConfigurableResource):
        password: str

        def setup_for_execution(self, context):
            raise ValueError(f"login with {self.password} refused")

    @dg.asset
    def needs(broken: Broken) -> None: ...

    with pytest.raises(dg.ResourceFunctionError, match="`broken` could not be set up") as caught:
        run([needs], resources={"broken": Broken(password="canary-33")})
    assert "canary-33" not in str(caught.value)


def test_config_objects_and_dicts_reach_the_asset_and_mistakes_are_all_listed():
    class Load(dg.Config):
        rows: int = 1

    @dg.asset
    def loaded(config: Load) -> int:
        return config.rows

    assert run([loaded]).output_for_node("loaded") == 1
    for config in (dg.RunConfig(ops={"loaded": Load(rows=5)}), {"ops": {"loaded": {"config": {"rows": 5}}}}):
        assert run([loaded], run_config=config).output_for_node("loaded") == 5
    with pytest.raises(dg.InvalidConfigError) as caught:
        run([loaded], run_config={"ops": {"loaded": {"config": {"rows": "x", "row": 1}}}})
    assert [each.path for each in caught.value.errors] == [
        ("ops", "loaded", "config"),
        ("ops", "loaded", "config", "rows"),
    ]


def test_a_value_of_the_wrong_type_fails_the_step():
    """S4-02."""

    @dg.asset
    def numbers() -> list[int]:
        return ["one"]

    with pytest.raises(dg.DagsterTypeCheckDidNotPass, match="item 0: expected int, got str"):
        run([numbers])


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/fine" else 503)
        self.end_headers()
        self.wfile.write(b"sunny")

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_resource_calls_a_service_and_its_refusal_fails_the_step(server):
    """S1-20."""

    class Weather(dg.ConfigurableResource):
        host: str
        timeout: float = 5.0

        def fetch(self, path: str) -> str:
            connection = HTTPConnection(self.host, timeout=self.timeout)
            try:
                connection.request("GET", f"/{path}")
                answer = connection.getresponse()
                body = answer.read().decode()
            finally:
                connection.close()
            if answer.status != 200:
                raise RuntimeError(f"the service answered {answer.status}")
            return body

    @dg.asset
    def weather(api: Weather) -> str:
        return api.fetch("fine")

    @dg.asset
    def storm(api: Weather) -> str:
        return api.fetch("down")

    api = Weather(host=server)
    assert run([weather], resources={"api": api}).output_for_node("weather") == "sunny"
    with pytest.raises(Exception, match="503"):
        run([storm], resources={"api": api})
