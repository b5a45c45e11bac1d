"""The outcome of a comparison: plain data that a table, a figure and JSON are made from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hhperf.analysis.decision import Gate, GateState, Verdict, decide, holm
from hhperf.analysis.estimate import Estimate, plain, plain_interval
from hhperf.analysis.exposure import Exposure
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.power import Extension
from hhperf.analysis.stall_bounds import Bounds
from hhperf.analysis.strata import Strata
from hhperf.errors import SampleError
from hhperf.shown import Displayed, counted

VOIDED = "no verdict: validity gates failed"
HARMLESS = "too few pairs to rule out a bias of {:.1%}, which would not change the verdict"
UNTOLD = "no verdict yet: too few pairs to tell whether validity gates hold"


@dataclass(frozen=True, slots=True)
class Failures:
    """Requests that ended in no answer, by arm."""

    control: int
    treatment: int


@dataclass(frozen=True, slots=True)
class Censored:
    """How much of a comparison the machine's stalls hid.

    Attributes:
        control: share of the control's requests that met a stall, in 0..1.
        treatment: the same of the treatment.
        effective: requests without any stall that would know the primary quantile as well, in the
            arm that knows it worse; None where the mean is primary.
        exposure: how often stalls began in the treatment's requests against the control's.
    """

    control: float
    treatment: float
    effective: float | None
    exposure: Exposure

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON; a number that is undefined or unbounded becomes None."""
        exposure = self.exposure
        return {
            "control": self.control,
            "treatment": self.treatment,
            "effective": self.effective,
            "exposure": {
                "state": str(exposure.state),
                "ratio": plain(exposure.ratio),
                "lower": plain(exposure.lower),
                "upper": plain(exposure.upper),
                "stalls": exposure.stalls,
            },
        }


@dataclass(frozen=True, slots=True)
class StatisticResult(Displayed):
    """The saving at one statistic and what it amounts to.

    Attributes:
        statistic: ``"mean"``, ``"p50"``, ``"p95"``, ...
        estimate: the saving with its interval.
        verdict: read off the interval, or NOT_MEASURABLE.
        score_p_value: one-sided p-value of the score test, a second opinion; None for the mean.
        pairs_needed: for INCONCLUSIVE, the pairs in total that would settle a saving at the
            planned alternative in nine cases of ten, or that its gates need to tell; else None.
        all_data: where stalls hid something, the saving in all data; then ``estimate`` is the one
            without stalls.
        bounds: where stalls hid something, the saving in the worse case for either verdict.
        is_held: whether the verdict stands on those bounds alone.
    """

    statistic: str
    estimate: Estimate
    verdict: Verdict
    score_p_value: float | None = None
    pairs_needed: int | None = None
    all_data: Estimate | None = None
    bounds: Bounds | None = None
    is_held: bool = False

    def voided(self, reason: str) -> "StatisticResult":
        """The same number without a verdict."""
        return replace(self, verdict=Verdict.NOT_MEASURABLE, estimate=self.estimate.warn(reason))

    def gated(self, gates: Sequence[Gate], threshold: float) -> "StatisticResult":
        """What the gates that concern this statistic leave of its verdict.

        One that failed leaves none. One that could not tell leaves INCONCLUSIVE, since that the
        interval lies to one side means nothing if the run may be biased by more than that; a
        verdict that holds whatever bias it left possible stands.

        Args:
            gates: of the run.
            threshold: the saving that is claimed.
        """
        mine = [gate for gate in gates if gate.concerns(self.statistic)]
        failed = [gate.name for gate in mine if gate.state is GateState.FAILED]
        untold = [gate for gate in mine if gate.state is GateState.TOO_FEW]
        if failed:
            return self.voided(f"{VOIDED} ({', '.join(failed)})")
        if not untold or self.verdict not in (Verdict.EXCEEDS, Verdict.BELOW):
            return self
        bias = sum(math.inf if gate.bias is None else gate.bias for gate in untold)
        if self._stands(bias, threshold):
            names = ", ".join(gate.name for gate in untold)
            return replace(self, estimate=self.estimate.warn(f"{HARMLESS.format(bias)} ({names})"))
        reason = "; ".join(f"{gate.name}: {gate.advice}" for gate in untold)
        return replace(
            self,
            verdict=Verdict.INCONCLUSIVE,
            estimate=self.estimate.warn(f"{UNTOLD} ({reason})"),
            pairs_needed=max((gate.needs for gate in untold if gate.needs), default=None),
        )

    def _stands(self, bias: float, threshold: float) -> bool:
        """Whether the verdict holds if one arm's latencies are off by so large a share."""
        if self.verdict is Verdict.EXCEEDS:
            return self.estimate.lower - bias * (1 - self.estimate.lower) > threshold
        return self.estimate.upper + bias * (1 - self.estimate.lower) < threshold

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON; numbers that are undefined or unbounded become None."""
        found = {
            "statistic": self.statistic,
            **plain_interval(self.estimate),
            "p_value": plain(self.estimate.p_value),
            "verdict": str(self.verdict),
            "method": self.estimate.method,
            "warnings": list(self.estimate.warnings),
        }
        if self.all_data is not None:
            found["all_data"] = plain_interval(self.all_data)
        if self.bounds is not None:
            found["least"] = plain_interval(self.bounds.least)
            found["most"] = plain_interval(self.bounds.most)
        return found

    def __repr__(self) -> str:
        return f"StatisticResult({self.verdict} at {self.statistic}: {self.estimate})"

    def __str__(self) -> str:
        return f"{self.statistic:>6}  {self.estimate}  {self.verdict}"


@dataclass(frozen=True, slots=True)
class Comparison(Displayed):
    """Savings of the treatment against the control.

    Attributes:
        threshold: the saving that was claimed.
        confidence: of every interval.
        n_pairs: pairs compared.
        n_clusters: clusters resampled, or None for single pairs.
        cluster_level: what the clusters are (``"session"``), if it was said.
        primary: name of the statistic that the overall verdict stands on.
        results: the mean first, then the quantiles in the order they were asked for.
        failures: failed requests of each arm.
        gates: validity gates of the run.
        period: what going first costs, told beside the gates; None where no arm goes first.
        warnings: what concerns every number.
        censored: how much stalls hid; None when no request met one, or none were looked for.
        strata: the savings by what the result cache did, where that is told of a run in natural
            use; else None.

    Example:
        >>> import numpy as np
        >>> control = np.random.default_rng(0).lognormal(-1, 0.3, size=400)
        >>> found = hhperf.compare_samples(control, 0.7 * control)
        >>> str(found.verdict), found.n_pairs
        ('EXCEEDS', 400)
    """

    threshold: float
    confidence: float
    n_pairs: int
    n_clusters: int | None
    cluster_level: str | None
    primary: str
    results: tuple[StatisticResult, ...]
    failures: Failures
    gates: tuple[Gate, ...] = ()
    period: PeriodEffect | None = None
    warnings: tuple[str, ...] = ()
    censored: Censored | None = None
    strata: Strata | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the primary statistic."""
        return self[self.primary].verdict

    def __getitem__(self, statistic: str) -> StatisticResult:
        """The result for ``"mean"``, ``"p95"`` and so on.

        Raises:
            SampleError: naming the statistics there are.
        """
        for result in self.results:
            if result.statistic == statistic:
                return result
        known = ", ".join(result.statistic for result in self.results)
        raise SampleError(f"no statistic {statistic!r} here; there are {known}")

    def adjusted_p_values(self) -> dict[str, float]:
        """Holm's p-values, for the claim that at least one of the savings exceeds the threshold."""
        return holm({result.statistic: result.estimate.p_value for result in self.results})

    def with_gates(self, gates: Sequence[Gate]) -> "Comparison":
        """The same comparison with further gates, each for the statistics that it concerns.

        One that failed takes their verdicts away; one that could not tell leaves INCONCLUSIVE in
        place of EXCEEDS and BELOW. A statistic that neither concerns keeps its verdict.
        """
        results = tuple(result.gated(gates, self.threshold) for result in self.results)
        return replace(self, gates=(*self.gates, *gates), results=results)

    def to_dict(self) -> dict[str, Any]:
        """As plain data for JSON."""
        found = {
            "threshold": self.threshold,
            "n_pairs": self.n_pairs,
            "estimates": [result.to_dict() for result in self.results],
            "gates": [gate.to_dict() for gate in self.gates],
            "period_effect": None if self.period is None else self.period.to_dict(),
            "verdict": str(self.verdict),
        }
        parts = {"censored": self.censored, "by_cache": self.strata}
        return found | {name: each.to_dict() for name, each in parts.items() if each is not None}

    def __repr__(self) -> str:
        pairs, primary = counted(self.n_pairs, "pair"), self[self.primary]
        return f"Comparison({primary.verdict} at {self.primary}: {primary.estimate}, {pairs})"

    def __str__(self) -> str:
        head = f"saving against {self.threshold:.0%}, {self.n_pairs:,} pairs: {self.verdict}"
        period = [] if self.period is None else [str(self.period)]
        lines = [head, *self._open(), *map(str, self.results), *map(str, self.gates), *period]
        return "\n".join(lines)

    def _open(self) -> list[str]:
        """Why the verdict is open, and what would settle it; nothing where it is not."""
        if self.verdict in (Verdict.EXCEEDS, Verdict.BELOW):
            return []
        return [f"{self.primary}: {each}" for each in self[self.primary].estimate.warnings]


def judge(
    statistic: str,
    estimate: Estimate,
    *,
    obstacle: str | None,
    plan: Extension,
    score: float | None = None,
) -> StatisticResult:
    """Give the verdict, with the advice and the second opinion as warnings.

    Args:
        statistic: its name.
        estimate: the saving.
        obstacle: why there can be no verdict, or None.
        plan: says how many pairs would settle it.
        score: one-sided p-value of the score test, NaN or None without one.
    """
    if score is not None and math.isnan(score):
        score = None
    if obstacle is not None or not estimate.defined:
        estimate = estimate if obstacle is None else estimate.warn(obstacle)
        return StatisticResult(statistic, estimate, Verdict.NOT_MEASURABLE, score)
    verdict, needed = decide(estimate, plan.threshold), None
    if verdict is Verdict.INCONCLUSIVE:
        needed = plan.total(estimate)
        estimate = estimate.warn(plan.advice(estimate))
    if score is not None and (second := _score_verdict(score, estimate.confidence)) is not verdict:
        estimate = estimate.warn(f"close call: the score test says {second} (p = {score:.2g})")
    return StatisticResult(statistic, estimate, verdict, score, needed)


def _score_verdict(p_value: float, confidence: float) -> Verdict:
    tail = (1 - confidence) / 2
    if p_value < tail:
        return Verdict.EXCEEDS
    return Verdict.BELOW if p_value > 1 - tail else Verdict.INCONCLUSIVE
