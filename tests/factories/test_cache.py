"""Cacheable factories: what is slow is made once and kept (S0-32…S0-36)."""

import json
import os
import subprocess
import sys

import pytest
from pydantic import BaseModel

import treadle as dg
from treadle.factories import (
    AssetFactoryResponse,
    CacheableAssetFactoryResponse,
    CacheableDagsterContext,
    FactoryError,
    cacheable_asset_factory,
    load_factories,
)


class Tables(BaseModel):
    names: list[str]


def make_factory(calls, names=("orders",), kind=Tables, metadata=None, **arguments):
    @cacheable_asset_factory
    def tables(cache_context: CacheableDagsterContext, suffix=None) -> CacheableAssetFactoryResponse:
        @cache_context.register_generator(cacheable_type=kind, extra_cache_key_metadata=metadata, **arguments)
        def found(source):
            calls.append("slow")
            return kind(names=[f"{source}_{name}" for name in names])

        @cache_context.hydrator()
        def hydrate(found: Tables) -> AssetFactoryResponse:
            return AssetFactoryResponse([dg.asset(name=name)(lambda: None) for name in found.names])

    return tables


def load(factory, folder):
    defs = load_factories([factory], resources={"source": "shop"}, cache_dir=folder)
    return sorted(key.to_user_string() for key in defs.resolve_all_asset_keys())


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_slow_part_runs_once(tmp_path):
    """S0-32, S0-33"""
    calls = []
    for _ in range(3):
        assert load(make_factory(calls), tmp_path) == ["shop_orders"]
    assert calls == ["slow"] and len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"format": 1, "value": {"names": 3}}', b'{"format": 99}', b"\xff\x00"]
)
def test_a_damaged_entry_is_made_anew(tmp_path, damage):
    """S0-35"""
    calls = []
    load(make_factory(calls), tmp_path)
    (file,) = files(tmp_path)
    file.write_bytes(damage)
    assert load(make_factory(calls), tmp_path) == ["shop_orders"]
    assert load(make_factory(calls), tmp_path) == ["shop_orders"] and calls == ["slow", "slow"]


def test_other_metadata_or_another_class_make_another_entry_and_the_old_one_goes(tmp_path):
    """S0-35"""

    class WithOwner(BaseModel):
        names: list[str]
        owner: str = "me"

    calls = []
    load(make_factory(calls, metadata={"day": 1}), tmp_path)
    load(make_factory(calls, metadata={"day": 2}), tmp_path)
    load(make_factory(calls, metadata={"day": 2}, kind=WithOwner), tmp_path)
    assert len(calls) == 3 and len(files(tmp_path)) == 1


def test_changed_code_of_the_generator_makes_another_entry_and_moved_code_does_not(tmp_path):
    """S0-35"""
    text = (
        "from pydantic import BaseModel\nimport treadle as dg\n"
        "from treadle.factories import *\n"
        "class T(BaseModel):\n    names: list[str]\n"
        "@cacheable_asset_factory\ndef made(cache_context):\n"
        "    @cache_context.register_generator()\n    def found() -> T:\n"
        "        calls.append(1)\n        return T(names=['a'])\n"
        "    @cache_context.hydrator()\n    def h(found):\n"
        "        return AssetFactoryResponse([dg.asset(name=n)(lambda: None) for n in found.names])\n"
    )
    calls = []

    def load_text(source):
        names = {"calls": calls, "__name__": "text_module"}
        exec(compile(source, "text_module.py", "exec"), names)
        return load(names["made"], tmp_path)

    load_text(text)
    load_text("# moved\n\n\n" + text)
    assert len(calls) == 1
    assert load_text(text.replace("['a']", "['b']")) == ["b"] and len(calls) == 2


def test_a_folder_that_can_not_be_written_keeps_nothing_and_nothing_fails(tmp_path):
    """S0-35"""
    (tmp_path / "file").write_text("")
    calls = []
    for _ in range(2):
        assert load(make_factory(calls), tmp_path / "file") == ["shop_orders"]
    assert calls == ["slow", "slow"]


def test_names_never_lead_out_of_the_folder(tmp_path):
    calls = []

    @cacheable_asset_factory
    def tables(cache_context):
        @cache_context.register_generator(name="../../outside", cacheable_type=Tables)
        def found():
            calls.append(1)
            return Tables(names=["a"])

        @cache_context.hydrator()
        def hydrate(**objects):
            return AssetFactoryResponse([])

    for _ in range(2):
        load(tables, tmp_path / "a" / "b")
    assert calls == [1] and all((tmp_path / "a" / "b") in path.parents for path in files(tmp_path))


def test_the_type_comes_from_the_annotation_and_lacking_it_is_an_error():
    """S0-33"""

    @cacheable_asset_factory
    def tables(cache_context):
        @cache_context.register_generator()
        def found():
            return Tables(names=[])

    with pytest.raises(FactoryError, match="cacheable_type"):
        tables({})


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_hydrator_is_asked_for(count):
    """S0-34"""

    @cacheable_asset_factory
    def tables(cache_context):
        for _ in range(count):
            cache_context.register_hydrator()(lambda: AssetFactoryResponse([]))

    with pytest.raises(FactoryError, match="hydrator"):
        tables({})


def test_several_generators_fill_the_hydrators_parameters_by_name(tmp_path):
    """S0-33, S0-34"""

    @cacheable_asset_factory(tags={"run_at_build": "true"})
    def tables(cache_context: CacheableDagsterContext, host: str):
        @cache_context.register_generator()
        def first() -> Tables:
            return Tables(names=["a"])

        @cache_context.register_generator(name="second", cacheable_type=Tables)
        def other(host):
            return Tables(names=[host])

        @cache_context.hydrator()
        def hydrate(second, first, host):
            assert host == "h"
            return AssetFactoryResponse([dg.asset(name=n)(lambda: None) for n in first.names + second.names])

    defs = load_factories([tables], resources={"host": "h"}, cache_dir=tmp_path)
    assert len(defs.resolve_all_asset_keys()) == 2 and tables.tags == {"run_at_build": "true"}


def test_a_generator_that_gives_something_else_is_refused(tmp_path):
    @cacheable_asset_factory
    def tables(cache_context):
        @cache_context.register_generator()
        def found() -> Tables:
            return {"names": []}

        @cache_context.hydrator()
        def hydrate(found): ...

    with pytest.raises(FactoryError, match="gave dict, not Tables"):
        load_factories([tables], cache_dir=tmp_path)


PROJECT = """
from pydantic import BaseModel
import dagster as dg
from treadle.factories import *

class Names(BaseModel):
    names: list[str]

def slow(name):
    open("calls.txt", "a").write(name + "\\n")
    return Names(names=[name])

@cacheable_asset_factory(tags={"run_at_build": "true"})
def at_build(cache_context: CacheableDagsterContext):
    @cache_context.register_generator()
    def found() -> Names:
        return slow("build")
    @cache_context.hydrator()
    def hydrate(found: Names):
        return AssetFactoryResponse([dg.asset(name=n)(lambda: None) for n in found.names])

@cacheable_asset_factory
def at_run(cache_context: CacheableDagsterContext):
    @cache_context.register_generator()
    def found() -> Names:
        return slow("run")
    @cache_context.hydrator()
    def hydrate(found: Names):
        return AssetFactoryResponse([dg.asset(name=n)(lambda: None) for n in found.names])

defs = load_factories([at_build, at_run])
"""


def test_cache_build_runs_what_is_tagged_and_later_starts_make_no_slow_call(tmp_path):
    """S0-35"""
    (tmp_path / "project.py").write_text(PROJECT)

    def treadle(*arguments):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from treadle.cli.main import main; main()",
                *arguments,
                "-f",
                "project.py",
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "TREADLE_HOME": str(tmp_path / "home"),
                "PYTHONPATH": ":".join(sys.path),
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    (entry,) = json.loads(treadle("cache", "build", "--json"))
    assert entry["factory"].endswith("at_build") and entry["made"] is True
    assert (tmp_path / "calls.txt").read_text() == "build\n"
    assert json.loads(treadle("cache", "build", "--json"))[0]["made"] is False
    for _ in range(2):
        assert "build" in treadle("list") and (tmp_path / "calls.txt").read_text() == "build\nrun\n"


def test_resources_called_like_our_own_parameters_reach_factories(tmp_path):
    seen = {}

    @cacheable_asset_factory
    def tables(cache_context, cache, dependencies):
        seen["factory"] = (cache, dependencies)

        @cache_context.register_generator()
        def found(cache) -> Tables:
            seen["generator"] = cache
            return Tables(names=["orders"])

        @cache_context.hydrator()
        def hydrate(found: Tables, dependencies):
            seen["hydrator"] = dependencies
            return AssetFactoryResponse([])

    given = {"cache": "redis", "dependencies": ["pandas"]}
    load_factories([tables], resources=given, cache_dir=tmp_path)
    assert seen == {"factory": ("redis", ["pandas"]), "generator": "redis", "hydrator": ["pandas"]}
    load_factories([tables], resources={**given, "cache": "disk"}, cache_dir=tmp_path)
    assert (seen["factory"][0], seen["generator"]) == ("disk", "redis"), "the generator's object was kept"
