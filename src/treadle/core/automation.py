"""Automation conditions: when an asset or check should be run, written as a small expression tree.

A condition is a value: it can be combined, searched, changed, printed and sent; it is evaluated elsewhere.
`&`, `|` and `~` combine; the static constructors name the rest.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from treadle.core.automation_changes import asked_behind_virtual, filtered, with_children
from treadle.core.automation_names import description_of, expression_of, name_of, title_of
from treadle.core.automation_parts import part_called
from treadle.core.deprecation import beta, preview
from treadle.core.errors import InvalidArgumentError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.values import NO_MAPPING, Value, set_field


class AutomationCondition(Value):
    """A node of a condition.

    Users call the static constructors, or subclass this and define `evaluate(self, context)`.

    Args:
        operator: what the node says, e.g. `and`, `since`, `missing`, `cron_tick_passed`.
        children: the conditions it is about.
        params: further arguments of the operator, by name.
        label: a name for the whole of it, shown in place of its expression.

    Example:
        >>> str(AutomationCondition.missing() & ~AutomationCondition.in_progress())
        '(missing & ~in_progress)'
    """

    __slots__ = ("children", "label", "operator", "params")
    operator: str
    children: tuple["AutomationCondition", ...]
    params: Mapping[str, Any]
    label: str | None

    def __init__(
        self,
        operator: str = "",
        children: tuple["AutomationCondition", ...] = (),
        params: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> None:
        set_field(self, "operator", operator or "custom")
        set_field(self, "children", tuple(children))
        set_field(self, "params", params or NO_MAPPING)
        set_field(self, "label", label)

    # Reading

    @property
    def name(self) -> str:
        """The node's own name, whatever its label: its operator with its arguments."""
        return type(self).__name__ if self.operator == "custom" else name_of(self.operator, self.params)

    @property
    def title(self) -> str:
        """What the node is called in a line of text: its label, or its operator with its arguments."""
        if self.label is not None:
            return self.label
        return self.name if self.operator == "custom" else title_of(self.operator, self.params)

    @property
    def description(self) -> str:
        """A few words on how the node treats its parts or what it looks at; empty where its name says it."""
        return description_of(self.operator, self.params)

    def get_label(self) -> str | None:
        """The label, if it has one."""
        return self.label

    @property
    def is_custom(self) -> bool:
        """Whether only user code can evaluate the node itself."""
        return type(self) is not AutomationCondition and type(self).__module__.partition(".")[0] != "treadle"

    def walk(self) -> Iterator["AutomationCondition"]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def __str__(self) -> str:
        if self.label is not None:
            return self.label
        shown = [str(child) for child in self.children]
        return expression_of(self.operator, self.params, shown) if shown else self.title

    if not TYPE_CHECKING:  # no properties: those would be defaults of fields so called in subclasses

        def __getattr__(self, name: str) -> Any:
            return part_called(self, name)

    # Combining

    def __and__(self, other: "AutomationCondition") -> "AutomationCondition":
        return _combine("and", self, other)

    def __or__(self, other: "AutomationCondition") -> "AutomationCondition":
        return _combine("or", self, other)

    def __invert__(self) -> "AutomationCondition":
        return _node("not", self)

    def since(self, reset_condition: "AutomationCondition") -> "AutomationCondition":
        """True from when this became true until the other did."""
        return _node("since", self, _checked(reset_condition))

    def newly_true(self) -> "AutomationCondition":
        """True on the tick on which this became true."""
        return _node("newly_true", self)

    def since_last_handled(self) -> "AutomationCondition":
        """True from when this became true until the asset was requested or updated."""
        handled = AutomationCondition.newly_requested() | AutomationCondition.newly_updated()
        return self.since((handled | AutomationCondition.initial_evaluation()).with_label("handled"))

    # Changing

    def with_label(self, label: str | None) -> "AutomationCondition":
        """The same condition under a name."""
        return self._replace(label=label)

    def replace(self, old: "AutomationCondition | str", new: "AutomationCondition") -> "AutomationCondition":
        """The condition with every node that equals `old`, or has that label or name, replaced.

        Args:
            old: a condition, or the label or name of one.
            new: what stands in its place.
        """
        if not isinstance(old, (AutomationCondition, str)):
            raise wrong_type("old", "an AutomationCondition or text", old)
        if self == old or (isinstance(old, str) and old in (self.label, self.name, self.title)):
            return _checked(new)
        return with_children(self, lambda child: child.replace(old, new))

    def without(self, condition: "AutomationCondition") -> "AutomationCondition":
        """An `and` without one of its conditions.

        Raises:
            InvalidArgumentError: it is no `and`, or has no such condition.
        """
        if self.operator != "and" or condition not in self.children:
            raise InvalidArgumentError(
                f"argument `condition`: `{condition}` is not one of the conditions of `{self}`"
            )
        rest = tuple(child for child in self.children if child != condition)
        return rest[0] if len(rest) == 1 else _node("and", *rest).with_label(self.label)

    def allow(self, selection: Any) -> "AutomationCondition":
        """The condition with its questions about dependencies or checks asked only of the selected ones.

        Questions within such a question stay as they are. What an earlier call allowed stays allowed.
        """
        return filtered(self, "allow", selection)

    def ignore(self, selection: Any) -> "AutomationCondition":
        """The condition with its questions about dependencies or checks not asked of the selected ones.

        Questions within such a question stay as they are. What an earlier call ignored stays ignored.
        """
        return filtered(self, "ignore", selection)

    def resolve_through_virtual(self, value: bool = True) -> "AutomationCondition":
        """The condition with its questions about dependencies asked of what is behind virtual ones.

        Questions within such a question stay as they are.

        Args:
            value: False takes it back.

        Example:
            >>> AutomationCondition.any_deps_updated().resolve_through_virtual().name
            'ANY_DEPS_MATCH(resolves_virtual_deps=True)'
        """
        return asked_behind_virtual(self, value)

    # About the asset itself

    @staticmethod
    @cache
    def missing() -> "AutomationCondition":
        """It was never materialized or observed."""
        return _node("missing")

    @staticmethod
    @cache
    def in_progress() -> "AutomationCondition":
        """A run or backfill of it is under way."""
        parts = AutomationCondition.run_in_progress() | AutomationCondition.backfill_in_progress()
        return parts.with_label("in_progress")

    @staticmethod
    @cache
    def run_in_progress() -> "AutomationCondition":
        """A run of it is under way."""
        return _node("run_in_progress")

    @staticmethod
    @cache
    def backfill_in_progress() -> "AutomationCondition":
        """A backfill of it is under way."""
        return _node("backfill_in_progress")

    @staticmethod
    @cache
    def execution_failed() -> "AutomationCondition":
        """Its latest execution failed."""
        return _node("execution_failed")

    @staticmethod
    @cache
    def newly_updated() -> "AutomationCondition":
        """It was updated since the previous tick."""
        return _node("newly_updated")

    @staticmethod
    @cache
    def newly_requested() -> "AutomationCondition":
        """It was requested on the previous tick."""
        return _node("newly_requested")

    @staticmethod
    @cache
    def newly_missing() -> "AutomationCondition":
        """It became missing."""
        return AutomationCondition.missing().newly_true().with_label("newly_missing")

    @staticmethod
    @cache
    def will_be_requested() -> "AutomationCondition":
        """It will be requested on this tick."""
        return _node("will_be_requested")

    @staticmethod
    @cache
    def code_version_changed() -> "AutomationCondition":
        """Its code version changed since the previous tick."""
        return _node("code_version_changed")

    @staticmethod
    @cache
    def data_version_changed() -> "AutomationCondition":
        """Its data version changed since the previous tick."""
        return _node("data_version_changed")

    @staticmethod
    @cache
    def initial_evaluation() -> "AutomationCondition":
        """The condition is evaluated for the first time."""
        return _node("initial_evaluation")

    @staticmethod
    @cache
    def executed_with_root_target() -> "AutomationCondition":
        """Its latest run also ran the asset that the whole condition is of; never true of that asset itself."""
        return _node("executed_with_root_target")

    @staticmethod
    def executed_with_tags(
        *, tag_keys: AbstractSet[str] | None = None, tag_values: Mapping[str, str] | None = None
    ) -> "AutomationCondition":
        """Its latest run had these tags.

        Args:
            tag_keys: keys of tags, whatever their values.
            tag_values: key to value.
        """
        return _of_tags("executed_with_tags", tag_keys, tag_values)

    @staticmethod
    def any_new_update_has_run_tags(
        *, tag_keys: AbstractSet[str] | None = None, tag_values: Mapping[str, str] | None = None
    ) -> "AutomationCondition":
        """It was updated since the previous tick, by a run that had these tags.

        Args:
            tag_keys: keys of tags, whatever their values.
            tag_values: key to value.
        """
        return _of_tags("any_new_update_has_run_tags", tag_keys, tag_values)

    @staticmethod
    def all_new_updates_have_run_tags(
        *, tag_keys: AbstractSet[str] | None = None, tag_values: Mapping[str, str] | None = None
    ) -> "AutomationCondition":
        """It was updated since the previous tick, and only by runs that had these tags.

        Args:
            tag_keys: keys of tags, whatever their values.
            tag_values: key to value.
        """
        return _of_tags("all_new_updates_have_run_tags", tag_keys, tag_values)

    @staticmethod
    def check_passed() -> "AutomationCondition":
        """The check's latest result is a pass."""
        return _node("check_passed")

    @staticmethod
    def check_failed() -> "AutomationCondition":
        """The check's latest result is a failure."""
        return _node("check_failed")

    @staticmethod
    def freshness_passed() -> "AutomationCondition":
        """It is fresh."""
        return _node("freshness_passed").with_label("freshness_passed")

    @staticmethod
    def freshness_warned() -> "AutomationCondition":
        """It is about to be late."""
        return _node("freshness_warned").with_label("freshness_warned")

    @staticmethod
    def freshness_failed() -> "AutomationCondition":
        """It is late."""
        return _node("freshness_failed").with_label("freshness_failed")

    # About time

    @staticmethod
    def cron_tick_passed(cron_schedule: str, cron_timezone: str = "UTC") -> "AutomationCondition":
        """A tick of the cron passed since the previous tick."""
        return _node("cron_tick_passed", cron_schedule=cron_schedule, cron_timezone=cron_timezone)

    @staticmethod
    def in_latest_time_window(lookback_delta: timedelta | None = None) -> "AutomationCondition":
        """The partition lies in the latest time window, or within `lookback_delta` of its end."""
        if lookback_delta is None:
            return _node("in_latest_time_window")
        if not isinstance(lookback_delta, timedelta):
            raise wrong_type("lookback_delta", "a timedelta", lookback_delta)
        return _node("in_latest_time_window", lookback_delta=lookback_delta)

    # About neighbours

    @staticmethod
    def any_deps_match(condition: "AutomationCondition") -> "AutomationCondition":
        """The condition is true of one upstream asset at least."""
        return _node("any_deps_match", _checked(condition))

    @staticmethod
    def all_deps_match(condition: "AutomationCondition") -> "AutomationCondition":
        """The condition is true of one partition at least of each upstream asset."""
        return _node("all_deps_match", _checked(condition))

    @staticmethod
    def any_checks_match(
        condition: "AutomationCondition", blocking_only: bool = False
    ) -> "AutomationCondition":
        """The condition is true of one of its checks."""
        return _node("any_checks_match", _checked(condition), blocking_only=blocking_only)

    @staticmethod
    def all_checks_match(
        condition: "AutomationCondition", blocking_only: bool = False
    ) -> "AutomationCondition":
        """The condition is true of all its checks."""
        return _node("all_checks_match", _checked(condition), blocking_only=blocking_only)

    @staticmethod
    @preview()
    def any_job_root_assets_match(condition: "AutomationCondition") -> "AutomationCondition":
        """The condition is true of one root asset of the job."""
        label = f"any_job_root_assets_match({_checked(condition).title})"
        return _node("any_job_root_assets_match", condition).with_label(label)

    @staticmethod
    @preview()
    def all_job_root_assets_match(condition: "AutomationCondition") -> "AutomationCondition":
        """The condition is true of all root assets of the job."""
        label = f"all_job_root_assets_match({_checked(condition).title})"
        return _node("all_job_root_assets_match", condition).with_label(label)

    @staticmethod
    def asset_matches(key: Any, condition: "AutomationCondition") -> "AutomationCondition":
        """The condition is true of that asset."""
        return _node("asset_matches", _checked(condition), key=AssetKey.from_coercible_or_definition(key))

    @staticmethod
    @beta()
    def any_downstream_conditions() -> "AutomationCondition":
        """One of the conditions of the assets downstream is true."""
        return _node("any_downstream_conditions")

    # Composed of the above

    @staticmethod
    @cache
    def any_deps_updated() -> "AutomationCondition":
        """An upstream asset was updated, or will be on this tick."""
        updated = AutomationCondition.newly_updated() & ~AutomationCondition.executed_with_root_target()
        updated = updated.with_label("newly_updated_without_root") | AutomationCondition.will_be_requested()
        return AutomationCondition.any_deps_match(updated).with_label("any_deps_updated")

    @staticmethod
    @cache
    def any_deps_missing() -> "AutomationCondition":
        """An upstream asset is missing and will not be requested on this tick."""
        missing = AutomationCondition.missing() & ~AutomationCondition.will_be_requested()
        return AutomationCondition.any_deps_match(missing).with_label("any_deps_missing")

    @staticmethod
    @cache
    def any_deps_in_progress() -> "AutomationCondition":
        """An upstream asset is being made."""
        in_progress = AutomationCondition.in_progress()
        return AutomationCondition.any_deps_match(in_progress).with_label("any_deps_in_progress")

    @staticmethod
    @cache
    def all_deps_blocking_checks_passed() -> "AutomationCondition":
        """All blocking checks upstream passed, or will run on this tick."""
        passed = AutomationCondition.check_passed() | AutomationCondition.will_be_requested()
        checks = AutomationCondition.all_checks_match(passed, blocking_only=True)
        checks = checks.with_label("all_blocking_checks_passed")
        return AutomationCondition.all_deps_match(checks).with_label("all_deps_blocking_checks_passed")

    @staticmethod
    @cache
    def all_deps_updated_since_cron(cron_schedule: str, cron_timezone: str = "UTC") -> "AutomationCondition":
        """All upstream assets were updated since the latest tick of the cron, or will be on this tick."""
        tick = AutomationCondition.cron_tick_passed(cron_schedule, cron_timezone)
        updated = AutomationCondition.newly_updated().since(tick) | AutomationCondition.will_be_requested()
        label = f"all_deps_updated_since_cron({cron_schedule}, {cron_timezone})"
        return AutomationCondition.all_deps_match(updated).with_label(label)

    @staticmethod
    @cache
    def eager() -> "AutomationCondition":
        """When newly missing or something upstream was updated, if nothing upstream is missing or running."""
        changed = AutomationCondition.newly_missing() | AutomationCondition.any_deps_updated()
        return _node(
            "and",
            AutomationCondition.in_latest_time_window(),
            changed.since_last_handled(),
            ~AutomationCondition.any_deps_missing(),
            ~AutomationCondition.any_deps_in_progress(),
            ~AutomationCondition.in_progress(),
        ).with_label("eager")

    @staticmethod
    @cache
    def on_cron(cron_schedule: str, cron_timezone: str = "UTC") -> "AutomationCondition":
        """Once after each tick of the cron, when all upstream assets were updated since."""
        tick = AutomationCondition.cron_tick_passed(cron_schedule, cron_timezone)
        return _node(
            "and",
            AutomationCondition.in_latest_time_window(),
            tick.since_last_handled(),
            AutomationCondition.all_deps_updated_since_cron(cron_schedule, cron_timezone),
        ).with_label(f"on_cron({cron_schedule}, {cron_timezone})")

    @staticmethod
    @cache
    def on_missing() -> "AutomationCondition":
        """Once when it becomes missing, when nothing upstream is missing."""
        return _node(
            "and",
            AutomationCondition.in_latest_time_window(),
            AutomationCondition.missing()
            .newly_true()
            .since_last_handled()
            .with_label("missing_since_last_handled"),
            ~AutomationCondition.any_deps_missing(),
        ).with_label("on_missing")


def _node(operator: str, *children: AutomationCondition, **params: Any) -> AutomationCondition:
    return AutomationCondition(operator, children, params)


def _of_tags(
    operator: str, tag_keys: AbstractSet[str] | None, tag_values: Mapping[str, str] | None
) -> AutomationCondition:
    keys = tuple(sorted({tag_keys} if isinstance(tag_keys, str) else tag_keys or ()))
    return _node(operator, tag_keys=keys, tag_values=dict(tag_values or {}))


def _checked(condition: Any) -> AutomationCondition:
    if not isinstance(condition, AutomationCondition):
        raise wrong_type("condition", "an AutomationCondition", condition)
    return condition


def _combine(operator: str, left: AutomationCondition, right: Any) -> AutomationCondition:
    """`a & b & c` is one node with three children; a labelled part stays whole."""
    children: list[AutomationCondition] = []
    for side in (left, _checked(right)):
        flat = side.operator == operator and side.label is None
        children += side.children if flat else (side,)
    return _node(operator, *children)
