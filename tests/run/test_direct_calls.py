"""Decorated functions called directly (S4-20): a plain return value, a context to look at afterwards."""

import asyncio

import pytest

from treadle import (
    AssetCheckResult,
    AssetExecutionContext,
    Config,
    ConfigurableResource,
    DailyPartitionsDefinition,
    MaterializeResult,
    Output,
    asset,
    asset_check,
    build_asset_context,
    build_op_context,
    multi_asset,
    op,
)
from treadle.core.errors import InvalidConfigError, InvalidInvocationError, UnknownResourceError
from treadle.core.specs import AssetSpec


class Limit(Config):
    rows: int
    word: str = "x"


class Database(ConfigurableResource):
    url: str


def test_an_asset_is_called_like_its_function() -> None:
    @asset
    def numbers():
        return [1, 2]

    @asset
    def total(numbers, factor=2):
        return sum(numbers) * factor

    assert numbers() == [1, 2]
    assert total([1, 2]) == 6
    assert total(numbers=[1], factor=5) == 5


def test_context_config_resources_and_inputs_in_any_order() -> None:
    @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
    def everything(upstream, config: Limit, database: Database, context: AssetExecutionContext):
        context.add_output_metadata({"rows": config.rows})
        context.log.info("called")
        return (
            upstream,
            config.rows,
            config.word,
            database.url,
            context.partition_key,
            context.asset_key.path,
        )

    context = build_asset_context(partition_key="2024-01-02", resources={"database": Database(url="u")})
    assert everything(context, 1, config=Limit(rows=3)) == (1, 3, "x", "u", "2024-01-02", ["everything"])
    assert context.get_output_metadata("result") == {"rows": 3}
    other = build_asset_context(partition_key="2024-01-02", asset_config={"rows": 4})
    assert everything(other, 1, database=Database(url="v"))[1:4] == (4, "x", "v")


def test_generators_and_coroutines_come_back_as_they_are() -> None:
    @multi_asset(specs=[AssetSpec("x"), AssetSpec("y")])
    def both():
        yield MaterializeResult(asset_key="x")
        yield MaterializeResult(asset_key="y")

    @asset
    async def later():
        await asyncio.sleep(0)
        return 5

    assert [result.asset_key.path for result in both()] == [["x"], ["y"]]
    assert asyncio.run(later()) == 5


def test_checks_and_ops_too() -> None:
    @asset
    def table():
        return []

    @asset_check(asset=table)
    def is_empty(table):
        return AssetCheckResult(passed=not table)

    @op
    def double(context, x: int) -> Output[int]:
        return Output(x * 2)

    assert is_empty([]).passed
    assert double(build_op_context(), 4).value == 8


def test_what_is_missing_or_too_much_is_named() -> None:
    @asset
    def needs(context, upstream, database: Database, config: Limit):
        return upstream

    context = build_asset_context()
    with pytest.raises(InvalidInvocationError, match="takes a context as its parameter `context`"):
        needs(1)
    with pytest.raises(InvalidInvocationError, match="needs the resource `database`") as raised:
        needs(context, 1, config=Limit(rows=1))
    assert isinstance(raised.value, UnknownResourceError)
    with pytest.raises(InvalidInvocationError, match="needs a value for `upstream`"):
        needs(context, database=Database(url=""), config=Limit(rows=1))
    with pytest.raises(InvalidInvocationError, match="has no parameter `upstraem`"):
        needs(context, upstraem=1, database=Database(url=""), config=Limit(rows=1))
    with pytest.raises(InvalidConfigError):
        needs(context, 1, database=Database(url=""))
