"""Timing one request."""

import asyncio

import pytest

from hhperf.harness.flight import Attempt, attempt
from hhperf.harness.target import Reply, Request
from hhperf.runs.observation import Outcome
from tests.harness.conftest import ANSWER, Callee, Send, make_log

REQUEST = make_log(1)[0]


async def attempted(respond: Send, timeout_s: float = 5.0) -> Attempt:
    return await attempt(Callee(respond=respond, state="open"), REQUEST, timeout_s)


async def test_an_answer_is_kept_with_its_time() -> None:
    """The time spans the wait for the answer."""

    async def slow(request: Request) -> Reply:
        await asyncio.sleep(0.02)
        return ANSWER

    sent = await attempted(slow)
    assert (sent.outcome, sent.reply, sent.error) == (Outcome.OK, ANSWER, "")
    assert sent.end_ns - sent.start_ns >= 20_000_000


async def test_an_exception_is_an_outcome() -> None:
    """Type and message are kept on one line."""

    async def fail(request: Request) -> Reply:
        raise RuntimeError("the pool\n is closed")

    sent = await attempted(fail)
    assert (sent.outcome, sent.error) == (Outcome.ERROR, "RuntimeError: the pool is closed")
    assert sent.reply is None


async def test_a_hang_is_a_timeout() -> None:
    """The latency up to the timeout is recorded."""

    async def hang(request: Request) -> Reply:
        await asyncio.Event().wait()
        return ANSWER

    sent = await attempted(hang, timeout_s=0.03)
    assert (sent.outcome, sent.error) == (Outcome.TIMEOUT, "TimeoutError")
    assert sent.end_ns - sent.start_ns >= 29_000_000


async def test_a_target_s_own_timeout_is_a_timeout() -> None:
    """A client that gave up is censored like a harness that gave up."""

    async def give_up(request: Request) -> Reply:
        raise TimeoutError("statement took too long")

    sent = await attempted(give_up)
    assert (sent.outcome, sent.error) == (Outcome.TIMEOUT, "TimeoutError: statement took too long")


async def test_a_cancellation_from_within_is_an_error() -> None:
    """A target that lets a cancelled inner task escape does not stop the replay."""

    async def cancelled_inside(request: Request) -> Reply:
        raise asyncio.CancelledError

    assert (await attempted(cancelled_inside)).outcome is Outcome.ERROR


async def test_a_cancellation_from_without_goes_through() -> None:
    """Being cancelled is not an outcome of the target."""

    async def hang(request: Request) -> Reply:
        await asyncio.Event().wait()
        return ANSWER

    task = asyncio.create_task(attempted(hang))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_long_message_is_cut() -> None:
    """An error that quotes a whole page does not fill the disk."""

    async def fail(request: Request) -> Reply:
        raise ValueError("x" * 10_000)

    assert len((await attempted(fail)).error) == 300


async def test_credentials_in_an_error_are_left_out() -> None:
    """A client that quotes its address does not give its password away."""

    async def fail(request: Request) -> Reply:
        raise ConnectionError("cannot reach https://me:secret@host/v1")

    assert (await attempted(fail)).error == "ConnectionError: cannot reach https://host/v1"
