"""What a `dagster.yaml` says is told by the instance."""

from pathlib import Path

import pytest

from treadle import DagsterInstance, asset, instance_for_test, materialize
from treadle.core.errors import ConfigurationError
from treadle.store.settings import Settings, load_settings

RETRIES = {"run_retries": {"enabled": True, "max_retries": 3}}


def test_settings_given_in_code_are_told(tmp_path: Path) -> None:
    with DagsterInstance.local_temp(str(tmp_path), overrides=RETRIES) as instance:
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 3)
        assert instance.get_settings("run_retries") == RETRIES["run_retries"]
        assert instance.get_settings("telemetry") == {}
    with DagsterInstance.ephemeral(settings={"python_logs": {"python_log_level": "INFO"}}) as instance:
        assert (instance.python_log_level, instance.managed_python_loggers) == ("INFO", [])
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (False, 0)
        assert instance.run_retries_retry_on_asset_or_op_failure
        assert not instance.telemetry_enabled and not instance.run_monitoring_enabled


def test_a_folder_with_a_file_of_settings_is_an_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dagster.yaml").write_text("run_retries:\n  enabled: true\n  max_retries: 2\n")
    monkeypatch.delenv("TREADLE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.is_persistent and instance.run_retries_max_retries == 2
        instance.add_dynamic_partitions("regions", ["x"])
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with DagsterInstance.get() as same:
        assert same.get_dynamic_partitions("regions") == ["x"]
        assert same.run_retries_max_retries == 2


def test_an_instance_for_a_test_and_the_process_agree_on_settings() -> None:
    with instance_for_test(overrides=RETRIES) as instance:
        assert instance.run_retries_enabled
        with DagsterInstance.get() as same:
            assert same.run_retries_enabled


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("run_retriez:\n  enabled: true\n", "unknown-setting", "run_retries"),
        ("run_retries: [\n", "config-file-unreadable", "dagster.yaml"),
        ("- 1\n", "config-file-unreadable", "settings by name"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_with_its_place(
    text: str, code: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "dagster.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        DagsterInstance.from_config(str(tmp_path))
    assert (raised.value.code, raised.value.where) == (code, str(file))
    assert said in str(raised.value)


def test_a_folder_that_is_not_there_and_a_setting_that_is_not_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder"):
        DagsterInstance.from_config(str(tmp_path / "nope"))
    with pytest.raises(ConfigurationError, match="run_retries"):
        DagsterInstance.local_temp(str(tmp_path), overrides={"run_retriez": {}})


POOLS = {"concurrency": {"pools": {"default_limit": 2}}}


def at_home(tmp_path: Path, text: str, **environ: str) -> Settings:
    (tmp_path / "dagster.yaml").write_text(text)
    return load_settings(tmp_path, {"TREADLE_HOME": str(tmp_path), **environ})


def test_the_store_is_where_the_file_says(tmp_path: Path) -> None:
    settings = at_home(tmp_path, f"storage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n")
    assert settings.store_url == f"sqlite:///{tmp_path / 'elsewhere' / 'treadle.db'}"
    assert settings.sources["store_url"] == str(tmp_path / "dagster.yaml")


def test_a_postgres_store_may_be_told_by_url_or_by_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = at_home(tmp_path, "storage:\n  postgres:\n    postgres_url: postgresql://u@h/d\n").store_url
    assert url == "postgresql://u@h/d"
    monkeypatch.setenv("THE_PASSWORD", "a/b c")
    text = (
        "storage:\n  postgres:\n    postgres_db:\n      username: me\n      password: {env: THE_PASSWORD}\n"
        "      hostname: db\n      db_name: runs\n      params: {sslmode: require}\n"
    )
    assert at_home(tmp_path, text).store_url == "postgresql://me:a%2Fb%20c@db:5432/runs?sslmode=require"


def test_what_is_said_nearer_wins(tmp_path: Path) -> None:
    (tmp_path / "treadle.toml").write_text("default_pool_limit = 7\n")
    text = "storage:\n  postgres:\n    postgres_url: postgresql://u@h/d\nconcurrency:\n  pools:\n    default_limit: 2\n"
    settings = at_home(tmp_path, text, TREADLE_STORE_URL="memory:")
    assert (settings.store_url, settings.default_pool_limit) == ("memory:", 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "storage:\n  postgres:\n    postgres_db:\n      username: {env: NOT_SET_AT_ALL}\n",
            "NOT_SET_AT_ALL",
        ),
        ("storage:\n  postgres:\n    postgres_db:\n      username: me\n", "password"),
        ("storage:\n  sqlite:\n    base_dir: [1]\n", "base_dir"),
        ("concurrency:\n  pools:\n    default_limit: many\n", "default_limit"),
    ],
)
def test_a_value_that_can_not_be_meant_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        at_home(tmp_path, text)
    assert (raised.value.code, raised.value.where) == ("invalid-setting", str(tmp_path / "dagster.yaml"))


def test_the_limit_of_pools_holds_for_every_instance_of_the_settings() -> None:
    with instance_for_test(overrides=POOLS) as instance, DagsterInstance.get() as same:
        assert instance.store.slots.default_limit == same.store.slots.default_limit == 2


def test_stored_values_and_what_steps_print_go_where_the_file_says(tmp_path: Path) -> None:
    @asset
    def loud() -> int:
        print("heard")
        return 1

    settings = {
        "local_artifact_storage": {
            "module": "dagster._core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(tmp_path / "artifacts")},
        },
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(tmp_path / "printed")},
        },
    }
    with instance_for_test(overrides=settings) as instance:
        assert instance.storage_directory() == str(tmp_path / "artifacts" / "storage")
        assert materialize([loud], instance=instance).success
    assert (tmp_path / "artifacts" / "storage" / "loud").is_file()
    with instance_for_test(overrides={"compute_logs": {"class": "S3ComputeLogManager"}}) as instance:
        assert instance.compute_log_directory() == str(Path(instance.root_directory) / "compute_logs")
    with instance_for_test(overrides=settings) as instance:
        assert instance.compute_log_directory() == str(tmp_path / "printed")
