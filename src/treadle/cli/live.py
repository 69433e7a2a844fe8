"""The live view of a terminal: lines scroll above, what runs now and how far all is stands below."""

import sys
import threading
import time
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from treadle.cli.output import open_again

_MOST_ROWS = 12


class LiveView:
    """Redraws itself a few times a second.

    Args:
        stream: the terminal.
        colour: whether colour is welcome.
        forks: True: worker processes may be forked from this one. Then no thread redraws (a process with threads does
            not fork safely), `tick` does; and `sys.stdout`, which they inherit, is left alone.
    """

    def __init__(self, stream: TextIO, colour: bool, forks: bool) -> None:
        self._console = Console(file=stream, no_color=not colour, highlight=False, soft_wrap=True)
        self._descriptor = 2 if stream is sys.stderr else 1
        self._running: dict[str, float] = {}
        self._total = (0, 0, 0)
        self._began = time.time()
        self._drawn = 0.0
        self._lock = threading.Lock()
        self._live = Live(
            console=self._console,
            refresh_per_second=8,
            transient=True,
            get_renderable=self._draw,
            auto_refresh=not forks,
            redirect_stdout=not forks,
            redirect_stderr=not forks,
        )
        self._live.start()

    def tick(self) -> None:
        """Redraw, if it is time to."""
        now = time.monotonic()
        if now - self._drawn > 0.12:
            self._drawn = now
            self._live.refresh()

    def line(self, text: str, style: str = "") -> None:
        """Print a line that stays."""
        if self._console.file.closed:  # by user code
            self._console.file = open_again(self._descriptor)
        self._console.print(Text(text, style=style))
        self.tick()

    def started(self, step_key: str, at: float) -> None:
        """A step began."""
        with self._lock:
            self._running[step_key] = at

    def ended(self, step_key: str) -> None:
        """A step is over."""
        with self._lock:
            self._running.pop(step_key, None)

    def total(self, done: int, count: int, failed: int) -> None:
        """How far the whole is."""
        self._total = (done, count, failed)
        self.tick()

    def close(self) -> None:
        """Take the view away; the lines stay."""
        self._live.stop()

    def _draw(self) -> Text:
        now = time.time()
        text = Text()
        with self._lock:
            rows = list(self._running.items())
        for step_key, at in rows[:_MOST_ROWS]:
            text.append(f"  ▶ {step_key}  {max(now - at, 0):.0f} s\n", style="cyan")
        if len(rows) > _MOST_ROWS:
            text.append(f"  … and {len(rows) - _MOST_ROWS} more running\n", style="cyan")
        done, count, failed = self._total
        if count:
            width = 30
            full = min(width, round(width * (done + failed) / count))
            text.append("  " + "█" * full + "░" * (width - full))
            text.append(f"  {done + failed}/{count} done")
        if failed:
            text.append(f", {failed} failed", style="red")
        text.append(f"  {now - self._began:.0f} s")
        return text
