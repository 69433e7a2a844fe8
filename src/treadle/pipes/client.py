"""What a client of pipes is made of: how context goes out, how messages come back, what a finished call tells."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypedDict

from treadle.core.asset_events import AssetCheckResult, MaterializeResult
from treadle.core.errors import PipesExecutionError
from treadle.core.metadata_entries import event_metadata
from treadle.define.context.op_context import OpExecutionContext
from treadle.define.resources.annotations import TreatAsResourceParam
from treadle.pipes.wire import Params, PipesContextData

if TYPE_CHECKING:
    from treadle.pipes.message_handler import PipesMessageHandler
    from treadle.pipes.session import PipesSession

PipesExecutionResult = MaterializeResult[Any] | AssetCheckResult
"""What a child reports of an asset."""


class PipesLaunchedData(TypedDict):
    """What a client knows of the outside process once that is started.

    A message reader that cannot know it before (a log group, the id of a job) gets it by `on_launched`.
    """

    extras: Mapping[str, Any]


class PipesClient(TreatAsResourceParam, ABC):
    """Runs code elsewhere and takes in what it reports. Subclasses may be given to assets as resources."""

    @abstractmethod
    def run(
        self, *, context: OpExecutionContext, extras: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> "PipesClientCompletedInvocation":
        """Start the outside process and wait for its end.

        Args:
            context: of the running op or asset.
            extras: anything that JSON can hold; the child reads it with `get_extra`.
        """


class PipesContextInjector(ABC):
    """Takes the context to where the outside process can load it."""

    @abstractmethod
    def inject_context(self, context_data: PipesContextData) -> AbstractContextManager[Params]:
        """A context manager that gives the parameters with which the child finds its context."""

    @abstractmethod
    def no_messages_debug_text(self) -> str:
        """How the context was to reach the child, for the warning that no message ever came."""


class PipesMessageReader(ABC):
    """Takes messages from where the outside process writes them."""

    @abstractmethod
    def read_messages(self, handler: "PipesMessageHandler") -> AbstractContextManager[Params]:
        """A context manager that gives the parameters with which the child finds where to write.

        Messages go to `handler.handle_message` as they come; all that were written are handled when it ends.
        """

    def on_opened(self, opened_payload: Mapping[str, Any]) -> None:  # noqa: B027 - most readers need nothing of it
        """Is called once the child has opened its end, with what it told then."""

    def on_launched(self, launched_payload: PipesLaunchedData) -> None:  # noqa: B027 - as above
        """Is called with what the client knows of the child once that is started."""

    @property
    def expected_writer_count(self) -> int:
        """How many children write, each of which opens and closes."""
        return 1

    @abstractmethod
    def no_messages_debug_text(self) -> str:
        """Where messages were looked for, for the warning that none ever came."""


class PipesClientCompletedInvocation:
    """What came of a call of a client.

    Args:
        session: it is over.
        metadata: is added to the results, e.g. a link to where the outside process ran.
    """

    def __init__(self, session: "PipesSession", metadata: Mapping[str, Any] | None = None) -> None:
        self._session = session
        self._metadata = event_metadata(metadata)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the client knows of the outside process."""
        return self._metadata

    def get_results(self, *, implicit_materializations: bool = True) -> Sequence[PipesExecutionResult]:
        """Everything that the child reported of assets, to return or yield from the asset's function.

        Args:
            implicit_materializations: also a result for each asset of the step that the child did not mention.
        """
        return tuple(
            self._session.get_results(
                implicit_materializations=implicit_materializations, metadata=self._metadata
            )
        )

    def get_materialize_result(self, *, implicit_materialization: bool = True) -> MaterializeResult[Any]:
        """The one materialization, with the results of checks in it.

        Raises:
            PipesExecutionError: there is none, or several.
        """
        results = self.get_results(implicit_materializations=implicit_materialization)
        made = [result for result in results if isinstance(result, MaterializeResult)]
        if len(made) != 1:
            raise PipesExecutionError(
                f"The outside process reported {len(made)} materializations, and one was asked for.",
                hint="use `get_results()`, and return or yield all of them" if made else None,
            )
        checks = [result for result in results if isinstance(result, AssetCheckResult)]
        if not checks:
            return made[0]
        return made[0]._replace(check_results=[*made[0].check_results, *checks])

    def get_asset_check_result(self) -> AssetCheckResult:
        """The one result of a check.

        Raises:
            PipesExecutionError: there is none, or several.
        """
        checks = [
            result
            for result in self.get_results(implicit_materializations=False)
            if isinstance(result, AssetCheckResult)
        ]
        if len(checks) != 1:
            raise PipesExecutionError(
                f"The outside process reported {len(checks)} results of checks, and one was asked for.",
                hint="use `get_results()`" if checks else None,
            )
        return checks[0]

    def get_custom_messages(self) -> Sequence[Any]:
        """What the child gave to `report_custom_message`, in order."""
        return self._session.get_custom_messages()
