"""Workers that are fresh interpreters: they import the user's code once, however many steps they run."""

from pathlib import Path

import pytest

from treadle import multiprocess_executor
from treadle.core.keys import AssetKey
from treadle.define.load_code import load_code
from treadle.plan.build import plan_assets
from treadle.run.execute import execute_plan
from treadle.run.executors.choose import executor_for, is_a_chain
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.executors.processes import ProcessExecutor
from treadle.store.instance import Instance

MODULE = """
import os
from pathlib import Path
from treadle import Definitions, asset, define_asset_job

with Path(os.environ["TEST_IMPORTS"]).open("a") as file:
    file.write("imported\\n")

def make(number):
    @asset(name=f"step{number}", deps=[f"step{number - 1}"] if number % 3 else [])
    def made():
        return number
    return made

defs = Definitions(assets=[make(number) for number in range(6)])
"""


@pytest.mark.parametrize(("start", "imports"), [("fork", 1), ("spawn", 3)])
def test_user_code_is_imported_once_a_worker(
    start: str, imports: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, module = tmp_path / "imports", tmp_path / "definitions_of_a_test.py"
    module.write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("TEST_IMPORTS", str(counted))
    code = load_code(file=module)
    plan = plan_assets(code.catalog, list(code.catalog.assets), job_name="all")
    with Instance.at(tmp_path / "home") as instance:
        result = execute_plan(
            code, plan, instance=instance, executor=ProcessExecutor(2, start=start), capture_values=True
        )
        assert result.success
        assert result.asset_value("step5") == 5
    assert counted.read_text(encoding="utf-8").count("imported") <= imports


def test_the_plan_and_the_settings_choose_the_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue §3: in process where no two steps could run side by side, else in processes; an explicit one wins."""
    module = tmp_path / "definitions_of_a_test.py"
    module.write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("TEST_IMPORTS", str(tmp_path / "imports"))
    catalog = load_code(file=module).catalog
    chain = plan_assets(catalog, [AssetKey(name) for name in ("step0", "step1", "step2")])
    wide = plan_assets(catalog, list(catalog.assets))
    assert is_a_chain(chain)
    assert isinstance(executor_for(None, {}, chain), InProcessExecutor)
    assert isinstance(executor_for(None, {}, wide), ProcessExecutor)
    explicit = multiprocess_executor.configured({"max_concurrent": 1})
    assert isinstance(executor_for(explicit, {}, chain), ProcessExecutor)
    assert isinstance(executor_for(None, {"config": {"in_process": {}}}, wide), InProcessExecutor)
