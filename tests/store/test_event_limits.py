"""B12, T59: what is too large for an event is cut with a note, and never fails a run whose data was written."""

import pytest

import treadle as dg
from tests.store import invariants
from tests.store.making import NOW, ORDERS, begin, event, finish
from treadle.core.events import AssetData, ErrorInfo, EventType, FailureData, LogData
from treadle.core.metadata_entries import MAX_EVENT_BYTES
from treadle.core.run_states import RunStatus
from treadle.store import Store
from treadle.store.event_limits import LONGEST_TEXT, cut_text


def largest_body(store: Store) -> int:
    rows = [
        *invariants.rows(store, "SELECT MAX(LENGTH(body)) FROM events"),
        *invariants.rows(store, "SELECT MAX(LENGTH(body)) FROM asset_events"),
        *invariants.rows(store, "SELECT MAX(LENGTH(error)) FROM runs"),
    ]
    return max(row[0] or 0 for row in rows)


def wide_schema(columns: int) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(f"column_{n}", "int64") for n in range(columns)])


@pytest.mark.parametrize(
    ("metadata", "key", "note"),
    [
        ({"report": "x" * 50_000_000, "rows": 3}, "report", "metadata-too-large: 50,000,0"),
        ({"columns": wide_schema(100_000), "rows": 3}, "columns", "metadata-too-large: table_schema of"),
        ({"rows": 3} | {f"k{n}": "v" * 200 for n in range(10_000)}, "…", "more entries are not kept"),
    ],
    ids=["50-MB-text", "100k-columns", "10k-keys"],
)
def test_metadata_that_is_too_large_is_cut_and_the_run_succeeds(
    store: Store, metadata: dict[str, object], key: str, note: str
) -> None:
    @dg.asset
    def report() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=metadata)

    instance = dg.Instance(store)
    assert dg.materialize([report], instance=instance, resources={"io_manager": dg.mem_io_manager}).success
    stored = instance.get_latest_materialization_event(report.key).asset_materialization.metadata
    assert note in stored[key].value
    assert stored["rows"].value == 3
    assert largest_body(store) <= MAX_EVENT_BYTES * 1.1


def test_metadata_that_fits_is_kept_whole(store: Store) -> None:
    data = AssetData(metadata={"n": {"kind": "text", "value": "x" * 900_000}})
    write = event("a", EventType.ASSET_MATERIALIZATION, asset_key=ORDERS, data=data)
    finish(store, begin(store, "a", write))
    (found,) = [each.event for each in store.read_events("a") if each.event.asset_key]
    assert found.data.metadata["n"]["value"] == "x" * 900_000


def test_errors_and_log_lines_that_are_too_large_keep_both_ends(store: Store) -> None:
    text = "begins" + "x" * 3_000_000 + "ends"
    error = ErrorInfo(class_name="E", message=text, stack=text, cause=ErrorInfo(class_name="C", message=text))
    line = event("a", EventType.LOG, message=text, data=LogData(fields={"f": text}))
    lease = begin(store, "a", line)
    failed = event("a", EventType.RUN_FAILURE, data=FailureData(error=error))
    store.finish_run(lease, RunStatus.FAILURE, [failed], NOW)
    assert largest_body(store) < MAX_EVENT_BYTES
    told = store.find_run("a").error
    for kept in (told.message, told.stack, told.cause.message):
        assert kept.startswith("begins") and kept.endswith("ends") and "characters are left out" in kept
    (said,) = [each.event for each in store.read_events("a") if each.event.type is EventType.LOG]
    assert said.message == cut_text(text) and len(said.message) < LONGEST_TEXT + 100
