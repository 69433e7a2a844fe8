"""Run config of graphs whose config mapping gives their ops config: nothing beside it is dropped unsaid."""

from typing import Any

import pytest

import treadle as dg


@dg.op(config_schema={"n": int})
def number(context: Any) -> int:
    return context.op_config["n"]


@dg.op(config_schema={"m": dg.Field(int, default_value=1)})
def beside() -> int:
    return 1


@dg.config_mapping(config_schema={"base": dg.Field(int, default_value=2)})
def by_base(given: Any) -> Any:
    return {"number": {"config": {"n": given["base"]}}}


@dg.graph(config=by_base)
def mapped() -> Any:
    return number()


@dg.job
def nested() -> None:
    beside()
    mapped()


@dg.graph
def between() -> Any:
    return mapped()


@dg.job
def deep() -> None:
    between()


mapped_job = mapped.to_job(name="mapped_job")
OWN = {"number": {"config": {"n": 9}}}


def refusal(job: Any, config: Any) -> list[tuple[Any, ...]]:
    """The paths that a run refuses, which are those that a check of the config refuses."""
    with pytest.raises(dg.InvalidConfigError) as of_run:
        job.execute_in_process(run_config=config)
    with pytest.raises(dg.InvalidConfigError) as of_check:
        dg.validate_run_config(job, config)
    assert str(of_run.value) == str(of_check.value)
    return [problem.path for problem in of_run.value.errors]


@pytest.mark.parametrize(
    "ops", [OWN, {"zz": {}}, {"config": {"base": 1}, **OWN}, {"ops": OWN}, {"inputs": {}}], ids=str
)
def test_a_mapped_job_takes_no_config_of_its_ops(ops: Any) -> None:
    assert refusal(mapped_job, {"ops": ops}) == [("ops",)]


@pytest.mark.parametrize(
    "entry", [{"ops": OWN}, {"config": {"base": 4}, "ops": OWN}, {"outputs": []}, 3], ids=str
)
def test_a_mapped_graph_in_a_job_takes_no_config_of_its_ops(entry: Any) -> None:
    assert refusal(nested, {"ops": {"mapped": entry}}) == [("ops", "mapped")]
    assert refusal(deep, {"ops": {"between": {"ops": {"mapped": entry}}}}) == [
        ("ops", "between", "ops", "mapped")
    ]


def test_one_error_has_every_path_within_and_beside_mapped_graphs() -> None:
    wrong = {
        "ops": {"mapped": {"config": {"base": "x"}, "ops": OWN}, "beside": {"config": {"m": "y"}}},
        "zz": 1,
    }
    assert refusal(nested, wrong) == [
        (),
        ("ops", "beside", "config", "m"),
        ("ops", "mapped"),
        ("ops", "mapped", "config", "base"),
    ]
    assert refusal(mapped_job, {"ops": {"config": {"base": "x"}, **OWN}, "zz": 1}) == [
        (),
        ("ops",),
        ("ops", "config", "base"),
    ]
    with pytest.raises(
        dg.InvalidConfigError, match=r"graph `mapped` has a config mapping.* `config` and `inputs`$"
    ):
        nested.execute_in_process(run_config={"ops": {"mapped": {"ops": OWN}}})


def test_what_the_mapping_takes_still_goes_through_it() -> None:
    for ops, n in (({}, 2), ({"config": {}}, 2), ({"config": {"base": 5}}, 5)):
        assert mapped_job.execute_in_process(run_config={"ops": ops}).output_value() == n
        assert nested.execute_in_process(run_config={"ops": {"mapped": ops}}).output_for_node("mapped") == n
        dg.validate_run_config(nested, {"ops": {"mapped": ops}})


def test_a_jobs_own_config_beside_a_mapping_is_refused_with_the_job() -> None:
    with pytest.raises(dg.InvalidConfigError, match="has a config mapping"):
        mapped.to_job(name="own", config={"ops": {"mapped": {}, **OWN}})


def test_a_graph_without_a_mapping_takes_no_config() -> None:
    assert refusal(deep, {"ops": {"between": {"config": 1}}}) == [("ops", "between")]


def test_the_config_of_mapped_assets_is_checked_as_runs_take_it() -> None:
    @dg.graph_asset(config=dg.ConfigMapping(lambda n: {"number": {"config": {"n": n}}}, config_schema=int))
    def total() -> Any:
        return number()

    @dg.asset
    def other() -> int:
        return 1

    code = dg.Definitions(
        [total, other], jobs=[dg.define_asset_job("all_of_it"), dg.define_asset_job("some", [other])]
    )
    job = code.resolve_job_def("all_of_it")
    given = {"ops": {"total": {"config": 5}}}
    assert dg.validate_run_config(job, given)["ops"] == {"total.number": {"config": {"n": 5}}}
    assert job.execute_in_process(run_config=given).output_for_node("total") == 5
    assert refusal(job, {"ops": {"total": {"config": 5, "ops": OWN}}}) == [("ops", "total")]
    assert code.resolve_job_def("some").execute_in_process().success  # `total` needs config, but does not run
