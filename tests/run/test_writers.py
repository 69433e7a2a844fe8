"""Several writers of one asset (S2-D12)."""

from pathlib import Path

import pytest

import treadle as dg
from treadle.core.errors import InvalidDefinitionError, InvalidSubsetError
from treadle.define.build_catalog import build_code, examine
from treadle.define.validation.errors import DefinitionsError
from treadle.plan.build import plan_assets
from treadle.plan.staleness import why

ORDERS = dg.AssetKey("orders")


class Shop:
    """An asset with two writers, one of which reads `rates`; versions are what the test says."""

    def __init__(self, shopify: str = "1", amazon: str = "1", rates: str = "1") -> None:
        self.log: list[str] = []
        log = self.log

        @dg.asset(code_version=rates)
        def rates_() -> None:
            log.append("rates")

        @dg.asset(key="orders", writer="shopify", deps=[rates_], code_version=shopify)
        def from_shopify() -> None:
            log.append("shopify")

        @dg.asset(key="orders", writer="amazon", code_version=amazon, group_name="sales")
        def from_amazon() -> dg.MaterializeResult:
            log.append("amazon")
            return dg.MaterializeResult(metadata={"rows": 2})

        @dg.asset(deps=[ORDERS], code_version="1")
        def report() -> None:
            log.append("report")

        @dg.asset_check(asset=ORDERS)
        def full() -> dg.AssetCheckResult:
            log.append("full")
            return dg.AssetCheckResult(passed=True)

        self.all = [rates_, from_shopify, from_amazon, report, full]

    def run(self, instance, selection=None, **arguments) -> list[str]:
        self.log.clear()
        result = dg.materialize(self.all, instance=instance, selection=selection, **arguments)
        assert result.success
        return list(self.log)


@pytest.fixture
def instance():
    with dg.instance_for_test() as made:
        yield made


def tags_of(instance, limit=10):
    records = instance.fetch_materializations(ORDERS, limit=limit).records
    return [record.asset_materialization.tags["treadle/writer"] for record in records]


def test_a_run_does_all_writers_in_order_of_definition_before_dependants_and_checks(instance):
    shop = Shop()
    done = shop.run(instance)
    assert done[:3] == ["rates", "shopify", "amazon"]
    assert set(done[3:]) == {"report", "full"}
    assert tags_of(instance) == ["amazon", "shopify"]
    plan = plan_assets(build_code(assets=shop.all).catalog, [ORDERS])
    assert [step.key for step in plan.steps][:2] == ["orders__shopify", "orders__amazon"]
    assert plan.steps[1].behind == ("orders__shopify",)


@pytest.mark.parametrize(
    ("selection", "done"),
    [
        ("writer:orders/shopify", {"shopify", "full"}),
        (dg.AssetSelection.writer("orders", "amazon"), {"amazon", "full"}),
        ("writer:orders/*", {"shopify", "amazon", "full"}),
        ("writer:*/amazon", {"amazon", "full"}),
        ("writer:orders/shopify+", {"shopify", "report", "full"}),
        ("+writer:orders/shopify", {"rates", "shopify", "full"}),
        ("* and not writer:orders/shopify", {"rates", "amazon", "report"}),
        ("writer:orders/shopify or writer:orders/amazon", {"shopify", "amazon", "full"}),
        ("key:orders and writer:orders/amazon", {"amazon", "full"}),
    ],
)
def test_writers_can_be_selected(instance, selection, done):
    shop = Shop()
    assert set(shop.run(instance, selection)) == done


def test_a_selection_of_no_writer_left_selects_nothing(instance):
    shop = Shop()
    nothing = dg.AssetSelection.from_string("writer:orders/shopify and writer:orders/amazon")
    assert nothing.resolve(shop.all) == set()
    assert str(dg.AssetSelection.writer("orders", "shopify")) == 'writer:"orders/shopify"'


def test_a_job_of_one_writer_carries_it_in_its_run_tags(instance):
    shop = Shop()
    job = dg.define_asset_job("amazon_only", selection="writer:orders/amazon")
    found = dg.Definitions(assets=shop.all, jobs=[job]).get_job_def("amazon_only")
    result = found.execute_in_process(instance=instance)
    assert result.success
    assert shop.log == ["amazon", "full"]
    assert result.run.tags["treadle/writers"] == '["orders/amazon"]'


def test_staleness_is_of_each_writer(instance):
    shop = Shop()
    shop.run(instance, "writer:orders/shopify or key:rates_")
    catalog = build_code(assets=shop.all).catalog
    assert "orders/amazon has never been materialized" in str(why(catalog, ORDERS, instance))
    assert shop.run(instance, skip_unchanged=True) == ["amazon", "full", "report"] or set(shop.log) == {
        "amazon",
        "full",
        "report",
    }
    assert why(catalog, ORDERS, instance).status == "FRESH"

    newer = Shop(amazon="2")
    found = why(build_code(assets=newer.all).catalog, ORDERS, instance)
    assert [(each.writer, each.status) for each in found.writers] == [
        ("shopify", "FRESH"),
        ("amazon", "STALE"),
    ]
    assert "orders/amazon: code version is `2`" in str(found)
    assert "shopify" not in newer.run(instance, skip_unchanged=True)


def test_only_the_writer_that_reads_an_input_goes_stale_with_it(instance):
    Shop().run(instance)
    done = Shop(rates="2").run(instance, skip_unchanged=True)
    assert done[:2] == ["rates", "shopify"]
    assert "amazon" not in done
    assert "report" in done


def test_the_data_version_stands_for_what_all_writers_wrote(instance):
    """A run of both writers must not hide from dependants that the first wrote something new."""
    shop = Shop()
    shop.run(instance)
    newer = Shop(shopify="2")
    newer.run(instance, "key:orders")
    catalog = build_code(assets=newer.all).catalog
    assert why(catalog, dg.AssetKey("report"), instance).status == "STALE"
    newer.run(instance, "report")
    assert why(catalog, dg.AssetKey("report"), instance).status == "FRESH"
    newer.run(instance, "writer:orders/shopify")  # nothing new
    assert why(catalog, dg.AssetKey("report"), instance).status == "FRESH"


def test_a_writer_runs_although_the_one_before_it_failed(instance):
    log = []

    @dg.asset(key="orders", writer="shopify")
    def one() -> None:
        raise RuntimeError("down")

    @dg.asset(key="orders", writer="amazon")
    def two() -> None:
        log.append("amazon")

    @dg.asset(deps=[ORDERS])
    def report() -> None:
        log.append("report")

    result = dg.materialize([one, two, report], instance=instance, raise_on_error=False)
    assert not result.success
    assert log == ["amazon"]


def test_a_writer_with_nothing_to_write_does_not_hold_up_dependants(instance):
    log = []

    @dg.asset(key="orders", writer="shopify", output_required=False)
    def one():
        if log:
            yield dg.Output(1)

    @dg.asset(key="orders", writer="amazon")
    def two() -> None:
        log.append("amazon")

    @dg.asset(deps=[ORDERS])
    def report() -> None:
        log.append("report")

    assert dg.materialize([one, two, report], instance=instance).success
    assert log == ["amazon", "report"]


def test_partitions_and_their_staleness_by_writer(instance):
    days = dg.StaticPartitionsDefinition(["a", "b"])

    def shop(version):
        @dg.asset(key="orders", writer="shopify", partitions_def=days, code_version="1")
        def one() -> None: ...

        @dg.asset(key="orders", writer="amazon", partitions_def=days, code_version=version)
        def two() -> None: ...

        return [one, two]

    dg.materialize(shop("1"), instance=instance, partition_key="a")
    dg.materialize(shop("1"), instance=instance, partition_key="b", selection="writer:orders/amazon")
    catalog = build_code(assets=shop("2")).catalog
    of_a, of_b = (why(catalog, ORDERS, instance, key) for key in "ab")
    assert [each.status for each in of_a.writers] == ["FRESH", "STALE"]
    assert [each.status for each in of_b.writers] == ["MISSING", "STALE"]
    instance.wipe_assets([ORDERS])
    assert why(catalog, ORDERS, instance, "a").status == "MISSING"


def problems(*assets, **arguments):
    return examine(assets=assets, **arguments).catalog.problems


def test_what_does_not_fit_is_refused_with_both_places():
    @dg.asset(key="orders", writer="shopify")
    def one() -> None: ...

    @dg.asset(key="orders", writer="shopify")
    def again() -> None: ...

    @dg.asset(key="orders", writer="amazon", partitions_def=dg.DailyPartitionsDefinition("2026-01-01"))
    def daily() -> None: ...

    @dg.asset(key="orders")
    def bare() -> None: ...

    @dg.asset(key="orders", writer="ebay", group_name="a", owners=["a@x.com"], tags={"t": "1"})
    def first() -> None: ...

    @dg.asset(key="orders", writer="etsy", group_name="b", owners=["b@x.com"], tags={"t": "2"})
    def second() -> None: ...

    (taken,) = problems(one, again)
    assert taken.code == "duplicate-key"
    assert taken.message.count("test_writers.py:") == 2
    (differ,) = problems(one, daily)
    assert differ.code == "writers-differ"
    assert "partitions_def" in differ.message
    (mixed,) = problems(one, bare)
    assert mixed.code == "duplicate-key"
    assert "`writer=`" in mixed.suggestion
    said = [problem.message for problem in problems(first, second)]
    assert [
        word for word in ("group_name", "owners", "tags['t']") if not any(word in each for each in said)
    ] == []
    merged = build_code(assets=[one, first]).catalog.assets[ORDERS].spec
    assert (merged.group_name, list(merged.owners), merged.tags) == ("a", ["a@x.com"], {"t": "1"})


def test_names_of_writers_are_checked():
    with pytest.raises(InvalidDefinitionError):
        dg.asset(key="orders", writer="a/b")(lambda: None)
    with pytest.raises(InvalidDefinitionError):
        dg.asset(key="orders", writer=3)(lambda: None)
    shop = Shop()
    with pytest.raises(InvalidSubsetError, match="no writer `shopfy`") as caught:
        plan_assets(build_code(assets=shop.all).catalog, [ORDERS], writers={ORDERS: ["shopfy"]})
    assert "shopify" in caught.value.hint


def test_values_that_overwrite_each_other_are_a_warning(tmp_path: Path):
    @dg.asset(key="orders", writer="shopify")
    def one() -> int:
        return 1

    @dg.asset(key="orders", writer="amazon")
    def two() -> int:
        return 2

    class Appends(dg.ConfigurableIOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context): ...

    (found,) = problems(one, two)
    assert (found.code, found.severity) == ("writers-overwrite", "warning")
    ours = dg.FilesystemIOManager(base_dir=str(tmp_path))
    assert [each.code for each in problems(one, two, resources={"io_manager": ours})] == ["writers-overwrite"]
    assert problems(one, two, resources={"io_manager": Appends()}) == ()
    with pytest.raises(DefinitionsError):
        build_code(assets=[one, two], strict=True)
    with dg.instance_for_test() as instance:
        result = dg.materialize([one, two], instance=instance)
        assert result.asset_value("orders") == 2


def test_the_catalog_survives_its_text():
    catalog = build_code(assets=Shop().all).catalog
    again = type(catalog).from_json(catalog.to_json())
    assert again.assets[ORDERS].writers == catalog.assets[ORDERS].writers
    assert again.content_hash == catalog.content_hash
