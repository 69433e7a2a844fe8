"""Checks and readings of arguments that several decorators share. Each raises at decoration, naming the argument."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, TreadleError, wrong_type
from treadle.core.keys import AssetKey
from treadle.core.names import check_name, check_run_tags
from treadle.core.policies import BackfillPolicy
from treadle.core.values import NO_MAPPING
from treadle.define.where import caller_where, where_of

T = TypeVar("T")

COMPUTE_KIND_TAG: Final = "dagster/compute_kind"
_NO_HOOKS: Final[frozenset[Any]] = frozenset()


def seconds_of(timeout: Any) -> float | None:
    """A timeout in seconds.

    Args:
        timeout: seconds, a timedelta, or None.

    Raises:
        InvalidArgumentError: neither, or not above zero.
    """
    if timeout is None:
        return None
    if isinstance(timeout, timedelta):
        timeout = timeout.total_seconds()
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise wrong_type("timeout", "seconds or a timedelta", timeout)
    if not timeout > 0:
        raise InvalidArgumentError(f"argument `timeout`: expected more than 0 seconds, got {timeout}")
    return float(timeout)


def check_retry_policy(policy: Any) -> Any:
    """A RetryPolicy or None.

    Raises:
        InvalidArgumentError: anything else.
    """
    if policy is not None and not hasattr(policy, "max_retries"):
        raise wrong_type("retry_policy", "a RetryPolicy", policy)
    return policy


def check_type(argument: str, value: Any, kinds: type | tuple[type, ...], expected: str) -> Any:
    """`value`, where it is None or of one of the classes.

    Raises:
        InvalidArgumentError: it is neither.
    """
    if value is not None and not isinstance(value, kinds):
        raise wrong_type(argument, expected, value)
    return value


def check_partitions_def(given: Any) -> Any:
    """A partitions definition, of ours or the user's own, or None.

    Raises:
        InvalidArgumentError: anything else.
    """
    if given is not None and not hasattr(given, "get_partition_keys"):
        raise wrong_type("partitions_def", "a PartitionsDefinition", given)
    return given


def check_backfill_policy(policy: Any) -> Any:
    """A BackfillPolicy or None.

    Raises:
        InvalidArgumentError: anything else.
    """
    return check_type("backfill_policy", policy, BackfillPolicy, "a BackfillPolicy")


def check_keys(argument: str, keys: Iterable[str] | None) -> frozenset[str]:
    """A set of names, e.g. of resources.

    Raises:
        InvalidArgumentError: it is text, or holds something else than text.
    """
    if keys is None:
        return frozenset()
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        raise wrong_type(argument, "a set of texts", keys)
    found = tuple(keys)
    if not all(isinstance(key, str) for key in found):
        raise wrong_type(argument, "a set of texts", keys)
    return frozenset(found)


def keys_with_brought(required: Iterable[str] | None, resource_defs: Any) -> Iterable[str] | None:
    """The resources that a function asks for: those named, and those that its definition brings with it."""
    if not resource_defs or not isinstance(resource_defs, Mapping):
        return required
    return check_keys("required_resource_keys", required) | resource_defs.keys()


def check_sequence(argument: str, value: Any, expected: str) -> Any:
    """`value`, where it is None or an iterable that is no text and no mapping.

    Raises:
        InvalidArgumentError: it is text, a mapping or a single thing.
    """
    if value is not None and (isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable)):
        raise wrong_type(argument, expected, value)
    return value


def check_mapping(argument: str, value: Any, expected: str) -> Mapping[str, Any]:
    """`value`, where it is a mapping; an empty one for None.

    Raises:
        InvalidArgumentError: it is something else.
    """
    if value is None:
        return NO_MAPPING
    if not isinstance(value, Mapping):
        raise wrong_type(argument, expected, value)
    return value


def check_resource_defs(value: Any) -> Mapping[str, Any]:
    """The resources that a definition brings with it.

    Raises:
        InvalidArgumentError: no mapping.
    """
    return check_mapping("resource_defs", value, "a mapping of names to resources")


def check_hooks(argument: str, hooks: Any) -> frozenset[Any]:
    """A set of hooks.

    Raises:
        InvalidArgumentError: no set or list, or something in it that is no hook, as a function without its decorator.
    """
    if hooks is None:
        return _NO_HOOKS
    if _is_hook(hooks):
        raise wrong_type(
            argument, "a set of hooks", hooks, hint=f"put it in a set: `{argument}={{{hooks.name}}}`"
        )
    found = tuple(check_sequence(argument, hooks, "a set of hooks"))
    for hook in found:
        if not _is_hook(hook):
            named = f"`{hook.__name__}`" if hasattr(hook, "__name__") else "a function"
            raise wrong_type(
                argument,
                "a set of hooks",
                hook,
                hint=f"decorate {named} with `@success_hook` or `@failure_hook`",
            )
    return frozenset(found)


def _is_hook(value: Any) -> bool:
    return hasattr(value, "hook_fn")


def check_internal_asset_deps(value: Any) -> Mapping[str, frozenset[AssetKey]]:
    """The upstream keys of some outputs.

    Raises:
        InvalidArgumentError: no mapping of names to sets of AssetKeys.
    """
    expected = "a mapping of output names to sets of AssetKeys"
    argument = "internal_asset_deps"
    for name, keys in check_mapping(argument, value, expected).items():
        if not isinstance(name, str):
            raise wrong_type(argument, expected, name)
        for key in check_sequence(argument, keys, expected) or ():
            if not isinstance(key, AssetKey):
                raise wrong_type(argument, expected, key)
    given = (value or NO_MAPPING).items()
    return {name: frozenset(keys) for name, keys in given if keys is not None}


def check_function(argument: str, value: Any) -> Any:
    """What a decorator is to decorate.

    Raises:
        InvalidArgumentError: it cannot be called, as a name that was given by position.
    """
    if not callable(value):
        error = wrong_type(
            argument,
            "the function",
            value,
            hint="all else goes by name, as in `name=...`, and the function below it",
        )
        error.where = caller_where()
        raise error
    return value


def placed_here(check: Callable[..., T], *args: Any) -> T:
    """The check's answer; an error that it raises gets the place of the user's call."""
    try:
        return check(*args)
    except TreadleError as error:
        error.where = error.where or caller_where()
        raise


def check_op_name(name: str, where: str | None = None) -> str:
    """The name of an op.

    Raises:
        InvalidDefinitionError: it breaks the rule for names.
    """
    checked: str = placed(where, check_name, name, "op")
    return checked


def placed(where: str | None, check: Any, *args: Any) -> Any:
    """The check's answer; an error that it raises gets the place of the definition."""
    try:
        return check(*args)
    except TreadleError as error:
        error.where = error.where or where
        raise


def op_tags_of(tags: Mapping[str, Any] | None, compute_kind: str | None) -> Mapping[str, Any]:
    """The tags of an op: those given, and the kind in the peer's older spelling."""
    check_type("compute_kind", compute_kind, str, "text")
    checked = check_run_tags(tags, "op_tags") if tags else {}
    return {**checked, COMPUTE_KIND_TAG: compute_kind} if compute_kind else checked


def at_function(decorate: Callable[[Callable[..., Any]], T]) -> Callable[[Callable[..., Any]], T]:
    """A decorator whose errors get the place of the function that it decorates."""

    def decorated(function: Callable[..., Any]) -> T:
        try:
            return decorate(function)
        except TreadleError as error:
            error.where = error.where or where_of(function)
            raise

    return decorated


def check_writer(writer: Any) -> str | None:
    """The name of a writer as `@asset` takes it.

    Raises:
        InvalidDefinitionError: it is no name.
    """
    if writer is None:
        return None
    if not isinstance(writer, str):
        raise InvalidDefinitionError(
            f"`writer` must be a text, not {writer!r}.", code="invalid-argument", hint='e.g. writer="shopify"'
        )
    return check_name(writer, "writer")
