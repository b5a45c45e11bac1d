"""The order predicted to be best with few connections, measured against the arms there are.

On requests that the prediction did not know: an order is best among many partly by luck, and luck
does not come again. From the top of the repository, on a quiet machine (some ten minutes)::

    python -m tests.benchmarks.forecast.winner [ROUNDS]
"""

import sys
import tempfile
from pathlib import Path

import hhperf
from hhperf.experiment.fresh_orders import Conditions, record_loads, unknown_to
from hhperf.show.forecast_cards import interval

BASE = "sweep-plan/pool-20/000004.200"
RATE_HZ, POOL_MAX = 15.55, 4
SECONDS, ROUNDS = 20.0, 4
AGAINST = ("parallel", "eager")


def main() -> None:
    """Print the verdict against each."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    base = hhperf.load_run(hhperf.data_dir() / "runs" / BASE)
    found = hhperf.optimise(base, rate_hz=RATE_HZ, pool_max=POOL_MAX)
    winner, fresh = found.best[0].schedule, unknown_to(base, hhperf.load_query_log())
    print(found)
    with hhperf.Stack() as stack, tempfile.TemporaryDirectory() as folder:
        for control in AGAINST:
            how = Conditions.of(base, control=control, pool_max=POOL_MAX, seed=1)
            runs = record_loads(
                fresh, stack, Path(folder) / control, [winner], how,
                rate_hz=RATE_HZ, seconds=SECONDS, rounds=rounds,
            )  # fmt: skip
            comparison = hhperf.compare(runs[winner])
            for at in ("p50", "p95"):
                result = comparison[at]
                print(f"{winner} against {control} at {at}:", interval(result.estimate))
                print(result.verdict)
            print(*(gate.text for gate in comparison.gates if not gate.passed), sep="\n")


if __name__ == "__main__":
    main()
