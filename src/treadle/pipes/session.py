"""A session: what a child is told, and what came back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import attrs

from treadle.core.asset_events import MaterializeResult
from treadle.core.keys import AssetKey
from treadle.core.metadata import MetadataValue
from treadle.define.context.op_context import OpExecutionContext
from treadle.pipes.client import (
    PipesContextInjector,
    PipesExecutionResult,
    PipesLaunchedData,
    PipesMessageReader,
)
from treadle.pipes.context_data import context_data
from treadle.pipes.message_handler import PipesMessageHandler
from treadle.pipes.readers import COMPOSITE_KEY
from treadle.pipes.wire import (
    CONTEXT_ARGUMENT,
    CONTEXT_VARIABLE,
    MESSAGES_ARGUMENT,
    MESSAGES_VARIABLE,
    Params,
    PipesContextData,
    encode_params,
)

_FORGOTTEN = (
    "`yield from session.get_results()`, or `return client.run(...).get_results()`: else reports are lost"
)


def _makes_assets(context: OpExecutionContext) -> bool:
    """Whether the step's function itself gives assets, and not an op of a graph."""
    state = context.step_state
    return bool(state.selected_assets) and state.output_keys is None


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen(eq=False, slots=False)
class PipesSession:
    """One or more children of a step: how they find their context and where they write to, and what they reported.

    Made by `open_pipes_session`.
    """

    context_data: PipesContextData
    message_handler: PipesMessageHandler
    context_injector_params: Params
    message_reader_params: Params
    context: OpExecutionContext
    created_at: datetime = attrs.field(factory=_now)

    def get_bootstrap_params(self) -> dict[str, Any]:
        """The two variables of the protocol with their values, not yet encoded."""
        return {
            CONTEXT_VARIABLE: self.context_injector_params,
            MESSAGES_VARIABLE: self.message_reader_params,
        }

    def get_bootstrap_env_vars(self) -> dict[str, str]:
        """Environment variables for the child."""
        return {name: encode_params(params) for name, params in self.get_bootstrap_params().items()}

    def get_bootstrap_cli_arguments(self) -> dict[str, str]:
        """Command line arguments for a child that gets no variables."""
        return _as_arguments(self.message_reader_params, self.context_injector_params)

    def get_per_writer_bootstrap_env_vars(self) -> Sequence[dict[str, str]]:
        """Environment variables for each of several children, where a composite reader reads their messages."""
        return [
            {
                CONTEXT_VARIABLE: encode_params(self.context_injector_params),
                MESSAGES_VARIABLE: encode_params(own),
            }
            for own in self._params_of_writers()
        ]

    def get_per_writer_bootstrap_cli_arguments(self) -> Sequence[dict[str, str]]:
        """Command line arguments for each of several children."""
        return [_as_arguments(own, self.context_injector_params) for own in self._params_of_writers()]

    @cached_property
    def default_remote_invocation_info(self) -> dict[str, str]:
        """Labels by which a remote system's jobs are found again: run, job, and the code location's name if known."""
        labels = {"dagster/run-id": self.context.run_id, "dagster/job": self.context.step_state.job_name}
        location = self.context.location_name
        return labels if location is None else {**labels, "dagster/code-location": location}

    def report_launched(self, launched_payload: PipesLaunchedData) -> None:
        """Tell the message reader what the client knows of the child once that is started."""
        self.message_handler.on_launched(launched_payload)

    def get_reported_results(self) -> Sequence[PipesExecutionResult]:
        """What the children reported of assets so far."""
        return self.message_handler.get_reported_results()

    def get_custom_messages(self) -> Sequence[Any]:
        """Custom messages so far."""
        return self.message_handler.get_custom_messages()

    def get_results(
        self,
        *,
        implicit_materializations: bool = True,
        metadata: Mapping[str, MetadataValue[Any]] | None = None,
    ) -> Sequence[PipesExecutionResult]:
        """Everything that was reported of assets; call it after the session, or again as messages come.

        Args:
            implicit_materializations: also a result for each asset of the step that was not mentioned.
            metadata: is added to each result.
        """
        results = list(self.get_reported_results())
        if implicit_materializations:
            results += [MaterializeResult(asset_key=key) for key in self._unmentioned(results)]
        if not metadata:
            return tuple(results)
        return tuple(result._replace(metadata={**(result.metadata or {}), **metadata}) for result in results)

    def _unmentioned(self, results: Sequence[PipesExecutionResult]) -> list[AssetKey]:
        state = self.context.step_state
        if state.assets_def is None:
            return []
        made = {result.asset_key for result in results if isinstance(result, MaterializeResult)}
        return [key for key in state.assets_def.keys if key in state.selected_assets and key not in made]

    def _params_of_writers(self) -> Sequence[Params]:
        found: Sequence[Params] = self.message_reader_params.get(COMPOSITE_KEY, [self.message_reader_params])
        return found


def _as_arguments(messages: Params, context: Params) -> dict[str, str]:
    return {CONTEXT_ARGUMENT: encode_params(context), MESSAGES_ARGUMENT: encode_params(messages)}


@contextmanager
def open_pipes_session(
    context: OpExecutionContext,
    context_injector: PipesContextInjector,
    message_reader: PipesMessageReader,
    extras: Mapping[str, Any] | None = None,
) -> Iterator[PipesSession]:
    """A session for children that the block starts in any way it likes.

    After the block, `session.get_results()` gives what is to be yielded from the step's function.

    Args:
        context: of the running op or asset.
        context_injector: takes the context to the child.
        message_reader: takes the child's messages.
        extras: anything that JSON can hold; the child reads it with `get_extra`.

    Example:
        ```python
        with open_pipes_session(context, PipesTempFileContextInjector(), PipesTempFileMessageReader()) as session:
            subprocess.run(command, env={**os.environ, **session.get_bootstrap_env_vars()}, check=True)
        yield from session.get_results()
        ```
    """
    told = context_data(context, extras)
    if _makes_assets(context):
        context.set_requires_typed_event_stream(error_message=_FORGOTTEN)
    handler = PipesMessageHandler(context, message_reader)
    try:
        with context_injector.inject_context(told) as injected, handler.handle_messages() as reading:
            yield PipesSession(
                context_data=told,
                message_handler=handler,
                context_injector_params=injected,
                message_reader_params=reading,
                context=context,
            )
    finally:
        handler.warn_of_silence(context_injector.no_messages_debug_text())
