"""Whether runs that are still going on have said enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from hhperf.analysis.decision import Verdict
from hhperf.errors import HhperfError
from hhperf.runs.run import Run
from hhperf.verdict.compare import compare

AT = 0.95
"""The quantile that the verdict of a run is about."""

IS_ONE = (Verdict.EXCEEDS, Verdict.BELOW)


@dataclass(frozen=True, slots=True)
class Settled:
    """Asked at the planned looks: whether the first run has its verdict, gates included.

    That is the run of the treatment that is claimed. Those beside it take what pairs there are: one
    whose saving happens to be the claim's would never be settled.

    Attributes:
        threshold: the saving that is claimed.
        seed: of the bootstrap.
    """

    threshold: float = 0.20
    seed: int = 0

    def __call__(self, runs: Sequence[Run]) -> bool:
        """Judge the run as it will be judged when it ends here."""
        return self._verdict(runs[0]) in IS_ONE

    def _verdict(self, run: Run) -> Verdict:
        try:
            return compare(run, threshold=self.threshold, quantiles=(AT,), seed=self.seed).verdict
        except HhperfError:  # nothing to compare yet: the replay goes on, and its end tells
            return Verdict.NOT_MEASURABLE
