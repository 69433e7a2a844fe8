"""Forms of commands that people know from `dagster` and `dg`, as Treadle's own. Pure: arguments to arguments."""

import importlib
from collections.abc import Sequence
from typing import Final

_COMMANDS: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("job", "launch"): ("job", "execute"),
    ("job", "print"): ("job", "show"),
    ("job", "scaffold_config"): ("job", "scaffold-config"),
    ("definitions", "list"): ("list", "defs"),
    ("list", "component-tree"): ("list", "tree"),
    **{
        ("list", one): ("list", f"{one}s")
        for one in ("asset", "component", "def", "env", "job", "registry-module", "schedule", "sensor")
    },
}

_TAKE_KEYS: Final = frozenset({("asset", "wipe"), ("asset", "wipe-partitions-status-cache")})

# Options that say how the peer talks to its own processes and logs; there is nothing here that they could change.
_IDLE_FLAGS: Final = frozenset({"--use-ssl", "--load-with-grpc", "--empty-workspace"})
_IDLE_OPTIONS: Final = frozenset({"--grpc-port", "--grpc-host", "--grpc-socket", "--log-format"})

# The YAML of components is checked whenever definitions are, and what a component requires when it is loaded.
_OF_CHECKS: Final = frozenset(
    {"--check-yaml", "--no-check-yaml", "--validate-requirements", "--no-validate-requirements"}
)


def in_own_words(arguments: Sequence[str]) -> list[str]:
    """Arguments with what people know from the peer's commands said in Treadle's words.

    Example:
        >>> in_own_words(["job", "launch", "-j", "nightly", "--use-ssl"])
        ['job', 'execute', '-j', 'nightly']
        >>> in_own_words(["job", "backfill", "--partitions", "a,b", "--noprompt"])
        ['job', 'backfill', '--partition', 'a', '--partition', 'b']
    """
    given = list(arguments)
    command = tuple(given[:2])
    rest = given[2:]
    rest = _without(rest, _IDLE_FLAGS, _IDLE_OPTIONS)
    if command == ("job", "backfill"):
        rest = _backfill(rest)
    if command == ("job", "print"):
        rest = _without(rest, frozenset({"--verbose"}), frozenset())
    if command in _TAKE_KEYS:
        rest = [_key_of_list(part) for part in rest]
    if command == ("definitions", "validate"):
        rest = _without(rest, frozenset({"-v", "--verbose"}), frozenset({"--log-level"}))
    if command == ("check", "defs"):
        rest = _without(rest, _OF_CHECKS | {"-v", "--verbose"}, frozenset({"--log-level"}))
    if command == ("check", "yaml"):
        rest = _without(rest, _OF_CHECKS, frozenset())
    return [*_COMMANDS.get(command, command), *rest]


def _key_of_list(part: str) -> str:
    """`["sales", "daily"]` is how the peer wants a key; here it is `sales/daily`."""
    if not part.startswith("["):
        return part
    # What reads JSON is imported only for those who write it.
    try:
        parts = importlib.import_module("json").loads(part)
    except ValueError:
        return part
    return "/".join(str(each) for each in parts)


def _backfill(rest: Sequence[str]) -> list[str]:
    told: list[str] = []
    left = list(_without(rest, frozenset({"--noprompt"}), frozenset()))
    while left:
        part = left.pop(0)
        option, mark, value = part.partition("=")
        if option == "--all":
            # All is what is made anyway. The peer's option takes a value, which says nothing more.
            if not mark and left and not left[0].startswith("-"):
                left.pop(0)
            continue
        if option != "--partitions" or not (mark or left):
            told.append(part)
            continue
        for key in (value if mark else left.pop(0)).split(","):
            told += ["--partition", key.strip()]
    return told


def _without(rest: Sequence[str], flags: frozenset[str], options: frozenset[str]) -> list[str]:
    kept: list[str] = []
    left = list(rest)
    while left:
        part = left.pop(0)
        option, mark, _ = part.partition("=")
        if part == "--":
            return [*kept, part, *left]
        if part in flags:
            continue
        if option in options:
            if not mark and left:
                left.pop(0)
            continue
        kept.append(part)
    return kept
