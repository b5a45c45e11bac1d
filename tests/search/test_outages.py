"""Real parts that stop in the middle of searches, and come back."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import psutil
import pytest
import pytest_asyncio

from hhperf.errors import RetrievalError
from hhperf.search.connect import Endpoints
from hhperf.search.engine import SearchEngine, SearchResponse
from hhperf.search.service import PATH
from hhperf.search.settings import Settings
from hhperf.stack.admission import start_guarded
from hhperf.stack.embedded import EmbeddedStack
from hhperf.stack.probe import endpoints
from hhperf.stack.running import Running
from hhperf.stack.servers import await_valkey, spawn_valkey
from tests.search.conftest import Arms, ask
from tests.stack.conftest import TINY, open_folder

pytestmark = pytest.mark.asyncio(loop_scope="session")

EACH_KIND = pytest.mark.parametrize("arm", ["parallel", "single_statement"])
"""Two statements and one; that every arm fails alike is in `test_failures.py`."""

QUERY = "desenvolvedor java"
QUICK: dict[str, Any] = {
    "pgvector_statement_timeout_ms": 300,
    "pgvector_connection_timeout_ms": 300,
}


@dataclass
class Parts:
    """A small stack of the test's own, whose servers can be stopped."""

    embedded: EmbeddedStack
    running: Running

    @property
    def endpoints(self) -> Endpoints:
        """Where the servers are, or were."""
        return endpoints(self.embedded.settings, self.running)

    def stop_postgres(self) -> None:
        """As an operator does: connections are closed."""
        self.embedded.postgres.stop()

    def kill_postgres(self) -> None:
        """As a crash does: nothing is said to anyone."""
        server = self.embedded.postgres.server
        assert server is not None
        processes = [server, *server.children()]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)

    def start_postgres(self) -> None:
        """On the same data and socket."""
        start_guarded(self.embedded.postgres, self.running.sockets)

    def kill_valkey(self) -> None:
        """What it held is gone."""
        assert self.running.valkey is not None
        self.running.valkey.kill()

    def start_valkey(self) -> None:
        """On the same socket."""
        pid = spawn_valkey(self.running.sockets)
        await_valkey(psutil.Process(pid), self.running.sockets)
        self.running = Running(self.running.sockets, pid, self.running.providers_pid)
        self.running.write(self.embedded.folder.with_suffix(".running"))


@pytest.fixture(scope="module")
def own_stack() -> Iterator[EmbeddedStack]:
    """A stack of 60 candidates in a folder of its own, which stays up between the tests."""
    with open_folder() as folder:
        stack = EmbeddedStack(Settings(), TINY, root=folder)
        stack.keep(kept=True)
        yield stack


@pytest.fixture
def parts(own_stack: EmbeddedStack) -> Iterator[Parts]:
    """The stack with everything running: what a test has stopped is started again."""
    yield Parts(own_stack, own_stack.enter())
    own_stack.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def own_arms(parts: Parts) -> AsyncIterator[Arms]:
    """What opens engines on it."""
    async with AsyncExitStack() as opened:
        yield Arms(parts.endpoints, opened)


@contextmanager
def frozen(processes: list[psutil.Process]) -> Iterator[None]:
    """Processes that are there and answer nothing."""
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


@asynccontextmanager
async def searching(engine: SearchEngine) -> AsyncIterator[Counter[str]]:
    """Three users who search without pause, and what became of their searches."""
    outcomes: Counter[str] = Counter()
    ended, numbers = asyncio.Event(), count()

    async def user() -> None:
        while not ended.is_set():
            try:
                response = await ask(engine, f"{QUERY} {next(numbers)}")
                outcomes[_outcome(response)] += 1
            except RetrievalError:
                outcomes["503"] += 1
            await asyncio.sleep(0.001)

    async with asyncio.TaskGroup() as users:
        for _ in range(3):
            users.create_task(user())
        yield outcomes
        ended.set()


def _outcome(response: SearchResponse) -> str:
    if response.metadata["missing"]:
        return "partly"
    return "found" if response.results else "nobody"


async def more(outcomes: Counter[str], outcome: str) -> None:
    """Wait until it has happened ten times more, for a while."""
    before = outcomes[outcome]
    async with asyncio.timeout(30):
        while outcomes[outcome] < before + 10:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@EACH_KIND
@pytest.mark.parametrize("stop", [Parts.stop_postgres, Parts.kill_postgres])
async def test_the_database_goes_and_comes_back(
    own_arms: Arms, parts: Parts, arm: str, stop: Callable[[Parts], None]
) -> None:
    """Found, 503, found again: never another error, and nothing to restart."""
    engine = await own_arms.engine(arm)
    async with searching(engine) as outcomes:
        await more(outcomes, "found")
        await asyncio.to_thread(stop, parts)
        await more(outcomes, "503")
        await asyncio.to_thread(parts.start_postgres)
        await more(outcomes, "found")
    assert outcomes.keys() <= {"found", "partly", "503"}
    pool = engine.clients.store._pool
    assert pool.get_size() == pool.get_idle_size()


@EACH_KIND
async def test_the_database_hangs(own_arms: Arms, parts: Parts, arm: str) -> None:
    """Time-outs end what it does not answer, and it is used again when it does."""
    engine = await own_arms.engine(arm, **QUICK)
    server = parts.embedded.postgres.server
    assert server is not None
    async with searching(engine) as outcomes:
        await more(outcomes, "found")
        with frozen([server, *server.children()]):
            async with asyncio.timeout(30):
                while not outcomes["503"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
        await more(outcomes, "found")
    assert outcomes.keys() <= {"found", "partly", "503"}


@EACH_KIND
async def test_redis_goes_and_comes_back(own_arms: Arms, parts: Parts, arm: str) -> None:
    """Nobody notices, and results are remembered again afterwards."""
    engine = await own_arms.engine(arm)
    async with searching(engine) as outcomes:
        await more(outcomes, "found")
        parts.kill_valkey()
        await more(outcomes, "found")
        await asyncio.to_thread(parts.start_valkey)
        await more(outcomes, "found")
    assert outcomes.keys() == {"found"}
    assert [(await ask(engine, QUERY)).cache_hit for _ in range(2)] == [False, True]


async def test_redis_hangs(own_arms: Arms, parts: Parts) -> None:
    """It is waited for once, not at each step of each search."""
    engine = await own_arms.engine()
    assert parts.running.valkey is not None
    async with searching(engine) as outcomes:
        await more(outcomes, "found")
        with frozen([parts.running.valkey]):
            await more(outcomes, "found")
    assert outcomes.keys() == {"found"}


async def test_the_service_through_an_outage(own_arms: Arms, parts: Parts) -> None:
    """Health and answers are 503 while the database is gone, and 200 before and after."""
    client = await own_arms.client(await own_arms.engine("parallel"))

    async def statuses() -> list[int]:
        search = await client.post(PATH, json={"query": QUERY, "limit": next(limits)})
        return [(await client.get("/health")).status_code, search.status_code]

    limits = count(1)
    assert await statuses() == [200, 200]
    parts.stop_postgres()
    assert await statuses() == [503, 503]
    parts.start_postgres()
    assert await statuses() == [200, 200]


async def test_an_engine_closes_while_the_database_hangs(own_arms: Arms, parts: Parts) -> None:
    """Closing does not wait for a server that no longer answers."""
    engine = await own_arms.engine(**QUICK)
    await ask(engine, QUERY)
    server = parts.embedded.postgres.server
    assert server is not None
    with frozen([server, *server.children()]):
        await asyncio.wait_for(engine.aclose(), 20)
