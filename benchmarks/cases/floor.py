"""What no implementation can do without, on this machine and in this run: the figures that the others are multiples of."""

import json
import os
import sys

from benchmarks.case import NotAvailable, Side, case, seconds, seconds_of_command
from benchmarks.cases.runs import commits, function_call
from benchmarks.cases.start import bare_interpreter


@case("floor-call", "floor: a function call", "s", peer=False)
def call(side: Side) -> float:
    return function_call(side)


@case("floor-encode", "floor: encode an event", "s", peer=False)
def encode(side: Side) -> float:
    try:
        from msgspec.json import Encoder
    except ModuleNotFoundError as error:
        raise NotAvailable(f"needs {error.name}") from None
    encode = Encoder().encode
    event = {
        "run": 1,
        "kind": "STEP_START",
        "at": 1.5,
        "message": "Step one started",
        "step": "one",
        "pid": 4,
    }

    def work() -> None:
        for _ in range(100_000):
            encode(event)

    return seconds(work) / 100_000


@case("floor-encode-json", "floor: encode an event with the standard library", "s", peer=False)
def encode_with_standard_library(_: Side) -> float:
    event = {
        "run": 1,
        "kind": "STEP_START",
        "at": 1.5,
        "message": "Step one started",
        "step": "one",
        "pid": 4,
    }

    def work() -> None:
        for _ in range(100_000):
            json.dumps(event)

    return seconds(work) / 100_000


@case("floor-commit", "floor: a SQLite commit of one row", "s", peer=False)
def commit(side: Side) -> float:
    return commits(500, 1)(side) / 500


@case(
    "floor-insert", "floor: rows inserted in batches into SQLite", "events/s", peer=False, more_is_better=True
)
def insert(side: Side) -> float:
    return 20_000 / commits(80, 250)(side)


@case("floor-fork", "floor: fork of this process, until it is gone", "s", peer=False)
def fork(_: Side) -> float:
    def work() -> None:
        for _ in range(50):
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)

    return seconds(work) / 50


@case("floor-interpreter", "floor: a bare interpreter", "s", peer=False)
def interpreter(side: Side) -> float:
    return bare_interpreter(side)


@case("floor-import-parts", "floor: import the parts every process needs (attrs, msgspec)", "s", peer=False)
def parts(side: Side) -> float:
    with_them = seconds_of_command(sys.executable, "-c", "import attrs, msgspec")
    return with_them - bare_interpreter(side)
