"""Resources given as arguments of a direct call: made, set up and torn down as those of a run are."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest
from pydantic import PrivateAttr

import treadle as dg
from treadle.core.errors import InvalidConfigError, InvalidInvocationError, ResourceFunctionError

lived: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_lived_yet() -> None:
    gc.collect()  # contexts of earlier tests close theirs when they go
    lived.clear()


class Database(dg.ConfigurableResource[Any]):
    url: str
    _connection: str = PrivateAttr(default="none")

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        lived.append("up")
        self._connection = "to " + self.url

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        lived.append("down")

    def ask(self) -> str:
        lived.append("asked")
        return self._connection


class Session(dg.ConfigurableResource[Any]):
    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Any]:
        lived.append("up")
        yield "session"
        lived.append("down")


class Doubled(dg.ConfigurableResource[str]):
    text: str

    def create_resource(self, context: dg.InitResourceContext) -> str:
        return self.text * 2


class Nesting(dg.ConfigurableResource[Any]):
    database: Database
    doubled: dg.ResourceDependency[str]


class Files(dg.ConfigurableIOManagerFactory[Any]):
    def create_io_manager(self, context: dg.InitResourceContext) -> Any:
        return "files"


@dg.resource
def function_of_old() -> str:
    return "made"


@dg.resource
def generator_of_old() -> Iterator[str]:
    lived.append("up")
    yield "yielded"
    lived.append("down")


@dg.resource(required_resource_keys={"given"})
def needing(context: dg.InitResourceContext) -> str:
    return f"over {context.resources.given}"


@dg.asset
def asset_asks(database: Database) -> str:
    return database.ask()


@dg.op
def op_asks(database: Database) -> str:
    return database.ask()


@dg.asset_check(asset=asset_asks)
def check_asks(database: Database) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"said": database.ask()})


@dg.multi_asset(specs=[dg.AssetSpec("said")])
def assets_ask(database: Database) -> dg.MaterializeResult[Any]:
    return dg.MaterializeResult("said", metadata={"said": database.ask()})


@dg.op
def shows(given: dg.ResourceParam[Any]) -> Any:
    return given


@dg.asset
def asks_with_context(
    context: dg.AssetExecutionContext, upstream: int, database: Database
) -> tuple[Any, ...]:
    assert context.resources.database is database
    return upstream, database.ask()


@pytest.mark.parametrize("definition", [asset_asks, op_asks, check_asks, assets_ask])
@pytest.mark.parametrize("by_name", [True, False])
def test_a_resource_is_set_up_for_the_call_and_torn_down_after_it(definition: Any, by_name: bool) -> None:
    given = Database(url="here")
    said = definition(database=given) if by_name else definition(given)
    said = said if isinstance(said, str) else said.metadata["said"]
    assert getattr(said, "value", said) == "to here"
    assert lived == ["up", "asked", "down"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Doubled(text="ab"), "abab"),
        (Session(), "session"),
        (Files(), "files"),
        (function_of_old, "made"),
        (generator_of_old, "yielded"),
        (dg.ResourceDefinition.hardcoded_resource(8), 8),
        (dg.ResourceDefinition.none_resource(), None),
    ],
)
def test_the_parameter_gets_what_the_resource_makes(given: Any, expected: Any) -> None:
    assert shows(given=given) == expected
    assert lived in ([], ["up", "down"])


def test_resources_in_fields_are_opened_with_it() -> None:
    @dg.asset
    def reads(nesting: Nesting) -> tuple[str, str]:
        return nesting.database.ask(), nesting.doubled

    assert reads(nesting=Nesting(database=Database(url="x"), doubled=Doubled(text="d"))) == ("to x", "dd")
    assert lived == ["up", "asked", "down"]


def test_arguments_may_need_each_other() -> None:
    @dg.op
    def two(given: dg.ResourceParam[Any], other: dg.ResourceParam[Any]) -> str:
        return str(other)

    assert two(given=4, other=needing) == "over 4"


class Watching(dg.ConfigurableResource[Any]):
    _seen: Any = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._seen = context.instance


def test_they_see_the_instance_of_the_context() -> None:
    @dg.asset
    def compares(context: dg.AssetExecutionContext, one: Watching, other: Watching) -> bool:
        return one._seen is other._seen is context.instance

    @dg.sensor(job_name="job")
    def seen_by(context: dg.SensorEvaluationContext, one: Watching) -> dg.RunRequest:
        return dg.RunRequest(str(isinstance(one._seen, dg.DagsterInstance)))

    given = {"one": Watching(), "other": Watching()}
    with dg.DagsterInstance.ephemeral() as instance:
        assert compares(dg.build_asset_context(instance=instance), **given)
        assert seen_by(dg.build_sensor_context(instance), one=Watching()).run_key == "True"
    assert compares(dg.build_asset_context(), **given)
    assert compares(dg.build_asset_context(resources=given))
    assert seen_by(dg.build_sensor_context(), one=Watching()).run_key == "True"


def test_variables_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OF_TEST", "from the environment")
    assert asset_asks(database=Database(url=dg.EnvVar("DATABASE_OF_TEST"))) == "to from the environment"
    with pytest.raises(InvalidConfigError, match="NOT_SET_IN_TESTS"):
        asset_asks(database=Database(url=dg.EnvVar("NOT_SET_IN_TESTS")))


@pytest.mark.parametrize("plain", [MagicMock(), object(), "text", {"a": 1}, lambda: 1])
def test_what_is_no_resource_comes_as_it_is(plain: Any) -> None:
    assert shows(given=plain) is plain


def test_the_object_that_was_given_is_not_set_up_itself() -> None:
    given = Database(url="x")
    asset_asks(database=given)
    assert given._connection == "none"


def test_a_failing_function_is_no_reason_not_to_tear_down() -> None:
    @dg.asset
    def fails(database: Database) -> None:
        raise ValueError("of the function")

    with pytest.raises(ValueError, match="of the function"):
        fails(database=Database(url="x"))
    assert lived == ["up", "down"]


def test_one_that_cannot_be_set_up_is_told_and_the_others_are_torn_down() -> None:
    class Broken(dg.ConfigurableResource[Any]):
        def setup_for_execution(self, context: dg.InitResourceContext) -> None:
            raise ValueError("no way")

    @dg.op
    def two(a: Database, b: Broken) -> int:
        return 1

    with pytest.raises(ResourceFunctionError, match="no way"):
        two(a=Database(url="x"), b=Broken())
    assert lived == ["up", "down"]


def test_with_a_context_they_last_as_long_as_it_does() -> None:
    with dg.build_asset_context() as context:
        assert asks_with_context(context, 1, database=Database(url="x")) == (1, "to x")
        assert lived == ["up", "asked"]
    assert lived == ["up", "asked", "down"]
    lived.clear()
    assert asks_with_context(dg.build_asset_context(), 1, Database(url="x")) == (1, "to x")
    gc.collect()
    assert lived == ["up", "asked", "down"]


def test_a_context_used_again_has_the_resources_of_the_latest_call() -> None:
    context = dg.build_asset_context()
    assert [asks_with_context(context, 1, Database(url=url))[1] for url in "ab"] == ["to a", "to b"]
    with pytest.raises(InvalidInvocationError, match="needs the resource `database`"):
        asks_with_context(context, 1)


@pytest.mark.parametrize(("key", "told"), [("database", "`database` twice"), ("another", "another")])
def test_resources_are_given_by_the_context_or_as_arguments(key: str, told: str) -> None:
    context = dg.build_asset_context(resources={key: Database(url="c")})
    with pytest.raises(InvalidInvocationError, match=told):
        asks_with_context(context, 1, database=Database(url="a"))


def test_an_argument_stands_before_what_the_asset_brings() -> None:
    @dg.asset(resource_defs={"database": Database(url="own")})
    def brings(database: Database) -> str:
        return database.ask()

    assert brings() == "to own"
    assert lived == ["up", "asked", "down"]
    lived.clear()
    assert brings(database=Database(url="mine")) == "to mine"
    assert lived == ["up", "asked", "down"]


def test_of_a_generator_it_is_torn_down_at_its_end() -> None:
    @dg.op
    def yields(database: Database) -> Iterator[Any]:
        try:
            yield dg.Output(database.ask())
        finally:
            lived.append("left")

    results = yields(database=Database(url="x"))
    assert lived == ["up"]
    assert [each.value for each in results] == ["to x"]
    assert lived == ["up", "asked", "left", "down"]
    lived.clear()
    begun = yields(database=Database(url="x"))
    next(begun)
    begun.close()
    assert lived == ["up", "asked", "left", "down"]
    lived.clear()
    yields(database=Database(url="x"))
    gc.collect()
    assert lived == ["up", "down"]  # nobody iterated it


def test_of_a_coroutine_it_is_torn_down_when_it_has_ended() -> None:
    @dg.asset
    async def waits(database: Database) -> str:
        await asyncio.sleep(0)
        return database.ask()

    @dg.op
    async def yields(database: Database) -> Any:
        await asyncio.sleep(0)
        yield dg.Output(database.ask())

    @dg.op
    async def fails(database: Database) -> None:
        raise ValueError("of the function")

    async def values() -> list[Any]:
        return [each.value async for each in yields(database=Database(url="x"))]

    assert asyncio.run(waits(database=Database(url="x"))) == "to x"
    assert lived == ["up", "asked", "down"]
    lived.clear()
    assert asyncio.run(values()) == ["to x"]
    assert lived == ["up", "asked", "down"]
    lived.clear()
    with pytest.raises(ValueError, match="of the function"):
        asyncio.run(fails(database=Database(url="x")))
    assert lived == ["up", "down"]


@dg.sensor(job_name="job")
def sensor_asks(context: dg.SensorEvaluationContext, database: Database) -> dg.RunRequest:
    return dg.RunRequest(database.ask())


@dg.sensor(job_name="job")
def sensor_asks_alone(database: Database) -> dg.RunRequest:
    return dg.RunRequest(database.ask())


@dg.schedule(job_name="job", cron_schedule="@daily")
def schedule_asks(context: dg.ScheduleEvaluationContext, database: Database) -> dg.RunRequest:
    return dg.RunRequest(database.ask())


@dg.schedule(job_name="job", cron_schedule="@daily")
def schedule_asks_alone(database: Database) -> dg.RunRequest:
    return dg.RunRequest(database.ask())


@pytest.mark.parametrize(
    "call",
    [
        lambda **given: sensor_asks(dg.build_sensor_context(), **given),
        sensor_asks_alone,
        lambda **given: schedule_asks(dg.build_schedule_context(), **given),
        schedule_asks_alone,
    ],
)
def test_sensors_and_schedules_get_theirs_set_up_too(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_OF_TEST", "there")
    assert call(database=Database(url=dg.EnvVar("DATABASE_OF_TEST"))).run_key == "to there"
    assert lived == ["up", "asked", "down"]
    lived.clear()
    mock = MagicMock()
    mock.ask.return_value = "mocked"
    assert call(database=mock).run_key == "mocked"
    with pytest.raises(InvalidConfigError):
        call(database=Database(url=dg.EnvVar("NOT_SET_IN_TESTS")))


def test_of_a_sensor_that_yields_it_is_torn_down_at_its_end() -> None:
    @dg.sensor(job_name="job")
    def yields(database: Database) -> Iterator[dg.RunRequest]:
        yield dg.RunRequest(database.ask())

    @dg.sensor(job_name="job")
    def fails(database: Database) -> None:
        raise ValueError("of the function")

    requests = yields(database=Database(url="x"))
    assert lived == ["up"]
    assert [each.run_key for each in requests] == ["to x"]
    assert lived == ["up", "asked", "down"]
    lived.clear()
    yields(database=Database(url="x"))
    gc.collect()
    assert lived == ["up", "down"]
    lived.clear()
    with pytest.raises(ValueError, match="of the function"):
        fails(database=Database(url="x"))
    assert lived == ["up", "down"]


def test_a_sensors_argument_stands_before_the_contexts_resource() -> None:
    context = dg.build_sensor_context(resources={"database": Database(url="c"), "given": 3})
    assert sensor_asks(context, database=Database(url="a")).run_key == "to a"

    @dg.sensor(job_name="job")
    def shows_other(context: dg.SensorEvaluationContext, other: dg.ResourceParam[Any]) -> dg.RunRequest:
        return dg.RunRequest(str(other))

    assert shows_other(context, other=needing).run_key == "over 3"
