"""What a search uses is counted, and what others use beside it is not."""

import asyncio
from collections.abc import Coroutine
from time import thread_time_ns

import pytest

from hhperf.search.usage import Drawn, Usage, asking, counted, current_usage, using

MS = 1_000_000


def burn(ms: int) -> None:
    """Use so much of the processor, however long that takes."""
    end_ns = thread_time_ns() + ms * MS
    while thread_time_ns() < end_ns:
        pass


async def burn_twice(ms: int) -> str:
    """Use so much before and after a wait."""
    burn(ms)
    await asyncio.sleep(0)
    burn(ms)
    return "done"


async def used_by(work: Coroutine[object, object, object]) -> Usage:
    """What a search that does this uses."""
    usage = Usage()
    await using(usage, work)
    return usage


async def test_every_step_counts_and_the_result_comes_through() -> None:
    """Before and after a wait."""
    usage = Usage()
    assert await using(usage, burn_twice(5)) == "done"
    assert 10 * MS <= usage.service_ns < 100 * MS


async def test_waiting_costs_no_processor_time() -> None:
    """A sleeping search uses nothing, whatever runs meanwhile."""

    async def wait() -> None:
        other = asyncio.create_task(burn_twice(50))
        await other

    assert (await used_by(wait())).service_ns < 50 * MS


async def test_tasks_of_a_search_count_as_its_own() -> None:
    """If they are made for it: stages that run side by side."""

    async def search() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(counted(burn_twice(5)))
            group.create_task(counted(burn_twice(5)))

    assert (await used_by(search())).service_ns >= 20 * MS


async def test_searches_side_by_side_keep_their_own_account() -> None:
    """Each pays for itself."""
    small, large = await asyncio.gather(used_by(burn_twice(1)), used_by(burn_twice(40)))
    assert small.service_ns < 40 * MS <= large.service_ns


async def test_a_search_that_fails_is_counted() -> None:
    """With the step that failed, and its error comes through."""

    async def fail() -> None:
        burn(5)
        raise OSError("refused")

    usage = Usage()
    with pytest.raises(OSError, match="refused"):
        await using(usage, fail())
    assert usage.service_ns >= 5 * MS


async def test_a_search_can_be_cancelled() -> None:
    """What it does about that counts too, and nobody's account is left behind."""
    usage = Usage()

    async def search() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            burn(5)

    task = asyncio.create_task(using(usage, search()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert usage.service_ns >= 5 * MS
    assert current_usage() is None


async def test_outside_of_a_search_nothing_is_counted() -> None:
    """The work is handed on as it is."""
    work = burn_twice(0)
    assert counted(work) is work
    with asking():
        await work


async def test_time_of_statements_is_from_asking_to_the_answer() -> None:
    """Also when the answer is an error."""

    async def ask() -> None:
        with asking():
            await asyncio.sleep(0.02)  # an event loop may wake a sleeper a little early
            raise OSError("gone")

    usage = Usage()
    with pytest.raises(OSError, match="gone"):
        await using(usage, ask())
    assert usage.statement_ns >= 10 * MS


def test_connections_held_together_are_counted_together() -> None:
    """Two at once, then one: never more than two."""
    usage, drawn = Usage(), Drawn(10, 20, 3, 4)
    usage.take()
    usage.take()
    usage.give_back(5, drawn)
    usage.take()
    usage.give_back(6, drawn)
    usage.give_back(7, drawn)
    assert usage == Usage(2, 18, 0, 30, 60, 9, 12)


def test_what_is_not_known_once_is_not_known() -> None:
    """A sum without a part would be too small."""
    usage = Usage()
    for database_ns in (5, None, 5):
        usage.take()
        usage.give_back(1, Drawn(1, 1, 0, database_ns))
    assert (usage.database_ns, usage.sent_bytes) == (None, 3)
