"""Any order runs as it says, ends whole whatever happens, and is refused where it cannot."""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest

from hhperf.search.order import Order, Stage

Calls = list[str]


async def first(calls: Calls) -> str:
    """Takes a moment."""
    calls.append("first")
    await asyncio.sleep(0.01)
    return "a"


async def second(calls: Calls) -> str:
    """Takes none."""
    calls.append("second")
    return "b"


async def last(calls: Calls, one: str, other: str) -> str:
    """Takes the results of both."""
    calls.append("last")
    return one + other


STAGES = {
    "first": Stage(first),
    "second": Stage(second),
    "last": Stage(last, ("first", "second")),
}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("order", "began"),
    [
        (Order(STAGES), ["first", "second", "last"]),
        (Order(STAGES, first=["second"]), ["second", "first", "last"]),
        (Order(STAGES, second=["first"]), ["first", "second", "last"]),
    ],
    ids=["at once", "second first", "first first"],
)
async def test_results_go_to_their_inputs(order: Order, began: Calls) -> None:
    """In the order of the inputs, whichever came first, and each stage once."""
    calls: Calls = []
    assert (await order.run(calls))["last"] == "ab"
    assert calls == began


@pytest.mark.asyncio
async def test_stages_that_follow_each_other_need_no_task() -> None:
    """One after another is run by the caller's own task alone."""
    ran_in = []

    async def note() -> None:
        ran_in.append(asyncio.current_task())

    stages = {name: Stage(note) for name in "abc"}
    await Order(stages, b=["a"], c=["b"]).run()
    assert ran_in == [asyncio.current_task()] * 3


@pytest.mark.asyncio
@pytest.mark.parametrize("names", [("failing", "endless"), ("endless", "failing")])
async def test_the_failure_itself_is_raised_after_the_others_have_ended(
    names: tuple[str, str],
) -> None:
    """Not a group of failures, and not before the other has cleaned up; what waits never starts."""
    told: Calls = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            told.append("ended")

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def after(_result: None) -> None:
        told.append("began after a failure")

    runs = {"failing": Stage(failing), "endless": Stage(endless)}
    order = Order({name: runs[name] for name in names} | {"after": Stage(after, ("failing",))})
    with pytest.raises(ValueError, match="no"):
        await order.run()
    assert told == ["ended"]


@pytest.mark.asyncio
async def test_an_order_given_up_gives_up_its_stages() -> None:
    """Whether a stage runs in the caller's task or in one of its own."""
    ended: Calls = []

    def waiting(name: str) -> Stage:
        async def wait() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return Stage(wait)

    task = asyncio.create_task(Order({name: waiting(name) for name in "ab"}).run())
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == ["a", "b"]


@pytest.mark.asyncio
async def test_a_stage_that_lets_its_cancellation_pass_starts_no_other() -> None:
    """As `asyncio.wait_for` does where what it waits for has just ended: no failure comes of it."""
    began: Calls = []

    async def wait() -> None:
        await asyncio.Event().wait()

    async def pass_by() -> None:
        with suppress(asyncio.CancelledError):
            await wait()

    async def follow(_result: None) -> None:
        began.append("a follower")

    after = {name: Stage(follow, ("passing",)) for name in ("one", "two")}
    task = asyncio.create_task(
        Order({"waiting": Stage(wait), "passing": Stage(pass_by)} | after).run()
    )
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert began == []


@pytest.mark.asyncio
@pytest.mark.parametrize("cancelled", ["first", "second"])
async def test_a_stage_that_is_cancelled_ends_the_order(cancelled: str) -> None:
    """There is no result without it, wherever it ran."""

    async def give_up(_calls: Calls) -> None:
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Order(STAGES | {cancelled: Stage(give_up)}).run([])


@pytest.mark.parametrize(
    ("waits", "message"),
    [
        ({"first": ["last"]}, "in a circle: .*first -> last|last -> first"),
        ({"first": ["first"]}, "in a circle: first -> first"),
        ({"first": ["third"]}, "first waits for .*, but there is no stage third"),
        ({"third": ["first"]}, "third waits for .*, but there is no stage third"),
    ],
)
def test_an_order_that_cannot_be_is_refused(waits: dict[str, list[str]], message: str) -> None:
    """With the circle, or what is missing, named."""
    with pytest.raises(ValueError, match=message):
        Order(STAGES, **waits)


def test_an_input_that_is_missing_is_named() -> None:
    """A stage without what it takes could never start."""
    stages = {name: STAGES[name] for name in ("first", "last")}
    with pytest.raises(ValueError, match=r"last waits for .*, but there is no stage second"):
        Order(stages)


@pytest.mark.asyncio
async def test_nothing_is_left_for_the_collector() -> None:
    """What a search found goes when it is let go of: collections would stop what is measured."""

    class Found:
        """Something that can be watched."""

    async def find() -> Found:
        await asyncio.sleep(0)
        return Found()

    order = Order({"one": Stage(find), "two": Stage(find), "three": Stage(find)}, three=["one"])
    gc.disable()
    try:
        found = await order.run()
        watched = [weakref.ref(each) for each in found.values()]
        del found
        await asyncio.sleep(0)
        assert [each() for each in watched] == [None] * 3
    finally:
        gc.enable()
