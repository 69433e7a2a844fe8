"""Resources that a schedule or sensor asks for, and its job or nobody provides."""

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError
from treadle.define.validation.errors import DefinitionsError


@dg.op(required_resource_keys={"slack"})
def tell(context):
    return context.resources.slack


@dg.job(resource_defs={"slack": dg.ResourceDefinition.hardcoded_resource("of the job")})
def telling():
    tell()


@dg.op
def nothing(): ...


@dg.job
def bare():
    nothing()


def scheduled(job):
    @dg.schedule(cron_schedule="@daily", job=job, required_resource_keys={"slack"})
    def daily(context):
        return dg.RunRequest(context.resources.slack)

    return daily


def sensed(job):
    @dg.sensor(job=job, required_resource_keys={"slack"})
    def often(context):
        return dg.RunRequest(context.resources.slack)

    return often


def watched(job):
    @dg.multi_asset_sensor([dg.AssetKey("watched")], job=job, required_resource_keys={"slack"})
    def watch(context):
        return dg.RunRequest(context.resources.slack)

    return watch


def definitions(made, job, **more):
    place = "schedules" if isinstance(made, dg.ScheduleDefinition) else "sensors"
    return dg.Definitions([dg.AssetSpec("watched")], jobs=[job], **{place: [made]}, **more)


def asked_by(made, defs):
    build = dg.build_schedule_context
    if isinstance(made, dg.SensorDefinition):
        build = dg.build_sensor_context
    tick = made.evaluate_tick(build(definitions=defs, instance=dg.DagsterInstance.ephemeral()))
    return [request.run_key for request in tick.run_requests]


@pytest.mark.parametrize("make", [scheduled, sensed, watched])
def test_a_tick_gets_the_resources_that_its_job_brings(make):
    made = make(telling)
    defs = definitions(made, telling)
    assert defs.problems() == []
    assert asked_by(made, defs) == ["of the job"]


@pytest.mark.parametrize("make", [scheduled, sensed])
def test_those_of_the_code_location_stand_before_the_jobs(make):
    made = make(telling)
    defs = definitions(made, telling, resources={"slack": "of the location"})
    assert asked_by(made, defs) == ["of the location"]


@pytest.mark.parametrize("make", [scheduled, sensed])
def test_a_key_that_nobody_provides_is_a_warning_and_the_tick_says_it(make):
    made = make(bare)
    defs = definitions(made, bare)
    (problem,) = defs.problems()
    assert (problem.code, problem.severity) == ("unknown-resource", "warning")
    assert defs.get_job_def("bare").execute_in_process().success
    with pytest.raises(InvalidDefinitionError, match="needs the resource `slack`"):
        asked_by(made, defs)
    with pytest.raises(DefinitionsError, match="slack"):
        dg.Definitions(
            jobs=[bare], **{f"{'sensors' if make is sensed else 'schedules'}": [made]}, strict=True
        )


def test_a_repository_holds_such_a_schedule_too():
    @dg.repository
    def repo():
        return [telling, scheduled(telling), sensed(telling)]

    assert repo.has_schedule_def("daily")
