"""`treadle instance`: where everything is remembered."""

import click

from treadle.cli import exit_codes
from treadle.cli.commands.config import config
from treadle.cli.failing import fail
from treadle.cli.locations import enter_project
from treadle.cli.output import json_option, print_json
from treadle.store.instance import Instance
from treadle.store.slots import PoolUse


@click.group()
def instance() -> None:
    """Show and migrate where everything is remembered.

    For example: treadle instance info
    """


@instance.command()
@json_option
@click.pass_context
def info(context: click.Context, as_json: bool) -> None:
    """Show each effective setting and where it comes from.

    For example: treadle instance info --json
    """
    context.invoke(config, as_json=as_json)


@instance.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the store to this version. Opening it does that by itself; this says that it did.

    For example: treadle instance migrate
    """
    _tell_of_store(as_json)


@instance.command()
@json_option
def reindex(as_json: bool) -> None:
    """Nothing to do here: the store keeps its indexes itself.

    For example: treadle instance reindex
    """
    _tell_of_store(as_json)


def _tell_of_store(as_json: bool) -> None:
    with Instance.of_settings(enter_project()):
        pass  # opening it brings it up to date
    if as_json:
        print_json({"is_up_to_date": True})
    else:
        click.echo("The store is up to date.")


@instance.group()
def concurrency() -> None:
    """Show and set how many steps may hold a pool at once.

    For example: treadle instance concurrency set api 2
    """


@concurrency.command("get")
@click.argument("pool", required=False)
@click.option("--all", "every", is_flag=True, help="All pools.")
@json_option
def get_limits(pool: str | None, every: bool, as_json: bool) -> None:
    """Show the limit of a POOL, or of all, and how much of it is held.

    For example: treadle instance concurrency get --all
    """
    if pool is None and not every:
        fail("Name a pool, or give --all.", exit_code=exit_codes.FAILED)
    with Instance.of_settings(enter_project()) as opened:
        default = opened.store.slots.default_limit
        found = {use.pool: use for use in opened.store.pools()}
    if not every and pool is not None:
        found = {pool: found.get(pool, PoolUse(pool, None, 0))}
    limits = {name: use.slot_limit if use.slot_limit is not None else default for name, use in found.items()}
    if as_json:
        print_json(
            [{"pool": use.pool, "limit": limits[use.pool], "held": use.held} for use in found.values()]
        )
        return
    if not found:
        click.echo("No pool has a limit or is held. Limit one: treadle instance concurrency set POOL LIMIT")
    for use in found.values():
        limit = limits[use.pool]
        click.echo(f"{use.pool}: {use.held} held, {'no limit' if limit is None else f'at most {limit}'}")


@concurrency.command("set")
@click.argument("pool")
@click.argument("limit", type=click.IntRange(0, 2**31 - 1))
@json_option
def set_limit(pool: str, limit: int, as_json: bool) -> None:
    """Let at most LIMIT steps hold POOL at once, in all runs. Steps that hold it keep it.

    For example: treadle instance concurrency set api 2
    """
    settings = enter_project()
    with Instance.of_settings(settings) as opened:
        if pool in settings.pools and settings.pools[pool] != limit:
            fail(
                f"The settings limit `{pool}` to {settings.pools[pool]}.",
                hint=f"change it in {settings.sources.get('pools', 'the settings')}, which wins on every start",
            )
        opened.store.set_pool_limit(pool, limit)
    if as_json:
        print_json({"pool": pool, "limit": limit})
    else:
        click.echo(f"{pool}: at most {limit} at once.")
