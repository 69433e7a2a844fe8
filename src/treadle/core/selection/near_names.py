"""Which name was meant."""

from collections.abc import Collection, Iterable

from treadle.core.errors import near_names


def nearest_names(name: str, names: Collection[str], limit: int = 3) -> list[str]:
    """The names most like `name`, best first: same last part, then similar spelling."""
    last_part = name.rsplit("/", 1)[-1]
    same_last_part = [other for other in names if other.rsplit("/", 1)[-1] == last_part]
    similar = near_names(name, names, limit)
    return list(dict.fromkeys([*sorted(same_last_part), *similar]))[:limit]


def did_you_mean(names: Iterable[str]) -> str | None:
    """`did you mean a or b?`, or None where nothing is near."""
    found = [f"`{name}`" for name in names]
    return f"did you mean {' or '.join(found)}?" if found else None
