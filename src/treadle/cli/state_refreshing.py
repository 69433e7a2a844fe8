"""`treadle utils refresh-defs-state`: has components fetch the state that their definitions are made of."""

from collections.abc import Sequence
from typing import Any

import click

from treadle.cli import exit_codes
from treadle.cli.component_listing import tree_of_project
from treadle.cli.failing import fail
from treadle.cli.output import harmless, print_json
from treadle.components.lib.state import DefsStateManagementType, StateBackedComponent
from treadle.core.errors import TreadleError, did_you_mean
from treadle.run.event_loops import run_to_end

_KEPT = (DefsStateManagementType.LOCAL_FILESYSTEM, DefsStateManagementType.VERSIONED_STATE_STORAGE)


def refresh_states(keys: Sequence[str], kinds: Sequence[str], as_json: bool) -> int:
    """Fetch states and keep them; one that fails hinders no other.

    Args:
        keys: of the states; all where none is named.
        kinds: only those that are kept so.
        as_json: True: say what happened as JSON.
    """
    tree = tree_of_project()
    wanted = {DefsStateManagementType(kind) for kind in kinds} or set(_KEPT)
    found: dict[str, StateBackedComponent] = {}
    try:
        for component in tree.get_all_components(of_type=StateBackedComponent):  # type: ignore[type-abstract]
            if component.defs_state_config.management_type in wanted:
                found.setdefault(component.defs_state_config.key, component)
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint, exit_code=exit_codes.NOT_LOADED)
    for key in keys:
        if key not in found:
            hint = did_you_mean(key, found) or "no component keeps any"
            fail(f"No component keeps a state `{key}`.", code="not-found", hint=hint)
    told: list[dict[str, Any]] = []
    for key, component in found.items():
        if not keys or key in keys:
            told.append({"key": key, "error": _refreshed(component, tree.project_root)})
    if as_json:
        print_json(told)
    for one in told if not as_json else ():
        click.echo(harmless(f"{one['key']}: {one['error'] or 'fetched'}"))
    if not told and not as_json:
        click.echo("No component keeps a state.")
    return exit_codes.FAILED if any(one["error"] for one in told) else exit_codes.OK


def _refreshed(component: StateBackedComponent, project_root: Any) -> str | None:
    """What went wrong, or None."""
    try:
        run_to_end(component.refresh_state(project_root))
    except Exception as error:  # noqa: BLE001 - fetching is the user's code
        return f"{type(error).__name__}: {error}"
    return None
