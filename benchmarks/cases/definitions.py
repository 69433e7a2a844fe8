"""Definitions: declare and load many assets."""

import resource
import sys
import tempfile
from typing import Any

from benchmarks.case import NotAvailable, Side, case, seconds


def define(dg: Any, count: int) -> list[Any]:
    """A tree: asset n depends on asset n // 10. Defined as people do, one decorated function each."""
    assets = []
    for n in range(count):
        deps = [f"asset_{n // 10}"] if n else []

        @dg.asset(name=f"asset_{n}", deps=deps, group_name=f"group_{n % 50}")
        def compute() -> None: ...

        assets.append(compute)
    return assets


def define_and_load(side: Side, count: int) -> float:
    dg = side.dg
    dg.asset, dg.Definitions  # noqa: B018  the imports are measured elsewhere
    define(dg, 10)
    return seconds(lambda: load(side, dg.Definitions(assets=define(dg, count))))


def load(side: Side, definitions: Any) -> object:
    """All that has to be known before the first run: every problem found, the graph built."""
    if side.name == "peer":
        return definitions.get_repository_def().asset_graph
    if not hasattr(definitions, "resolve"):
        raise NotAvailable("Definitions.resolve")
    return definitions.resolve()


class _Spec:
    __slots__ = ("deps", "function", "group", "key")

    def __init__(self, key: str, deps: list[str], group: str, function: object) -> None:
        self.key, self.deps, self.group, self.function = key, deps, group, function


def plain_objects(count: int) -> list[_Spec]:
    """A function and a small object for each asset, and a dictionary of them: what no framework can do without."""
    made = []
    for n in range(count):

        def compute() -> None: ...

        made.append(_Spec(f"asset_{n}", [f"asset_{n // 10}"], f"group_{n % 50}", compute))
    by_key = {spec.key: spec for spec in made}
    assert all(dep in by_key for spec in made for dep in spec.deps)
    return made


def _register(count: int, label: str, target: float, **peer: Any) -> None:
    @case(
        f"load-{label}",
        f"define and load {count:,} assets",
        "s",
        target=target,
        floor=lambda _: seconds(lambda: plain_objects(count)),
        floor_is="a function and an object each",
        **peer,
    )
    def define_many(side: Side) -> float:
        return define_and_load(side, count)


_register(1_000, "1k", 0.1)
_register(10_000, "10k", 1.0, peer_rounds=1)
_register(100_000, "100k", 10.0, peer=False)


def _plain_assets(dg: Any, names: list[str]) -> list[Any]:
    return [dg.asset(name=name)(lambda: None) for name in names]


def _load_plain(_: Side) -> float:
    import treadle

    names = [f"asset_{n}" for n in range(1000)]
    treadle.Definitions(assets=_plain_assets(treadle, names[:10])).resolve()  # imports what both need
    return seconds(lambda: treadle.Definitions(assets=_plain_assets(treadle, names)).resolve())


@case(
    "load-factory-1k",
    "load 1,000 assets of a cached factory, its objects kept by an earlier load",
    "s",
    peer=False,
    floor=_load_plain,
    floor_is="the same assets without a factory",
)
def load_cached_factory(side: Side) -> float:
    """S0-36"""
    from pydantic import BaseModel

    from treadle.factories import AssetFactoryResponse, cacheable_asset_factory, load_factories

    class Names(BaseModel):
        names: list[str]

    @cacheable_asset_factory
    def tables(cache_context: Any) -> None:
        @cache_context.register_generator(cacheable_type=Names)
        def found() -> Any:
            return Names(names=[f"asset_{n}" for n in range(1000)])

        @cache_context.hydrator()
        def hydrate(found: Any) -> Any:
            return AssetFactoryResponse(_plain_assets(side.dg, found.names))

    with tempfile.TemporaryDirectory() as folder:
        load(side, load_factories([tables], cache_dir=folder))
        return seconds(lambda: load(side, load_factories([tables], cache_dir=folder)))


@case(
    "memory-100k",
    "memory of 100,000 loaded assets",
    "bytes",
    target=400 * 2**20,
    peer=False,
    floor=lambda _: _memory_of(lambda: plain_objects(100_000)),
    floor_is="a function and an object each",
)
def memory_of_assets(side: Side) -> float:
    dg = side.dg
    load(side, dg.Definitions(assets=define(dg, 10)))
    return _memory_of(lambda: load(side, dg.Definitions(assets=define(dg, 100_000))))


def _memory_of(work: Any) -> float:
    before = _peak()
    kept = work()
    after = _peak()
    del kept
    return after - before


def _peak() -> float:
    """The most memory this process has had, in bytes (Linux counts kilobytes, macOS bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
