"""The live view of a terminal: lines scroll above, what runs now and how far all is stands below."""

import threading
import time
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

_MOST_ROWS = 12


class LiveView:
    """Redraws itself a few times a second.

    Args:
        stream: the terminal.
        colour: whether colour is welcome.
    """

    def __init__(self, stream: TextIO, colour: bool) -> None:
        self._console = Console(file=stream, no_color=not colour, highlight=False, soft_wrap=True)
        self._running: dict[str, float] = {}
        self._total = (0, 0, 0)
        self._began = time.time()
        self._lock = threading.Lock()
        # User code may print: rich takes what it writes to sys.stdout and sets it above the view.
        self._live = Live(
            console=self._console, refresh_per_second=8, transient=True, get_renderable=self._draw
        )
        self._live.start()

    def line(self, text: str, style: str = "") -> None:
        """Print a line that stays."""
        self._console.print(Text(text, style=style))

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
