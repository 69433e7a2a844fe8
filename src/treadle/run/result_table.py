"""A run's result as an HTML table, for notebooks. Everything that users wrote is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from treadle.core.events import Event, EventType
from treadle.core.metadata_entries import metadata_from_wire

_MOST_ROWS: Final = 200
_MOST_METADATA: Final = 6
_OUTCOMES: Final = {
    EventType.STEP_SUCCESS: "succeeded",
    EventType.STEP_FAILURE: "failed",
    EventType.STEP_SKIPPED: "skipped",
}


class StepRow:
    """What is told of one step."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.outcome = "not run"
        self.started: float | None = None
        self.ended: float | None = None
        self.made: list[str] = []
        self.metadata: list[str] = []

    def add(self, event: Event) -> None:
        """Take what an event of the step tells."""
        kind = event.type
        if kind is EventType.STEP_START and self.started is None:
            self.started = event.timestamp
            self.outcome = "started"
        elif kind in _OUTCOMES:
            self.outcome = _OUTCOMES[kind]
            self.ended = event.timestamp
        elif kind is EventType.ASSET_MATERIALIZATION and event.asset_key is not None:
            self.made.append(_asset_text(event))
            self.metadata += _metadata_texts(event)
        elif kind is EventType.ASSET_CHECK_EVALUATION:
            data: Any = event.data
            self.made.append(f"check {data.name}: {'passed' if data.passed else 'FAILED'}")

    @property
    def seconds(self) -> str:
        """How long it took, or nothing."""
        if self.started is None or self.ended is None:
            return ""
        return f"{self.ended - self.started:.2f} s"


def html_table(title: str, steps: Sequence[str], events: Iterable[Event]) -> str:
    """The steps of a run, one a row.

    Args:
        title: stands above the table.
        steps: step keys, in order.
        events: of the run.
    """
    rows = {key: StepRow(key) for key in steps}
    for event in events:
        if event.step_key:
            rows.setdefault(event.step_key, StepRow(event.step_key)).add(event)
    shown = list(rows.values())
    lines = "".join(_row(row) for row in shown[:_MOST_ROWS])
    more = len(shown) - _MOST_ROWS
    rest = f'<tr><td colspan="5">and {more} more</td></tr>' if more > 0 else ""
    head = "".join(f"<th>{name}</th>" for name in ("step", "", "took", "made", "metadata"))
    return f"<p>{escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{lines}{rest}</tbody></table>"


def _row(row: StepRow) -> str:
    cells = (row.key, row.outcome, row.seconds, ", ".join(row.made), "; ".join(row.metadata[:_MOST_METADATA]))
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _asset_text(event: Event) -> str:
    assert event.asset_key is not None
    name = event.asset_key.to_user_string()
    keys = event.partition_keys
    if not keys:
        return name
    return (
        f"{name} [{keys[0]}]"
        if len(keys) == 1
        else f"{name} [{keys[0]} … {keys[-1]}, {len(keys)} partitions]"
    )


def _metadata_texts(event: Event) -> list[str]:
    data: Any = event.data
    values = metadata_from_wire(data.metadata)
    return [f"{name} = {_short(getattr(value, 'value', value))}" for name, value in values.items()]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
