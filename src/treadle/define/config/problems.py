"""What can be wrong with config: reasons, one problem, and the list that collects all of them."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from treadle.core.errors import InvalidConfigError, did_you_mean

PathPart = str | int | dict[str, Any]
Path = tuple[PathPart, ...]
"""Field names and list indexes; a map's entry is `{"map_key": key}` or `{"map_value": key}`."""


class ConfigErrorReason(StrEnum):
    """Why a piece of config was refused."""

    RUNTIME_TYPE_MISMATCH = "RUNTIME_TYPE_MISMATCH"
    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    MISSING_REQUIRED_FIELDS = "MISSING_REQUIRED_FIELDS"
    FIELD_NOT_DEFINED = "FIELD_NOT_DEFINED"
    FIELDS_NOT_DEFINED = "FIELDS_NOT_DEFINED"
    FIELD_ALIAS_COLLISION = "FIELD_ALIAS_COLLISION"
    SELECTOR_FIELD_ERROR = "SELECTOR_FIELD_ERROR"
    FAILED_POST_PROCESSING = "FAILED_POST_PROCESSING"


class StackEntry(msgspec.Struct, frozen=True):
    """One step down into config: into a field, an item of a list, or a key or value of a map."""

    field_name: str | None = None
    list_index: int | None = None
    map_key: Any = None


class ConfigStack(msgspec.Struct, frozen=True):
    """Where in config a problem is, step by step from the root."""

    entries: Sequence[StackEntry]

    @property
    def levels(self) -> Sequence[str]:
        """The names of the fields on the way."""
        return [entry.field_name for entry in self.entries if entry.field_name is not None]


class ConfigProblem(msgspec.Struct, frozen=True):
    """One thing wrong with config.

    Args:
        path: where, from the root of what was checked.
        reason: the kind of mistake.
        message: what was expected and what came, for a person, without secrets.
    """

    path: Path
    reason: ConfigErrorReason
    message: str

    @property
    def stack(self) -> ConfigStack:
        """The path in the peer's form: an object for each part."""
        return ConfigStack([_stack_entry(part) for part in self.path])

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.message}"


def _stack_entry(part: PathPart) -> StackEntry:
    match part:
        case int():
            return StackEntry(list_index=part)
        case {"map_key": key} | {"map_value": key}:
            return StackEntry(map_key=key)
        case _:
            return StackEntry(field_name=str(part))


class ConfigProblems(list[ConfigProblem]):
    """Collects problems while config is checked; never stops at the first."""

    def report(self, path: Path, reason: ConfigErrorReason, message: str) -> None:
        """Add one problem."""
        self.append(ConfigProblem(path, reason, message))

    def raise_any(self, subject: str, config: object = None, hint: str | None = None) -> None:
        """Raise one `InvalidConfigError` that lists them all, if there are any."""
        if self:
            raise config_error(subject, self, config, hint)


class RefusedSection(msgspec.Struct, frozen=True):
    """Stands in run config for a section that a config mapping could not take; its problems join the others."""

    problems: ConfigProblems


def config_error(
    subject: str, problems: Iterable[ConfigProblem], config: object = None, hint: str | None = None
) -> InvalidConfigError:
    """The error for a list of problems: a line that counts, then a line each."""
    found = tuple(problems)
    count = "1 error" if len(found) == 1 else f"{len(found)} errors"
    lines = [f"invalid {subject}: {count}", *(f"  {problem}" for problem in found)]
    return InvalidConfigError("\n".join(lines), errors=found, config_value=config, hint=hint)


def path_text(path: Path) -> str:
    """A path in the peer's words: `root:ops:orders:config:rows[2]:name`."""
    text = "root"
    for part in path:
        match part:
            case int():
                text += f"[{part}]"
            case {"map_key": key}:
                text += f":{key!r}:key"
            case {"map_value": key}:
                text += f":{key!r}:value"
            case _:
                text += f":{part}"
    return text


def report_unknown_fields(
    given: Mapping[Any, Any], known: Mapping[str, Any], path: Path, problems: ConfigProblems
) -> None:
    """Report the names that are not known, with what was probably meant."""
    unknown = [str(name) for name in given if name not in known]
    if not unknown:
        return
    reason = (
        ConfigErrorReason.FIELD_NOT_DEFINED if len(unknown) == 1 else ConfigErrorReason.FIELDS_NOT_DEFINED
    )
    names = ", ".join(f"`{name}`" for name in unknown)
    hint = did_you_mean(unknown[0], known)
    word = "field" if len(unknown) == 1 else "fields"
    problems.report(path, reason, f"unknown {word} {names}" + (f"; {hint}" if hint else ""))


def report_missing_fields(
    missing: Sequence[str], path: Path, problems: ConfigProblems, why: str = ""
) -> None:
    """Report the names that must be given and are not; `why` says what asks for them."""
    one = len(missing) == 1
    reason = ConfigErrorReason.MISSING_REQUIRED_FIELD if one else ConfigErrorReason.MISSING_REQUIRED_FIELDS
    names = ", ".join(f"`{name}`" for name in missing)
    problems.report(path, reason, f"missing {'field' if one else 'fields'} {names}{why}")
