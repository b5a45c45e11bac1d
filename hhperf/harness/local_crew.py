"""Workers as processes of this machine."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from hhperf.errors import RunError
from hhperf.harness.flight import in_words
from hhperf.harness.preparation import Ready
from hhperf.harness.session import Assignment, Job, Kind, Session

Deliver = Callable[[int, Kind, bytes], None]
"""Given the worker, what it is, and a serialised batch."""


class LocalCrew:
    """Workers that are processes of their own, told what to do through pipes.

    Observations come while a block runs: of a worker that dies nothing is lost but what it had not
    yet written.

    Args:
        workers: how many.
    """

    lead_s = 0.2

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._processes: dict[int, BaseProcess] = {}
        self._pipes: dict[int, Connection] = {}
        self._threads = ThreadPoolExecutor(workers)

    @property
    def living(self) -> tuple[int, ...]:
        """The numbers of the workers that can be told what to do."""
        return tuple(self._pipes)

    def process_ids(self) -> Mapping[int, int | None]:
        """The operating system's number of each living worker."""
        return {worker: self._processes[worker].pid for worker in self._pipes}

    async def open(self, make_job: Callable[[int], Job]) -> list[Ready]:
        """Start the workers and wait until their targets are open.

        Args:
            make_job: gives each worker's job; it must be possible to pickle it.

        Raises:
            RunError: a worker could not open its targets, or died of it.
        """
        context = multiprocessing.get_context("spawn")
        for worker in range(self._workers):
            ours, theirs = context.Pipe()
            job = replace(make_job(worker), workers=self._workers)
            process = context.Process(target=_serve, args=(theirs, job), daemon=True)
            process.start()
            theirs.close()  # so that the worker's death ends the pipe
            self._processes[worker], self._pipes[worker] = process, ours
        try:
            answers = await asyncio.gather(*(self._receive(worker) for worker in self._pipes))
        except asyncio.CancelledError:
            self.stop()
            raise
        for worker, answer in enumerate(answers):
            if not isinstance(answer, Ready):
                said = f": {answer}" if answer else ""
                raise RunError(f"worker {worker} could not begin{said}")
        return answers

    async def run(self, assignments: Mapping[int, Assignment], deliver: Deliver) -> frozenset[int]:
        """Have a block sent; ends when every worker has, or has died.

        Returns:
            The workers that died; they are told nothing any more.
        """
        for worker, assignment in assignments.items():
            with suppress(OSError):  # its death is seen when it is listened to
                self._pipes[worker].send(assignment)
        ended = await asyncio.gather(*(self._listen(worker, deliver) for worker in assignments))
        lost = frozenset(
            worker for worker, well in zip(assignments, ended, strict=True) if not well
        )
        for worker in lost:
            self._pipes.pop(worker).close()
        return lost

    def stop(self) -> None:
        """Have the workers give up what they send, after they have delivered what they have."""
        for worker in self._pipes:
            self._processes[worker].terminate()

    async def close(self) -> None:
        """Have the workers close their targets, and end them."""
        for pipe in self._pipes.values():
            with suppress(OSError):
                pipe.send(None)
        await asyncio.to_thread(self._end)
        self._threads.shutdown(wait=False)

    def _end(self) -> None:
        for process in self._processes.values():
            process.join(timeout=5)
            if process.is_alive():
                process.terminate()
                process.join()
        for pipe in self._pipes.values():
            pipe.close()
        self._pipes.clear()

    async def _listen(self, worker: int, deliver: Deliver) -> bool:
        """Pass on what a worker says; whether it came to the end of its block."""
        while message := await self._receive(worker):
            if message == "done":
                return True
            kind, data = message
            deliver(worker, kind, data)
        return False

    async def _receive(self, worker: int) -> Any:
        """The worker's next message; None when it has died."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._pipes[worker].recv)
        except (EOFError, OSError):
            return None


def _serve(pipe: Connection, job: Job) -> None:
    """A worker's whole life."""
    # A Ctrl-C goes to everybody, and whoever waits for this worker says what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    session = Session(job, lambda kind, data: pipe.send((kind, data)))
    try:
        pipe.send(session.open())
        while (assignment := pipe.recv()) is not None:
            session.run(assignment)
            pipe.send("done")
    except (EOFError, asyncio.CancelledError):
        pass  # nobody is there to be told
    except Exception as error:  # noqa: BLE001  told to whoever waits for this worker
        pipe.send(in_words(error))
    finally:
        session.close()
