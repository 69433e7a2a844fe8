"""Environment variables stand by name until they are used; secrets stay hidden."""

import pickle

import pytest

import treadle as dg
from treadle.define.config.secrets import looks_secret, redact


@pytest.mark.parametrize(
    "name",
    ["password", "DB_PASSWD", "api_key", "AWS_SECRET_ACCESS_KEY", "token", "pw", "key", "SLACK_WEBHOOK_URL"],
)
def test_names_of_secrets(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    ["user", "partition_key", "io_manager_key", "public_key", "keyspace", "monkey", "url", "tokenizer"],
)
def test_names_of_what_is_no_secret(name):
    assert not looks_secret(name)


def test_a_variable_is_its_name_until_it_is_read(monkeypatch):
    """S4-12."""
    monkeypatch.delenv("WAREHOUSE", raising=False)
    variable = dg.EnvVar("WAREHOUSE")
    assert repr(variable) == "EnvVar('WAREHOUSE')"
    assert variable.get_value() is None
    assert variable.get_value("d") == "d"
    with pytest.raises(dg.InvariantViolationError, match="WAREHOUSE"):
        str(variable)
    with pytest.raises(dg.InvariantViolationError, match="`WAREHOUSE` is not set"):
        variable.read()
    monkeypatch.setenv("WAREHOUSE", "w")
    assert variable.get_value() == "w"


def test_integers_from_the_environment(monkeypatch):
    monkeypatch.setenv("N", "7")
    assert dg.EnvVar.int("N").get_value() == 7
    monkeypatch.setenv("N", "canary")
    with pytest.raises(dg.InvariantViolationError) as caught:
        dg.EnvVar.int("N").get_value()
    assert "canary" not in str(caught.value)


def test_variables_compare_hash_and_pickle():
    assert dg.EnvVar("A") == dg.EnvVar("A") != dg.EnvVar.int("A")
    assert pickle.loads(pickle.dumps(dg.EnvVar.int("A"))) == dg.EnvVar.int("A")
    assert len({dg.EnvVar("A"), dg.EnvVar("A"), dg.EnvVar("B")}) == 2


def test_what_was_read_as_a_secret_is_hidden_from_then_on(monkeypatch):
    """B28."""
    monkeypatch.setenv("SERVICE_TOKEN", "canary-token-1")
    monkeypatch.setenv("SERVICE_URL", "https://ann:canary-pass-2@host/x")
    dg.EnvVar("SERVICE_TOKEN").get_value()
    dg.EnvVar("SERVICE_URL").get_value()
    text = redact("canary-token-1 failed at https://ann:canary-pass-2@host/x; again: canary-pass-2")
    assert text == "*** failed at https://ann:***@host/x; again: ***"
