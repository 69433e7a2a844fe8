"""When missing resources and defaults that do not fit are told, and what direct calls find."""

import pytest

import treadle as dg


@dg.op(required_resource_keys={"api"})
def calls(context):
    return context.resources.api


def test_a_job_with_resources_of_its_own_is_told_at_once_what_is_missing() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="`api`"):

        @dg.job(resource_defs={"database": 1})
        def lacks():
            calls()

    @dg.success_hook(required_resource_keys={"chat"})
    def tell(context): ...

    @dg.job(resource_defs={"api": 1})
    def has():
        calls()

    with pytest.raises(dg.InvalidDefinitionError, match="hook `tell` of job `has` needs the resource `chat`"):
        has.with_hooks({tell})


def test_a_job_without_resources_of_its_own_finds_them_in_its_definitions() -> None:
    @dg.job
    def plain():
        calls()

    defs = dg.Definitions(jobs=[plain], resources={"api": 5})

    assert defs.resolve_job_def("plain").execute_in_process().output_for_node("calls") == 5


def test_a_loader_reaches_its_resources_where_run_config_gives_the_value() -> None:
    opened = []

    @dg.resource
    def prefix(_):
        opened.append("prefix")
        return "id-"

    @dg.dagster_type_loader(str, required_resource_keys={"prefix"})
    def load(context, text):
        return Name(context.resources.prefix + text)

    @dg.usable_as_dagster_type(loader=load)
    class Name(str): ...

    @dg.op(ins={"name": dg.In(Name)})
    def greet(name):
        return str(name)

    @dg.op(out=dg.Out(Name))
    def anyone():
        return Name("ann")

    @dg.job(resource_defs={"prefix": prefix})
    def from_config():
        greet()

    @dg.job(resource_defs={"prefix": prefix})
    def connected():
        greet(anyone())

    found = from_config.execute_in_process(run_config={"ops": {"greet": {"inputs": {"name": "bob"}}}})

    assert found.output_for_node("greet") == "id-bob"
    opened.clear()
    assert connected.execute_in_process().output_for_node("greet") == "ann"
    assert opened == []


def test_a_directly_called_asset_finds_the_resources_that_it_brings() -> None:
    @dg.resource(config_schema=str)
    def greeting(context):
        return context.resource_config

    @dg.asset(required_resource_keys={"greeting"})
    def hello(context):
        return context.resources.greeting

    (bound,) = dg.with_resources([hello], {"greeting": greeting}, {"greeting": {"config": "hi"}})

    assert bound(dg.build_asset_context()) == "hi"
    with pytest.raises(dg.InvalidInvocationError, match="its own resource `greeting`"):
        dg.with_resources([bound], {"greeting": greeting})


def test_a_default_that_is_not_of_its_inputs_type_is_refused() -> None:
    with pytest.raises(dg.InvalidDefinitionError, match="default value of input `number`"):

        @dg.op
        def wrong(number: int = "one"): ...  # type: ignore[assignment]

    @dg.op
    def right(number: int | None = None):
        return number

    assert right() is None


def test_definitions_refuse_what_is_no_executor_and_no_logger() -> None:
    with pytest.raises(dg.InvalidArgumentError, match="executor"):
        dg.Definitions(executor="fast")  # type: ignore[arg-type]
    with pytest.raises(dg.InvalidArgumentError, match="loggers"):
        dg.Definitions(loggers={"console": "loud"})


@pytest.mark.parametrize(
    "docstring",
    [
        "Add.\n\nArgs:\n    left (int): the first\n        of two\n    right: the second\n\nReturns:\n    int: the sum",
        "Add.\n\nParameters\n----------\nleft : int\n    the first\n    of two\nright\n    the second\n"
        "\nReturns\n-------\nint\n    the sum",
        "Add.\n\n:param int left: the first of two\n:param right: the second\n:returns: the sum",
        "Add.\n\n:param int left: the first of two\n:param right: the second\n:return int: the sum",
    ],
)
def test_inputs_and_outputs_are_described_by_the_docstring(docstring: str) -> None:
    def add(left, right): ...

    add.__doc__ = docstring
    made = dg.op(add)

    assert [one.description for one in made.input_defs] == ["the first of two", "the second"]
    assert made.output_defs[0].description == "the sum"
    declared = dg.op(ins={"left": dg.In(description="given")}, out=dg.Out(description="made"))(add)
    assert (declared.input_def_named("left").description, declared.output_defs[0].description) == (
        "given",
        "made",
    )
