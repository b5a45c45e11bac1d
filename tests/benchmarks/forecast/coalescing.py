"""What coalescing and caching add under bursts of equal queries, measured and predicted.

One arm shares lookups that are under way, the other makes each; answers are kept so briefly that
they expire while the load lasts. From the top of the repository, on a quiet machine::

    python -m tests.benchmarks.forecast.coalescing [SECONDS] [PROFILE]
"""

import sys
import tempfile
from pathlib import Path

import hhperf
from hhperf import schedules

BURST = 8
BURSTS_HZ = 2.0
TTL_S = 10
REPEATED = 15
"""Different queries in the log, so that each comes again after its answer has expired."""


def main() -> None:
    """Print what became of lookups, and what coalescing saves."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 40.0
    profile = sys.argv[2] if len(sys.argv) > 2 else "plan"
    log = hhperf.load_query_log().head(REPEATED).in_bursts(BURST)
    settings = hhperf.Settings(
        cache_embedding_ttl=TTL_S, cache_specialty_lookup_ttl=TTL_S, cache_search_results_ttl=1
    )
    steady = schedules.poisson(schedules.constant(BURSTS_HZ, seconds), seed=0)
    load = schedules.in_bursts(steady, BURST)
    plan = hhperf.plan_load(log, load, cache_state="natural", seed=0, rounds=2, warm_up=0)
    with hhperf.Stack(settings) as stack, tempfile.TemporaryDirectory() as folder:
        arms = hhperf.prepare_arms(
            stack, "parallel", "parallel", profile=profile, rerank=False, cache_state="natural",
            uncoalesced=["control"],
        )  # fmt: skip
        run = hhperf.replay_sync(
            plan, arms.make_targets, Path(folder) / "run", conditions=arms.conditions
        )
        print(hhperf.lookups(run)._card())
        measured, predicted = hhperf.compare(run), hhperf.what_if(run, coalescing=True)
    for name in ("p50", "p95"):
        print(f"{name}: coalescing saves {measured[name].estimate}, predicted {predicted[name]}")


if __name__ == "__main__":
    main()
