"""Tasks that work together for one that leads them, and which of their cancellations are meant.

A cancellation counts if the leader asked for it. Others are strays of what a task waited for: a
client that takes a cancellation for the end of its own time keeps it to itself, and a group of
tasks cancels whoever waits for it when one of its tasks fails, which `asyncio.TaskGroup` of Python
3.11 does not take back. Taken for meant, a stray would end the task, and the work with it, without
a word.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from contextvars import ContextVar
from typing import Any

_leader: ContextVar["asyncio.Task[Any] | None"] = ContextVar("_leader", default=None)


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do several things at the same time, each to its end or until one of them fails.

    Raises:
        Exception: the first failure, when the others have ended.
        asyncio.CancelledError: the calling task is being cancelled; or one of them was, by nobody
            here, so that something is left undone.
    """
    token = _leader.set(asyncio.current_task())
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        _leader.reset(token)
    if any(task.cancelled() for task in tasks):  # no failure to a group
        raise asyncio.CancelledError


def is_being_cancelled() -> bool:
    """Whether the running task is, by whoever leads it; by anybody where nobody does."""
    task, leader = asyncio.current_task(), _leader.get()
    if task is None or not task.cancelling():
        return False
    return leader is None or leader is task or bool(leader.cancelling())


def end_if_cancelled() -> None:
    """Heed a cancellation of the running task that something it awaited has kept to itself.

    A stray is taken back, so that nobody takes it for another.

    Raises:
        asyncio.CancelledError: the task is being cancelled.
    """
    if is_being_cancelled():
        raise asyncio.CancelledError
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()
