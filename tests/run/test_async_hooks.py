"""Hooks that are coroutine functions."""

import asyncio

import treadle as dg


def test_an_async_hook_runs_to_its_end() -> None:
    seen: list[str] = []

    @dg.success_hook
    async def on_success(context) -> None:
        await asyncio.sleep(0)
        seen.append(f"{context.op.name} succeeded")

    @dg.failure_hook
    async def on_failure(context) -> None:
        await asyncio.sleep(0)
        seen.append(f"{context.op.name} failed")

    @dg.op
    async def well() -> int:
        return 1

    @dg.op
    def badly(_number: int) -> None:
        raise ValueError("no")

    @dg.job(hooks={on_success, on_failure})
    def both():
        badly(well())

    both.execute_in_process(raise_on_error=False)
    assert seen == ["well succeeded", "badly failed"]


def test_what_an_async_hook_raises_is_told_and_changes_nothing() -> None:
    @dg.success_hook
    async def breaks(_context) -> None:
        raise ValueError("boom")

    @dg.op
    def fine() -> None: ...

    @dg.job(hooks={breaks})
    def simple():
        fine()

    result = simple.execute_in_process()
    assert result.success
    assert any(event.event_type_value == "HOOK_ERRORED" for event in result.all_events)
