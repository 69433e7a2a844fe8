"""`treadle asset …`: list, show and wipe assets; the other verbs are those of the same name at the top."""

from collections.abc import Sequence

import click

from treadle.cli import exit_codes
from treadle.cli.asking import is_confirmed
from treadle.cli.asset_view import AssetStates, asset_as_json, asset_screen
from treadle.cli.failing import CommandError, fail
from treadle.cli.lazy_group import LazyGroup
from treadle.cli.locations import TargetOptions, enter_project, find_locations, one_location, target_options
from treadle.cli.output import counted, harmless, json_option, print_json, print_table
from treadle.cli.runs_view import time_text
from treadle.cli.selecting import Chosen, choose, find_asset, select_option
from treadle.core.catalog import Catalog
from treadle.core.errors import did_you_mean
from treadle.core.keys import AssetKey
from treadle.plan.staleness import Cause
from treadle.store.instance import Instance
from treadle.store.settings import Settings

_LISTED = ("asset", "state", "group", "kinds", "writers", "last made", "location", "why")
_COMMANDS = {
    "backfill": ("treadle.cli.commands.backfill:backfill", "Materialize a range of partitions."),
    "impact": ("treadle.cli.commands.impact:impact", "What fails or goes stale without these assets."),
    "list": ("treadle.cli.commands.asset:list_assets", "List the assets."),
    "materialize": ("treadle.cli.commands.materialize:materialize", "Materialize assets."),
    "observe": ("treadle.cli.commands.observe:observe", "Observe source assets."),
    "show": ("treadle.cli.commands.asset:show", "Everything about one asset on one screen."),
    "why": ("treadle.cli.commands.why:why", "Why an asset is stale, or not."),
    "wipe": ("treadle.cli.commands.asset:wipe", "Forget that assets were made."),
    "wipe-partitions-status-cache": (
        "treadle.cli.commands.asset:wipe_status_cache",
        "Count partitions that were made anew.",
    ),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def asset() -> None:
    """List, show, materialize, backfill, observe, wipe assets.

    For example: treadle asset list
    """


@click.command()
@target_options
@select_option
@json_option
def list_assets(target: TargetOptions, select: str | None, as_json: bool) -> None:
    """List the assets: how each stands, its group and kinds, and when it was last made.

    For example: treadle list --select 'group:marts'
    """
    settings = enter_project()
    locations = find_locations(target, settings)
    rows: list[dict[str, str]] = []
    told = []
    with Instance.of_settings(settings, only_looks=True) as instance:
        for location in locations:
            catalog = location.code().catalog
            chosen = choose(catalog, select, location.asset_names) or Chosen(asset_keys=tuple(catalog.assets))
            states = AssetStates(catalog, instance, chosen.asset_keys)
            for key in chosen.asset_keys:
                if as_json:
                    told.append(asset_as_json(catalog, key, instance, location.name, states))
                    continue
                spec, made = catalog.assets[key].spec, states.last_made(key)
                rows.append(
                    {
                        "asset": key.to_user_string(),
                        "state": states.word(key),
                        "group": spec.group_name or "default",
                        "kinds": ", ".join(sorted(spec.kinds)),
                        "writers": ", ".join(each.name for each in catalog.assets[key].writers),
                        "last made": time_text(made[0]) if made is not None else "",
                        "location": location.name,
                        "why": _why(states.stale_because(key), key),
                    }
                )
    if as_json:
        print_json(told)
        return
    left_out = {
        *(() if any(row["writers"] for row in rows) else ("writers",)),
        *(() if len(locations) > 1 else ("location",)),
        *(() if any(row["why"] for row in rows) else ("why",)),
    }
    headings = [heading for heading in _LISTED if heading not in left_out]
    print_table(headings, [[row[each] for each in headings] for row in rows], nothing="There are no assets.")


def _why(causes: Sequence[Cause], key: AssetKey) -> str:
    """The first of an asset's causes, in a row that names the asset already."""
    if not causes:
        return ""
    more = f", and {len(causes) - 1} more" if len(causes) > 1 else ""
    return causes[0].detail.removeprefix(f"{key.to_user_string()}: ") + more


@click.command()
@click.argument("asset", metavar="ASSET")
@target_options
@json_option
def show(asset: str, target: TargetOptions, as_json: bool) -> None:
    """Show everything about ASSET on one screen.

    For example: treadle show daily_revenue
    """
    settings = enter_project()
    location = one_location(target, settings)
    catalog = location.code().catalog
    key = find_asset(catalog, asset)
    with Instance.of_settings(settings, only_looks=True) as instance:
        if as_json:
            states = AssetStates(catalog, instance, [key])
            print_json(asset_as_json(catalog, key, instance, location.name, states))
            return
        for name, text in asset_screen(catalog, key, instance, location.name):
            click.echo(harmless(f"{name:<13}{text}"))


@click.command()
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@target_options
@select_option
@click.option(
    "--partition", "partitions", multiple=True, metavar="KEY", help="Only this partition; repeatable."
)
@click.option("--all", "everything", is_flag=True, help="Every asset.")
@click.option("--yes", "-y", "--noprompt", is_flag=True, help="Do not ask.")
@json_option
def wipe(
    assets: tuple[str, ...],
    target: TargetOptions,
    select: str | None,
    partitions: tuple[str, ...],
    everything: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Forget that assets, or some of their partitions, were made. Stored values and logs of runs stay.

    For example: treadle asset wipe daily_revenue --partition 2024-01-31
    """
    settings = enter_project()
    try:
        location = one_location(target, settings)
    except CommandError as error:
        # Without definitions a key alone says what is meant: what was made is known to the store.
        if error.error.code != "no-target" or select is not None or target.location is not None:
            raise
        return _wipe_by_key(
            assets or target.names, partitions, settings, everything=everything, yes=yes, as_json=as_json
        )
    catalog = location.code().catalog
    chosen = choose(catalog, select, (*location.asset_names, *assets))
    if chosen is None:
        if not everything:
            fail("Nothing says what to wipe.", code="invalid-selection", hint="name assets, or give --all")
        chosen = Chosen(asset_keys=tuple(catalog.assets))
    unpartitioned = [
        key for key in chosen.asset_keys if partitions and catalog.partitions_def_of(key) is None
    ]
    if unpartitioned:
        fail(f"`{unpartitioned[0].to_user_string()}` is not partitioned.", hint="leave --partition out")
    what = _with_partitions(chosen.names, partitions)
    if not yes and _is_refused(what, len(chosen.asset_keys), as_json=as_json):
        return exit_codes.OK
    with Instance.of_settings(settings) as instance:
        for key in chosen.asset_keys:
            if partitions:
                definition = catalog.partitions_def_of(key)
                definition.space(dynamic_partitions_store=instance).of_keys(partitions)
        _wipe(instance, chosen.asset_keys, partitions, catalog)
    if as_json:
        names = [key.to_user_string() for key in chosen.asset_keys]
        print_json({"assets": names, "partitions": list(partitions) or None})
    else:
        click.echo(f"Wiped {what}.")
    return exit_codes.OK


@click.command("wipe-partitions-status-cache")
@click.argument("names", nargs=-1, metavar="[ASSET]...")
@click.option("--all", "everything", is_flag=True, help="Every asset.")
@click.option(
    "--yes", "-y", "--noprompt", is_flag=True, help="Accepted: nothing is lost, so nobody is asked."
)
@json_option
def wipe_status_cache(names: tuple[str, ...], everything: bool, yes: bool, as_json: bool) -> None:
    """Let go of what is kept of which partitions were made, so that it is worked out from the history again.

    For example: treadle asset wipe-partitions-status-cache --all
    """
    if bool(names) == everything:
        fail("Say which: names of assets, or --all.", code="invalid-selection")
    with Instance.of_settings(enter_project()) as instance:
        keys = _known_keys(instance, names)
        for key in keys:
            instance.store.forget_cached_status(key)
    if as_json:
        print_json({"cleared": [key.to_user_string() for key in keys]})
    else:
        click.echo(f"What was kept of {counted(len(keys), 'asset')} is worked out anew.")


def _known_keys(instance: Instance, names: Sequence[str]) -> list[AssetKey]:
    """The keys of these names, or of all assets that the store knows."""
    known = {key.to_user_string(): key for key in instance.get_asset_keys()}
    for name in names:
        if name not in known:
            fail(
                f"The store knows no asset `{name}`.",
                code="unknown-asset",
                hint=did_you_mean(name, known) or "its definitions may know it: give -f FILE or -m MODULE",
            )
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def _refuse_unknown_partitions(
    instance: Instance, keys: Sequence[AssetKey], partitions: Sequence[str]
) -> None:
    """A misspelt partition would be wiped without a trace: only what was made is known without definitions."""
    for key in keys:
        made = instance.get_materialized_partitions(key)
        unknown = [partition for partition in partitions if partition not in made]
        if unknown:
            fail(
                f"The store knows no partition `{unknown[0]}` of `{key.to_user_string()}` as made.",
                code="unknown-partition",
                hint=did_you_mean(unknown[0], made)
                or f"{counted(len(made), 'partition')} of it stand as made",
            )


def _with_partitions(names: str, partitions: Sequence[str]) -> str:
    return f"{counted(len(partitions), 'partition')} of {names}" if partitions else names


def _wipe_by_key(
    names: Sequence[str],
    partitions: Sequence[str],
    settings: Settings,
    *,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Wipe what the store knows of, without any definitions."""
    if not names and not everything:
        fail("Nothing says what to wipe.", code="invalid-selection", hint="name assets, or give --all")
    with Instance.of_settings(settings) as instance:
        keys = _known_keys(instance, names)
        wanted = [key.to_user_string() for key in keys]
        _refuse_unknown_partitions(instance, keys, partitions)
        named = ", ".join(f"`{name}`" for name in wanted) if names else f"all {counted(len(wanted), 'asset')}"
        what = _with_partitions(named, partitions)
        if not yes and _is_refused(what, len(wanted), as_json=as_json):
            return exit_codes.OK
        _wipe(instance, keys, partitions)
    if as_json:
        print_json({"assets": wanted, "partitions": list(partitions) or None})
    else:
        click.echo(f"Wiped {what}.")
    return exit_codes.OK


def _wipe(
    instance: Instance,
    keys: Sequence[AssetKey],
    partitions: Sequence[str],
    catalog: Catalog | None = None,
) -> None:
    if not partitions:
        instance.wipe_assets(keys)
        return
    for key in keys:
        definition = catalog.partitions_def_of(key) if catalog is not None else None
        instance.wipe_asset_partitions(key, partitions, definition)


def _is_refused(what: str, number: int, *, as_json: bool) -> bool:
    """Ask; True where the answer is no."""
    if is_confirmed(f"Forget that {what} {'was' if number == 1 else 'were'} made?", as_json=as_json):
        return False
    if as_json:
        print_json({"assets": [], "partitions": None})
    return True
