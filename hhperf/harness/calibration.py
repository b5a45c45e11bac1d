"""What a generator itself takes, seen at a target that does nothing: in this process or over HTTP.

Over HTTP that is a server that answers every request at once with nothing: a bare loop over sockets
in a process of its own, some 10 microseconds a request. It takes more than a generator in Python
can send.
"""

import multiprocessing
import os
import selectors
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import numpy as np

from hhperf.harness.http_target import HttpTarget
from hhperf.harness.load_plan import plan_load
from hhperf.harness.load_replay import replay_load
from hhperf.harness.replay_plan import Log
from hhperf.harness.target import CallableTarget, Reply, Request
from hhperf.runs.metadata import Floor
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.workload.schedules import constant, evenly

BODY = b'{"results":[],"total":0,"timings":{}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


@contextmanager
def null_server(core: int | None = None) -> Iterator[str]:
    """Serve in a process of its own until the block is left; gives the URL.

    Args:
        core: the processor core to keep to; any when None.
    """
    with null_server_process(core) as (url, _):
        yield url


@contextmanager
def null_server_process(core: int | None = None) -> Iterator[tuple[str, int]]:
    """The same; gives the URL and the process's number.

    Args:
        core: the processor core to keep to; any when None.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, core), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}", process.pid or 0
    finally:
        process.terminate()
        process.join()
        process.close()


def complete_requests(data: bytes) -> tuple[int, bytes]:
    """How many whole requests there are, and what is left after them."""
    count = 0
    while (end := data.find(b"\r\n\r\n")) >= 0:
        end += 4 + _length(data[:end])
        if len(data) < end:
            break
        data, count = data[end:], count + 1
    return count, data


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.partition(b"\r")[0]) if found else 0


def _serve(tell: Connection, core: int | None) -> None:
    if core is not None and sys.platform == "linux":
        os.sched_setaffinity(0, {core})
    with (
        socket.create_server(("127.0.0.1", 0), backlog=1024) as listener,
        selectors.DefaultSelector() as selector,
    ):
        selector.register(listener, selectors.EVENT_READ)
        tell.send(listener.getsockname()[1])
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    selector.register(connection, selectors.EVENT_READ, _Unread())
                else:
                    _answer(key, selector)


@dataclass(slots=True)
class _Unread:
    """What came of a request that is not whole."""

    data: bytes = b""


def _answer(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    connection, unread = cast("socket.socket", key.fileobj), cast("_Unread", key.data)
    if data := _received(connection):
        count, unread.data = complete_requests(unread.data + data)
        connection.sendall(ANSWER * count)
    else:
        selector.unregister(connection)
        connection.close()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


_NOTHING = Reply()


async def calibrate(
    log: Log, rate_hz: float, *, seconds: float = 2.0, over_http: bool = False
) -> Floor:
    """Send a log at a rate to a target that does nothing.

    Args:
        log: the requests.
        rate_hz: the load that is to be measured.
        seconds: how long to send.
        over_http: whether the target is a null server on this machine, or in this process.

    Raises:
        PlanError: the rate and the time hold no request.
    """
    plan = plan_load(
        log,
        evenly(constant(rate_hz, seconds)),
        cache_state="natural",
        seed=0,
        rounds=1,
        arms=[Arm.CONTROL],
        extra_time_s=0,
    )
    server: AbstractContextManager[str | None] = null_server() if over_http else nullcontext()
    with server as url, tempfile.TemporaryDirectory() as folder:
        targets = {Arm.CONTROL: CallableTarget(do_nothing) if url is None else HttpTarget(url)}
        return floor_of(await replay_load(plan, targets, Path(folder) / "run", progress=False))


async def do_nothing(_: Request) -> Reply:
    """Answer at once, always the same."""
    return _NOTHING


def floor_of(run: Run) -> Floor:
    """The floor that a run of a target that does nothing shows."""
    frame = run.frame()
    answered = frame[frame["outcome"] == Outcome.OK.value]
    service_s = answered["service_time_s"]
    lag_s = (answered["start_ns"] - answered["intended_start_ns"]) / 1e9
    return Floor(
        requests=len(service_s),
        service_p50_s=float(np.quantile(service_s, 0.5)),
        service_p99_s=float(np.quantile(service_s, 0.99)),
        lag_p99_s=float(np.quantile(lag_s, 0.99)),
    )
