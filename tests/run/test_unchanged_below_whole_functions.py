"""`skip_unchanged` where a function makes several assets and can not make one alone: what it drags along has readers."""

import pytest

import treadle as dg
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.plan.staleness import why

DAYS = dg.StaticPartitionsDefinition(["mon", "tue"])


def whole(name: str, codes: dict[str, str | None], deps=(), partitions_def=None):
    """A function that makes these assets, each of its code version, in one go."""

    @dg.multi_asset(
        name=name,
        specs=[
            dg.AssetSpec(key, code_version=code, deps=list(deps), partitions_def=partitions_def)
            for key, code in codes.items()
        ],
    )
    def function():
        for key in codes:
            yield dg.MaterializeResult(key)

    return function


def reader(name: str, *deps: str, partitions_def=None):
    @dg.asset(name=name, deps=list(deps), code_version="1", partitions_def=partitions_def)
    def function() -> None: ...

    return function


def made(assets, instance, **given) -> set[str]:
    result = dg.materialize(assets, instance=instance, skip_unchanged=True, **given)
    assert result.success
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}


@pytest.mark.parametrize("partitions_def", [None, DAYS])
@pytest.mark.parametrize("code_of_p", [None, "1"])
def test_what_reads_an_asset_that_is_made_along_is_made_too(code_of_p, partitions_def) -> None:
    def assets(code_of_q: str):
        both = whole("both", {"p": code_of_p, "q": code_of_q}, partitions_def=partitions_def)
        return [both, reader("r", "p", partitions_def=partitions_def)]

    given = {"partition_key": "mon"} if partitions_def else {}
    with dg.DagsterInstance.ephemeral() as instance:
        made(assets("1"), instance, **given)
        changed = assets("2")
        assert made(changed, instance, **given) == {"p", "q", "r"}
        catalog = build_code(assets=changed).catalog
        assert why(catalog, dg.AssetKey("r"), instance, given.get("partition_key")).status == "FRESH"
        assert made(changed, instance, **given) == set()


def test_it_goes_on_from_function_to_function() -> None:
    def assets(code_of_b: str):
        return [
            whole("first", {"a": "1", "b": code_of_b}),
            whole("second", {"c": "1", "d": "1"}, deps=[]),
            reader("x", "a"),
            whole("third", {"e": "1", "f": "1"}, deps=["x"]),
            reader("y", "f"),
            reader("aside", "d"),
        ]

    with dg.DagsterInstance.ephemeral() as instance:
        made(assets("1"), instance)
        assert made(assets("2"), instance) == {"a", "b", "x", "e", "f", "y"}


def test_a_function_that_can_be_split_drags_nothing_along() -> None:
    def assets(code_of_q: str):
        @dg.multi_asset(
            specs=[dg.AssetSpec("p", code_version="1"), dg.AssetSpec("q", code_version=code_of_q)],
            can_subset=True,
        )
        def both(context):
            for key in context.selected_asset_keys:
                yield dg.MaterializeResult(key)

        return [both, reader("r", "p")]

    with dg.DagsterInstance.ephemeral() as instance:
        made(assets("1"), instance)
        assert made(assets("2"), instance) == {"q"}


def test_a_blocking_check_that_is_asked_again_drags_along_what_its_function_makes() -> None:
    passes = [False]

    @dg.multi_asset(
        specs=[dg.AssetSpec("p", code_version="1"), dg.AssetSpec("q", code_version="1")],
        check_specs=[dg.AssetCheckSpec("good", asset="q", blocking=True)],
    )
    def both():
        yield dg.MaterializeResult("p")
        yield dg.MaterializeResult("q")
        yield dg.AssetCheckResult(passed=passes[0], asset_key="q", check_name="good")

    assets = [both, reader("r", "p")]
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(assets, instance=instance, raise_on_error=False)
        dg.materialize(assets, instance=instance, selection=["r"])
        passes[0] = True
        assert made(assets, instance) == {"p", "q", "r"}


def test_the_step_says_what_changed_not_what_was_dragged_along() -> None:
    def assets(code_of_q: str):
        return [whole("both", {"p": "1", "q": code_of_q}), reader("r", "p")]

    with dg.DagsterInstance.ephemeral() as instance:
        made(assets("1"), instance)
        catalog = build_code(assets=assets("2")).catalog
        plan = plan_assets(catalog, list(catalog.assets), state=instance, skip_unchanged=True)
    assert [(step.key, step.reason.code) for step in plan.steps] == [
        ("both", "code-version-changed"),
        ("r", "upstream-newer"),
    ]
    assert plan.skipped == ()


def test_a_tick_asks_for_the_whole_function_and_what_is_below(tmp_path) -> None:
    def definitions(code_of_q: str):
        @dg.sensor(target="*")
        def changes(context):
            return dg.RunRequest(stale_assets_only=True)

        assets = [whole("both", {"p": "1", "q": code_of_q}), reader("r", "p"), reader("aside")]
        return dg.Definitions(assets, sensors=[changes])

    with dg.DagsterInstance.ephemeral() as instance:
        made(list(definitions("1").assets), instance)
        defs = definitions("2")
        with dg.build_sensor_context(instance=instance, definitions=defs) as context:
            data = defs.get_sensor_def("changes").evaluate_tick(context)
    (request,) = data.run_requests
    assert {key.to_user_string() for key in request.asset_selection} == {"p", "q", "r"}
