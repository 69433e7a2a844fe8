"""Runs of assets with a given executor."""

import uuid
from collections.abc import Sequence
from typing import Any

from treadle.core.runs import Run
from treadle.define.build_catalog import build_code
from treadle.plan.build import plan_assets
from treadle.run.engine import RunOrder, execute
from treadle.run.executors.choose import executor_by_name
from treadle.run.executors.in_process import InProcessExecutor
from treadle.run.executors.processes import ProcessExecutor
from treadle.run.executors.threads import ThreadExecutor
from treadle.run.results import RunResult
from treadle.store.instance import Instance

GRACE = 0.5


def executor(name: str, most: int = 4) -> Any:
    """An executor by a short name."""
    if name in ("fork", "spawn"):
        return ProcessExecutor(most, start=name, grace=GRACE)
    return {
        "in_process": InProcessExecutor,
        "threads": lambda: ThreadExecutor(most),
        "asyncio": lambda: executor_by_name("asyncio", {}),
    }[name]()


def run(
    assets: Sequence[Any],
    instance: Instance,
    how: Any = "in_process",
    resources: dict[str, Any] | None = None,
    **order: Any,
) -> RunResult:
    """Run all of `assets`."""
    code = build_code(assets=assets, resources=resources)
    wanted = [key for key, node in code.catalog.assets.items() if node.computation is not None]
    plan = plan_assets(code.catalog, wanted, job_name="test")
    new = Run(run_id=str(uuid.uuid4()), job_name="test", plan_id=plan.plan_id)
    chosen = executor(how) if isinstance(how, str) else how
    return RunResult(
        execute(RunOrder(code=code, plan=plan, run=new, instance=instance, executor=chosen, **order))
    )
