"""What it costs that `import dagster` means us."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.case import Side, case

MODULES, ASSETS = 50, 20

MODULE = """
from {package} import AssetExecutionContext, AssetKey, MaterializeResult, asset
import {package} as dg
"""
ASSET = """
@asset(group_name="group_{m}", deps=[AssetKey("asset_{m}_{up}")])
def asset_{m}_{n}(context: AssetExecutionContext) -> MaterializeResult:
    return dg.MaterializeResult(metadata={{"rows": dg.MetadataValue.int(1)}})
"""
LOAD = """
import sys, time
sys.path.insert(0, {folder!r})
start = time.{clock}()
{before}
import importlib
import {package} as dg
modules = [importlib.import_module("part_%d" % n) for n in range({modules})]
dg.Definitions(assets=dg.load_assets_from_modules(modules)).resolve()
print(time.{clock}() - start)
"""


@case(
    "alias-load",
    "load a project of 50 files under the alias: more than with our own name",
    "ratio",
    target=0.10,
    floor=lambda _: 0.0,
    floor_is="the same project that imports treadle",
    peer=False,
)
def load_under_alias(side: Side) -> float:
    side.dg.Definitions  # noqa: B018  not available where the name is missing
    with tempfile.TemporaryDirectory() as folder:
        scripts = {}
        for package, before in (
            (side.package, ""),
            ("dagster", "import treadle.compat; treadle.compat.install()"),
        ):
            home = Path(folder, package)
            home.mkdir()
            for m in range(MODULES):
                text = MODULE.format(package=package)
                text += "".join(ASSET.format(m=m, n=n, up=n // 2 or "none") for n in range(ASSETS))
                (home / f"part_{m}.py").write_text(text)
            scripts[package] = LOAD.format(
                folder=str(home), before=before, package=package, modules=MODULES, clock="process_time"
            )
        times: dict[str, list[float]] = {package: [] for package in scripts}
        # In turns, so that both meet the same machine; the first round writes the bytecode.
        for _ in range(8):
            for package, script in scripts.items():
                done = subprocess.run(
                    [sys.executable, "-c", script], check=True, capture_output=True, text=True
                )
                times[package].append(float(done.stdout))
        best = {package: min(each[1:]) for package, each in times.items()}
        return best["dagster"] / best[side.package] - 1
