"""One request to one target, timed. What the target raises is an outcome, never a crash."""

import asyncio
from time import perf_counter_ns
from typing import NamedTuple

from hhperf.harness.target import Reply, Request, Target
from hhperf.runs import Outcome, without_credentials

LONGEST_ERROR = 300


class Attempt(NamedTuple):
    """What came of one request, and when; the reply is there if the outcome is OK."""

    start_ns: int
    end_ns: int
    outcome: Outcome
    reply: Reply | None = None
    error: str = ""


async def attempt(target: Target, request: Request, timeout_s: float) -> Attempt:
    """Send the request and wait for its end.

    Args:
        target: what to send to.
        request: what to send.
        timeout_s: when to give up; the latency up to then is recorded.

    Returns:
        OK with the reply, TIMEOUT (whoever's clock ran out) or ERROR in words.

    Raises:
        asyncio.CancelledError: the calling task is being cancelled.
    """
    start_ns = perf_counter_ns()
    try:
        async with asyncio.timeout(timeout_s):
            reply = await target.send(request)
    except asyncio.CancelledError as cancelled:
        if _being_cancelled():
            raise
        return failed(start_ns, cancelled)
    except Exception as failure:  # noqa: BLE001  a failed request is a measurement
        return failed(start_ns, failure)
    return answered(start_ns, reply)


def answered(start_ns: int, reply: Reply) -> Attempt:
    """An attempt that ended with a reply, now or when the reply says."""
    return Attempt(start_ns, reply.end_ns or perf_counter_ns(), Outcome.OK, reply)


def failed(start_ns: int, error: BaseException) -> Attempt:
    """An attempt that ended with an error, now; any kind of timeout is one."""
    outcome = Outcome.TIMEOUT if isinstance(error, TimeoutError) else Outcome.ERROR
    return Attempt(start_ns, perf_counter_ns(), outcome, error=in_words(error))


def in_words(error: BaseException) -> str:
    """The error's type and message on one line of at most 300 characters, without credentials."""
    message = without_credentials(" ".join(str(error).split()))
    return f"{type(error).__name__}: {message}".removesuffix(": ")[:LONGEST_ERROR]


def _being_cancelled() -> bool:
    """Tells our own cancellation from one that a target lets escape."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
