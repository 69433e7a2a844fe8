"""Settings by attribute (S1-15, S1-16)."""

import pytest

import treadle as dg
from treadle.phlo.config import Config, get_config


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    get_config.cache_clear()
    yield
    get_config.cache_clear()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("TRUE", True), ("false", False), ("0", False), ("1", True),
        ("500", 500), ("-3", -3), ("0123", "0123"), ("1.5", "1.5"), ("", ""), ("-", "-"), ("٣", "٣"),
        ("https://api.example.org", "https://api.example.org"), ("a b", "a b"),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_what_it_looks_like(monkeypatch, text, value):
    """S1-15"""
    monkeypatch.setenv("SETTING", text)
    found = get_config().SETTING
    assert found == value and type(found) is type(value)


def test_an_unknown_setting_is_named_with_the_nearest(monkeypatch):
    """S1-15"""
    monkeypatch.setenv("API_BASE_URL", "x")
    with pytest.raises(AttributeError, match=r"`API_BASE_URI`.*`API_BASE_URL`"):
        _ = get_config().API_BASE_URI
    assert not hasattr(get_config(), "NOT_THERE_AT_ALL")


def test_the_dotenv_file_counts_and_the_environment_wins(monkeypatch, tmp_path):
    """S1-15"""
    (tmp_path / ".env").write_text("BATCH_SIZE=10\nUSE_CACHE=0\n")
    monkeypatch.setenv("USE_CACHE", "true")
    assert get_config().BATCH_SIZE == 10 and get_config().USE_CACHE is True


def test_settings_are_read_once_until_the_cache_is_cleared(monkeypatch):
    """S1-15"""
    monkeypatch.setenv("BATCH_SIZE", "10")
    assert get_config().BATCH_SIZE == 10
    monkeypatch.setenv("BATCH_SIZE", "20")
    assert get_config().BATCH_SIZE == 10
    get_config.cache_clear()
    assert get_config().BATCH_SIZE == 20


def test_values_are_never_shown():
    assert "s3cret" not in repr(Config({"WEATHER_API_KEY": "s3cret"})) + str(dir(Config({"A": "s3cret"})))


@pytest.mark.parametrize(("text", "value"), [("true", "from the cache"), ("0", "fetched")])
def test_an_asset_takes_the_branch_that_its_setting_says(monkeypatch, text, value):
    """S1-16"""
    monkeypatch.setenv("USE_CACHE", text)

    @dg.asset
    def conditional_asset():
        return "from the cache" if get_config().USE_CACHE else "fetched"

    assert dg.materialize([conditional_asset]).output_for_node("conditional_asset") == value
