"""Makes the events of one producer of a run: stamps time, job and the dedup key on each."""

from itertools import count
from time import time

from treadle.core.events import Event, EventData, EventType
from treadle.core.keys import AssetKey

DEBUG, INFO, WARNING, ERROR = 10, 20, 30, 40


class EventMaker:
    """One source of events: a process of a run.

    Args:
        run_id: the run.
        job_name: its job.
        attempt: the lease's attempt.
        producer: unique among the run's processes of one attempt.
    """

    __slots__ = ("_numbers", "attempt", "job_name", "pid", "producer", "run_id")

    def __init__(
        self, run_id: str, job_name: str, attempt: int = 1, producer: str = "", pid: int | None = None
    ) -> None:
        self.run_id = run_id
        self.job_name = job_name
        self.attempt = attempt
        self.producer = producer
        self.pid = pid
        self._numbers = count()

    def make(
        self,
        kind: EventType,
        step_key: str | None = None,
        data: EventData | None = None,
        message: str = "",
        *,
        level: int = DEBUG,
        asset_key: AssetKey | None = None,
        partition_keys: tuple[str, ...] | None = None,
    ) -> Event:
        """The next event of this producer."""
        return Event(
            run_id=self.run_id,
            type=kind,
            timestamp=time(),
            attempt=self.attempt,
            producer=self.producer,
            n=next(self._numbers),
            job_name=self.job_name,
            step_key=step_key,
            asset_key=asset_key,
            partition_keys=partition_keys,
            level=level,
            message=message,
            data=data,
            pid=self.pid,
        )

    def make_start(self, step_key: str, attempt: int) -> Event:
        """That an attempt of a step begins."""
        again = "" if attempt == 1 else f" again, attempt {attempt}"
        kind = EventType.STEP_START if attempt == 1 else EventType.STEP_RESTARTED
        return self.make(kind, step_key, None, f"Step {step_key} started{again}")
