"""Workers of a Dask cluster, on one machine or many.

Needs `dask.distributed`. Each block is one task a worker, bound to it and never repeated: a request
sent late would measure nothing. A worker gives its observations at the end of its task, so that one
that is lost takes with it what it was to send in that block.

Each machine has a clock of its own. How far it is ahead is measured when a worker opens and after
each block, by the monotonic clocks alone, so that no clock that is set in the middle of a run moves
anything. What a worker is told and what it delivers is translated by that.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from hhperf.errors import RunError
from hhperf.harness.clock_offset import Exchange, Offset, offset_of
from hhperf.harness.flight import in_words
from hhperf.harness.local_crew import Deliver
from hhperf.harness.preparation import Ready
from hhperf.harness.session import Assignment, Job, Session
from hhperf.harness.worker_clock import Emitted, WorkerClock

if TYPE_CHECKING:
    from distributed import Client, Future

EXCHANGES = 12
"""Of which the quickest counts; some 3 ms each."""


class DaskCrew:
    """The workers that a client's cluster has when the replay begins.

    Args:
        client: a connected `dask.distributed.Client`, not an asynchronous one.
    """

    lead_s = 0.5

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._addresses: dict[int, str] = {}
        self._key = ""
        self._clocks: dict[int, WorkerClock] = {}

    @property
    def living(self) -> tuple[int, ...]:
        """The numbers of the workers that can be told what to do."""
        return tuple(self._addresses)

    async def open(self, make_job: Callable[[int], Job]) -> list[Ready]:
        """Have every worker of the cluster open its targets.

        Raises:
            RunError: there are no workers, or one could not open its targets.
        """
        addresses = await asyncio.to_thread(self._find_workers)
        if not addresses:
            raise RunError("the Dask cluster has no workers: start some and try again")
        workers = len(addresses)
        jobs = {each: replace(make_job(each), workers=workers) for each in range(workers)}
        self._key = jobs[0].run
        self._addresses = dict(enumerate(addresses))
        self._clocks = {
            worker: WorkerClock(worker, job.epoch_ns, offset)
            for (worker, job), offset in zip(jobs.items(), await self._offsets(jobs), strict=True)
        }
        opening = [
            self._submit(worker, _open, self._key, self._clocks[worker].told_job(job))
            for worker, job in jobs.items()
        ]
        try:
            return [await asyncio.to_thread(future.result) for future in opening]
        except Exception as error:
            raise RunError(f"a Dask worker could not begin: {in_words(error)}") from error

    async def run(self, assignments: Mapping[int, Assignment], deliver: Deliver) -> frozenset[int]:
        """Have a block sent; ends when every worker has, or was lost.

        One that ends its share for the safety of a target ends those of the others.

        Returns:
            The workers that were lost; they are told nothing any more.
        """
        ended = await asyncio.gather(*(self._sent(*each) for each in assignments.items()))
        lost = {each for each, emitted in zip(assignments, ended, strict=True) if emitted is None}
        for worker in lost:
            del self._addresses[worker]
        living = [worker for worker in assignments if worker not in lost]
        for worker, offset in zip(living, await self._offsets(living), strict=True):
            self._clocks[worker].look(offset)
        for worker, emitted in zip(assignments, ended, strict=True):
            for kind, data in self._clocks[worker].translated(emitted or []):
                deliver(worker, kind, data)
        return frozenset(lost)

    def stop(self) -> None:
        """A task that has begun goes on to its end: what it sends is not delivered."""

    async def close(self) -> None:
        """Have the workers close their targets; the cluster belongs to its owner.

        What is under way is ended: nobody would take it in, and somebody has to answer it.
        """
        await self._stop("the run has ended")
        closing = [self._submit(worker, _close, self._key) for worker in self._addresses]
        await asyncio.gather(
            *(asyncio.to_thread(future.exception) for future in closing), return_exceptions=True
        )

    async def _offsets(self, workers: Iterable[int]) -> list[Offset | None]:
        """How far each worker's clock is ahead; None for one that does not say."""
        asked = (asyncio.to_thread(self._offset, self._addresses[each]) for each in workers)
        return await asyncio.gather(*asked)

    def _offset(self, address: str) -> Offset | None:
        exchanges = []
        with suppress(Exception):  # a worker that has gone, in whichever words of Dask's
            for _ in range(EXCHANGES):
                t1 = perf_counter_ns()
                ((t2, t3),) = self._client.run(_read_clock, workers=[address]).values()
                exchanges.append(Exchange(t1, t2, t3, perf_counter_ns()))
        return offset_of(exchanges) if exchanges else None

    def _find_workers(self) -> list[str]:
        return sorted(self._client.scheduler_info(n_workers=-1)["workers"])

    def _submit(self, worker: int, call: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        return self._client.submit(
            call,
            *arguments,
            workers=[self._addresses[worker]],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )

    async def _sent(self, worker: int, assignment: Assignment) -> Emitted | None:
        """What the worker gives for its share of a block; None when the worker is gone.

        A task bound to a worker that has gone waits for it to come back, so the worker is looked
        for meanwhile.
        """
        told = self._clocks[worker].told(assignment)
        address, task = self._addresses[worker], self._submit(worker, _run, self._key, told)
        waiting = asyncio.create_task(asyncio.to_thread(_outcome, task))
        while not (await asyncio.wait({waiting}, timeout=1.0))[0]:
            if address not in await asyncio.to_thread(self._find_workers):
                await asyncio.to_thread(task.cancel)
        emitted = await waiting
        for reason in (data for kind, data in emitted or () if kind == "stopped"):
            await self._stop(reason.decode())
        return emitted

    async def _stop(self, reason: str) -> None:
        """End what any worker has under way: beside its one thread, which is busy with it."""
        workers = [*self._addresses.values()]
        with suppress(Exception):  # one that has gone ends nothing any more
            await asyncio.to_thread(
                self._client.run, _stop, self._key, reason, workers=workers, on_error="ignore"
            )


def _outcome(task: "Future[Any]") -> Emitted | None:
    """The task's result, or None where its worker died or it was cancelled."""
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415  an optional extra

    try:
        emitted: Emitted = task.result()
    except (KilledWorker, CancelledError, asyncio.CancelledError):
        return None
    return emitted


def _read_clock() -> tuple[int, int]:
    """When it is asked and when it answers, which is one moment."""
    now_ns = perf_counter_ns()
    return now_ns, now_ns


_sessions: dict[str, tuple[Session, Emitted]] = {}
_busy = Lock()


def _open(key: str, job: Job) -> Ready:
    emitted: Emitted = []
    session = Session(job, lambda kind, data: emitted.append((kind, data)))
    _sessions[key] = session, emitted
    with _busy:
        return session.open()


def _run(key: str, assignment: Assignment) -> Emitted:
    session, emitted = _sessions[key]
    with _busy:
        session.run(assignment)
    given = list(emitted)
    emitted.clear()
    return given


def _stop(key: str, reason: str) -> None:
    if key in _sessions:
        _sessions[key][0].stop(reason)


def _close(key: str) -> None:
    session, _ = _sessions.pop(key)
    with _busy:
        session.close()
