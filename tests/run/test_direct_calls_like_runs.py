"""What a directly called function sees and shows is what it would see and show in a run."""

import os
import subprocess
import sys

import treadle as dg


class Both(dg.Config):
    count: int = 3
    label: str | None = None


class CountOnly(dg.Config):
    count: int = 3


@dg.op
def both(context, config: Both):
    return config.count, context.op_config


@dg.op
def count_only(context, config: CountOnly):
    return config.count, context.op_config


def test_the_contexts_config_has_the_fields_left_at_their_default():
    context = dg.build_op_context(op_config={"count": 9})
    assert both(context) == (9, {"count": 9, "label": None})
    assert both(dg.build_op_context()) == (3, {"count": 3, "label": None})


def test_a_context_used_again_has_no_defaults_of_the_call_before():
    context = dg.build_op_context(op_config={"count": 9})
    assert both(context) == (9, {"count": 9, "label": None})
    assert count_only(context) == (9, {"count": 9})
    empty = dg.build_op_context()
    both(empty)
    assert both(empty, config=Both(count=5))[0] == 5


def test_what_it_logs_is_shown_once():
    program = (
        "import logging, sys, treadle as dg\n"
        "if len(sys.argv) > 1: logging.basicConfig(level='INFO')\n"
        "@dg.asset\n"
        "def orders(context): context.log.info('read all')\n"
        "orders(dg.build_asset_context())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for arguments in ([], ["configured"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.count("read all") == 1 and done.stdout == ""


def test_an_io_manager_without_config_is_told_none():
    told = []

    class Kept(dg.IOManager):
        def handle_output(self, context, obj):
            told.append(context.resource_config)

        def load_input(self, context):
            told.append(context.resource_config)

    @dg.io_manager(config_schema={"depth": dg.Field(int, default_value=1)})
    def with_schema(_):
        return Kept()

    @dg.asset
    def orders():
        return 1

    @dg.asset
    def totals(orders):
        return 1

    assert dg.materialize([orders, totals], resources={"io_manager": Kept()}).success
    assert told == [None] * 3
    told.clear()
    assert dg.materialize([orders, totals], resources={"io_manager": with_schema}).success
    assert told == [{"depth": 1}] * 3


def test_an_observation_gives_the_version_that_it_found():
    @dg.observable_source_asset
    def feed():
        return dg.DataVersion("7")

    assert feed() == dg.DataVersion("7")
