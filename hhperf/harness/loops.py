"""The two ways of putting load on a target.

In an open loop requests come when the schedule says so, whatever became of those before, as the
users of a service do. In a closed loop each client waits for its answer first.
"""

import asyncio
from collections.abc import Callable, Iterator
from time import perf_counter_ns

from hhperf.harness.alarm import Alarm
from hhperf.harness.flight import Flight
from hhperf.harness.pace import Pace
from hhperf.harness.replay_plan import Log
from hhperf.harness.share import Share
from hhperf.harness.together import together

YIELD_AFTER = 8
"""Requests sent late in a row before those under way get their turn."""

AT_A_TIME = 1_024
"""Requests taken from the plan at a time, in some 50 microseconds."""

Slack = Callable[[int], None]
"""Told in nanoseconds how long there is nothing to do."""


async def open_loop(
    share: Share, log: Log, flight: Flight, *, begin_ns: int, alarm: Alarm, slack: Slack
) -> None:
    """Send each request when it is due, never before, and never waiting for another.

    Args:
        share: what to send.
        log: the requests.
        flight: what sends them.
        begin_ns: the block's beginning.
        alarm: what to wait with.
        slack: called before waiting.
    """
    late = 0
    for slot, wait_ns, pick in _requests(share):
        due_ns = begin_ns + wait_ns
        if (early_ns := due_ns - perf_counter_ns()) > 0:
            slack(early_ns)
            await alarm.until(due_ns)
            late = 0
        elif (late := late + 1) % YIELD_AFTER == 0:
            await asyncio.sleep(0)
        flight.launch(slot, due_ns, log[pick])


async def closed_loop(
    share: Share, log: Log, flight: Flight, *, begin_ns: int, slack: Slack, pace: Pace | None = None
) -> None:
    """Let each client send, wait for the answer, think, and send again.

    A request is intended when its client has thought, so no time is lost between the two.

    Args:
        share: what to send, by how many clients.
        log: the requests.
        flight: what sends them.
        begin_ns: the block's beginning.
        slack: called when a client begins to think.
        pace: which a client waits for before it sends, as if it had thought longer; None for none.
    """
    waiting = _requests(share)
    await together(
        _client(waiting, log, flight, begin_ns, slack, pace) for _ in range(share.clients or 0)
    )


def _requests(share: Share) -> Iterator[tuple[int, int, int]]:
    """Slot, wait in nanoseconds and pick of each request.

    Taken from the arrays little by little: all at once would hold up the first requests.
    """
    for first in range(0, len(share.slots), AT_A_TIME):
        some = slice(first, first + AT_A_TIME)
        columns = (share.slots[some], share.wait_ns[some], share.picks[some])
        yield from zip(*(column.tolist() for column in columns), strict=True)


async def _client(
    waiting: Iterator[tuple[int, int, int]],
    log: Log,
    flight: Flight,
    begin_ns: int,
    slack: Slack,
    pace: Pace | None,
) -> None:
    with Alarm() as alarm:
        intended_ns = begin_ns
        for slot, pause_ns, pick in waiting:
            intended_ns += pause_ns
            if (early_ns := intended_ns - perf_counter_ns()) > 0:
                slack(early_ns)
                await alarm.until(intended_ns)
            if pace is not None:
                await pace.turn()
                intended_ns = perf_counter_ns()
            await flight.send(slot, intended_ns, perf_counter_ns(), log[pick])
            intended_ns = perf_counter_ns()
            await asyncio.sleep(0)
