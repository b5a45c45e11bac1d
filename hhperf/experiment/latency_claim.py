"""What one measurement of two callables says of claims, each read off an interval."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Verdict
from hhperf.analysis.ranks import parse_statistic, statistic_name
from hhperf.analysis.savings import QUANTILES, check_threshold
from hhperf.errors import SampleError
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.verdict.compare import compare

__tracebackhide__ = True
"""For pytest: where a claim fails is the line that makes it."""

Judge = Callable[["Judgement"], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim beside what the measurement says of it.

    Attributes:
        claim: in words.
        holds: whether the whole interval lies where the claim says, and every gate allows it.
        comparison: of the run, at the claim's threshold and statistic.
        run: what was measured.
    """

    claim: str
    holds: bool
    comparison: Comparison
    run: Run


@dataclass(frozen=True, slots=True)
class Measured:
    """Two callables that were measured; each method makes one claim of them.

    Attributes:
        run: the recorded pairs.
        seed: of the bootstrap.
        judge: told of every claim with what became of it.
        at: the statistic of a claim that names none.
    """

    run: Run
    seed: int
    judge: Judge
    at: str = "p95"

    def exceeds(self, saving: float, *, at: str | None = None) -> Comparison:
        """Claim that the new one saves more than a share of the old one's latency.

        Args:
            saving: as a share, 0.20 for 20%.
            at: `mean`, or a quantile such as `p95`.

        Raises:
            SampleError: nothing could save so much, or there is no such statistic.
        """
        return self._claim(saving, at, f"saves more than {saving:.1%}", Verdict.EXCEEDS)

    def below(self, saving: float, *, at: str | None = None) -> Comparison:
        """Claim that the new one saves less than a share of the old one's latency.

        Args:
            saving: as a share, 0.20 for 20%.
            at: `mean`, or a quantile such as `p95`.

        Raises:
            SampleError: nothing could save so much, or there is no such statistic.
        """
        return self._claim(saving, at, f"saves less than {saving:.1%}", Verdict.BELOW)

    def no_slower_than(self, margin: float, *, at: str | None = None) -> Comparison:
        """Claim that the new one takes at most a share longer than the old one.

        It takes a margin: that nothing at all is lost, no number of requests can show of two that
        are equally fast. The claim is that the saving exceeds -margin, read off the same interval.

        Args:
            margin: as a share above 0, 0.05 for 5% longer.
            at: `mean`, or a quantile such as `p95`.

        Raises:
            SampleError: the margin is not above 0, or there is no such statistic.
        """
        check_threshold(-margin)
        if margin <= 0:
            raise SampleError(f"margin {margin} must be above 0: 0.05 lets through 5% longer")
        return self._claim(-margin, at, f"takes at most {margin:.1%} longer", Verdict.EXCEEDS)

    def _claim(self, threshold: float, at: str | None, words: str, wanted: Verdict) -> Comparison:
        check_threshold(threshold)
        asked = parse_statistic(at or self.at)
        name = "mean" if asked is None else statistic_name(asked)
        quantiles = QUANTILES if asked is None or asked in QUANTILES else (*QUANTILES, asked)
        found = compare(self.run, threshold=threshold, quantiles=quantiles, seed=self.seed)
        comparison = replace(found, primary=name)
        result = comparison[name]
        arms = self.run.metadata.design.arms
        claim = f"{arms[Arm.TREATMENT]} {words} at {name} against {arms[Arm.CONTROL]}"
        self.judge(Judgement(claim, result.verdict is wanted, comparison, self.run))
        return comparison
