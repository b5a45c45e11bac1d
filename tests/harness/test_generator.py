"""Doing many things at the same time."""

import asyncio

import pytest

from hhperf.harness.preparation import perform_all
from hhperf.long_work import progress_bar


@pytest.mark.parametrize("in_flight", [1, 3, 50])
async def test_everything_is_done_once_and_begun_in_order(in_flight: int) -> None:
    """However many at the same time."""
    begun: list[int] = []

    async def perform(item: int) -> None:
        begun.append(item)
        await asyncio.sleep(0.001 * (item % 3))

    with progress_bar("test", 10, False) as bar:
        await perform_all(range(10), perform, in_flight, bar)
    assert begun == list(range(10))


async def test_a_failure_is_raised_as_itself() -> None:
    """The others are ended, and nobody has to unpack a group."""
    ended: list[int] = []

    async def perform(item: int) -> None:
        if item == 2:
            raise OSError("disk full")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(item)

    with progress_bar("test", 3, False) as bar, pytest.raises(OSError, match="disk full"):
        await perform_all(range(3), perform, 3, bar)
    assert sorted(ended) == [0, 1]
