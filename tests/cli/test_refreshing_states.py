"""`treadle utils refresh-defs-state`: components fetch what their definitions are made of."""

import json

import pytest

from tests.cli.conftest import Project, package_of

COMPONENT = """
import treadle as dg
from treadle.components import DefsStateConfig, DefsStateManagementType, StateBackedComponent

class Tables(StateBackedComponent, dg.Model, dg.Resolvable):
    name: str = "tables"
    fails: bool = False

    @property
    def defs_state_config(self):
        return DefsStateConfig(self.name, DefsStateManagementType.LOCAL_FILESYSTEM, False)

    def write_state_to_path(self, state_path):
        if self.fails:
            raise OSError("the warehouse is away")
        state_path.write_text("orders")

    def build_defs_from_state(self, context, state_path):
        names = [] if state_path is None else state_path.read_text().split()
        return dg.Definitions(assets=[dg.AssetSpec(f"{self.name}_{name}") for name in names])
"""


@pytest.fixture
def stateful(shop: Project) -> Project:
    folder = package_of(shop) / "defs" / "tables"
    folder.mkdir()
    (folder / "local.py").write_text(COMPONENT)
    return shop


def _declare(project: Project, *attributes: str) -> None:
    documents = [f"type: .local.Tables\nattributes: {each}\n" for each in attributes]
    (package_of(project) / "defs" / "tables" / "defs.yaml").write_text("---\n".join(documents))


def test_a_fetched_state_is_what_definitions_are_made_of(stateful: Project) -> None:
    _declare(stateful, "{}")
    assert "tables_orders" not in stateful.treadle("list", "defs").out
    assert stateful.treadle("utils", "refresh-defs-state").out == "tables: fetched\n"
    assert "tables_orders" in stateful.treadle("list", "defs").out


def test_one_that_fails_hinders_no_other(stateful: Project) -> None:
    _declare(stateful, "{fails: true, name: a}", "{name: b}", "{name: b}")
    outcome = stateful.treadle("utils", "refresh-defs-state", "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out) == [
        {"key": "a", "error": "OSError: the warehouse is away"},
        {"key": "b", "error": None},
    ]


def test_states_are_chosen_by_key_and_by_where_they_are_kept(stateful: Project) -> None:
    _declare(stateful, "{name: a}", "{name: b}")
    assert stateful.treadle("utils", "refresh-defs-state", "--defs-state-key", "b").out == "b: fetched\n"
    wrong = stateful.treadle("utils", "refresh-defs-state", "--defs-state-key", "warehouse")
    assert wrong.code == 2 and "there are `a`, `b`" in wrong.err
    elsewhere = ("utils", "refresh-defs-state", "--management-type", "VERSIONED_STATE_STORAGE")
    assert stateful.treadle(*elsewhere).out == "No component keeps a state.\n"


def test_flags_that_say_what_is_so_anyway_are_taken(stateful: Project) -> None:
    _declare(stateful, "{}")
    assert stateful.treadle("check", "yaml", "--no-validate-requirements").code == 0
    assert stateful.treadle("check", "defs", "--no-check-yaml", "--verbose").code == 0
