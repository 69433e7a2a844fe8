"""Every error that Treadle raises, and every problem that loading reports.

    TreadleError
    ├── InvalidDefinitionError          a definition that can never work
    ├── InvalidConfigError              run or resource config that does not fit its schema (all paths at once)
    ├── InvalidInvocationError          a decorated function called with the wrong arguments
    ├── InvariantViolationError         something asked for that the situation does not have
    ├── UnknownPartitionError           a partition key that is not in the set
    ├── InvalidSubsetError              a selection that matches nothing or does not parse
    └── UserCodeExecutionError          user code raised; the cause is chained
"""

from typing import Any, ClassVar, Literal

import attrs

Severity = Literal["error", "warning", "info"]


class TreadleError(Exception):
    """Base of all errors. `str()` is the message, then the place, then the hint, each on its line.

    Args:
        message: what happened, for a person.
        code: a stable kebab-case code; defaults to the class's.
        hint: what to do about it.
        where: `file:line` of the user's definition.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, code: str | None = None, hint: str | None = None,
                 where: str | None = None, **attributes: Any) -> None:
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
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class InvalidDefinitionError(TreadleError):
    """A definition that can never work, or a name or argument that is refused."""

    default_code = "invalid-definition"


class InvalidConfigError(TreadleError):
    """Config that does not fit its schema. `errors` has every (path, reason)."""

    default_code = "invalid-config"


class InvalidInvocationError(TreadleError):
    """A decorated function was called directly with arguments it does not take."""

    default_code = "invalid-invocation"


class InvariantViolationError(TreadleError):
    """Something was asked for that the situation does not have."""

    default_code = "invariant-violation"


class UnknownPartitionError(TreadleError):
    """A partition key that the definition does not hold."""

    default_code = "unknown-partition"


class InvalidSubsetError(TreadleError):
    """A selection that matches nothing or does not parse."""

    default_code = "invalid-selection"


class UserCodeExecutionError(TreadleError):
    """User code raised. The original exception is the cause."""

    default_code = "user-code-error"


@attrs.frozen
class Problem:
    """One thing that is wrong, or could be better, in a set of definitions."""

    code: str
    message: str
    asset_key: Any = None
    where: str | None = None
    suggestion: str | None = None
    severity: Severity = "error"
