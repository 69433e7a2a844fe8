"""What an error says about run config that lacks what ops and resources require."""

import logging

import pytest

import treadle as dg


class Load(dg.Config):
    table: str
    limit: int
    retries: int = 3


@dg.op
def load(config: Load) -> None:
    pass


@dg.op(config_schema=int)
def count(context) -> None:
    pass


@dg.graph
def counting() -> None:
    count()


class Database(dg.ConfigurableResource):
    url: str


@dg.op
def store(db: Database) -> None:
    pass


@dg.op
def plain() -> None:
    pass


@dg.job(resource_defs={"db": Database.configure_at_launch()})
def nightly() -> None:
    load()
    counting()
    store()


def refusal(run_config=None, job=nightly) -> dg.InvalidConfigError:
    with pytest.raises(dg.InvalidConfigError) as caught:
        job.execute_in_process(run_config)
    return caught.value


def test_a_missing_section_says_which_ops_and_resources_want_which_fields():
    text = str(refusal())
    assert "op `load` wants `table`, `limit`" in text
    assert "op `counting.count` wants an integer" in text
    assert "resource `db` wants `url`" in text
    assert "retries" not in text  # has a default


def test_the_example_is_run_config_that_is_accepted():
    hint = refusal().hint
    example = eval(hint.removeprefix("give run config such as "))
    assert example["ops"]["counting"] == {"ops": {"count": {"config": 0}}}
    assert nightly.execute_in_process(example).success


def test_an_op_without_its_config_is_named_where_it_stands():
    error = refusal({"ops": {"load": {}}, "resources": {"db": {"config": {"url": "x"}}}})
    assert [(each.path, each.message) for each in error.errors] == [
        (("ops", "counting", "ops"), "missing field `count` (op `counting.count` wants an integer)"),
        (("ops", "load"), "missing field `config` (op `load` wants `table`, `limit`)"),
    ]


def test_what_is_given_in_part_is_not_asked_for_again():
    error = refusal({"ops": {"load": {"config": {"limit": 1}}}})
    assert '"load"' not in error.hint
    assert "root:ops:load:config: missing field `table`" in str(error)


def test_checking_without_a_run_gives_the_same_example():
    with pytest.raises(dg.InvalidConfigError, match="such as"):
        dg.validate_run_config(nightly)


def test_a_long_list_of_ops_is_cut():
    @dg.job
    def wide() -> None:
        for at in range(9):
            load.alias(f"load_{at}")()

    assert "and 4 more" in str(refusal(job=wide))


@dg.job
def logs() -> None:
    plain()


@pytest.mark.parametrize("given", ["NOPE", 7])
def test_an_unknown_log_level_is_refused_with_the_levels_there_are(given):
    error = refusal({"loggers": {"console": {"config": {"log_level": given}}}}, logs)
    assert error.errors[0].path == ("loggers", "console", "config", "log_level")
    assert "DEBUG, INFO, WARNING, ERROR, CRITICAL" in str(error)


def test_a_misspelt_log_level_is_recognised():
    assert "did you mean `DEBUG`" in str(
        refusal({"loggers": {"console": {"config": {"log_level": "dbug"}}}}, logs)
    )


@pytest.mark.parametrize("level", ["debug", "INFO", "Warn"])
def test_log_levels_are_names_in_any_case(level):
    assert logs.execute_in_process({"loggers": {"console": {"config": {"log_level": level}}}}).success


def test_a_logger_of_ones_own_that_is_given_an_unknown_level_is_a_config_error():
    @dg.logger({"level": str})
    def mine(context):
        return logging.Logger("mine", context.logger_config["level"])

    @dg.job(logger_defs={"mine": mine})
    def with_mine() -> None:
        plain()

    error = refusal({"loggers": {"mine": {"config": {"level": "NOPE"}}}}, with_mine)
    assert error.errors[0].path == ("loggers", "mine", "config")
    assert "CRITICAL" in str(error)
