"""What user code gets of its resources: as parameters, through contexts, while they open and close."""

import pytest

import treadle as dg


def run_op(op, **resources):
    @dg.job(resource_defs=resources)
    def only() -> None:
        op()

    return only.execute_in_process()


class Client:
    pass


class Api(dg.ConfigurableResource, dg.IAttachDifferentObjectToOpContext):
    url: str = "here"

    def get_object_to_set_on_execution_context(self) -> Client:
        return Client()


def test_a_parameter_gets_the_resource_where_the_context_shows_another_object():
    seen = []

    @dg.success_hook
    def after(context, api: Api) -> None:
        seen.append(api.url)

    @dg.op
    def call(context, api: Api) -> str:
        assert isinstance(context.resources.api, Client)
        return api.url

    @dg.job(resource_defs={"api": Api()}, hooks={after})
    def calls() -> None:
        call()

    assert calls.execute_in_process().output_for_node("call") == "here"
    assert seen == ["here"]
    assert call(dg.build_op_context(resources={"api": Api(url="direct")})) == "direct"


def test_a_resource_that_is_yielded_is_closed_after_the_steps():
    told = []

    class Switch(dg.ConfigurableResourceFactory[bool]):
        name: str

        def create_resource(self, context):
            told.append(f"on {self.name}")
            yield True
            told.append(f"off {self.name}")

    @dg.op
    def look(a: dg.ResourceParam[bool], b: dg.ResourceParam[bool]) -> None:
        told.append((a, b))

    assert run_op(look, a=Switch(name="a"), b=Switch(name="b")).success
    assert told == ["on a", "on b", (True, True), "off b", "off a"]


def test_a_dependency_may_name_a_class_that_comes_later():
    class Outer(dg.ConfigurableResource):
        inner: dg.ResourceDependency["Inner"]

    class Inner(dg.ConfigurableResource):
        n: int

    @dg.op
    def read(outer: Outer) -> int:
        return outer.inner.n

    assert run_op(read, outer=Outer(inner=Inner(n=3))).output_for_node("read") == 3


def test_a_step_sees_the_io_managers_of_its_outputs():
    class Files(dg.ConfigurableIOManager):
        folder: str

        def handle_output(self, context, obj) -> None: ...

        def load_input(self, context) -> None: ...

    @dg.asset(io_manager_key="files")
    def orders(context: dg.AssetExecutionContext) -> str:
        return context.resources.files.folder

    result = dg.materialize([orders], resources={"files": Files(folder="x")})
    assert result.output_for_node("orders") == "x"


class Failing(dg.ConfigurableResource):
    def teardown_after_execution(self, context) -> None:
        raise OSError("no disk")


def use_in(executor):
    @dg.op
    def use(failing: Failing) -> None: ...

    @dg.job(resource_defs={"failing": Failing()}, executor_def=executor)
    def uses() -> None:
        use()

    return uses


def in_processes():
    return use_in(dg.multiprocess_executor)


def teardown_event(events):
    [event] = [each for each in events if "Teardown" in (each.message or "")]
    assert event.event_type_value == "ENGINE_EVENT"
    assert "`failing`" in event.message
    assert "no disk" in event.event_specific_data.error.message
    return event


def test_a_teardown_that_raises_is_an_event_of_the_run():
    result = use_in(dg.in_process_executor).execute_in_process()
    assert result.success
    assert teardown_event(result.all_events).step_key is None


def test_a_teardown_that_raises_in_a_worker_is_an_event_of_its_step(tmp_path):
    with (
        dg.DagsterInstance.local_temp(str(tmp_path)) as instance,
        dg.execute_job(dg.reconstructable(in_processes), instance) as result,
    ):
        assert result.success
        assert teardown_event(result.all_events).step_key == "use"


def test_a_resource_that_tears_down_is_made_where_that_has_an_end():
    told = []

    class Held(dg.ConfigurableResource):
        n: int

        def teardown_after_execution(self, context) -> None:
            told.append(self.n)

    context = dg.build_init_resource_context(config={"n": 2})
    with pytest.raises(dg.InvalidArgumentError, match="tears down"):
        Held.from_resource_context(context)
    with Held.from_resource_context_cm(context) as held:
        assert held.n == 2
        assert told == []
    assert told == [2]


class Number(dg.ConfigurableResource):
    n: int


def test_resources_given_as_arguments_are_also_those_of_the_context():
    @dg.op
    def read(context, number: Number) -> tuple[int, int]:
        return number.n, context.resources.number.n

    context = dg.build_op_context()
    assert read(context, number=Number(n=1)) == (1, 1)
    assert read(context, number=Number(n=2)) == (2, 2)  # a context may be used again
