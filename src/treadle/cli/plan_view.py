"""What would run, as people and machines read it."""

from collections.abc import Mapping
from typing import Any

import click

from treadle.cli.output import harmless, print_json
from treadle.plan.partitions import StepPartitions
from treadle.plan.plan import Plan


def show_plan(plan: Plan, partitions: Mapping[str, StepPartitions], *, as_json: bool) -> None:
    """Print a plan and what of it is left out."""
    if as_json:
        print_json(plan_as_json(plan, partitions))
        return
    steps = plan.steps
    click.echo(f"{len(steps)} step{'' if len(steps) == 1 else 's'}")
    for step in steps:
        waits = sorted(set(step.upstream_step_keys))
        partition = partition_text(partitions.get(step.key))
        line = f"  {step.key}{f' [{partition}]' if partition else ''}  ({step.reason})"
        click.echo(harmless(f"{line}  after {', '.join(waits)}" if waits else line))
    for skipped in plan.skipped:
        click.echo(harmless(f"  - {skipped.name}  ({skipped.reason})"))


def plan_as_json(plan: Plan, partitions: Mapping[str, StepPartitions]) -> dict[str, Any]:
    """The plan for machines."""
    return {
        "job_name": plan.job_name,
        "plan_id": plan.plan_id,
        "steps": [
            {
                "key": step.key,
                "assets": [key.to_user_string() for key in step.asset_keys],
                "checks": [f"{key.asset_key.to_user_string()}:{key.name}" for key in step.check_keys],
                "partitions": partition_text(partitions.get(step.key)),
                "after": sorted(set(step.upstream_step_keys)),
                "reason": {"code": step.reason.code, "detail": step.reason.detail},
            }
            for step in plan.steps
        ],
        "skipped": [
            {
                "asset": each.asset_key.to_user_string(),
                **({"writer": each.writer} if each.writer is not None else {}),
                "reason": {"code": each.reason.code, "detail": each.reason.detail},
            }
            for each in plan.skipped
        ],
    }


def partition_text(partitions: StepPartitions | None) -> str | None:
    """The partition of a step, or its range, in short; None where it has none."""
    if partitions is None or partitions.own is None:
        return None
    keys = partitions.own.keys
    if len(keys) == 0:
        return None
    return keys.first_key if len(keys) == 1 else f"{keys.first_key}...{keys.last_key}"
