"""Callers of one key share a fetch, whoever of them leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from hhperf.search.coalescing import RequestCoalescer, Uncoalesced


@dataclass
class Source:
    """Something slow to fetch from: each fetch waits until it is let go."""

    error: BaseException | None = None
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    cancelled: int = 0

    async def fetch(self) -> int:
        """The number of this fetch."""
        self.begun += 1
        number = self.begun
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return number


@dataclass
class Callers:
    """Callers of one coalescer."""

    coalescer: RequestCoalescer[int] = field(default_factory=RequestCoalescer)

    async def ask(self, fetch: Callable[[], Awaitable[int]], key: str = "k") -> asyncio.Task[int]:
        """A caller that has begun to wait."""
        caller = asyncio.create_task(self.coalescer.get_or_fetch(key, fetch))
        await settled()
        return caller


async def settled() -> None:
    """Let everything that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_callers_share_one_fetch() -> None:
    """Three callers, one fetch, one result."""
    source, callers = Source(), Callers()
    waiting = [await callers.ask(source.fetch) for _ in range(3)]
    assert callers.coalescer.pending_count == 1
    source.let_go.set()
    assert await asyncio.gather(*waiting) == [1, 1, 1]
    assert source.begun == 1
    assert callers.coalescer.pending_count == 0


async def test_a_later_call_fetches_anew() -> None:
    """Nothing is remembered once the fetch has ended."""
    source, callers = Source(), Callers()
    source.let_go.set()
    assert [await callers.coalescer.get_or_fetch("k", source.fetch) for _ in range(2)] == [1, 2]


async def test_a_call_right_after_the_fetch_fetches_anew() -> None:
    """The key is gone with the fetch's last step, before any waiter has woken."""
    source, callers = Source(), Callers()
    first = await callers.ask(source.fetch)

    async def come_right_after() -> int:
        await source.let_go.wait()
        return await callers.coalescer.get_or_fetch("k", source.fetch)

    later = asyncio.create_task(come_right_after())
    await settled()
    source.let_go.set()
    assert (await first, await later) == (1, 2)


async def test_the_first_caller_leaves() -> None:
    """Who started the fetch may go; the others get its result."""
    source, callers = Source(), Callers()
    first, second = await callers.ask(source.fetch), await callers.ask(source.fetch)
    first.cancel()
    await settled()
    assert first.cancelled()
    assert source.cancelled == 0
    source.let_go.set()
    assert await second == 1


async def test_a_later_caller_leaves() -> None:
    """A waiter's leaving is its own affair."""
    source, callers = Source(), Callers()
    first, second = await callers.ask(source.fetch), await callers.ask(source.fetch)
    second.cancel()
    await settled()
    source.let_go.set()
    assert await first == 1
    assert second.cancelled()


async def test_all_callers_leave() -> None:
    """The last one takes the fetch with it: it has ended when the caller has."""
    source, callers = Source(), Callers()
    waiting = [await callers.ask(source.fetch) for _ in range(3)]
    for caller in waiting:
        caller.cancel()
    await asyncio.wait(waiting)
    assert all(caller.cancelled() for caller in waiting)
    assert source.cancelled == 1
    assert callers.coalescer.pending_count == 0


async def test_the_only_caller_leaves_as_the_fetch_begins() -> None:
    """A fetch that hardly ran leaves nothing behind either."""
    source, callers = Source(), Callers()
    caller = asyncio.create_task(callers.coalescer.get_or_fetch("k", source.fetch))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait([caller])
    assert source.cancelled == source.begun
    assert callers.coalescer.pending_count == 0


async def test_a_call_while_the_fetch_is_being_cancelled() -> None:
    """It does not join a fetch that is on its way out."""
    source, callers = Source(), Callers()
    leaving = await callers.ask(source.fetch)
    leaving.cancel()
    await asyncio.sleep(0)
    coming = await callers.ask(source.fetch)
    source.let_go.set()
    assert await coming == 2
    assert leaving.cancelled()


async def test_a_fetch_that_does_not_want_to_end_is_awaited() -> None:
    """The last caller leaves only when the cancelled fetch has cleaned up."""
    cleaned = asyncio.Event()

    async def stubborn() -> int:
        try:
            return await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    caller = await Callers().ask(stubborn)
    caller.cancel()
    await asyncio.wait([caller])
    assert cleaned.is_set()


async def test_an_error_reaches_every_caller() -> None:
    """Callers share an error as they share a result; the next call tries again."""
    source, callers = Source(error=ValueError("no")), Callers()
    waiting = [await callers.ask(source.fetch) for _ in range(2)]
    source.let_go.set()
    assert [type(e) for e in await asyncio.gather(*waiting, return_exceptions=True)] == [
        ValueError,
        ValueError,
    ]
    source.error = None
    assert await callers.coalescer.get_or_fetch("k", source.fetch) == 2


@pytest.mark.parametrize("is_coroutine", [True, False])
async def test_an_error_before_the_first_await(is_coroutine: bool) -> None:
    """A fetcher that raises at once, or is no coroutine at all, behaves like any other."""

    async def raises_first() -> int:
        raise ValueError("at once")

    def raises_without_awaitable() -> Awaitable[int]:
        raise ValueError("at once")

    callers = Callers()
    fetch = raises_first if is_coroutine else raises_without_awaitable
    first = asyncio.create_task(callers.coalescer.get_or_fetch("k", fetch))
    second = asyncio.create_task(callers.coalescer.get_or_fetch("k", fetch))
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [str(each) for each in outcomes] == ["at once", "at once"]
    assert callers.coalescer.pending_count == 0


async def test_an_error_after_everyone_left_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """A fetch that answers its cancellation with another error disturbs nobody."""

    async def fails_on_leaving() -> int:
        try:
            return await asyncio.Event().wait()
        finally:
            raise ValueError("while leaving")

    caller = await Callers().ask(fails_on_leaving)
    caller.cancel()
    await asyncio.wait([caller])
    assert caller.cancelled()
    assert not caplog.records


async def test_keys_are_apart() -> None:
    """Tenants have keys of their own, so one neither shares nor disturbs another's fetch."""
    large, small, callers = Source(), Source(error=ValueError("no")), Callers()
    one = await callers.ask(large.fetch, key="tenant-large:java")
    other = await callers.ask(small.fetch, key="tenant-small:java")
    assert callers.coalescer.pending_count == 2
    small.let_go.set()
    with pytest.raises(ValueError, match="no"):
        await other
    large.let_go.set()
    assert await one == 1


async def test_no_fetch_outlives_its_callers() -> None:
    """After any of the above no task is left running."""
    source, callers = Source(), Callers()
    waiting = [await callers.ask(source.fetch, key=str(number)) for number in range(5)]
    for caller in waiting:
        caller.cancel()
    await asyncio.wait(waiting)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_without_sharing_each_caller_fetches() -> None:
    """At the same time, for the same key."""
    fetched: list[int] = []

    async def fetch() -> int:
        fetched.append(len(fetched))
        await asyncio.sleep(0)
        return fetched[-1]

    coalescer: RequestCoalescer[int] = Uncoalesced()
    await asyncio.gather(*(coalescer.get_or_fetch("key", fetch) for _ in range(3)))
    assert (len(fetched), coalescer.pending_count) == (3, 0)
