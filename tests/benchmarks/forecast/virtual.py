"""The critical path by experiment: virtual speedups held against what the model predicts.

Each stage in turn seems to take half its time, under two schedules, by the shipped log. What the
replay measures is put beside what `what_if` predicts from the same run's control. From the top of
the repository, on a quiet machine (some 15 minutes)::

    python -m tests.benchmarks.forecast.virtual [PAIRS] [PROFILE]
"""

import sys
import tempfile
from pathlib import Path

import hhperf
from hhperf.analysis.estimate import Estimate

PAIRS = 400
IN_FLIGHT = {"plan": 10}
STAGES = ("embedding", "specialty", "vector", "text", "ranking")
SCHEDULES = ("sequential", "parallel", "eager")
AT = ("mean", "p50", "p95")


def held(
    log: hhperf.QueryLog, stack: hhperf.Stack, schedule: str, stage: str, pairs: int, profile: str
) -> list[str]:
    """Lines that put both side by side, for one stage under one schedule."""
    study = hhperf.Study(
        control=schedule, treatment=schedule, profile=profile, rerank=False, pairs=pairs,
        in_flight=IN_FLIGHT.get(profile, 1), virtual_speedup={stage: 0.5},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        run = study.record_sync(log, stack, Path(folder) / "run")
        measured, predicted = hhperf.compare(run), hhperf.what_if(run, stages={stage: 0.5})
        return [
            line(f"{schedule}, {stage} × 0.5", name, measured[name].estimate, predicted[name])
            for name in AT
        ]


def line(what: str, at: str, measured: Estimate, predicted: Estimate) -> str:
    """One saving by experiment and by the model; whether their intervals meet."""
    meets = measured.lower <= predicted.upper and predicted.lower <= measured.upper
    return (
        f"{what:<30} {at:>4}  {measured.point:6.1%} ({measured.lower:6.1%} to"
        f" {measured.upper:6.1%})  {predicted.point:6.1%}  {'yes' if meets else 'NO'}"
    )


def main() -> None:
    """Print the table, and how often both agree."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    profile = sys.argv[2] if len(sys.argv) > 2 else "plan"
    log, found = hhperf.load_query_log(), list[str]()
    print(f"{pairs} pairs each, profile {profile}: by experiment (modelled gain), by the model")
    with hhperf.Stack() as stack:
        for schedule in SCHEDULES:
            for stage in STAGES:
                for each in held(log, stack, schedule, stage, pairs, profile):
                    found.append(each)
                    print(each, flush=True)
    agree = sum(each.endswith("yes") for each in found)
    print(f"{agree} of {len(found)} intervals meet")


if __name__ == "__main__":
    main()
