"""Resources called directly in a test; most have functions that yield."""

import pytest

import treadle as dg


def telling(events):
    @dg.resource(config_schema={"url": str})
    def connection(context):
        events.append("up")
        try:
            yield context.resource_config["url"]
        finally:
            events.append("down")

    return connection


@pytest.mark.parametrize("is_configured", [False, True])
def test_with_sets_a_resource_up_and_tears_it_down(is_configured):
    events = []
    made = telling(events)
    context = dg.build_init_resource_context(config=None if is_configured else {"url": "db"})
    made = made.configured({"url": "db"}) if is_configured else made
    with made(context) as value:
        assert (value, events) == ("db", ["up"])
    assert events == ["up", "down"]


def test_one_without_a_context_too():
    @dg.resource
    def five():
        yield 5

    with five() as value:
        assert value == 5


def test_an_error_inside_of_with_reaches_the_resource_and_the_test():
    events = []
    made = telling(events)(dg.build_init_resource_context(config={"url": "db"}))
    with pytest.raises(ValueError, match="boom"), made:
        raise ValueError("boom")
    assert events == ["up", "down"]


def test_it_can_still_be_iterated():
    events = []
    context = dg.build_init_resource_context(config={"url": "db"})
    made = telling(events)(context)
    assert next(made) == "db"
    made.close()
    assert events == ["up", "down"]
    assert list(telling(events)(context)) == ["db"]


def test_a_resource_may_hand_on_what_another_one_yields():
    events = []
    connection = telling(events)

    @dg.resource(config_schema={"url": str})
    def handed_on(context):
        yield from connection(context)

    @dg.resource(config_schema={"url": str})
    def same(context):
        return connection(context)

    for made in (handed_on, same):

        @dg.asset(required_resource_keys={"db"})
        def reads(context):
            assert context.resources.db == "shop"

        dg.materialize([reads], resources={"db": made.configured({"url": "shop"})})
        assert events == ["up", "down"]
        events.clear()


def test_a_resource_that_needs_nothing_may_be_given_none():
    @dg.resource(config_schema={"rows": dg.Field(int, default_value=3)})
    def limit(context):
        return context.resource_config["rows"]

    assert limit(None) == 3
    with pytest.raises(dg.InvalidInvocationError, match="takes"):
        limit()
    with pytest.raises(dg.InvalidInvocationError, match="nothing else"):
        limit(None, None)
