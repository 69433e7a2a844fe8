"""What a `dagster.yaml` says is told by the instance."""

from pathlib import Path

import pytest

from treadle import DagsterInstance, instance_for_test
from treadle.core.errors import ConfigurationError

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
