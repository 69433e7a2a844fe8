"""Reading the recorded tables: building the objects they name, comparing long key lists."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from treadle.core.partitions import (
    definition,
    mapping,
    multi,
    multi_mapping,
    rhythms,
    schedule_shape,
    time_mapping,
    time_windows,
)

FOLDER = Path(__file__).parents[2] / "data/facts"
NAMES = {}
for module in (definition, time_windows, rhythms, multi, mapping, time_mapping, multi_mapping):
    NAMES.update({name: value for name, value in vars(module).items() if isinstance(value, type)})


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def shown(moment):
    if moment is None:
        return None
    moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if moment.second else "%Y-%m-%dT%H:%MZ")


def window(found):
    return None if found is None else [shown(found.start), shown(found.end)]


def build(value):
    if isinstance(value, dict):
        if "$datetime" in value:
            moment = datetime.fromisoformat(value["$datetime"])
            return moment.replace(tzinfo=ZoneInfo(value["zone"])) if value.get("zone") else moment
        if "$enum" in value:
            return schedule_shape.ScheduleType[value["$enum"]]
        if "type" in value and "args" in value:
            return NAMES[value["type"]](**{k: build(v) for k, v in value["args"].items()})
        return {k: build(v) for k, v in value.items()}
    if isinstance(value, list):
        return [build(v) for v in value]
    return value


def same_list(found, expected):
    found = [str(key) for key in found]
    if isinstance(expected, list):
        return found == expected
    if "keys" in expected:
        return found == expected["keys"] and len(found) == expected["count"]
    first, last = expected["first"], expected["last"]
    return len(found) == expected["count"] and found[: len(first)] == first and found[-len(last) :] == last


def is_error(expected):
    return isinstance(expected, dict) and "error" in expected


class Store:
    """Dynamic keys in memory."""

    def __init__(self, **keys):
        self.keys = keys

    def get_dynamic_partitions(self, name):
        return list(self.keys.get(name, []))

    def has_dynamic_partition(self, name, key):
        return key in self.keys.get(name, [])
