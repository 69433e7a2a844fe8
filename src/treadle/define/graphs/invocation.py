"""An op or graph with an alias, tags, hooks or a retry policy, not called yet."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from treadle.core.errors import InvalidInvocationError, InvariantViolationError
from treadle.core.names import check_name, check_run_tags
from treadle.define.arguments import check_hooks, check_retry_policy, placed_here
from treadle.define.doors import open_door
from treadle.define.graphs.composing import Call, current_composition


class PendingNodeInvocation:
    """An op or graph that is about to be called: `clean.alias("clean_orders").tag({"team": "sales"})`.

    Args:
        node_def: the op or graph.
        given_alias: the node's name.
        tags: added to the op's.
        hook_defs: called after its steps.
        retry_policy: in place of the op's.

    Example:
        >>> from treadle import op
        >>> @op
        ... def double(number: int):
        ...     return 2 * number
        >>> double.alias("twice")
        PendingNodeInvocation('double', alias='twice')
    """

    def __init__(
        self,
        node_def: Any,
        given_alias: str | None,
        tags: Mapping[str, Any] | None,
        hook_defs: Iterable[Any] | None,
        retry_policy: Any,
    ) -> None:
        self.node_def = node_def
        self.given_alias = check_name(given_alias, "op") if given_alias is not None else None
        self.tags = dict(check_run_tags(tags)) if tags else {}
        self.hook_defs = placed_here(check_hooks, "hook_defs", hook_defs)
        self.retry_policy = check_retry_policy(retry_policy)
        composition = current_composition.get()
        if composition is not None:
            composition.uncalled.setdefault(self.name, node_def.name)

    def _passed_on(self) -> None:
        """Something was made of it, so it need not be called itself."""
        composition = current_composition.get()
        if composition is not None:
            composition.uncalled.pop(self.name, None)

    @property
    def name(self) -> str:
        """The node's name."""
        return self.given_alias or str(self.node_def.name)

    def alias(self, name: str) -> "PendingNodeInvocation":
        """The same under another name."""
        self._passed_on()
        return PendingNodeInvocation(self.node_def, name, self.tags, self.hook_defs, self.retry_policy)

    def tag(self, tags: Mapping[str, Any] | None) -> "PendingNodeInvocation":
        """The same with these tags too."""
        self._passed_on()
        merged = {**self.tags, **placed_here(check_run_tags, tags)}
        return PendingNodeInvocation(
            self.node_def, self.given_alias, merged, self.hook_defs, self.retry_policy
        )

    def with_hooks(self, hook_defs: AbstractSet[Any]) -> "PendingNodeInvocation":
        """The same with these hooks too."""
        self._passed_on()
        hooks = self.hook_defs | placed_here(check_hooks, "hook_defs", hook_defs)
        return PendingNodeInvocation(self.node_def, self.given_alias, self.tags, hooks, self.retry_policy)

    def with_retry_policy(self, retry_policy: Any) -> "PendingNodeInvocation":
        """The same with this retry policy."""
        self._passed_on()
        return PendingNodeInvocation(self.node_def, self.given_alias, self.tags, self.hook_defs, retry_policy)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._passed_on()
        return call_node(
            Call(
                self.node_def,
                self.given_alias,
                self.tags or None,
                self.hook_defs or None,
                self.retry_policy,
            ),
            args,
            kwargs,
        )

    def to_job(
        self,
        name: str | None = None,
        description: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        config: Any = None,
        tags: Mapping[str, Any] | None = None,
        logger_defs: Mapping[str, Any] | None = None,
        executor_def: Any = None,
        hooks: AbstractSet[Any] | None = None,
        op_retry_policy: Any = None,
        partitions_def: Any = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> Any:
        """A job of the graph. Args: as of `GraphDefinition.to_job`."""
        return self._graph().to_job(
            name=name or self.name,
            description=description,
            resource_defs=resource_defs,
            config=config,
            tags={**self.tags, **placed_here(check_run_tags, tags)},
            logger_defs=logger_defs,
            executor_def=executor_def,
            hooks=self.hook_defs | placed_here(check_hooks, "hooks", hooks),
            op_retry_policy=op_retry_policy if op_retry_policy is not None else self.retry_policy,
            partitions_def=partitions_def,
            input_values=input_values,
        )

    def execute_in_process(
        self,
        run_config: Any = None,
        instance: Any = None,
        resources: Mapping[str, Any] | None = None,
        raise_on_error: bool = True,
        run_id: str | None = None,
        input_values: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run the graph here and now. Args: as of `GraphDefinition.execute_in_process`."""
        job = self.to_job(resource_defs=resources)
        return job.execute_in_process(
            run_config=run_config,
            instance=instance,
            raise_on_error=raise_on_error,
            run_id=run_id,
            input_values=input_values,
        )

    def _graph(self) -> Any:
        if not hasattr(self.node_def, "to_job"):
            raise InvalidInvocationError(
                f"`{self.node_def.name}` is an op; only graphs become jobs.",
                hint=f"call it in a function decorated with `@job`, or use `{self.node_def.name}(…)` directly",
            )
        return self.node_def

    def __repr__(self) -> str:
        alias = f", alias={self.given_alias!r}" if self.given_alias else ""
        return f"PendingNodeInvocation({self.node_def.name!r}{alias})"


def call_definition(definition: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """`call_node` of an op or graph as it stands."""
    return call_node(Call(definition), args, kwargs)


def call_asset(assets_def: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """A call of what an asset decorator made: its op as a node where a graph is being defined, else a direct call."""
    if current_composition.get() is not None:
        return call_node(Call(assets_def.node_def), args, kwargs)
    return open_door("invoke")(assets_def, args, dict(kwargs))


def call_node(call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """A call of an op or graph: a node where a graph is being defined, else a direct call.

    Raises:
        InvariantViolationError: a graph, where none is being defined.
    """
    composition = current_composition.get()
    if composition is not None:
        return composition.call(call, args, kwargs)
    definition = call.node_def
    if hasattr(definition, "to_job"):
        raise InvariantViolationError(
            f"graph `{definition.name}` was called outside of a function decorated with `@graph` or `@job`.",
            hint=f"run it with `{definition.name}.execute_in_process()`",
        )
    if call.given_alias or call.tags:
        definition = definition.with_replaced(
            name=call.given_alias or definition.name, tags={**definition.tags, **(call.tags or {})}
        )
    return open_door("invoke")(definition, args, dict(kwargs))
