"""Jobs of ops as they run: config, inputs, selections, hooks, retries, resources, partitions, contexts, executors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import treadle
from tests.run.running import executor
from treadle import (
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    Config,
    Definitions,
    DefinitionsError,
    Executor,
    ExpectationResult,
    GraphDefinition,
    HookContext,
    In,
    InvalidConfigError,
    InvalidDefinitionError,
    InvalidInvocationError,
    InvalidSubsetError,
    IOManager,
    JobDefinition,
    OpExecutionContext,
    Out,
    Output,
    RetryPolicy,
    RunConfig,
    StaticPartitionsDefinition,
    build_reconstructable_job,
    config_mapping,
    execute_job,
    failure_hook,
    graph,
    input_manager,
    io_manager,
    job,
    op,
    reconstructable,
    repository,
    success_hook,
)
from treadle.define.parameters import NO_ANNOTATION
from treadle.run.launch import launch, prepare_job
from treadle.store.instance import Instance

# What goes away has to go on working until then.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* is deprecated"),
]


class Numbers(Config):
    n: int = 5


@op
def one():
    return 1


@op
def inc(x):
    return x + 1


@op
def add(x, y):
    return x + y


@op
def listed(xs):
    return list(xs)


@op
def configured(config: Numbers):
    return config.n


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Instance.ephemeral(tempdir=str(tmp_path)) as made:
        yield made


def steps(result: Any, kind: str = "STEP_START") -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type_value == kind]


# Config


def test_config_reaches_ops_in_graphs() -> None:
    @graph
    def inner():
        return configured()

    @job
    def numbers():
        inner()
        configured()

    result = numbers.execute_in_process(
        run_config=RunConfig(
            ops={"configured": Numbers(n=3), "inner": {"ops": {"configured": {"config": {"n": 4}}}}}
        )
    )
    assert result.output_for_node("configured") == 3
    assert result.output_for_node("inner.configured") == 4


def test_a_jobs_own_config_fills_in_op_by_op() -> None:
    own = {"ops": {"configured": {"config": {"n": 7}}, "other": {"config": {"n": 8}}}}

    @job(config=own)
    def numbers():
        add(configured(), configured.alias("other")())

    def total(run_config: Any) -> Any:
        return numbers.execute_in_process(run_config=run_config).output_for_node("add")

    assert total(None) == total({}) == total({"ops": {}}) == 15
    assert total({"ops": {"configured": {"config": {"n": 1}}}}) == 9


def test_a_jobs_own_config_that_does_not_fit_is_refused_with_the_job() -> None:
    with pytest.raises(InvalidConfigError, match="nn"):

        @job(config={"ops": {"configured": {"config": {"nn": 7}}}})
        def numbers():
            configured()


def test_a_config_mapping_stands_before_ops() -> None:
    @config_mapping
    def doubled(given: Numbers) -> RunConfig:
        return RunConfig(ops={"configured": Numbers(n=2 * given.n)})

    @job(config=doubled)
    def numbers():
        configured()

    assert numbers.execute_in_process(run_config={"n": 4}).output_for_node("configured") == 8
    assert numbers.execute_in_process().output_for_node("configured") == 10
    with pytest.raises(InvalidConfigError):
        numbers.execute_in_process(run_config={"ops": {}})


def test_a_graphs_config_mapping_holds_wherever_it_is_used() -> None:
    @config_mapping(config_schema={"half": int})
    def doubled(given):
        return {"configured": {"config": {"n": 2 * given["half"]}}}

    @graph(config=doubled)
    def inner():
        return configured()

    @job
    def outer():
        inner()

    assert (
        inner.execute_in_process(run_config={"ops": {"config": {"half": 2}}}).output_for_node("configured")
        == 4
    )
    assert (
        outer.execute_in_process(run_config={"ops": {"inner": {"config": {"half": 3}}}}).output_for_node(
            "inner"
        )
        == 6
    )


# Inputs


def test_values_of_inputs_come_from_config_at_any_level() -> None:
    @graph
    def inner(x):
        return inc(x)

    @job
    def outer():
        inner()

    @job
    def plain():
        inc()

    def run(target: Any, node: str, config: Any) -> Any:
        return target.execute_in_process(run_config=config).output_for_node(node)

    assert run(plain, "inc", {"ops": {"inc": {"inputs": {"x": {"value": 3}}}}}) == 4
    assert run(outer, "inner", {"ops": {"inner": {"inputs": {"x": {"value": 3}}}}}) == 4
    assert run(inner.to_job(), "inc", {"inputs": {"x": {"value": 3}}}) == 4


def test_inputs_without_value_are_told_before_anything_runs() -> None:
    @job
    def numbers():
        add(one())

    with pytest.raises(InvalidConfigError, match="y"):
        numbers.execute_in_process()


def test_input_values_are_given_to_the_job_or_the_run() -> None:
    class Frame:
        pass

    @op
    def check(frame: Frame):
        return isinstance(frame, Frame)

    @graph
    def checks(frame):
        return check(frame)

    assert checks.to_job(input_values={"frame": Frame()}).execute_in_process().output_value()
    assert checks.execute_in_process(input_values={"frame": Frame()}).output_value()
    with pytest.raises(InvalidInvocationError, match="frame"):
        checks.execute_in_process()
    with pytest.raises(InvalidDefinitionError, match="frme"):
        checks.to_job(input_values={"frme": Frame()})
    with pytest.raises(InvalidDefinitionError, match="frme"):
        checks.execute_in_process(input_values={"frme": Frame()})


def test_a_types_loader_makes_the_value_from_config() -> None:
    @treadle.dagster_type_loader(config_schema={"words": str})
    def load(_context, given):
        return given["words"].split()

    words = treadle.DagsterType(lambda _, value: isinstance(value, list), name="Words", loader=load)

    @op(ins={"found": In(words)})
    def count(found):
        return len(found)

    @job
    def counting():
        count()

    result = counting.execute_in_process(
        run_config={"ops": {"count": {"inputs": {"found": {"words": "a b c"}}}}}
    )
    assert result.output_for_node("count") == 3


def test_input_managers_load_what_nothing_is_connected_to() -> None:
    @input_manager(config_schema={"base": int}, input_config_schema={"more": int})
    def loading(context):
        return context.resource_config["base"] + context.config["more"]

    @op(ins={"x": In(input_manager_key="loading")})
    def loaded(x):
        return x

    @job(resource_defs={"loading": loading.configured({"base": 100})})
    def numbers():
        loaded()

    result = numbers.execute_in_process(run_config={"ops": {"loaded": {"inputs": {"x": {"more": 5}}}}})
    assert result.output_for_node("loaded") == 105
    assert steps(result, "LOADED_INPUT") == ["loaded"]


def test_io_managers_get_the_config_of_outputs() -> None:
    seen: list[Any] = []

    class Noting(IOManager):
        def __init__(self) -> None:
            self.values: dict[Any, Any] = {}

        def handle_output(self, context, obj):
            seen.append((context.name, context.config))
            self.values[tuple(context.get_identifier())] = obj

        def load_input(self, context):
            return self.values[tuple(context.upstream_output.get_identifier())]

    @io_manager(output_config_schema={"table": str})
    def noting(_):
        return Noting()

    @job(resource_defs={"io_manager": noting})
    def numbers():
        inc(one())

    outputs = {"result": {"table": "t"}}
    numbers.execute_in_process(run_config={"ops": {"one": {"outputs": outputs}, "inc": {"outputs": outputs}}})
    assert seen == [("result", {"table": "t"}), ("result", {"table": "t"})]


# Selections


@graph
def inner():
    return inc(one.alias("uno")())


@job
def selectable():
    add(inc(one()), inc.alias("inc_b")(one.alias("two")()))
    inner()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (["*add"], ["one", "two", "inc", "inc_b", "add"]),
        (["inc", "one"], ["one", "inc"]),
        (["inner"], ["inner.uno", "inner.inc"]),
        (["inner.uno"], ["inner.uno"]),
        (["one+"], ["one", "inc"]),
        ("*inc,two", ["one", "two", "inc"]),
    ],
)
def test_ops_are_selected_by_name_and_by_what_is_around(selection: Any, expected: list[str]) -> None:
    assert steps(selectable.execute_in_process(op_selection=selection)) == expected


def test_an_unknown_op_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidSubsetError) as caught:
        selectable.execute_in_process(op_selection=["ad"])
    assert "add" in (caught.value.hint or "")


# Skipping, hooks, retries, events


def test_a_list_leaves_out_what_was_skipped_and_optional_outputs_branch() -> None:
    @op(out={"left": Out(is_required=False), "right": Out(is_required=False)})
    def branch():
        yield Output(1, "left")

    @job
    def numbers():
        left, right = branch()
        listed([inc(left), inc.alias("other")(right)])

    result = numbers.execute_in_process()
    assert result.output_for_node("listed") == [2]
    assert steps(result, "STEP_SKIPPED") == ["other"]


def test_a_hook_over_a_job_is_called_for_each_of_its_ops() -> None:
    seen: list[str] = []

    @success_hook
    def good(context: HookContext):
        seen.append(context.step_key)

    @good
    @job
    def numbers():
        inc(one())

    assert isinstance(numbers, JobDefinition)
    assert numbers.execute_in_process().success
    assert seen == ["one", "inc"]


def test_hooks_of_jobs_graphs_and_calls_are_called_and_know_the_node() -> None:
    seen: list[Any] = []

    @success_hook
    def good(context: HookContext):
        seen.append((context.step_key, context.op.name, context.op_output_values))

    @failure_hook
    def bad(context: HookContext):
        seen.append((context.step_key, type(context.op_exception).__name__))

    @op
    def fails(x):
        raise ValueError(x)

    @job(hooks={bad})
    def numbers():
        fails(inner.with_hooks({good}).alias("place")())

    numbers.execute_in_process(raise_on_error=False)
    assert seen == [
        ("place.uno", "uno", {"result": 1}),
        ("place.inc", "inc", {"result": 2}),
        ("fails", "ValueError"),
    ]


def test_retry_policies_of_calls_win_over_those_of_ops_and_jobs() -> None:
    @op(retry_policy=RetryPolicy(max_retries=1))
    def flaky(context):
        if context.retry_number < 2:
            raise ValueError("again")
        return context.retry_number

    @op
    def plain(context):
        if context.retry_number < 2:
            raise ValueError("again")

    @job(op_retry_policy=RetryPolicy(max_retries=2))
    def numbers():
        flaky()
        flaky.with_retry_policy(RetryPolicy(max_retries=2)).alias("patient")()
        plain()

    result = numbers.execute_in_process(raise_on_error=False)
    assert result.get_failed_step_keys() == {"flaky"}
    assert result.output_for_node("patient") == 2


def test_ops_report_materializations_observations_and_expectations() -> None:
    @op
    def reporting(context):
        context.log_event(AssetMaterialization("made"))
        yield AssetObservation("seen")
        yield ExpectationResult(success=True, label="fits")
        yield Output(1, metadata={"rows": 1})

    @job
    def reports():
        reporting()

    result = reports.execute_in_process()
    assert [e.event_type_value for e in result.all_node_events if "ASSET" in e.event_type_value] == [
        "ASSET_MATERIALIZATION",
        "ASSET_OBSERVATION",
    ]
    assert steps(result, "STEP_EXPECTATION_RESULT") == ["reporting"]
    assert [m.asset_key for m in result.asset_materializations_for_node("reporting")] == [AssetKey("made")]


# Contexts


def test_an_op_knows_its_place_its_job_and_its_run() -> None:
    @op(tags={"team": "sales"})
    def asking(context: OpExecutionContext):
        return {
            "op": context.op.name,
            "op_def": context.op_def.name,
            "handle": str(context.op_handle),
            "job": (context.job_name, context.job_def.name),
            "tags": (context.has_tag("x"), context.get_tag("x"), context.get_tag("y")),
            "retry": context.retry_number,
            "mapping_key": context.get_mapping_key(),
            "outputs": context.selected_output_names,
            "assets": (context.has_assets_def, context.selected_asset_keys),
            "partitions": (context.has_partitions, context.has_partition_key),
            "said": context.describe_op(),
        }

    @graph
    def around():
        return asking.alias("place")()

    @job
    def asks():
        around()

    assert asks.execute_in_process(tags={"x": "1"}).output_for_node("around") == {
        "op": "place",
        "op_def": "asking",
        "handle": "around.place",
        "job": ("asks", "asks"),
        "tags": (True, "1", None),
        "retry": 0,
        "mapping_key": None,
        "outputs": {"result"},
        "assets": (False, set()),
        "partitions": (False, False),
        "said": "op `place`",
    }


def test_jobs_of_ops_have_partitions_that_contexts_show() -> None:
    @op
    def which(context):
        return context.partition_key if context.has_partition_key else None

    @job(partitions_def=StaticPartitionsDefinition(["a", "b"]))
    def parts():
        which()

    result = parts.execute_in_process(partition_key="b")
    assert result.output_for_node("which") == "b"
    assert result.run.tags["dagster/partition"] == "b"
    assert parts.execute_in_process().output_for_node("which") is None
    assert parts.run_request_for_partition("a").partition_key == "a"
    with pytest.raises(treadle.DagsterUnknownPartitionError):
        parts.execute_in_process(partition_key="z")


def test_config_of_partitions_makes_a_job_partitioned() -> None:
    @op(config_schema={"letter": str})
    def letter(context):
        return context.op_config["letter"]

    @treadle.static_partitioned_config(
        partition_keys=["a", "b"], tags_for_partition_key_fn=lambda key: {"of": key}
    )
    def letters(key):
        return {"ops": {"letter": {"config": {"letter": key}}}}

    @job(config=letters)
    def parts():
        letter()

    result = parts.execute_in_process(partition_key="b")
    assert result.output_for_node("letter") == "b"
    assert (result.run.tags["of"], result.run.tags["dagster/partition"]) == ("b", "b")


# Resources and code locations


@op(required_resource_keys={"db"})
def uses(context):
    return context.resources.db


def test_resources_are_the_runs_then_the_jobs_then_the_locations() -> None:
    @job
    def bare():
        uses()

    @job(resource_defs={"db": "own"})
    def owning():
        uses()

    assert bare.execute_in_process(resources={"db": 3}).output_for_node("uses") == 3
    assert owning.execute_in_process(resources={"db": "run"}).output_for_node("uses") == "run"
    defs = Definitions(jobs=[bare, owning], resources={"db": "location"})
    assert defs.get_job_def("bare").execute_in_process().output_for_node("uses") == "location"
    assert defs.get_job_def("owning").execute_in_process().output_for_node("uses") == "own"
    top = bare.with_top_level_resources({"db": "top"})
    assert top.execute_in_process().output_for_node("uses") == "top"


def test_a_missing_resource_is_told_at_load_with_its_place_and_before_a_run() -> None:
    @job
    def bare():
        uses()

    (problem,) = Definitions(jobs=[bare], resources={"db1": 1}).problems()
    assert "op `uses` of job `bare` needs the resource `db`" in problem.message
    assert "db1" in (problem.suggestion or "")
    assert problem.where and "test_jobs_of_ops.py" in problem.where
    with pytest.raises(DefinitionsError):
        bare.execute_in_process()


def test_two_jobs_of_one_name_and_graphs_in_definitions() -> None:
    @job(name="numbers")
    def first():
        one()

    @job(name="numbers")
    def second():
        one()

    problems = Definitions(jobs=[first, second]).problems()
    assert [problem.code for problem in problems] == ["duplicate-key"]

    @repository
    def shop():
        return [first, inner]

    assert sorted(shop.job_names) == ["inner", "numbers"]
    assert shop.get_job("inner").execute_in_process().output_for_node("inc") == 2


def test_the_catalog_has_the_ops_and_survives_the_wire() -> None:
    catalog = Definitions(jobs=[selectable]).resolve().catalog
    again = type(catalog).from_json(catalog.to_json())
    assert again.jobs["selectable"].graph == catalog.jobs["selectable"].graph
    assert again.content_hash == catalog.content_hash


def test_a_run_is_prepared_and_then_launched(instance: Instance) -> None:
    code = Definitions(jobs=[selectable]).resolve()
    prepared = prepare_job(code.jobs["selectable"], instance, op_selection=["one"], tags={"x": "1"})
    result = launch(prepared, instance, executor="in_process")
    stored = instance.get_run_by_id(result.run_id)
    assert (stored.job_name, stored.status.value, stored.tags["x"]) == ("selectable", "SUCCESS", "1")


@pytest.mark.parametrize("how", ["in_process", "threads", "fork", "spawn", "asyncio"])
def test_every_executor_runs_graphs_of_ops(how: str, instance: Instance) -> None:
    result = execute_job(selectable, instance, executor=executor(how))
    assert result.output_for_node("add") == 4
    assert result.output_for_node("inner") == 2


def test_jobs_are_made_again_by_name_or_by_function(instance: Instance) -> None:
    assert execute_job(reconstructable(selectable), instance).success
    assert execute_job(reconstructable(make_job), instance).success
    built = build_reconstructable_job(__name__, "make_job_of", (3,))
    assert built.get_definition().name == "made_3"
    with pytest.raises(treadle.DagsterInvariantViolationError, match="lambda"):
        reconstructable(lambda: selectable)

    def hidden():
        return selectable

    with pytest.raises(treadle.DagsterInvariantViolationError, match="top level"):
        reconstructable(hidden)


def make_job() -> Any:
    return selectable


def make_job_of(number: int) -> Any:
    return inner.to_job(name=f"made_{number}")


def test_an_executor_of_ones_own_drives_the_run(instance: Instance) -> None:
    order: list[str] = []

    class Backwards(Executor):
        @property
        def retries(self):
            return None

        def execute(self, plan_context, execution_plan):
            while (step := plan_context.next_step()) is not None:
                order.append(step.key)
                plan_context.execute_step(step)

    @treadle.executor(config_schema={"most": treadle.Field(int, default_value=2)})
    def backwards(init_context):
        assert init_context.executor_config["most"] == 2
        assert init_context.job.name == "numbers"
        return Backwards()

    @job(executor_def=backwards)
    def numbers():
        inc(one())

    assert execute_job(numbers, instance).success
    assert order == ["one", "inc"]


def test_types_of_ops_are_kept_on_their_inputs() -> None:
    assert inc.ins["x"].dagster_type is NO_ANNOTATION
    assert isinstance(inner, GraphDefinition)


def test_the_result_of_a_run_is_a_context_manager() -> None:
    @treadle.op
    def one() -> int:
        return 1

    @treadle.job
    def ones() -> None:
        one()

    with ones.execute_in_process() as result:
        assert result.success
    assert result.output_for_node("one") == 1
