"""The rules for names: which are accepted, and the message for those that are not.

Each `check_…` returns what it was given (normalised where it says so), or raises `InvalidDefinitionError`
with the rule and the offending value.
"""

import json
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from treadle.core.errors import InvalidArgumentError, InvalidDefinitionError, shortened, wrong_type
from treadle.core.values import NO_ITEMS, NO_MAPPING, Items

RESERVED_NAMES: Final = frozenset(keyword.kwlist) | {
    "arg_dict",
    "bool",
    "conf",
    "config",
    "context",
    "dict",
    "float",
    "input",
    "input_arg_dict",
    "int",
    "meta",
    "output",
    "output_arg_dict",
    "str",
    "type",
}
"""Names that would hide what a generated function or Python itself calls so."""

KIND_PREFIX: Final = "dagster/kind/"
"""A kind is kept as a tag under this prefix."""

IMPLICIT_JOB_NAME: Final = "__ASSET_JOB"
"""The job of all assets, which every code location has."""

MAX_TAG_LENGTH: Final = 63

_NAME = re.compile(r"[A-Za-z0-9_]+")
_KEY_PART = re.compile(r"[A-Za-z0-9_.\-]+")
_GROUP = re.compile(r"[A-Za-z0-9_/]+")
_TAG_PART = re.compile(r"[A-Za-z0-9_.\-]{1,63}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.\-]{0,63}")
_EMAIL = re.compile(r"[A-Za-z0-9_.+%\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")


def is_storable(text: str) -> bool:
    """Whether a store can keep the text: no NUL, and no half of a surrogate pair, which is no character."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_storable(argument: str, text: str, owner: str = "") -> str:
    """Text that a store can keep.

    Raises:
        InvalidArgumentError: it holds NUL, or half of a surrogate pair.
    """
    if is_storable(text):
        return text
    subject = f"{owner}: argument `{argument}`" if owner else f"argument `{argument}`"
    raise InvalidArgumentError(
        f"{subject} holds NUL or half of a surrogate pair, which no store keeps: {shortened(ascii(text))}",
        hint="encode bytes as text first, e.g. by `.hex()`",
        argument=argument,
    )


def check_name(name: object, what: str = "name") -> str:
    """A name of an op, graph, job, schedule, sensor, hook, output or executor.

    Args:
        name: letters, digits and underscores, none of `RESERVED_NAMES`.
        what: what it names, for the message: `job`, `schedule`, …

    Raises:
        InvalidDefinitionError: the name breaks the rule.
    """
    if not isinstance(name, str):
        raise wrong_type("name", "text", name, what)
    if not _NAME.fullmatch(name):
        raise _bad_name(
            what, name, "may hold only letters, digits and underscores (A-Z a-z 0-9 _)", _respelt(name)
        )
    if name in RESERVED_NAMES:
        raise _bad_name(
            what, name, "may not be a word that Python or Treadle uses itself", f"{name}_{what.split()[-1]}"
        )
    return name


def check_asset_key_parts(parts: Sequence[str], what: str = "asset") -> Sequence[str]:
    """The parts of a key given to a decorator: also dots and dashes; the name of its step must be a name.

    Raises:
        InvalidDefinitionError: a part breaks the rule.
    """
    for part in parts:
        if not _KEY_PART.fullmatch(part):
            rule = "may hold only letters, digits, underscores, dots and dashes (A-Z a-z 0-9 _ . -)"
            raise _bad_name(what, part, rule, _respelt(part))
    step_name = op_name_of(parts)
    if step_name in RESERVED_NAMES:
        raise _bad_name(
            what, step_name, "may not be a word that Python or Treadle uses itself", f"{step_name}_asset"
        )
    return parts


def op_name_of(parts: Sequence[str]) -> str:
    """The step name of an asset: its parts joined by two underscores, dots and dashes as underscores."""
    return "__".join(parts).replace("-", "_").replace(".", "_")


def check_key_prefix(prefix: object, what: str = "key_prefix") -> tuple[str, ...]:
    """A key prefix as its parts; empty parts are left out.

    Raises:
        InvalidArgumentError: it is neither text nor a sequence of texts.
    """
    if prefix is None:
        return ()
    if isinstance(prefix, str):
        return (prefix,) if prefix else ()
    if not isinstance(prefix, Sequence) or not all(isinstance(part, str) for part in prefix):
        raise wrong_type(what, "text or a sequence of texts", prefix)
    return tuple(part for part in prefix if part)


def check_group_name(name: object) -> str | None:
    """A group's name: letters, digits, underscores and slashes; None stays None.

    Raises:
        InvalidDefinitionError: the name breaks the rule.
    """
    if name is None:
        return None
    if not isinstance(name, str):
        raise wrong_type("group_name", "text", name)
    if not _GROUP.fullmatch(name):
        rule = (
            "may hold only letters, digits, underscores and slashes (A-Z a-z 0-9 _ /), and may not be empty"
        )
        raise _bad_name("group", name, rule, _respelt(name))
    return name


def check_key(name: object, what: str) -> str:
    """A resource key or a check's name: any text.

    Raises:
        InvalidArgumentError: it is not text.
    """
    if not isinstance(name, str):
        raise wrong_type(what, "text", name)
    return name


def check_definition_tags(tags: Mapping[str, str] | None) -> Mapping[str, str]:
    """Tags of an asset: keys `name` or `prefix/name`, each part and value at most 63 of A-Z a-z 0-9 _ . -.

    Raises:
        InvalidDefinitionError: a key or value breaks the rule.
    """
    if not tags:
        if tags is None or isinstance(tags, Mapping):
            return NO_MAPPING
        raise wrong_type("tags", "a mapping of text to text", tags)
    if not isinstance(tags, Mapping):
        raise wrong_type("tags", "a mapping of text to text", tags)
    for key, value in tags.items():
        _check_tag_key(key)
        if not isinstance(value, str):
            raise _bad_tag(f"the value of tag `{shortened(key)}` must be text, got {shortened(repr(value))}")
        if not _TAG_VALUE.fullmatch(value):
            raise _bad_tag(
                f"the value of tag `{key}` may hold at most {MAX_TAG_LENGTH} letters, digits, underscores, "
                f"dots and dashes (A-Z a-z 0-9 _ . -), got {shortened(repr(value))}"
            )
    return dict(tags)


def _check_tag_key(key: object) -> None:
    if not isinstance(key, str):
        raise wrong_type("tags", "a mapping of text to text", key)
    name = key.removeprefix(KIND_PREFIX)
    prefix, slash, rest = name.partition("/")
    if _TAG_PART.fullmatch(prefix) and (not slash or _TAG_PART.fullmatch(rest)):
        return
    raise _bad_tag(
        f"a tag's key is `name` or `prefix/name`, each 1 to {MAX_TAG_LENGTH} letters, digits, underscores, "
        f"dots and dashes (A-Z a-z 0-9 _ . -), got {shortened(repr(key))}"
    )


def check_run_tags(tags: Mapping[str, Any] | None, what: str = "tags") -> Mapping[str, str]:
    """Tags of a run, job or op: any text; other values are kept as JSON text.

    Raises:
        InvalidDefinitionError: a key is not text, or a value can not be written as JSON.
    """
    if tags is None:
        return NO_MAPPING
    if not isinstance(tags, Mapping):
        raise wrong_type(what, "a mapping with text keys", tags)
    checked: dict[str, str] = {}
    for key, value in tags.items():
        if not isinstance(key, str):
            raise wrong_type(what, "a mapping with text keys", key)
        if not is_storable(key):
            raise _bad_tag(
                f"a tag's key may not hold NUL or half of a surrogate pair, got {shortened(ascii(key))}"
            )
        if isinstance(value, str):
            if not is_storable(value):
                raise _bad_tag(
                    f"the value of tag `{shortened(key)}` may not hold NUL or half of a surrogate pair, "
                    f"got {shortened(ascii(value))}"
                )
            checked[key] = value
            continue
        try:
            checked[key] = json.dumps(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise _bad_tag(
                f"the value of tag `{shortened(key)}` must be text or JSON, got {shortened(repr(value))}"
            ) from error
    return checked or NO_MAPPING


def check_owners(owners: Sequence[str] | None, what: str = "owners") -> Sequence[str]:
    """Owners: email addresses or `team:name`.

    Raises:
        InvalidDefinitionError: one is neither.
    """
    if owners is None:
        return NO_ITEMS
    if isinstance(owners, str) or not isinstance(owners, Iterable):
        raise wrong_type(what, "a list of texts", owners)
    checked: Items[str] = Items(owners)
    for owner in checked:
        if not isinstance(owner, str):
            raise wrong_type(what, "a list of texts", owner)
        if (owner.startswith("team:") and len(owner) > len("team:")) or _EMAIL.fullmatch(owner):
            continue
        raise InvalidDefinitionError(
            f"an owner is an email address or `team:` and a name, got {shortened(repr(owner))}",
            code="invalid-owner",
            hint="write `someone@example.com` or `team:name`",
        )
    return checked or NO_ITEMS


def check_kinds(kinds: Iterable[str] | None) -> frozenset[str]:
    """Kinds: each 1 to 63 letters, digits, underscores, dots and dashes.

    Raises:
        InvalidDefinitionError: one breaks the rule.
    """
    if kinds is None:
        return frozenset()
    if isinstance(kinds, str) or not isinstance(kinds, Iterable):
        raise wrong_type("kinds", "a set of texts", kinds)
    given = tuple(kinds)
    for kind in given:
        if not isinstance(kind, str):
            raise wrong_type("kinds", "a set of texts", kind)
        if not _TAG_PART.fullmatch(kind):
            raise InvalidDefinitionError(
                f"a kind may hold 1 to {MAX_TAG_LENGTH} letters, digits, underscores, dots and dashes "
                f"(A-Z a-z 0-9 _ . -), got {shortened(repr(kind))}",
                code="invalid-kind",
            )
    return frozenset(given)


def kinds_in(tags: Mapping[str, str]) -> set[str]:
    """The kinds that tags hold."""
    return {key[len(KIND_PREFIX) :] for key in tags if key.startswith(KIND_PREFIX)}


def tags_with_kinds(tags: Mapping[str, str], kinds: Iterable[str]) -> Mapping[str, str]:
    """Tags that hold these kinds too."""
    added = {f"{KIND_PREFIX}{kind}": "" for kind in sorted(kinds)}
    return {**tags, **added} if added else tags


def _respelt(name: str) -> str | None:
    """A close name that fits the rule."""
    respelt = re.sub(r"[^A-Za-z0-9_]+", "_", name.strip()).strip("_")
    return respelt or None


def _bad_name(what: str, name: str, rule: str, better: str | None) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        f"{shortened(repr(name))} is no name for {_article(what)} {what}: it {rule}",
        code="invalid-name",
        hint=f"try `{shortened(better)}`" if better and better != name else None,
        name=name,
    )


def _bad_tag(message: str) -> InvalidDefinitionError:
    return InvalidDefinitionError(message, code="invalid-tag")


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"
