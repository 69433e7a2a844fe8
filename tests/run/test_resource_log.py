"""What resources log is told as lines of the run."""

import logging

import treadle as dg


class Chatty(dg.ConfigurableResource):
    def setup_for_execution(self, context) -> None:
        context.log.info("opening")

    def say(self) -> None:
        self.get_resource_context().log.warning("said %s", "so")

    def teardown_after_execution(self, context) -> None:
        context.log.info("closing")


def chatty_job(executor=dg.in_process_executor, **more):
    @dg.op
    def talk(chatty: Chatty) -> None:
        chatty.say()

    @dg.job(resource_defs={"chatty": Chatty()}, executor_def=executor, **more)
    def talks() -> None:
        talk()

    return talks


def in_processes():
    return chatty_job(dg.multiprocess_executor)


def lines_of(instance, run_id):
    return [
        (line.step_key, line.level, line.user_message)
        for line in instance.all_logs(run_id)
        if not line.is_dagster_event
    ]


def test_lines_belong_to_the_step_that_uses_it_or_to_the_run():
    with dg.DagsterInstance.ephemeral() as instance:
        result = chatty_job().execute_in_process(instance=instance)
        assert lines_of(instance, result.run_id) == [
            (None, logging.INFO, "opening"),
            ("talk", logging.WARNING, "said so"),
            (None, logging.INFO, "closing"),
        ]


def test_in_a_worker_all_belong_to_the_step(tmp_path):
    with (
        dg.DagsterInstance.local_temp(str(tmp_path)) as instance,
        dg.execute_job(dg.reconstructable(in_processes), instance) as result,
    ):
        assert result.success
        lines = lines_of(instance, result.run_id)
    assert [line for line in lines if line[2] in ("opening", "said so", "closing")] == [
        ("talk", logging.INFO, "opening"),
        ("talk", logging.WARNING, "said so"),
        ("talk", logging.INFO, "closing"),
    ]


def test_loggers_of_the_run_get_them():
    seen = []

    class Collecting(logging.Handler):
        def emit(self, record) -> None:
            meta = record.dagster_meta
            seen.append((record.getMessage(), meta["step_key"], meta["orig_message"]))

    @dg.logger
    def mine(context):
        made = logging.Logger("mine", "INFO")
        made.addHandler(Collecting())
        return made

    result = chatty_job(logger_defs={"mine": mine}).execute_in_process({"loggers": {"mine": {}}})
    assert result.success
    assert seen == [
        (f"talks - {result.run_id} - opening", None, "opening"),
        (f"talks - {result.run_id} - talk - said so", "talk", "said so"),
        (f"talks - {result.run_id} - closing", None, "closing"),
    ]
