"""Workers as fresh interpreters, for platforms and processes that cannot fork: they import the user's code again.

A worker finds the code by its origin (module, file or package, and the name of the definitions). What has no origin,
because it was defined in a script or a notebook, is sent by value.
"""

import os
import pickle
import secrets
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Client, Listener
from typing import Any, Final

import attrs
import cloudpickle

from treadle import compat
from treadle.core.errors import UnmetExecutorRequirementsError
from treadle.define.code import Code, CodeOrigin
from treadle.define.load_code import load_code
from treadle.run.environment import DEFAULT_IO_MANAGER
from treadle.run.log_handlers import handlers_for
from treadle.run.resource_needs import resource_definitions
from treadle.run.workers.channel import Channel
from treadle.run.workers.worker import Worker, WorkerSetup, leave

ADDRESS_VARIABLE: Final = "TREADLE_WORKER_ADDRESS"
KEY_VARIABLE: Final = "TREADLE_WORKER_KEY"
ALIAS_VARIABLE: Final = "TREADLE_WORKER_ALIAS"
"""`1` where the peer's module names resolve to ours in the run's process, so that they do in the worker too."""
START_TIMEOUT: Final = 60.0


class SpawnedStart:
    """Starts fresh interpreters as workers.

    Args:
        setup: what each worker gets.

    Raises:
        UnmetExecutorRequirementsError: the code can be neither imported nor sent to another process.
    """

    def __init__(self, setup: WorkerSetup) -> None:
        self._payload = _encode(setup)
        self._key = secrets.token_bytes(32)
        self._listener = Listener(authkey=self._key)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, producer: str) -> tuple[int, Channel]:
        """Start one; its process id and the connection to it."""
        address = self._listener.address
        environment = {
            **os.environ,
            ADDRESS_VARIABLE: pickle.dumps(address).hex(),
            KEY_VARIABLE: self._key.hex(),
            ALIAS_VARIABLE: "1" if compat.is_installed() else "",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "treadle.run.workers.spawning"],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=sys.platform != "win32",
        )
        self._processes.append(process)
        channel = Channel(self._accept(process))
        for part in self._payload:
            channel.connection.send_bytes(part)
        channel.send("producer", producer)
        return process.pid, channel

    def _accept(self, process: "subprocess.Popen[bytes]") -> Any:
        """The worker's connection; waits no longer than the worker lives."""
        answer: list[Any] = []
        thread = threading.Thread(target=lambda: answer.append(self._listener.accept()), daemon=True)
        thread.start()
        end = time.monotonic() + START_TIMEOUT
        while thread.is_alive():
            thread.join(0.02)
            if not answer and (process.poll() is not None or time.monotonic() > end):
                raise UnmetExecutorRequirementsError(
                    f"A worker process did not start (exit status {process.poll()}).",
                    code="start-timeout",
                    hint="its own message stands on stderr",
                )
        return answer[0]

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
        for process in self._processes:
            # The pool has reaped them; Popen must not warn that it has not.
            process.returncode = process.returncode if process.returncode is not None else 0


def _encode(setup: WorkerSetup) -> tuple[bytes, bytes]:
    """The code (or where it is), and the rest, which may refer to the code's modules and is read after it."""
    env = setup.env
    code = env.code
    carried: Any = code if code.origin is None else code.origin
    # What only this process has, or what the worker makes itself from the code, is left out.
    changes: dict[str, Any] = {
        "code": None,
        "job_def": None,
        "instance": None,
        "gate": None,
        "resources": None,
        "captured": None,
        "versions": attrs.evolve(env.versions, read=None, read_together=None),
        "log_handlers": (),
    }
    rest: dict[str, Any] = {"env": None}
    if code.origin is not None:
        rest["definitions"] = None
    try:
        lean = (attrs.evolve(env, **changes), attrs.evolve(setup, **rest))
        return cloudpickle.dumps(carried), cloudpickle.dumps(lean)
    except Exception as error:
        raise UnmetExecutorRequirementsError(
            f"The definitions cannot be sent to another process: {error}",
            hint="load them from a module or a file, use the in-process executor, or make them picklable",
        ) from error


def main() -> None:
    """The life of a spawned worker; it ends without a word where the run's process is gone before it begins."""
    address = pickle.loads(bytes.fromhex(os.environ.pop(ADDRESS_VARIABLE)))
    key = bytes.fromhex(os.environ.pop(KEY_VARIABLE))
    if os.environ.pop(ALIAS_VARIABLE, ""):
        compat.install()
    try:
        connection: Any = Client(address, authkey=key)
        channel = Channel(connection)
        carried, settings = connection.recv_bytes(), connection.recv_bytes()
        _, producer = channel.receive()
    except (OSError, EOFError):
        leave()
        return
    _make_worker(carried, settings, channel, producer).serve()
    leave()


def _make_worker(carried_bytes: bytes, settings: bytes, channel: Channel, producer: str) -> Worker:
    """Load the user's code, which may be anything, and only then what refers to it."""
    carried = pickle.loads(carried_bytes)
    code: Code = load_code(carried) if isinstance(carried, CodeOrigin) else carried
    env, setup = pickle.loads(settings)
    env.job_def = code.jobs.get(env.job_name)
    # Of a job of ops, the code is its own; code that was carried is that already.
    env.code = env.job_def.code if env.job_def is not None and isinstance(carried, CodeOrigin) else code
    env.log_handlers = handlers_for(
        env.code.loggers, setup.logger_config, env.run, env.job_def, env.python_logs
    )
    definitions = setup.definitions
    if definitions is None:
        definitions = resource_definitions(env.code, frozenset({DEFAULT_IO_MANAGER}))
    return Worker(attrs.evolve(setup, env=env, definitions=definitions), channel, producer)


if __name__ == "__main__":
    main()
