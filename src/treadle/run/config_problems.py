"""What is wrong with a run's config, found before the run has an executor."""

from collections.abc import Mapping
from typing import Any

from treadle.core.errors import InvalidConfigError
from treadle.define.code import Code
from treadle.define.config.problems import config_error
from treadle.define.job_definition import JobDefinition
from treadle.plan.plan import Plan
from treadle.run.job_config import resolved_config
from treadle.run.resource_needs import needed_resources, resource_definitions


def with_other_problems(
    error: InvalidConfigError,
    code: Code,
    plan: Plan,
    job_def: JobDefinition | None,
    run_config: Mapping[str, Any],
) -> InvalidConfigError:
    """The error of an executor's settings, with all else that is wrong with the run config.

    Args:
        error: has the problems of the section `execution`.
    """
    if not error.errors:
        return error
    keys = needed_resources(code, plan.steps, tuple(job_def.hooks) if job_def is not None else ())
    try:
        resolved_config(code, plan.steps, job_def, run_config, resource_definitions(code, keys), keys)
    except InvalidConfigError as others:
        return config_error("run config", [*others.errors, *error.errors], run_config, others.hint)
    return error
