"""Problems of automation conditions and freshness policies: crons and zones that do not read, selections that name nothing."""

from collections.abc import Iterator
from typing import Any

from treadle.core.automation import AutomationCondition
from treadle.core.calendar.cron import Cron
from treadle.core.catalog import Catalog
from treadle.core.errors import TreadleError
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.policies import CronFreshnessPolicy
from treadle.core.problem import Problem
from treadle.core.selection.asset_selection import AssetSelection

Finding = tuple[str, str, str | None, str | None]
"""Code, message, suggestion and, where it is not the code's, severity."""


def wrong_automation(catalog: Catalog) -> Iterator[Problem]:
    """A problem for each condition or freshness policy that can never mean anything."""
    known: dict[int, list[Finding]] = {}
    nodes: list[tuple[AssetKey | AssetCheckKey, Any]] = [*catalog.assets.items(), *catalog.checks.items()]
    for key, node in nodes:
        findings: list[Finding] = []
        condition = node.spec.automation_condition
        if condition is not None:
            if id(condition) not in known:
                known[id(condition)] = list(_of_condition(condition, catalog))
            findings = known[id(condition)]
        policy = getattr(node.spec, "freshness_policy", None)
        if isinstance(policy, CronFreshnessPolicy):
            findings = [*findings, *_of_cron(policy.deadline_cron, policy.timezone, "its freshness policy")]
        for code, message, suggestion, severity in findings:
            told: dict[str, Any] = {} if severity is None else {"severity": severity}
            yield Problem(
                code=code,
                message=f"{_subject(key)}: {message}",
                asset_key=key if isinstance(key, AssetKey) else key.asset_key,
                where=node.where,
                suggestion=suggestion,
                **told,
            )


def _subject(key: AssetKey | AssetCheckKey) -> str:
    return f"{'asset' if isinstance(key, AssetKey) else 'check'} `{key.to_user_string()}`"


def _of_condition(condition: AutomationCondition, catalog: Catalog) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    asked: set[tuple[str, int]] = set()
    for node in condition.walk():
        if node.operator == "cron_tick_passed":
            cron = (str(node.params["cron_schedule"]), str(node.params["cron_timezone"]))
            if cron not in seen:
                seen.add(cron)
                yield from _of_cron(*cron, "its automation condition")
        for verb in ("allow", "ignore"):
            selection = node.params.get(verb)
            if selection is not None and (verb, id(selection)) not in asked:
                asked.add((verb, id(selection)))
                yield from _of_selection(verb, selection, catalog)
        if node.operator == "asset_matches" and node.params["key"] not in catalog.assets:
            text = f"its automation condition asks about `{node.params['key'].to_user_string()}`, which no asset is"
            yield ("unknown-asset", text, None, "warning")


def _of_cron(schedule: str, timezone: str, what: str) -> Iterator[Finding]:
    try:
        Cron(schedule, timezone)
    except TreadleError as error:
        yield (error.code, f"{what}: {error.message}", error.hint, None)


def _of_selection(verb: str, selection: Any, catalog: Catalog) -> Iterator[Finding]:
    try:
        asked = AssetSelection.from_coercible(selection)
        graph = catalog.selectable_graph
        found = asked.resolve(graph) or asked.resolve_checks(graph)
    except TreadleError as error:
        yield ("unknown-asset", f"its automation condition, `{verb}`: {error.message}", error.hint, "warning")
        return
    if not found:
        yield (
            "unknown-asset",
            f"its automation condition, `{verb}`: `{asked}` is no asset or check",
            None,
            "warning",
        )
