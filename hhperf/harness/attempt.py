"""One request to one target, timed. What the target raises is an outcome, never a crash."""

import asyncio
from dataclasses import dataclass
from time import perf_counter_ns

from hhperf.harness.target import Reply, Request, Target
from hhperf.runs import Outcome, without_credentials

LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Attempt:
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
    reply, outcome, error = None, Outcome.OK, ""
    start_ns = perf_counter_ns()
    try:
        async with asyncio.timeout(timeout_s):
            reply = await target.send(request)
    except TimeoutError as late:
        outcome, error = Outcome.TIMEOUT, in_words(late)
    except asyncio.CancelledError as cancelled:
        if _being_cancelled():
            raise
        outcome, error = Outcome.ERROR, in_words(cancelled)
    except Exception as failure:  # noqa: BLE001  a failed request is a measurement
        outcome, error = Outcome.ERROR, in_words(failure)
    end_ns = reply.end_ns if reply is not None and reply.end_ns else perf_counter_ns()
    return Attempt(start_ns, end_ns, outcome, reply, error)


def in_words(error: BaseException) -> str:
    """The error's type and message on one line of at most 300 characters, without credentials."""
    message = without_credentials(" ".join(str(error).split()))
    return f"{type(error).__name__}: {message}".removesuffix(": ")[:LONGEST_ERROR]


def _being_cancelled() -> bool:
    """Tells our own cancellation from one that a target lets escape."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
