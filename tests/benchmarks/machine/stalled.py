"""The main job on a machine that stalls: is the verdict the quiet machine's, and when is it there?

Run `python -m tests.benchmarks.machine.stalled [RUNS [SETTING...]]`, as root; settings by number,
all by default. Each run is the regime `plan` of `hhperf run`; a row tells the saving at p95 without
stalls and in all data, how often the verdict is right, wrong or none, and the median seconds of
measuring (with fresh pairs in place of what stalls hid).
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from hhperf.analysis.decision import Verdict
from hhperf.experiment.regimes import REGIMES
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.workload.query_log import QueryLog
from hhperf.workload.reader import load_query_log
from tests.benchmarks.harness.tools import say
from tests.benchmarks.machine.neighbour import Neighbour, noisy

PLAN = next(each for each in REGIMES if each.name == "plan")
RIGHT = Verdict.EXCEEDS
STATISTIC = "p95"
SETTINGS: tuple[Neighbour | None, ...] = (
    None,
    Neighbour(0.06, 0.06),
    Neighbour(0.2, 0.4),
    Neighbour(0.06, 0.4),
    Neighbour(0.2, 0.06),
    Neighbour(0.06, 0.06, "apart"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run; savings as shares, NaN where there is none."""

    saving: float
    in_all_data: float
    verdict: Verdict
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.verdict.value}, {self.saving:.1%} (all data {self.in_all_data:.1%}),"
            f" {self.seconds:.0f} s"
        )


def main(runs: int, settings: list[int]) -> None:
    """A row a setting."""
    head = ("saving", "all data", "right", "wrong", "none", "seconds")
    say(f"{'':<40}{''.join(f'{each:>16}' for each in head)}")
    with Stack() as stack:
        log = load_query_log(None)
        for number in settings:
            outcomes = list(_outcomes(SETTINGS[number], runs, log, stack))
            _report(str(SETTINGS[number] or "quiet"), outcomes)


def _outcomes(
    neighbour: Neighbour | None, runs: int, log: QueryLog, stack: Stack
) -> Iterator[Outcome]:
    for seed in range(runs):
        again = (
            None
            if neighbour is None
            else Neighbour(neighbour.share, neighbour.burst_s, neighbour.cores, seed)
        )
        study = PLAN.study(seed=seed)
        with tempfile.TemporaryDirectory() as folder:
            with noisy(again):
                run = study.record_sync(log, stack, Path(folder) / "run", progress=False)
            outcome = _outcome(run)
        print(f"{again or 'quiet'}, run {seed + 1} of {runs}: {outcome}", file=sys.stderr)
        yield outcome


def _outcome(run: Run) -> Outcome:
    result = compare(run)[STATISTIC]
    whole = result.all_data or result.estimate
    table = run.table(["start_ns", "end_ns"])
    seconds = (np.asarray(table["end_ns"]).max() - np.asarray(table["start_ns"]).min()) / 1e9
    return Outcome(result.estimate.point, whole.point, result.verdict, float(seconds))


def _report(name: str, outcomes: list[Outcome]) -> None:
    verdicts = Counter(each.verdict for each in outcomes)
    wrong = verdicts[Verdict.BELOW]
    cells = (
        _spread([each.saving for each in outcomes]),
        _spread([each.in_all_data for each in outcomes]),
        f"{verdicts[RIGHT]} of {len(outcomes)}",
        str(wrong),
        str(len(outcomes) - verdicts[RIGHT] - wrong),
        f"{median(each.seconds for each in outcomes):.0f}",
    )
    say(f"{name:<40}{''.join(f'{each:>16}' for each in cells)}")


def _spread(savings: list[float]) -> str:
    known = [each for each in savings if np.isfinite(each)]
    return f"{np.mean(known):.1%} ± {np.std(known):.1%}" if known else "–"


if __name__ == "__main__":
    chosen = [int(each) for each in sys.argv[2:]] or list(range(len(SETTINGS)))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, chosen)
