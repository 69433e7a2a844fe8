"""Every code block of the guide to custom assets and factories."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

import treadle as dg
from tests.seeds.blocks import Blocks
from treadle.factories import IntervalGCSAsset, load_factories
from treadle.integrations.gcp import BigQueryResource, GCSResource

SOURCE = "custom_assets"
BLOCKS = {
    1: "test_the_response_has_empty_lists",
    2: "test_the_guides_own_factory_makes_asset_sensor_and_job",
    3: "test_the_shipped_factory_takes_the_guides_call",
    4: "test_a_factory_gets_resources_before_its_assets_exist",
    5: "test_a_cacheable_factory_asks_the_slow_part_once",
}


def guide() -> Blocks:
    """What the guide's modules import."""
    used = (
        "asset asset_sensor job AssetsDefinition SensorDefinition JobDefinition AssetChecksDefinition "
        "DefaultSensorStatus AssetExecutionContext SensorEvaluationContext EventLogEntry MaterializeResult"
    )
    names = {name: getattr(dg, name) for name in used.split()}
    return Blocks(
        SOURCE,
        dg=dg,
        dataclass=dataclass,
        field=field,
        List=list,
        **names,
    )


def test_the_response_has_empty_lists():
    """S0-12, S0-13: the guide's class and the shipped one have the same fields."""
    from oso_dagster.factories.common import AssetFactoryResponse

    own = guide().run(1).AssetFactoryResponse
    one = dg.asset(name="one")(lambda: 1)
    for response in (own([one]), AssetFactoryResponse([one])):
        assert (response.assets, response.sensors, response.jobs, response.checks) == ([one], [], [], [])
    checked = dg.asset_check(asset=one, name="c")(lambda: dg.AssetCheckResult(passed=True))
    watching = dg.sensor(name="s", asset_selection=[one])(lambda: None)
    by_op = dg.job(name="j")(lambda: None)
    assert isinstance(one, dg.AssetsDefinition) and isinstance(checked, dg.AssetChecksDefinition)
    assert isinstance(watching, dg.SensorDefinition) and isinstance(by_op, dg.JobDefinition)


def config_class() -> Blocks:
    """The guide's factory in a module that has the classes that the guide does not show."""
    from oso_dagster.factories import AssetFactoryResponse, BaseGCSAsset, Interval, SourceMode

    return guide().define(
        AssetFactoryResponse=AssetFactoryResponse,
        BaseGCSAsset=BaseGCSAsset,
        Interval=Interval,
        SourceMode=SourceMode,
        BigQueryResource=BigQueryResource,
        GCSResource=GCSResource,
    )


def gitcoin(blocks: Blocks, **changed: str) -> Any:
    blocks.run(3, changed)
    (response,) = (
        blocks.gitcoin_passport_scores
        if isinstance(blocks.gitcoin_passport_scores, tuple)
        else (blocks.gitcoin_passport_scores,)
    )
    return response


def test_the_guides_own_factory_makes_asset_sensor_and_job():
    """S0-20 … S0-25: the guide names the job above its definition, which Python itself refuses; a lambda says it lazily."""
    blocks = config_class()
    blocks.run(2)
    with pytest.raises(UnboundLocalError, match="gcs_clean_up_job"):
        blocks.run(3)
    blocks.run(2, {"job=gcs_clean_up_job,": "job=lambda: gcs_clean_up_job,"})
    response = gitcoin(blocks)
    (gcs_asset,), (sensor,), (job,) = response.assets, response.sensors, response.jobs
    assert gcs_asset.key == dg.AssetKey(["gitcoin", "passport_scores"])
    assert sensor.name == "passport_scores_clean_up_sensor"
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED
    assert job.name == "passport_scores_clean_up_job" and sensor.job_name == job.name
    resources = {"bigquery": BigQueryResource(project="p"), "gcs": GCSResource(project="p")}
    defs = load_factories([response], resources=resources)
    assert defs.problems() == []
    assert defs.resolve_asset_graph().get(gcs_asset.key).is_materializable


def test_the_shipped_factory_takes_the_guides_call():
    """S0-15 … S0-17"""
    from oso_dagster.factories import interval_gcs_import_asset

    blocks = config_class().define(
        interval_gcs_import_asset=interval_gcs_import_asset, IntervalGCSAsset=IntervalGCSAsset
    )
    response = gitcoin(blocks)
    assert response.find_job_by_name("passport_scores_clean_up_job") is response.jobs[0]
    assert [each.key for each in response.assets] == [dg.AssetKey(["gitcoin", "passport_scores"])]


@pytest.mark.services
def test_files_are_loaded_and_the_sensor_asks_for_the_clean_up(google):
    """S0-17, S0-22, S0-23, S0-26: the guide's call against emulators."""
    from oso_dagster.factories import interval_gcs_import_asset

    resources = {"bigquery": BigQueryResource(project="opensource-observer"), "gcs": GCSResource(project="p")}
    client = GCSResource(project="p").get_client()
    bucket = client.create_bucket("oso-dataset-transfer-bucket")
    today = datetime.now(UTC)
    days = [f"{today - timedelta(days=age):%Y-%m-%d}" for age in (1, 5, 20)]
    for day in days:
        bucket.blob(f"passport/{day}/scores.csv").upload_from_string("id,score\n1,10\n")
    blocks = config_class().define(
        interval_gcs_import_asset=interval_gcs_import_asset, IntervalGCSAsset=IntervalGCSAsset
    )
    # The emulator makes no tables of Parquet files.
    response = gitcoin(blocks, **{'format="PARQUET"': 'format="CSV"', "scores.parquet": "scores.csv"})
    defs = load_factories([response], resources=resources)
    (sensor,) = response.sensors
    with dg.Instance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, definitions=defs, resources=resources)
        assert sensor.evaluate_tick(context).run_requests == []
        result = dg.materialize(response.assets, resources=resources, instance=instance)
        (event,) = result.get_asset_materialization_events()
        metadata = event.materialization.metadata
        assert (metadata["updated"].value, metadata["latest_source_date"].value) == (True, days[0])
        tick = sensor.evaluate_tick(dg.build_sensor_context(instance, definitions=defs, resources=resources))
        assert (len(tick.run_requests), tick.job_name) == (1, "passport_scores_clean_up_job")
        again = dg.build_sensor_context(instance, definitions=defs, resources=resources, cursor=tick.cursor)
        assert sensor.evaluate_tick(again).run_requests == []
        assert defs.get_job_def("passport_scores_clean_up_job").execute_in_process(instance=instance).success
    left = sorted(blob.name for blob in client.list_blobs("oso-dataset-transfer-bucket"))
    assert left == sorted(f"passport/{day}/scores.csv" for day in days[:2])


class DagsterConfig(dg.ConfigurableResource):
    """The class that the guide names and does not show."""

    some_setting: str


def test_a_factory_gets_resources_before_its_assets_exist():
    """S0-28"""
    from oso_dagster.factories import AssetFactoryResponse

    asked = dg.asset(name="asked")(lambda: None)
    blocks = Blocks(
        SOURCE, DagsterConfig=DagsterConfig, AssetFactoryResponse=AssetFactoryResponse, assets=[asked]
    )
    blocks.run(4)
    assert blocks.my_asset_factory.name == "my_asset_factory"
    assert blocks.my_asset_factory.caller_filename.endswith(f"{SOURCE}/04.py")
    defs = load_factories(
        [blocks.my_asset_factory], resources={"global_config": DagsterConfig(some_setting="here")}
    )
    assert defs.resolve_all_asset_keys() == [dg.AssetKey("asked")]
    with pytest.raises(dg.TreadleError, match="global_config"):
        load_factories([blocks.my_asset_factory], resources={})


class SomeResource:
    """Slow, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def some_slow_iterator(self):
        self.asked += 1
        return iter(["orders", "users"])


def test_a_cacheable_factory_asks_the_slow_part_once(tmp_path):
    """S0-32 … S0-35"""
    from oso_dagster.factories import (
        AssetFactoryResponse,
        CacheableAssetFactoryResponse,
        CacheableDagsterContext,
        cacheable_asset_factory,
    )

    resource = SomeResource()
    for _ in range(2):
        blocks = Blocks(
            SOURCE,
            BaseModel=BaseModel,
            List=list,
            SomeResource=SomeResource,
            AssetFactoryResponse=AssetFactoryResponse,
            CacheableAssetFactoryResponse=CacheableAssetFactoryResponse,
            CacheableDagsterContext=CacheableDagsterContext,
            cacheable_asset_factory=cacheable_asset_factory,
        )
        blocks.module.__name__ = "warehouse_factories"  # the same module at each start
        blocks.run(5)
        defs = load_factories(
            [blocks.my_asset_factory], resources={"some_resource": resource}, cache_dir=tmp_path / "cache"
        )
        names = sorted(key.to_user_string() for key in defs.resolve_all_asset_keys())
        assert names == ["orders", "users"]
        assert defs.resolve_implicit_global_asset_job_def().execute_in_process().success
    assert resource.asked == 1
