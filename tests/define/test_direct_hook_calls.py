"""Hooks and loggers called directly, as tests of projects do."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

import treadle as dg
from treadle.define.context.not_known import NotKnownHereError

HOOKS = pytest.mark.parametrize("hook", [dg.success_hook, dg.failure_hook])


@HOOKS
def test_a_hook_is_called_with_a_context_or_none(hook: Callable[..., Any]) -> None:
    seen = []

    @hook
    def tell(_: Any) -> None:
        seen.append(1)

    tell(None)
    tell(dg.build_hook_context())
    tell(_=dg.build_hook_context())
    assert seen == [1, 1, 1]


@HOOKS
def test_a_hook_is_not_called_with_other_arguments(hook: Callable[..., Any]) -> None:
    @hook
    def tell(context: dg.HookContext) -> None: ...

    for call in (lambda: tell(), lambda: tell(other=None), lambda: tell(None, 1)):
        with pytest.raises(dg.InvalidInvocationError, match="hook `tell` takes `context`"):
            call()


def test_a_hook_called_directly_needs_its_resources() -> None:
    seen = []

    @dg.success_hook(required_resource_keys={"chat"})
    def tell(context):
        seen.append(context.resources.chat)

    tell(dg.build_hook_context(resources={"chat": "here"}))

    assert seen == ["here"]
    with pytest.raises(dg.InvalidDefinitionError, match="`chat`"):
        tell(None)


@pytest.mark.parametrize("name", ["op", "job_name", "run_id", "instance", "step_key", "hook_def"])
def test_what_a_built_context_was_not_told_is_refused(name: str) -> None:
    with pytest.raises(NotKnownHereError, match=f"`{name}`"):
        getattr(dg.build_hook_context(), name)


def test_a_built_context_answers_what_it_was_told() -> None:
    with dg.instance_for_test() as instance:
        context = dg.build_hook_context(run_id="r", job_name="nightly", instance=instance)
        assert (context.run_id, context.job_name, context.instance) == ("r", "nightly", instance)
    assert context.op_exception is None


def test_a_logger_called_directly_gets_checked_settings() -> None:
    @dg.logger(config_schema={"name": dg.Field(str), "level": dg.Field(int, default_value=20)})
    def named(context):
        made = logging.getLogger(context.logger_config["name"])
        made.setLevel(context.logger_config["level"])
        return made

    made = named(dg.build_init_logger_context(logger_config={"name": "tests.lines"}))

    assert (made.name, made.level) == ("tests.lines", 20)
    assert named.configured({"name": "tests.set"})(dg.build_init_logger_context()).name == "tests.set"
    assert dg.colored_console_logger.logger_fn(dg.InitLoggerContext({"log_level": 15})).level == 15
    with pytest.raises(dg.InvalidConfigError, match="name"):
        named(dg.build_init_logger_context({"name": 3}))
    with pytest.raises(dg.InvalidConfigError):
        named(None)
    with pytest.raises(dg.InvalidInvocationError, match="logger `named` takes its context"):
        named()
    with pytest.raises(dg.InvalidInvocationError):
        named(contxt=None)
