"""What a benchmark is. Only the standard library: this is imported in the peer's environment too."""

import importlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

SideName = Literal["ours", "peer", "floor"]
PACKAGES = {"ours": "treadle", "peer": "dagster"}


class NotAvailable(Exception):
    """This side cannot do what the case measures."""


@dataclass
class Side:
    """Who is measured, as a case sees it: the package, its command, a fresh home."""

    name: SideName

    @property
    def package(self) -> str:
        return PACKAGES[self.name]

    @property
    def dg(self) -> Any:
        """The package under measurement; cases use names that both have."""
        return _Names(importlib.import_module(self.package))

    @property
    def command(self) -> tuple[str, ...]:
        """What starts the side's command line: the installed script, or for us what that script does."""
        path = Path(sys.executable).with_name(self.package)
        if path.exists():
            return (str(path),)
        if self.name == "ours":
            return (sys.executable, "-c", "from treadle.cli.main import main; main()")
        raise NotAvailable(f"no command `{path.name}`")

    @contextmanager
    def home(self) -> Iterator[str]:
        """An empty home for runs that are stored, set for this process and its children."""
        folder = tempfile.mkdtemp(prefix=f"bench-{self.name}-")
        os.environ["DAGSTER_HOME"] = folder
        os.environ["TREADLE_HOME"] = folder
        Path(folder, "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class _Names:
    """The package's public names; a name that is missing means that the case is not available, not that it failed."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise NotAvailable(f"{self._module.__name__} has no `{name}` yet") from None
        except ModuleNotFoundError as error:
            raise NotAvailable(f"`{name}` needs {error.name}") from None


Measure = Callable[[Side], float]


@dataclass(frozen=True)
class Case:
    """One row of the table. `measure` returns seconds, bytes or events a second, as `unit` says."""

    name: str
    what: str
    unit: Literal["s", "bytes", "events/s", "ratio"]
    measure: Measure
    target: float | None = None
    floor: Measure | None = None
    floor_is: str = ""
    peer: bool = True
    """False where the peer has no such thing or would take minutes; its figure is then left out."""
    peer_rounds: int | None = None
    more_is_better: bool = False


@dataclass
class Registry:
    cases: dict[str, Case] = field(default_factory=dict)

    def __call__(self, name: str, what: str, unit: Any, **rest: Any) -> Callable[[Measure], Measure]:
        def register(measure: Measure) -> Measure:
            if name in self.cases:
                raise ValueError(f"two benchmarks are called {name!r}")
            self.cases[name] = Case(name=name, what=what, unit=unit, measure=measure, **rest)
            return measure

        return register


case = Registry()


CLOCK = os.environ.get("BENCH_CLOCK", "wall")
"""`wall`, or `cpu`: seconds of processor time, which a machine shared with others hardly changes."""


def now() -> float:
    """Seconds of the chosen clock in this process."""
    return time.process_time() if CLOCK == "cpu" else time.perf_counter()


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = now()
    work()
    return now() - start


def seconds_of_command(*command: str, times: int = 5, cwd: str | None = None) -> float:
    """The median time of a command that must succeed."""

    def run() -> None:
        done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if f"No module named '{PACKAGES['ours']}." in done.stderr:
            raise NotAvailable(done.stderr.strip().rpartition("\n")[2])
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")

    def once() -> float:
        before = _processor_time_of_children()
        wall = seconds(run)
        return _processor_time_of_children() - before if CLOCK == "cpu" else wall

    run()  # bytecode and file cache
    return sorted(once() for _ in range(times))[times // 2]


def _processor_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
