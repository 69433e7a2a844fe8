"""Asset factories: functions that make assets, and those that need resources or slow calls before assets exist.

`AssetFactoryResponse` is what a factory gives; `load_factories` makes `Definitions` of many. A factory that needs resources
early is an `EarlyResourcesAssetFactory`; one whose slow part is kept between starts is a `cacheable_asset_factory`.
Uses only what is below it (define, store settings) and is used by users, the command line and `integrations`.
Tests: tests/factories.
"""

from importlib import import_module
from typing import Any, Final

from treadle.factories.cache import CacheEntry, GeneratorCache
from treadle.factories.cacheable import (
    CacheableAssetFactoryResponse,
    CacheableDagsterContext,
    CacheContext,
    cacheable_asset_factory,
)
from treadle.factories.early import EarlyResourcesAssetFactory, early_resources_asset_factory
from treadle.factories.errors import FactoryError
from treadle.factories.load import load_factories
from treadle.factories.resources import (
    ResourceFactory,
    ResourcesContext,
    ResourcesRegistry,
    resource_factory,
)
from treadle.factories.response import AssetFactoryResponse

_OF_INTEGRATIONS: Final = {
    name: "treadle.integrations.gcp"
    for name in ("BaseGCSAsset", "Interval", "IntervalGCSAsset", "SourceMode", "interval_gcs_import_asset")
}
"""Factories for one system live with its integration; they are names of this module all the same."""


def __getattr__(name: str) -> Any:
    if name in _OF_INTEGRATIONS:
        return getattr(import_module(_OF_INTEGRATIONS[name]), name)
    raise AttributeError(f"module `treadle.factories` has no `{name}`")


__all__ = [
    "AssetFactoryResponse",
    "CacheContext",
    "CacheEntry",
    "CacheableAssetFactoryResponse",
    "CacheableDagsterContext",
    "EarlyResourcesAssetFactory",
    "FactoryError",
    "GeneratorCache",
    "ResourceFactory",
    "ResourcesContext",
    "ResourcesRegistry",
    "cacheable_asset_factory",
    "early_resources_asset_factory",
    "load_factories",
    "resource_factory",
]
