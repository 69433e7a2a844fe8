"""Automation conditions evaluated against an instance, as tests and sensors do it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from treadle.core.automation import AutomationCondition
from treadle.core.calendar import clock
from treadle.core.catalog import Catalog
from treadle.core.errors import wrong_type
from treadle.core.selection.asset_selection import AssetSelection
from treadle.define.definitions import Definitions
from treadle.plan.automation.cursor import AutomationCursor
from treadle.plan.automation.evaluate import Outcome, evaluate
from treadle.plan.automation.facts import Entity
from treadle.plan.automation.network import Network
from treadle.plan.automation.results import EvaluateAutomationConditionsResult, result_of
from treadle.store.automation import AutomationReader
from treadle.store.instance import Instance


def evaluate_automation_conditions(
    defs: Any,
    instance: Instance,
    asset_selection: Any = None,
    evaluation_time: datetime | None = None,
    cursor: AutomationCursor | str | None = None,
) -> EvaluateAutomationConditionsResult:
    """Evaluate the automation conditions of definitions once. Nothing is run.

    Args:
        defs: Definitions, or a list of assets.
        instance: whose state is looked at.
        asset_selection: the assets and their checks whose conditions are asked; all by default.
        evaluation_time: what counts as now; the clock's time by default. A naive one is wall time in the
            zone of each asset's partitions, and UTC elsewhere.
        cursor: of the result of the evaluation before, or its text; without it everything is new.

    Returns:
        What is asked for, the tree of reasons of each condition, and the next cursor.

    Raises:
        DefinitionsError: the definitions do not load.
        TreadleError: `invalid-cursor`: a text that is no cursor.

    Example:
        >>> import treadle as dg
        >>> @dg.asset(automation_condition=dg.AutomationCondition.missing())
        ... def orders(): ...
        >>> with dg.Instance.ephemeral() as instance:
        ...     result = dg.evaluate_automation_conditions(dg.Definitions([orders]), instance)
        >>> result.total_requested
        1
    """
    catalog = _catalog_of(defs)
    selected = None if asset_selection is None else selected_entities(catalog, asset_selection)
    if cursor is not None and not isinstance(cursor, (AutomationCursor, str)):
        raise wrong_type("cursor", "the cursor of an earlier result", cursor)
    given = AutomationCursor.of_text(cursor) if isinstance(cursor, str) else cursor
    if evaluation_time is not None and not isinstance(evaluation_time, datetime):
        raise wrong_type("evaluation_time", "a datetime", evaluation_time)
    now = clock.now() if evaluation_time is None else evaluation_time
    return result_of(evaluate_catalog(catalog, instance, now, given, selected))


def evaluate_catalog(
    catalog: Catalog,
    instance: Instance,
    now: float | datetime,
    cursor: AutomationCursor | None = None,
    selected: Iterable[Entity] | None = None,
    default_condition: AutomationCondition | None = None,
) -> Outcome:
    """One tick of the conditions of a catalog.

    Args:
        catalog: the definitions.
        instance: whose state is looked at.
        now: Unix seconds or a time; a naive one is wall time in the zone of each asset's partitions, UTC elsewhere.
        cursor: of the tick before. One of the same catalog and selection makes the tick cost what has changed.
        selected: the assets and checks whose conditions are asked; None: all.
        default_condition: of assets that have none.
    """
    chosen = None if selected is None else frozenset(selected)
    network = _network_of(cursor, catalog, chosen, default_condition)
    return evaluate(network, AutomationReader(instance), now, cursor)


def _network_of(
    cursor: AutomationCursor | None,
    catalog: Catalog,
    selected: frozenset[Entity] | None,
    default_condition: AutomationCondition | None,
) -> Network:
    known = cursor.memory.network if cursor is not None and cursor.memory is not None else None
    if (
        known is not None
        and known.catalog is catalog
        and known.selected_entities == selected
        and known.default_condition is default_condition
    ):
        return known
    return Network(catalog, selected, default_condition)


def selected_entities(catalog: Catalog, selection: Any) -> frozenset[Entity]:
    """The assets and checks of a selection."""
    asked = AssetSelection.from_coercible(selection)
    graph = catalog.selectable_graph
    return frozenset({*asked.resolve(graph), *asked.resolve_checks(graph)})


def _catalog_of(defs: Any) -> Catalog:
    if isinstance(defs, Catalog):
        return defs
    if hasattr(defs, "resolve"):
        found: Catalog = defs.resolve().catalog
        return found
    if isinstance(defs, Iterable):
        return Definitions(assets=list(defs)).resolve().catalog
    raise wrong_type("defs", "Definitions or a list of assets", defs)
