"""What it costs to count what a search uses.

Run `python -m tests.benchmarks.search.counting [requests] [candidates]`; it prints a table and
asserts nothing. On a busy machine two searches differ by more than that: how often something is
counted is told by real searches, and what one counting takes is timed alone.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from time import perf_counter_ns, thread_time_ns
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from hhperf.search import traffic, usage
from hhperf.search.cache import CacheScope
from hhperf.search.connect import open_engine
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.settings import Settings
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file

ARMS = ("sequential", "parallel", "single_statement")
COUNTED = {
    "steps": (usage._Steps, "send"),
    "reads": (traffic._CountedProtocol, "data_received"),
    "connections": (traffic.Account, "drawn"),
}
TIMES = 2_000


class Nothing:
    """A coroutine and a protocol of which nothing takes any time."""

    def send(self, _: object) -> None:
        """Take a step."""

    def data_received(self, _: bytes) -> None:
        """Take in what came."""


def main() -> None:
    """Print how often each arm counts in a search, and what share of the search that takes."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    candidates = int(sys.argv[2]) if len(sys.argv) > 2 else 23_000
    cost_us = {name: _microseconds(work) for name, work in _alone().items()}
    told = ", ".join(f"{name} {each:.2f} us" for name, each in cost_us.items())
    print(f"one counting takes, by what is counted: {told}\n")
    print(f"{'a search of':<20}{''.join(f'{each:>14}' for each in COUNTED)}{'us':>8}{'share':>9}")
    with Stack(corpus=Corpus(candidates)) as stack:
        for arm in ARMS:
            often, median_ms = asyncio.run(_searched(stack, arm, requests))
            us = sum(often[name] * cost_us[name] for name in COUNTED)
            cells = "".join(f"{often[name]:>14.1f}" for name in COUNTED)
            print(f"{arm:<20}{cells}{us:>8.0f}{us / median_ms / 1e3:>9.2%}")


def _alone() -> dict[str, Callable[[], object]]:
    nothing: Any = Nothing()
    steps: Coroutine[Any, Any, None] = usage._Steps(nothing, usage.Usage())
    account = traffic.Account()
    account.watch(os.getpid())
    protocol = traffic._CountedProtocol(nothing, account)
    return {
        "steps": lambda: steps.send(None),
        "reads": lambda: protocol.data_received(b""),
        "connections": account.drawn,
    }


def _microseconds(work: Callable[[], object]) -> float:
    """Processor time of one call, the least of seven measurements."""
    took = []
    for _ in range(7):
        begun_ns = thread_time_ns()
        for _ in range(TIMES):
            work()
        took.append((thread_time_ns() - begun_ns) / TIMES / 1e3)
    return min(took)


async def _searched(stack: Stack, arm: str, requests: int) -> tuple[dict[str, float], float]:
    """How often a search counts on the mean, and its median milliseconds, with caches cold."""
    engine = await open_engine(arm, Settings(enable_rerank=False), stack.endpoints)
    await engine.clients.store.warm()
    often: Counter[str] = Counter()
    took_ms = []
    with pytest.MonkeyPatch.context() as patch:
        for name, (owner, method) in COUNTED.items():
            patch.setattr(owner, method, _counting(getattr(owner, method), often, name))
        for request in load_query_log(data_file("queries.jsonl"))[:requests]:
            scope = CacheScope.of(uuid4().hex)
            caller = Caller(request.tenant, request.request_id)
            begun_ns = perf_counter_ns()
            await engine.search(SearchRequest.from_wire(request.body), caller, scope)
            took_ms.append((perf_counter_ns() - begun_ns) / 1e6)
    await engine.aclose()
    return {name: often[name] / requests for name in COUNTED}, float(np.median(took_ms))


def _counting(real: Callable[..., Any], often: Counter[str], name: str) -> Callable[..., Any]:
    def counted(*arguments: Any) -> Any:
        often[name] += 1
        return real(*arguments)

    return counted


if __name__ == "__main__":
    main()
