"""Which assets and checks a command is about: `--select` texts and names, against a catalog."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import click

from treadle.cli.failing import fail
from treadle.core.catalog import Catalog
from treadle.core.errors import did_you_mean
from treadle.core.keys import AssetCheckKey, AssetKey
from treadle.core.selection.asset_selection import AssetSelection
from treadle.core.selection.writers import chosen_writers, writers_tag

_Command = TypeVar("_Command", bound=Callable[..., Any])


@attrs.frozen(kw_only=True)
class Chosen:
    """Assets and checks, in the order of definition."""

    asset_keys: tuple[AssetKey, ...]
    check_keys: tuple[AssetCheckKey, ...] = ()
    tags: Mapping[str, str] = attrs.field(factory=dict)
    """Of a run of them: which writers it does, where it does not do all of an asset."""

    @property
    def names(self) -> str:
        """Their names for a message, shortened where there are many."""
        texts = [key.to_user_string() for key in self.asset_keys]
        return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")


def select_option(command: _Command) -> _Command:
    """Adds `--select`, passed on as `select`."""
    return click.option(
        "--select",
        "-s",
        metavar="SELECTION",
        help="Assets, e.g. 'orders', 'group:marts', '+daily_revenue', 'a,b', '*'.",
    )(command)


def choose(catalog: Catalog, select: str | None, names: Sequence[str]) -> Chosen | None:
    """The assets and checks that were named; None where nothing was.

    Args:
        select: a text of the selection language; several with commas between them.
        names: of single assets.
    """
    if select is None and not names:
        return None
    wanted: AssetSelection | None = None
    for part in () if select is None else _parts(select):
        one = AssetSelection.from_string(part)
        wanted = one if wanted is None else wanted | one
    if names:
        named = AssetSelection.assets(*(find_asset(catalog, name) for name in names))
        wanted = named if wanted is None else wanted | named
    assert wanted is not None
    _refuse_unknown_names(catalog, select)
    graph = catalog.selectable_graph
    keys = wanted.resolve(graph)
    checks = wanted.resolve_checks(graph)
    chosen = Chosen(
        asset_keys=tuple(key for key in catalog.assets if key in keys),
        check_keys=tuple(key for key in catalog.checks if key in checks),
        tags=writers_tag(chosen_writers(wanted, graph)),
    )
    if not chosen.asset_keys and not chosen.check_keys:
        fail(f"Nothing matches `{select}`.", code="invalid-selection", hint=_near_value(catalog, select))
    return chosen


def find_asset(catalog: Catalog, name: str) -> AssetKey:
    """The asset of that name: its whole key, or the last part of it where only one asset has it."""
    key = AssetKey.from_user_string(name)
    if key in catalog.assets:
        return key
    alike = [known for known in catalog.assets if known.path[-1] == name]
    if len(alike) == 1:
        return alike[0]
    if alike:
        known = ", ".join(f"`{each.to_user_string()}`" for each in alike)
        fail(f"Several assets are called `{name}`: {known}.", code="unknown-asset", hint="give the whole key")
    written = _writers(catalog).get(name.removeprefix("writer:"))
    if written is not None:
        fail(
            f"`{name}` is a writer, and this command is about assets.",
            code="unknown-asset",
            hint=f"name its asset: `{written.to_user_string()}`",
        )
    return fail(f"There is no asset `{name}`.", code="unknown-asset", hint=_near(catalog, name))


def runnable(catalog: Catalog, chosen: Chosen) -> Chosen:
    """Those of the chosen that a run can make. Ends the command where there are none."""
    keys = tuple(key for key in chosen.asset_keys if catalog.assets[key].kind == "materializable")
    if not keys and not chosen.check_keys:
        kind = catalog.assets[chosen.asset_keys[0]].kind
        hint = "use `treadle observe`" if kind == "observable" else "it is external: nothing here makes it"
        fail(f"{chosen.names} can not be materialized.", code="invalid-selection", hint=hint)
    return attrs.evolve(chosen, asset_keys=keys)


def _parts(text: str) -> Iterable[str]:
    """The parts between commas; commas within quotes or brackets do not count."""
    part, depth, quote = "", 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and depth == 0:
            yield part
            part = ""
            continue
        part += character
    yield part


def _refuse_unknown_names(catalog: Catalog, select: str | None) -> None:
    """A plain name that no asset has: the selection language lets it match nothing, a person meant something."""
    for part in () if select is None else _parts(select):
        name = part.strip().strip("+*").removeprefix("key:").strip("\"'")
        if "*" in part and part.strip().lstrip("+*").startswith("key:"):
            continue  # a pattern, not a name
        if name.startswith("writer:"):
            _refuse_unknown_writer(catalog, name.removeprefix("writer:").strip("\"'"))
            continue
        if not name or not all(character.isalnum() or character in "_/-." for character in name):
            continue
        if part.strip().startswith(("tag:", "group:", "kind:", "owner:")):
            continue
        key = AssetKey.from_user_string(name)
        if key not in catalog.assets:
            hint = _pattern_meant(catalog, part.strip(), name) or _near(catalog, name)
            fail(f"There is no asset `{name}`.", code="unknown-asset", hint=hint)


def _pattern_meant(catalog: Catalog, part: str, name: str) -> str | None:
    """Of `marts/*`: a star after a name means what is downstream of it, and patterns are written otherwise."""
    if not part.endswith("*") or not any(key.to_user_string().startswith(name) for key in catalog.assets):
        return None
    return f"every asset whose key begins so is 'key:{name}*'; `NAME*` is NAME and what is downstream of it"


def _writers(catalog: Catalog) -> dict[str, AssetKey]:
    """`orders/shopify` -> the asset, for all writers."""
    return {
        f"{key.to_user_string()}/{each.name}": key
        for key, node in catalog.assets.items()
        for each in node.writers
    }


def _refuse_unknown_writer(catalog: Catalog, name: str) -> None:
    known = _writers(catalog)
    if "*" not in name and name not in known:
        fail(
            f"There is no writer `{name}`.",
            code="unknown-writer",
            hint=did_you_mean(name, known) or "a writer is named by its asset: `writer:orders/shopify`",
        )


def _near_value(catalog: Catalog, select: str | None) -> str:
    """The nearest group, kind, … that there is, where a selection asks for one of them."""
    attribute, mark, value = (select or "").strip().strip("+*").partition(":")
    specs = [node.spec for node in catalog.assets.values()]
    known: dict[str, set[str]] = {
        "group": {spec.group_name or "default" for spec in specs},
        "kind": {kind for spec in specs for kind in spec.kinds},
        "owner": {owner for spec in specs for owner in spec.owners},
        "tag": {tag for spec in specs for tag in spec.tags},
    }
    near = did_you_mean(value.strip("\"'"), known[attribute]) if mark and attribute in known else None
    return near or "`treadle list` shows the assets"


def _near(catalog: Catalog, name: str) -> str:
    known = [key.to_user_string() for key in catalog.assets]
    return did_you_mean(name, known) or "`treadle list` shows the assets"
