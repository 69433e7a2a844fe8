"""A write is whole or has not been: killed, out of space, failing half-way (T55, T62, I10)."""

import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import time

import pytest

import treadle as dg
from tests.small_disks import MakeDisk
from treadle.run.io_managers.atomic import TEMPORARY_PREFIX, atomic_write, remove_leftovers

WRITER = """
import sys
from treadle.run.io_managers.filesystem import PickledObjectFilesystemIOManager
import treadle as dg
manager = PickledObjectFilesystemIOManager(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    manager.handle_output(dg.build_output_context(asset_key=dg.AssetKey("big")), [number] * 200_000)
"""


def leftovers(folder) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(TEMPORARY_PREFIX)]


def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_value(tmp_path):
    """T62, bounded: each round kills another process at a random moment."""
    chance = random.Random(62)
    (tmp_path / "big").write_bytes(pickle.dumps([0] * 200_000))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=env
        )
        try:
            assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.03))
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.close()
        value = pickle.loads((tmp_path / "big").read_bytes())
        assert len(value) == 200_000 and len(set(value)) == 1
    with atomic_write(str(tmp_path / "other")) as file:
        file.write(b"x")
    assert sorted(os.listdir(tmp_path)) == ["big", "other"]


def test_only_what_nobody_writes_any_more_is_swept(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with atomic_write(str(tmp_path / "mine")) as file:
        (own,) = leftovers(tmp_path)
        machine = own.removeprefix(TEMPORARY_PREFIX).split("-")[0]
        (tmp_path / f"{TEMPORARY_PREFIX}{machine}-{gone.pid}-1.00-0").touch()
        (tmp_path / f"{TEMPORARY_PREFIX}elsewhere-{gone.pid}-1.00-0").touch()
        assert remove_leftovers(str(tmp_path), time.time()) == 1
        assert set(leftovers(tmp_path)) == {own, f"{TEMPORARY_PREFIX}elsewhere-{gone.pid}-1.00-0"}
        file.write(b"kept")
    assert remove_leftovers(str(tmp_path), time.time() + 3700) == 1
    assert (tmp_path / "mine").read_bytes() == b"kept" and leftovers(tmp_path) == []


def test_the_first_write_of_a_process_into_a_folder_removes_what_a_dead_one_left(tmp_path):
    script = (
        "import os, signal, sys\n"
        "from treadle.run.io_managers.atomic import atomic_write\n"
        "with atomic_write(sys.argv[1]) as file:\n"
        "    file.write(b'half')\n    file.flush()\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a")], env=env)
    assert len(leftovers(tmp_path)) == 1
    with atomic_write(str(tmp_path / "b")) as file:
        file.write(b"whole")
    assert os.listdir(tmp_path) == ["b"]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(ValueError, match="half"):
        with atomic_write(str(tmp_path / "a")) as file:
            file.write(b"ne")
            raise ValueError("half-way")
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"old"


def test_an_io_manager_that_fails_leaves_no_materialization(tmp_path):
    """I10: no materialization without data."""

    class HalfWay(dg.UPathIOManager):
        def dump_to_path(self, context, obj, path):
            with atomic_write(str(path)) as file:
                file.write(b"half")
                raise OSError("the cable was pulled")

        def load_from_path(self, context, path):
            return path.read_bytes()

    @dg.asset
    def orders():
        return 1

    @dg.asset
    def after(orders):
        return 2

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [orders, after],
            resources={"io_manager": HalfWay(tmp_path)},
            instance=instance,
            raise_on_error=False,
        )
        assert not result.success
        assert instance.get_latest_materialization_event(orders.key) is None
    assert os.listdir(tmp_path) == []


def _store_something_large(folder):
    @dg.asset
    def large():
        return b"x" * 4_000_000

    @dg.asset
    def small():
        return 1

    resources = {"io_manager": dg.FilesystemIOManager(base_dir=str(folder))}
    assert dg.materialize([small], resources=resources).success
    (folder / "large").write_bytes(pickle.dumps("old"))
    with pytest.raises(dg.TreadleError) as error:
        dg.materialize([large], resources=resources)
    assert set(os.listdir(folder)) - {"filler"} == {"large", "small"}
    assert pickle.loads((folder / "large").read_bytes()) == "old"
    return error.value, large, resources


def test_a_full_disk_is_named_and_work_goes_on_when_there_is_room_again(make_disk: MakeDisk):
    """T55"""
    disk = make_disk(6).folder
    (disk / "filler").write_bytes(b"x" * 3_000_000)
    cause, large, resources = _store_something_large(disk)
    assert cause.code == "disk-full" and str(disk / "large") in str(cause)
    (disk / "filler").unlink()
    assert dg.materialize([large], resources=resources).success


def test_a_limit_on_file_sizes_is_told_like_a_full_disk(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        cause, _, _ = _store_something_large(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert cause.code == "disk-full" and "old value" in str(cause)
