"""The older way to say when an asset is made: a policy of rules. A spec keeps it as an automation condition."""

from collections.abc import Mapping
from typing import Any

from treadle.core.automation import AutomationCondition
from treadle.core.deprecation import deprecated
from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.values import NO_ITEMS, NO_MAPPING, Items, Value, set_field


class AutoMaterializeRule(Value):
    """A rule of the older way to say when an asset is made.

    Args:
        name: what the rule says, e.g. `materialize_on_missing`.
        params: its arguments.
    """

    __slots__ = ("name", "params")
    name: str
    params: Mapping[str, Any]

    def __init__(self, name: str = "", params: Mapping[str, Any] | None = None) -> None:
        set_field(self, "name", name)
        set_field(self, "params", params or NO_MAPPING)

    @staticmethod
    def materialize_on_cron(
        cron_schedule: str, timezone: str = "UTC", all_partitions: bool = False
    ) -> "AutoMaterializeRule":
        """After each tick of the cron."""
        params = {"cron_schedule": cron_schedule, "timezone": timezone, "all_partitions": all_partitions}
        return AutoMaterializeRule("materialize_on_cron", params)

    @staticmethod
    def materialize_on_missing() -> "AutoMaterializeRule":
        """When it is missing."""
        return AutoMaterializeRule("materialize_on_missing")

    @staticmethod
    def materialize_on_parent_updated(
        updated_parent_filter: "AutoMaterializeAssetPartitionsFilter | None" = None,
    ) -> "AutoMaterializeRule":
        """When an upstream asset was updated."""
        return AutoMaterializeRule(
            "materialize_on_parent_updated", {"updated_parent_filter": updated_parent_filter}
        )

    @staticmethod
    def materialize_on_required_for_freshness() -> "AutoMaterializeRule":
        """When a freshness policy asks for it."""
        return AutoMaterializeRule("materialize_on_required_for_freshness")

    @staticmethod
    def skip_on_backfill_in_progress(all_partitions: bool = False) -> "AutoMaterializeRule":
        """Not while a backfill of it is under way."""
        return AutoMaterializeRule("skip_on_backfill_in_progress", {"all_partitions": all_partitions})

    @staticmethod
    def skip_on_not_all_parents_updated(
        require_update_for_all_parent_partitions: bool = False,
    ) -> "AutoMaterializeRule":
        """Not until all upstream assets were updated."""
        params = {"require_update_for_all_parent_partitions": require_update_for_all_parent_partitions}
        return AutoMaterializeRule("skip_on_not_all_parents_updated", params)

    @staticmethod
    def skip_on_parent_missing() -> "AutoMaterializeRule":
        """Not while an upstream asset is missing."""
        return AutoMaterializeRule("skip_on_parent_missing")

    @staticmethod
    def skip_on_parent_outdated() -> "AutoMaterializeRule":
        """Not while an upstream asset is out of date."""
        return AutoMaterializeRule("skip_on_parent_outdated")

    @staticmethod
    def skip_on_required_but_nonexistent_parents() -> "AutoMaterializeRule":
        """Not while an upstream partition does not exist."""
        return AutoMaterializeRule("skip_on_required_but_nonexistent_parents")


@deprecated("write an `AutomationCondition`")
class AutoMaterializeAssetPartitionsFilter(Value):
    """Which updates of an upstream asset count.

    Args:
        latest_run_required_tags: tags that the run must have had.
    """

    __slots__ = ("latest_run_required_tags",)
    latest_run_required_tags: Mapping[str, str] | None

    def __init__(self, latest_run_required_tags: Mapping[str, str] | None) -> None:
        set_field(self, "latest_run_required_tags", latest_run_required_tags)


_LAZY_RULES = (
    AutoMaterializeRule.materialize_on_required_for_freshness(),
    AutoMaterializeRule.skip_on_parent_outdated(),
    AutoMaterializeRule.skip_on_parent_missing(),
    AutoMaterializeRule.skip_on_required_but_nonexistent_parents(),
    AutoMaterializeRule.skip_on_backfill_in_progress(),
)


@deprecated("write an `AutomationCondition`")
class AutoMaterializePolicy(Value):
    """The older way to say when an asset is made: rules that ask for it and rules that hold it back.

    Args:
        rules: the rules, without order.
        max_materializations_per_minute: at most so many partitions a minute.
        asset_condition: a condition in place of rules.
    """

    __slots__ = ("asset_condition", "max_materializations_per_minute", "rules")
    rules: frozenset[AutoMaterializeRule]
    max_materializations_per_minute: int | None
    asset_condition: AutomationCondition | None

    def __init__(
        self,
        rules: Any,
        max_materializations_per_minute: int | None = 1,
        asset_condition: AutomationCondition | None = None,
    ) -> None:
        checked = frozenset(rules or NO_ITEMS)
        for rule in checked:
            if not isinstance(rule, AutoMaterializeRule):
                raise wrong_type("rules", "a set of AutoMaterializeRule", rule, "AutoMaterializePolicy")
        set_field(self, "rules", checked)
        set_field(self, "max_materializations_per_minute", max_materializations_per_minute)
        set_field(self, "asset_condition", asset_condition)

    @staticmethod
    @deprecated("write `AutomationCondition.eager()`")
    def eager(max_materializations_per_minute: int | None = 1) -> "AutoMaterializePolicy":
        """Whenever something upstream was updated."""
        asking = (
            AutoMaterializeRule.materialize_on_missing(),
            AutoMaterializeRule.materialize_on_parent_updated(),
        )
        return AutoMaterializePolicy({*_LAZY_RULES, *asking}, max_materializations_per_minute)

    @staticmethod
    @deprecated("write `AutomationCondition.any_downstream_conditions()`")
    def lazy(max_materializations_per_minute: int | None = 1) -> "AutoMaterializePolicy":
        """Only as freshness policies ask for it."""
        return AutoMaterializePolicy(_LAZY_RULES, max_materializations_per_minute)

    def with_rules(self, *rules_to_add: AutoMaterializeRule) -> "AutoMaterializePolicy":
        """The policy with further rules; one of a name takes the place of the one that has it."""
        names = {rule.name for rule in rules_to_add}
        kept = {rule for rule in self.rules if rule.name not in names}
        return self._replace(rules={*kept, *rules_to_add})

    def without_rules(self, *rules_to_remove: AutoMaterializeRule) -> "AutoMaterializePolicy":
        """The policy without some of its rules.

        Raises:
            InvalidArgumentError: it has no such rule.
        """
        for rule in rules_to_remove:
            if rule not in self.rules:
                raise InvalidArgumentError(f"argument `rules_to_remove`: the policy has no rule {rule.name}")
        return self._replace(rules=self.rules - set(rules_to_remove))

    def to_automation_condition(self) -> AutomationCondition:
        """The condition that stands for the policy; what evaluates it reads the rules from its parameters."""
        if self.asset_condition is not None:
            return self.asset_condition
        rules: Items[AutoMaterializeRule] = Items(sorted(self.rules, key=lambda rule: rule.name))
        condition = AutomationCondition("auto_materialize_policy", params={"rules": rules})
        return condition.with_label("auto_materialize_policy")
