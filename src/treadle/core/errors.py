"""Every error that Treadle raises.

    TreadleError
    ├── InvalidDefinitionError            a definition that can never work, a name or argument that is refused
    │   └── InvalidArgumentError          an argument of the wrong type or out of range
    │       └── UnknownArgumentError      a keyword that the call does not take (also a TypeError)
    ├── UnfitValueError                   a value of a kind that its place does not take (arguments are some)
    ├── InvalidConfigDefinitionError      a config schema that is not one
    ├── InvalidConfigError                config that does not fit its schema (all paths at once)
    ├── InvalidMetadataError              event metadata that cannot be stored; names the key
    ├── InvalidInvocationError            a decorated function called with the wrong arguments
    ├── InvariantViolationError           something asked for that the situation does not have
    ├── ConfigurationError                a project's settings that do not read
    ├── UnknownPartitionError             a partition key that is not in the set
    ├── UnknownResourceError              a resource that nobody provides (also an AttributeError)
    │   └── ResourceNotGivenError         the same in a direct call (also an InvalidInvocationError)
    ├── InvalidSubsetError                a selection that matches nothing or does not parse
    │   └── InvalidAssetSelectionError    the same of assets
    ├── RunNotFoundError                  no run has that id
    ├── ExecutionStepNotFoundError        the plan has no such step
    ├── StepOutputNotFoundError           an earlier step left no such output
    ├── TypeCheckDidNotPass               a value that is not of the declared type
    ├── AssetCheckFailedError             a blocking check failed
    ├── MaxRetriesExceededError           a step failed once more than its retries allow
    ├── UnmetExecutorRequirementsError    an executor that cannot work here
    ├── EventLogInvalidForRunError        the events of a run do not fit together
    ├── SubprocessError                   a step's process failed
    └── UserCodeExecutionError            user code raised; the cause is chained
        ├── StepExecutionError            in the body of a step
        ├── ResourceFunctionError         while a resource was set up
        ├── ScheduleExecutionError        in a function of a schedule
        ├── ConfigMappingFunctionError    while config was mapped
        ├── TypeCheckError                in a type's check function
        ├── PipesExecutionError           in a process outside of the run's, or in what it sent
        ├── LoadInputError                in an IO manager's `load_input`
        └── HandleOutputError             in an IO manager's `handle_output`
    ExecutionInterruptedError             a run was told to stop (a BaseException)

What users raise (`Failure`, `RetryRequested`) is in `core.failures`, the codes are in `core.error_codes`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from treadle.core import late
from treadle.core.error_codes import CODES as CODES
from treadle.core.error_codes import Severity as Severity


class PortableError(Exception):
    """Pickles with its attributes and with what caused it, so that it can cross between processes."""

    def __reduce__(self) -> tuple[Any, ...]:
        state = dict(self.__dict__)
        state["args"] = self.args
        state["__cause__"] = _portable(self.__cause__)
        state["__context__"] = None if self.__cause__ is not None else _portable(self.__context__)
        state["__suppress_context__"] = self.__suppress_context__
        return (_empty, (type(self),), state)

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        for name, value in (state or {}).items():
            setattr(self, name, value)


class TreadleError(PortableError):
    """Base of all errors. `str()` is the message, then the place, then the hint, each on its line.

    Args:
        message: what happened, for a person.
        code: a stable kebab-case code of `core.error_codes`; defaults to the class's.
        hint: what to do about it; defaults to the code's, where that needs no filling in. Several hints stand on a
            line each.
        where: `file:line` of the user's definition.
        attributes: anything else a handler may want to read, kept under its name.

    Example:
        >>> print(TreadleError("the store is full", hint="free some space"))
        the store is full
          hint: free some space
    """

    default_code: ClassVar[str] = "error"

    message: str
    code: str
    hint: str | None
    where: str | None

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        hint: str | None = None,
        where: str | None = None,
        **attributes: Any,
    ) -> None:
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.where = where
        for name, value in attributes.items():
            setattr(self, name, value)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message]
        if self.where:
            lines.append(f"  at {self.where}")
        if self.hint:
            lines.extend(f"  hint: {line}" for line in self.hint.splitlines())
        return "\n".join(lines)


class InvalidDefinitionError(TreadleError):
    """A definition that can never work, or a name or argument that is refused."""

    default_code = "invalid-definition"


class UnfitValueError(TreadleError):
    """A value of a kind that its place does not take."""

    default_code = "unfit-value"


class InvalidArgumentError(InvalidDefinitionError, UnfitValueError):
    """An argument of the wrong type or out of range; the message names it and says what was expected."""

    default_code = "invalid-argument"


class UnknownArgumentError(InvalidArgumentError, TypeError):
    """A keyword that the call does not take. Also a TypeError, as Python itself would raise."""

    default_code = "unknown-argument"


class InvalidConfigDefinitionError(TreadleError):
    """A config schema that is not one."""

    default_code = "invalid-config-schema"


class InvalidConfigError(TreadleError):
    """Config that does not fit its schema. `errors` has every (path, reason)."""

    default_code = "invalid-config"
    errors: Any = ()


class InvalidMetadataError(TreadleError):
    """Event metadata that cannot be stored. `key` is the entry's."""

    default_code = "invalid-metadata"
    key: str | None = None


class InvalidInvocationError(TreadleError):
    """A decorated function was called directly with arguments it does not take."""

    default_code = "invalid-invocation"


class InvariantViolationError(TreadleError):
    """Something was asked for that the situation does not have."""

    default_code = "invariant-violation"


class UnknownPartitionError(TreadleError):
    """A partition key that the definition does not hold."""

    default_code = "unknown-partition"


class UnknownResourceError(InvalidDefinitionError, AttributeError):
    """A resource that nobody provides. Also an AttributeError, as `context.resources.name` raises it."""

    default_code = "unknown-resource"


class ResourceNotGivenError(UnknownResourceError, InvalidInvocationError):
    """A decorated function was called directly, and nobody gave a resource that it takes."""


class InvalidSubsetError(InvalidDefinitionError):
    """A selection that matches nothing or does not parse. Also an InvalidDefinitionError, as the peer raises here."""

    default_code = "invalid-selection"


class InvalidAssetSelectionError(InvalidSubsetError):
    """An asset selection that matches nothing or does not parse."""


class ConfigurationError(TreadleError):
    """A project's settings that do not read: no valid TOML, an unknown key, a value of the wrong type."""

    default_code = "invalid-setting"


class RunNotFoundError(TreadleError):
    """No run has that id."""

    default_code = "not-found"


class ExecutionStepNotFoundError(TreadleError):
    """The plan has no such step. `step_keys` has the ones asked for."""

    default_code = "unknown-step"
    step_keys: Any = ()


class StepOutputNotFoundError(TreadleError):
    """An earlier step left no such output."""

    default_code = "missing-output"
    step_key: str | None = None
    output_name: str | None = None


class TypeCheckDidNotPass(TreadleError):
    """A value is not of the declared type. `dagster_type` is that type, `description` and `metadata` what the check said."""

    default_code = "type-check-failed"
    description: str | None = None
    metadata: Any = {}
    dagster_type: Any = None


class AssetCheckFailedError(TreadleError):
    """A blocking check failed, so what is downstream did not run."""

    default_code = "check-failed"


class MaxRetriesExceededError(TreadleError):
    """A step failed once more than its retries allow."""

    default_code = "max-retries-exceeded"


class UnmetExecutorRequirementsError(TreadleError):
    """An executor was chosen that cannot work with this store or job."""

    default_code = "executor-requirements"


class EventLogInvalidForRunError(TreadleError):
    """The events that are stored for a run do not fit together."""

    default_code = "corrupt-record"
    run_id: str | None = None

    def __init__(self, run_id: str) -> None:
        super().__init__(f"The events of run {run_id} do not fit together.", run_id=run_id)


class SubprocessError(TreadleError):
    """A step's process failed. `subprocess_error_infos` has what each said."""

    default_code = "subprocess-failed"
    subprocess_error_infos: Any = ()


class UserCodeExecutionError(TreadleError):
    """User code raised. The original exception is the cause, also as `user_exception`."""

    default_code = "user-code-error"

    @property
    def user_exception(self) -> BaseException | None:
        """What the user's code raised."""
        return self.__cause__

    @property
    def original_exc_info(self) -> tuple[Any, Any, Any]:
        """Type, exception and traceback of what the user's code raised."""
        cause = self.__cause__
        return (None, None, None) if cause is None else (type(cause), cause, cause.__traceback__)

    @property
    def is_user_code_error(self) -> bool:
        """True: the fault is the user's code's, not Treadle's."""
        return True


class StepExecutionError(UserCodeExecutionError):
    """The body of a step raised."""

    default_code = "step-failure"
    step_key: str | None = None
    op_name: str | None = None
    op_def_name: str | None = None


class ResourceFunctionError(UserCodeExecutionError):
    """Setting up a resource raised."""

    default_code = "resource-init-failed"


class ScheduleExecutionError(UserCodeExecutionError):
    """A function of a schedule raised."""

    default_code = "schedule-failed"


class ConfigMappingFunctionError(UserCodeExecutionError):
    """A function that maps config raised."""

    default_code = "config-mapping-failed"


class TypeCheckError(UserCodeExecutionError):
    """A type's check function raised."""

    default_code = "type-check-raised"


class PipesExecutionError(UserCodeExecutionError):
    """A process that a pipes client started failed, or sent what is not of the protocol."""

    default_code = "outside-process-failed"


class LoadInputError(UserCodeExecutionError):
    """An IO manager's `load_input` raised."""

    default_code = "load-input-failed"


class HandleOutputError(UserCodeExecutionError):
    """An IO manager's `handle_output` raised."""

    default_code = "handle-output-failed"


class UnpicklableError(Exception):
    """Stands for an exception that could not cross between processes: its class's name and its message."""


class ExecutionInterruptedError(BaseException):
    """A run was told to stop. Not an `Exception`, so that `except Exception` in a step lets it pass."""


class BetaWarning(Warning):
    """A feature whose shape may still change."""


class PreviewWarning(Warning):
    """A feature that is not meant for production yet."""


class SupersessionWarning(FutureWarning):
    """A feature that has a better successor."""


class ConfigArgumentWarning(SyntaxWarning):
    """An argument that looks like config, but is not read as config."""


def near_names(name: str, candidates: Iterable[str], limit: int = 3) -> list[str]:
    """The candidates that look most like the name, best first."""
    name = str(name)  # what the user wrote in place of a name may be anything
    known = sorted({str(each) for each in candidates})
    folded = {each.casefold(): each for each in known}
    if name.casefold() in folded and folded[name.casefold()] != name:
        return [folded[name.casefold()]]
    near = late.difflib.get_close_matches(name, known, n=limit, cutoff=0.6)
    return [each for each in near if _letters_in_common(name, each) >= _LEAST_IN_COMMON]


def _letters_in_common(one: str, other: str) -> int:
    return sum(block.size for block in late.difflib.SequenceMatcher(None, one, other).get_matching_blocks())


_LEAST_IN_COMMON = 2
"""One letter in common makes `a` like `ac` by the ratio, and helps nobody."""


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A hint for an unknown name: the near candidates, else the few there are; None where nothing helps.

    Example:
        >>> did_you_mean("taxi_trip", ["taxi_trips", "zones"])
        'did you mean `taxi_trips`?'
    """
    known = sorted(set(candidates))
    near = near_names(name, known)
    if near:
        return "did you mean " + " or ".join(f"`{each}`" for each in near) + "?"
    if 0 < len(known) <= 5:
        return "there " + ("is " if len(known) == 1 else "are ") + ", ".join(f"`{each}`" for each in known)
    return None


def wrong_type(
    argument: str, expected: str, got: object, owner: str = "", hint: str | None = None
) -> InvalidArgumentError:
    """The error for an argument of the wrong type: names the argument, what was expected and what came."""
    shown = shortened(repr(got))
    subject = f"{owner}: argument `{argument}`" if owner else f"argument `{argument}`"
    return InvalidArgumentError(
        f"{subject} must be {expected}, got {shown} ({type(got).__name__})", hint=hint, argument=argument
    )


def unknown_argument(name: str, known: Iterable[str], owner: str) -> UnknownArgumentError:
    """The error for a keyword that the call does not take, with the nearest that it does."""
    near = near_names(name, known, limit=1)
    hint = f"did you mean `{near[0]}`?" if near else None
    return UnknownArgumentError(f"{owner} takes no argument `{name}`", hint=hint, argument=name)


def argument_names(function: Any) -> tuple[str, ...]:
    """The arguments that a function takes by name, as `unknown_argument` wants them; also of a decorated one."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = function.__code__
    names: tuple[str, ...] = code.co_varnames[
        code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount
    ]
    return names[1:] if names[:1] == ("self",) else names


def shortened(text: str, limit: int = 120) -> str:
    """Text for a message: cut in the middle when long."""
    if len(text) <= limit:
        return text
    half = (limit - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"


def _empty(cls: type[PortableError]) -> PortableError:
    """An instance without its constructor's checks; unpickling fills it."""
    return cls.__new__(cls)


def _portable(error: BaseException | None) -> BaseException | None:
    """The error itself if it can be pickled, else one that tells its class and message."""
    if error is None or _survives_pickling(error):
        return error
    try:
        return UnpicklableError(f"{type(error).__qualname__}: {error}")
    except BaseException as broken:  # noqa: BLE001 - a user's `__str__` may raise anything
        return UnpicklableError(
            f"{type(error).__qualname__}, whose text could not be made: {type(broken).__name__}"
        )


def _survives_pickling(error: BaseException) -> bool:
    try:
        late.pickle.loads(late.pickle.dumps(error))
    except BaseException:  # noqa: BLE001 - a user's exception may raise anything from its pickling hooks
        return False
    return True
