"""`treadle automation`: what automation conditions would ask for now, and why."""

from datetime import UTC
from pathlib import Path

import click

from treadle.cli.locations import TargetOptions, enter_project, one_location, target_options
from treadle.cli.option_groups import read_time
from treadle.cli.output import counted, harmless, json_option, print_json
from treadle.cli.selecting import select_option
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.results import EvaluateAutomationConditionsResult
from treadle.run.automation import evaluate_automation_conditions
from treadle.store.instance import Instance


@click.group()
def automation() -> None:
    """What automation conditions would ask for, and why.

    For example: treadle automation preview
    """


@automation.command()
@target_options
@select_option
@click.option(
    "--at", "at", metavar="TIME", help="What counts as now, e.g. 2026-01-31T04:00Z; the clock's time."
)
@click.option(
    "--cursor",
    "cursor_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with the cursor of an earlier preview. The next cursor is written to it.",
)
@click.option("--all", "show_all", is_flag=True, help="Show conditions that ask for nothing, too.")
@json_option
def preview(
    target: TargetOptions,
    select: str | None,
    at: str | None,
    cursor_file: Path | None,
    show_all: bool,
    as_json: bool,
) -> None:
    """Evaluate the automation conditions once and show each as a tree. Nothing is run.

    Without a cursor everything is as on the first evaluation: `eager()` waits for what happens after it.

    For example: treadle automation preview --select 'group:marts' --all
    """
    settings = enter_project()
    catalog = one_location(target, settings).code().catalog
    cursor = None
    if cursor_file is not None and cursor_file.exists():
        cursor = AutomationCursor.of_text(cursor_file.read_text(encoding="utf-8"))
    when = read_time("--at", at, UTC) if at is not None else None
    with Instance.of_settings(settings, only_looks=True) as instance:
        result = evaluate_automation_conditions(catalog, instance, select, when, cursor)
        if as_json:
            print_json(_told(result))
        else:
            click.echo(harmless(_shown(result, show_all or select is not None, narrowed=select is not None)))
    if cursor_file is not None:
        cursor_file.write_text(result.cursor.to_text(), encoding="utf-8")


def _told(result: EvaluateAutomationConditionsResult) -> dict[str, object]:
    return {
        "total_requested": result.total_requested,
        "requested": {
            one.key.to_user_string(): sorted(one.partition_keys()) if one.is_partitioned else True
            for one in result.requested_subsets
        },
        "evaluations": [found.to_dict() for found in result.results],
    }


_NO_CONDITIONS = (
    "No asset has an automation condition: nothing is ever asked for by itself.\n"
    "  hint: give one an `automation_condition=`, e.g. `dg.AutomationCondition.eager()`"
)


def _shown(result: EvaluateAutomationConditionsResult, show_all: bool, *, narrowed: bool) -> str:
    if not result.results:
        return _NO_CONDITIONS if not narrowed else "No selected asset has an automation condition."
    lines = []
    for found in result.results:
        if not show_all and found.true_subset.is_empty:
            continue
        size = found.true_subset.size
        asked = "asked for" if size else "not asked for"
        if size and found.true_subset.is_partitioned:
            asked = f"asked for: {counted(size, 'partition')}"
        lines += [
            f"{found.key.to_user_string()}: {asked}",
            *(f"  {line}" for line in str(found).splitlines()),
            "",
        ]
    waiting = sum(1 for found in result.results if found.true_subset.is_empty)
    lines.append(
        f"{result.total_requested} asked for; {waiting} of {len(result.results)} conditions ask for nothing"
    )
    if waiting and not show_all:
        lines[-1] += " (--all shows why)"
    return "\n".join(lines)
