"""How close each arm comes to its schedule's critical path, and to the best of all schedules.

Run `python -m tests.benchmarks.search.schedules [requests] [candidates]`; it prints tables and
asserts nothing. Arms take turns on each request, with caches cold, one request at a time.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np

from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.search.arms import ARMS
from hhperf.search.cache import CacheScope
from hhperf.search.connect import open_engine
from hhperf.search.engine import SearchEngine
from hhperf.search.model import Caller, SearchRequest
from hhperf.search.order import Waits
from hhperf.search.settings import Settings
from hhperf.search.trace import covered_ns
from hhperf.stack.made_of import Corpus
from hhperf.stack.stack import Stack
from hhperf.why.critical_path import critical_path
from hhperf.workload.query_log import LoggedRequest
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file

WARM_UP = 20
CASES = (("local", True), ("plan", False), ("plan", True))
STAGES = ("cache", "embedding", "specialty", "vector", "text", "statement", "fusion", "hydration",
          "ranking", "rerank")  # fmt: skip


@dataclass(slots=True)
class Times:
    """What one arm's searches took, in milliseconds, request by request."""

    total: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def path(self, waits: Waits) -> float:
        """The median critical path of a schedule over these stages, cache included."""
        durations = {stage: np.array(self.stages[stage]) for stage in STAGES}
        return float(np.median(critical_path(durations, waits) + durations["cache"]))


def main() -> None:
    """Print a table of totals and one of stages for each case."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    candidates = int(sys.argv[2]) if len(sys.argv) > 2 else 23_000
    log = load_query_log(data_file("queries.jsonl"))[: requests + WARM_UP]
    with Stack(corpus=Corpus(candidates)) as stack:
        for profile, rerank in CASES:
            times = asyncio.run(_measured(stack, log, load_profile(profile), rerank=rerank))
            print(
                f"\nprofile {profile}, rerank {'on' if rerank else 'off'}, {requests} requests, ms"
            )
            _print_totals(times)
            _print_stages(times)


async def _measured(
    stack: Stack, log: Sequence[LoggedRequest], profile: LatencyProfile, *, rerank: bool
) -> Mapping[str, Times]:
    settings = Settings(enable_rerank=rerank)
    engines = {
        arm: await open_engine(arm, settings, stack.endpoints, profile.delay_s) for arm in ARMS
    }
    times = {arm: Times() for arm in ARMS}
    try:
        for engine in engines.values():
            await engine.clients.store.warm()
        for place, logged in enumerate(log):
            for turn in range(len(ARMS)):
                arm = list(ARMS)[(place + turn) % len(ARMS)]
                into = Times() if place < WARM_UP else times[arm]
                await _search(engines[arm], logged, into)
    finally:
        for engine in engines.values():
            await engine.aclose()
    return times


async def _search(engine: SearchEngine, logged: LoggedRequest, times: Times) -> None:
    request = SearchRequest.from_wire(logged.body)
    scope = CacheScope.of(f"benchmark:{uuid4().hex}")
    before, began = time.process_time_ns(), time.perf_counter_ns()
    response = await engine.search(request, Caller(logged.tenant, logged.request_id), scope)
    took_ns = time.perf_counter_ns() - began
    times.processor.append((time.process_time_ns() - before) / 1e6)
    times.total.append(took_ns / 1e6)
    spans = response.trace.spans
    times.outside.append((took_ns - covered_ns(spans)) / 1e6)
    for stage in STAGES:
        own_ns = sum(span.duration_ns for span in spans if span.stage == stage)
        times.stages[stage].append(own_ns / 1e6)


def _print_totals(times: Mapping[str, Times]) -> None:
    print(f"{'arm':<18}{'p50':>8}{'p95':>8}{'path':>8}{'/path':>8}{'bound':>8}{'/bound':>8}"
          f"{'outside':>9}{'cpu':>7}")  # fmt: skip
    for arm, each in times.items():
        total = float(np.median(each.total))
        path = each.path(ARMS[arm].waits)
        bound = each.path(ARMS[arm].inputs)
        print(f"{arm:<18}{total:>8.1f}{np.quantile(each.total, 0.95):>8.1f}{path:>8.1f}"
              f"{total / path:>8.3f}{bound:>8.1f}{total / bound:>8.3f}"
              f"{np.median(each.outside):>9.2f}{np.median(each.processor):>7.1f}")  # fmt: skip


def _print_stages(times: Mapping[str, Times]) -> None:
    print(f"{'median of stage':<18}" + "".join(f"{stage:>10}" for stage in STAGES))
    for arm, each in times.items():
        medians = (float(np.median(each.stages[stage])) for stage in STAGES)
        print(f"{arm:<18}" + "".join(f"{median:>10.2f}" for median in medians))


if __name__ == "__main__":
    main()
