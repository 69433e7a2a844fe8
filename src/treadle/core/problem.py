"""What is wrong, or could be better, in a set of definitions: a value that is shown, stored and compared."""

from typing import Any

from treadle.core.error_codes import CODES, Severity
from treadle.core.errors import TreadleError
from treadle.core.values import Value, set_field


class Problem(Value):
    """One thing that is wrong, or could be better, in a set of definitions.

    Args:
        code: of `core.error_codes`.
        message: what is wrong, for a person.
        asset_key: the asset it is about, if it is about one.
        where: `file:line` of the user's text.
        suggestion: what was probably meant, or what to do.
        severity: `error`, `warning` or `info`; defaults to the code's.
    """

    __slots__ = ("code", "message", "asset_key", "where", "suggestion", "severity")  # noqa: RUF023 - as given

    code: str
    message: str
    asset_key: Any
    where: str | None
    suggestion: str | None
    severity: Severity

    def __init__(
        self,
        code: str,
        message: str,
        asset_key: Any = None,
        where: str | None = None,
        suggestion: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        if severity is None:
            severity = CODES[code].severity if code in CODES else "error"
        set_field(self, "code", code)
        set_field(self, "message", message)
        set_field(self, "asset_key", asset_key)
        set_field(self, "where", where)
        set_field(self, "suggestion", suggestion)
        set_field(self, "severity", severity)

    @classmethod
    def of(cls, error: "TreadleError", where: str | None = None) -> "Problem":
        """An error as a problem; `where` it was, if it does not say so itself."""
        return cls(error.code, error.message, where=error.where or where, suggestion=error.hint)

    def with_place(self, where: str | None) -> "Problem":
        """The same at `where`, unless it has a place of its own."""
        if self.where is not None or where is None:
            return self
        return Problem(self.code, self.message, self.asset_key, where, self.suggestion, self.severity)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.suggestion})" if self.suggestion else ""
        return f"{place}{self.severity}[{self.code}] {self.message}{advice}"
