"""Every cell of the course, as the package that it builds up."""

import sys
import textwrap
from datetime import UTC, datetime

import pytest

import treadle as dg
from tests.seeds.blocks import STAND_INS, Blocks, Shell, text_of

SOURCE = "course"
BLOCKS = {
    1: "test_the_package_has_the_courses_folders",
    2: "test_spark_is_configured_from_the_environment",
    3: "test_the_io_manager_is_subclassed",
    4: "test_the_io_manager_is_registered",
    5: "test_sources_are_stored_as_they_come",
    6: "test_an_input_is_loaded_from_another_key",
    7: "test_the_package_module_has_all_assets",
    8: "test_the_job_has_the_group",
    9: "test_a_misspelt_decorator_is_named, test_the_package_is_valid_and_runs",
    10: "test_every_five_minutes",
}
PACKAGE = "adventureworks_orchestration"
SESSION = """
    from dagster_pyspark import pyspark_resource
    from adventureworks_orchestration.resources.csv_io_manager import S3PartitionedCsvIOManager
    configured_pyspark = pyspark_resource.configured({"spark_conf": {"fs.s3a.region": "here"}})
"""


def io_manager_text() -> str:
    """The cell, with code where it has a comment for it."""
    text = text_of(SOURCE, 3)
    text = text.replace("# code to save the asset to external storage here...", "obj.write_csv(path)")
    return text.replace(
        "# code to read the asset from external storage here...",
        "return self.pyspark.spark_session.read_csv(path)",
    )


def assets_text(folder: str) -> str:
    """Both cells of the module, with code where they have a comment for it."""
    text = f"{text_of(SOURCE, 5)}\n\n{text_of(SOURCE, 6)}"
    text = text.replace("/home/iceberg/notebooks/data/bookings", folder)
    text = text.replace("# df = ?", 'df = spark.read_csv(f"{files_path}/{file}.csv")')
    return text.replace(
        "# transform the members dataframe ...", 'result = members.where_equal("city", "Rome")'
    )


def definitions_text() -> str:
    """The last state of definitions.py, spelt right."""
    text = text_of(SOURCE, 9).replace("dg.efinitions", "dg.definitions")
    own = "    sample_assets = dg.load_assets_from_package_module(sample)\n"
    text = text.replace("    #...\n", textwrap.indent(textwrap.dedent(SESSION), "    ") + own)
    return text.replace("#...\n", "import dagster as dg\nfrom .assets import sample\n", 1)


@pytest.fixture
def course(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The package as the course leaves it, importable."""
    data = shell.folder / "data"
    for name in ("bookings", "facilities", "members"):
        shell.write(f"data/{name}.csv", f"name,city\n{name}-1,Rome\n{name}-2,Oslo\n")
    names = ("SOURCE", "TRANSFORMED", "REPORTS")
    for path, text in {
        "__init__.py": "",
        "constants.py": 'ASSET_GROUP_LABS = "labs"\n',
        "assets/__init__.py": "",
        "assets/sample/__init__.py": "",
        "assets/sample/constants.py": "".join(f'ASSET_PREFIX_{name} = "{name.lower()}"\n' for name in names),
        "assets/sample/assets.py": assets_text(str(data)),
        "resources/__init__.py": "",
        "resources/csv_io_manager.py": io_manager_text(),
        "jobs.py": "import dagster as dg\nfrom dagster import AssetSelection\nfrom .constants import ASSET_GROUP_LABS\n"
        + text_of(SOURCE, 8),
        "definitions.py": definitions_text(),
    }.items():
        shell.write(f"{PACKAGE}/{path}", text)
    shell.environment["PYTHONPATH"] += f":{STAND_INS}"
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr(sys, "path", [str(shell.folder), *sys.path])
    return shell


def loaded() -> dg.Definitions:
    from adventureworks_orchestration.definitions import defs

    return defs()


def source_files(shell: Shell) -> list[str]:
    folder = shell.folder / "buckets" / "test"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_package_has_the_courses_folders(course):
    """S3-19: each line of the drawing."""
    top, *rest = text_of(SOURCE, 1).split("\n")
    for line in filter(str.strip, rest):
        name = line.lstrip("┣┗ ").split()[0]
        assert (course.folder / top / name).exists(), name


def spark_definitions() -> Blocks:
    return Blocks(SOURCE, definitions=dg.definitions, Definitions=dg.Definitions).run(2)


def test_spark_is_configured_from_the_environment(monkeypatch):
    """S3-01, S3-04, as far as a resource of the project's own goes."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "ENDPOINT", "REGION"):
        monkeypatch.setenv(f"AWS_{name}", name.lower())
    from dagster_pyspark import PySparkResource

    seen = []

    @dg.asset
    def uses(spark_s3_rsc: PySparkResource) -> None:
        seen.append(spark_s3_rsc.spark_session.conf)

    resources = spark_definitions().defs().resources
    assert dg.materialize([uses], resources=resources).success
    assert (seen[0]["fs.s3a.endpoint"], seen[0]["fs.s3a.secret.key"]) == ("endpoint", "secret_access_key")
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(dg.DagsterInvalidConfigError, match=r"fs\.s3a\.region"):
        dg.materialize([uses], resources=spark_definitions().defs().resources)


def test_the_io_manager_is_subclassed(course):
    """S3-06 … S3-10"""
    from adventureworks_orchestration.resources.csv_io_manager import (
        PartitionedCsvIOManager,
        S3PartitionedCsvIOManager,
    )
    from dagster_pyspark import PySparkResource
    from pyspark.sql import DataFrame

    @dg.asset(key=["labs", "source", "members"])
    def members() -> DataFrame:
        return DataFrame([{"name": "a"}])

    spark = PySparkResource(spark_config={})
    manager = S3PartitionedCsvIOManager(pyspark=spark, s3_bucket="test")
    result = dg.materialize([members], resources={"io_manager": manager})
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["path"].value == "s3a://test/labs/source/members"
    assert source_files(course) == ["labs/source/members"]
    with pytest.raises(NotImplementedError):
        dg.materialize([members], resources={"io_manager": PartitionedCsvIOManager(pyspark=spark)})


def test_the_io_manager_is_registered(course):
    """S3-07: a nested resource that is given as a configured definition."""
    names: dict[str, object] = {"Definitions": dg.Definitions, "sample_assets": [], "jobs": []}
    text = f"def defs():\n{SESSION}\n{textwrap.indent(text_of(SOURCE, 4), '    ')}"
    exec(text, names)
    defs = names["defs"]()
    assert sorted(defs.resources) == ["s3_test_io_manager", "spark_s3_rsc"]
    assert defs.problems() == []


@pytest.mark.filterwarnings("ignore:.context.selected_output_names. is deprecated:DeprecationWarning")
def test_sources_are_stored_as_they_come(course):
    """S3-11 … S3-16"""
    defs = loaded()
    files = ("bookings", "facilities", "members")
    graph = defs.resolve_asset_graph()
    for file in files:
        assert graph.get(dg.AssetKey(["labs", "source", file])).group_name == "labs"
    job = defs.resolve_implicit_global_asset_job_def()
    one = job.execute_in_process(asset_selection=[dg.AssetKey(["labs", "source", "facilities"])])
    assert one.success and source_files(course) == ["labs/source/facilities"]
    (course.folder / "data" / "bookings.csv").unlink()
    with dg.Instance.ephemeral() as instance:
        result = job.execute_in_process(raise_on_error=False, instance=instance)
        made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}
        assert not result.success
        assert made == {"labs/source/facilities", "labs/source/members"}
        logged = [entry for entry in instance.all_logs(result.run_id) if "Couldn't" in entry.user_message]
        assert [entry.user_message.splitlines()[0] for entry in logged] == [
            "Couldn't materialize the asset bookings"
        ]
        assert "FileNotFoundError" in logged[0].error_info.to_string()


@pytest.mark.filterwarnings("ignore:.context.selected_output_names. is deprecated:DeprecationWarning")
def test_an_input_is_loaded_from_another_key(course):
    """S3-17, S3-18"""
    result = loaded().resolve_implicit_global_asset_job_def().execute_in_process()
    assert result.success
    found = result.asset_value(dg.AssetKey(["labs", "transformed", "members"]))
    assert found.rows == [{"name": "members-1", "city": "Rome"}]


def test_the_package_module_has_all_assets(course):
    """S3-04, S3-20"""
    text = text_of(SOURCE, 7).replace("    #...\n", textwrap.indent(textwrap.dedent(SESSION), "    "))
    course.write(f"{PACKAGE}/definitions.py", text)
    assert sorted(key.to_user_string() for key in loaded().resolve_all_asset_keys()) == [
        "labs/source/bookings",
        "labs/source/facilities",
        "labs/source/members",
        "labs/transformed/members",
    ]


@pytest.mark.filterwarnings("ignore:.context.selected_output_names. is deprecated:DeprecationWarning")
def test_the_job_has_the_group(course):
    """S3-21"""
    job = loaded().resolve_job_def("sample_job")
    assert len(list(job.asset_keys)) == 4
    assert job.execute_in_process().success


def test_a_misspelt_decorator_is_named(course):
    """S3-05"""
    course.write(f"{PACKAGE}/definitions.py", definitions_text().replace("dg.definitions", "dg.efinitions"))
    with pytest.raises(AttributeError, match="definitions"):
        loaded()


def test_the_package_is_valid_and_runs(course):
    """S3-19, S3-21, S3-22, S3-28: by the command line."""
    jobs = course.folder / PACKAGE / "jobs.py"
    jobs.write_text(f"{jobs.read_text()}\n{text_of(SOURCE, 10)}")
    file = course.folder / PACKAGE / "definitions.py"
    text = file.read_text().replace("import jobs", "import five_minutes_schedule, jobs")
    file.write_text(text.replace("jobs=jobs,", "jobs=jobs,\n        schedules=[five_minutes_schedule],"))
    module = f"-m {PACKAGE}.definitions"
    done = course.run(f"dagster definitions validate {module}")
    assert done.returncode == 0, done.stdout
    done = course.run(f"dagster asset materialize {module} --select 'key:\"labs/source/facilities\"'")
    assert done.returncode == 0, done.stdout
    assert source_files(course) == ["labs/source/facilities"]
    assert "sample_job" in course.run(f"dagster job list {module}").stdout
    done = course.run(f"dagster job execute -j sample_job {module}")
    assert done.returncode == 0, done.stdout
    assert len(source_files(course)) == 4
    assert "sample_job_schedule" in course.run(f"dagster schedule list {module}").stdout


def test_every_five_minutes():
    """S3-22"""
    blocks = Blocks(SOURCE, dg=dg, AssetSelection=dg.AssetSelection, ASSET_GROUP_LABS="labs").run(8).run(10)
    schedule = blocks.five_minutes_schedule
    assert schedule.name == "sample_job_schedule"
    ticks = schedule.next_ticks(datetime(2024, 1, 1, 0, 1, tzinfo=UTC), 2)
    assert [(tick.minute, tick.second) for tick in ticks] == [(5, 0), (10, 0)]
