"""How long the main job measures until it has a right verdict at p95, by rule of stopping.

Run `python -m tests.benchmarks.machine.time_to_verdict [RUNS [REGIME]]`, as root. Each run is the
regime `plan` of `hhperf run` (`plan-rerank` too on the quiet machine) with requests drawn from the
log and without a look; every rule is then asked at which of its pairs it would have ended, so that
all are compared on the same measurements. A row a rule: the median seconds until its verdict, the
time of looking not counted, and how often the verdict was right, wrong or none.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.analysis.decision import Verdict
from hhperf.analysis.sequential import sequential_test
from hhperf.experiment.regimes import LOOKS, PAIRS, REGIMES, Regime
from hhperf.runs.metadata import PairedDesign
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.verdict.compare import compare
from hhperf.verdict.settled import AT, IS_ONE
from hhperf.workload.query_log import QueryLog
from hhperf.workload.reader import load_query_log
from tests.benchmarks.harness.tools import say
from tests.benchmarks.machine.neighbour import Neighbour, noisy

RIGHT = {"plan": Verdict.EXCEEDS, "plan-rerank": Verdict.BELOW}
SETTINGS: tuple[tuple[str, Neighbour | None], ...] = (
    ("plan", None),
    ("plan-rerank", None),
    ("plan", Neighbour(0.06, 0.06)),
    ("plan", Neighbour(0.2, 0.4)),
)


class Beginning(Run):
    """The first pairs of a run, as if it had ended there."""

    def __init__(self, run: Run, pairs: int, looks: Sequence[int] = ()) -> None:
        design = run.metadata.design
        assert isinstance(design, PairedDesign)
        design = replace(design, pairs=PAIRS, looks=tuple(looks))
        super().__init__(run.path, replace(run.metadata, design=design))
        self._pairs = pairs

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The observations of those pairs."""
        wanted = None if columns is None else list(dict.fromkeys([*columns, "pair"]))
        whole = super().table(wanted)
        kept = whole.filter(pc.less(whole["pair"], self._pairs))
        return kept if columns is None else kept.select(list(columns))

    @cached_property
    def seconds(self) -> float:
        """What measuring them took."""
        times = self.table(["start_ns", "end_ns"])
        return float((pc.max(times["end_ns"]).as_py() - pc.min(times["start_ns"]).as_py()) / 1e9)

    @cached_property
    def health(self) -> pa.Table:
        """What had been seen until then."""
        whole = super().health
        end_ns = pc.max(self.table(["end_ns"])["end_ns"])
        return whole.filter(pc.less_equal(whole["at_ns"], end_ns))


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a rule ended: its verdict, and the seconds of measuring until then."""

    verdict: Verdict
    seconds: float


def fixed(run: Run) -> Ended:
    """All the pairs planned, then one comparison."""
    whole = Beginning(run, PAIRS)
    return Ended(compare(whole, quantiles=(AT,)).verdict, whole.seconds)


def looked_at(run: Run) -> Ended:
    """The main job's: a few looks at planned sizes, with intervals that allow for them."""
    for pairs in (*LOOKS, PAIRS):
        so_far = Beginning(run, pairs, LOOKS)
        verdict = compare(so_far, quantiles=(AT,)).verdict
        if verdict in IS_ONE:
            break
    return Ended(verdict, so_far.seconds)


def until_verdict(run: Run) -> Ended:
    """`--until-verdict`: a confidence sequence, which may be looked at any time."""
    pairs = run.pairs()
    path = sequential_test(pairs.control, pairs.treatment, "p95", timeout=30.0)
    ended = PAIRS if path.stopped_at is None else path.stopped_at
    return Ended(path.verdict, Beginning(run, ended).seconds)


RULES: dict[str, Callable[[Run], Ended]] = {
    f"{PAIRS} pairs": fixed,
    f"looks at {', '.join(map(str, LOOKS))}": looked_at,
    f"confidence sequence, {PAIRS:,} at most": until_verdict,
}


def main(runs: int, only: str | None = None) -> None:
    """A row a setting and rule, of one regime or of all."""
    head = ("seconds", "right", "wrong", "none")
    say(f"{'':<72}{''.join(f'{each:>10}' for each in head)}")
    with Stack() as stack:
        log = load_query_log(None)
        for name, neighbour in SETTINGS:
            if only not in (None, name):
                continue
            regime = next(each for each in REGIMES if each.name == name)
            ended = list(_ended(regime, neighbour, runs, log, stack))
            for rule in RULES:
                where = f"{name}, {neighbour or 'quiet'}: {rule}"
                _report(where, [each[rule] for each in ended], RIGHT[name])


def _ended(
    regime: Regime, neighbour: Neighbour | None, runs: int, log: QueryLog, stack: Stack
) -> Iterator[dict[str, Ended]]:
    for seed in range(runs):
        again = None if neighbour is None else replace(neighbour, seed=seed)
        study = regime.study(
            seed=seed, pairs=PAIRS, order="draw", looks=(), beside=(), extra_time_s=0.0
        )
        with tempfile.TemporaryDirectory() as folder:
            with noisy(again):
                run = study.record_sync(log, stack, Path(folder) / "run", progress=False)
            yield {name: rule(run) for name, rule in RULES.items()}


def _report(name: str, ended: list[Ended], right: Verdict) -> None:
    verdicts = Counter(each.verdict for each in ended)
    wrong = sum(verdicts[each] for each in IS_ONE if each is not right)
    seconds = [each.seconds if each.verdict is right else np.inf for each in ended]
    cells = (
        f"{median(seconds):.0f}",
        f"{verdicts[right]} of {len(ended)}",
        str(wrong),
        str(len(ended) - verdicts[right] - wrong),
    )
    say(f"{name:<72}{''.join(f'{each:>10}' for each in cells)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, *sys.argv[2:3])
