"""A recorded sweep in; savings against load, knees, saturation and crossover out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.knees import LoadLevel, crossover, knee, saturation
from hhperf.errors import SampleError
from hhperf.harness.sweep import answered_share, offered_hz_of
from hhperf.runs.metadata import COMMIT, SwitchbackDesign
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run
from hhperf.shown import Displayed
from hhperf.verdict.compare import compare

POOL_WAIT = "pool"
"""The span of waiting for a database connection."""

QUANTILES = (0.5, 0.95)
COMPARED = (Arm.CONTROL, Arm.TREATMENT)
NO_FACTORS = ("sweep_hz", COMMIT)
"""Labels that say nothing of the conditions."""


@dataclass(frozen=True, slots=True)
class ArmAtLoad:
    """One arm at one offered load; times in seconds, from when requests were due.

    Attributes:
        answered_hz: requests answered per second while the load lasted.
        mean_s: of the requests that were answered.
        p50_s: over all requests, +inf where too few were answered.
        p95_s: the same.
        failed: errors, timeouts and drops.
        pool_wait_p95_s: waiting for a database connection, per request; NaN where not recorded.
    """

    answered_hz: float
    mean_s: float
    p50_s: float
    p95_s: float
    failed: int
    pool_wait_p95_s: float


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """All that was measured at one offered load."""

    offered_hz: float
    arms: Mapping[Arm, ArmAtLoad]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Sweep(Displayed):
    """Savings against load.

    Attributes:
        points: by ascending load.
        knees: the load of greatest power, by arm.
        saturations: the load from which an arm falls behind; None where it never does.
        crossovers: the load beyond which the treatment no longer saves, by statistic; None where
            the saving does not end.
        labels: the factors the sweep was recorded under, such as the size of the pool.
        names: what served each arm, as its run says; empty where nobody knows.
    """

    points: tuple[LoadPoint, ...]
    knees: Mapping[Arm, LoadLevel]
    saturations: Mapping[Arm, LoadLevel | None]
    crossovers: Mapping[str, LoadLevel | None]
    labels: Mapping[str, str]
    names: Mapping[Arm, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        loads = [f"{point.offered_hz:.4g}/s" for point in self.points]
        primary = self.points[0].comparison.primary
        end = self.crossovers.get(primary)
        saves = "saving does not end" if end is None else f"saving ends at {end}"
        return f"Sweep({len(loads)} loads, {loads[0]} to {loads[-1]}; at {primary} the {saves})"

    def to_frame(self) -> pd.DataFrame:
        """One row a load: the saving at each statistic with its interval, and both arms."""
        return pd.DataFrame([_row(point) for point in self.points])


def examine_sweep(
    runs: Sequence[Run],
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    seed: int = 0,
) -> Sweep:
    """Say how savings go with the offered load.

    Args:
        runs: three or more of one sweep, each under its own load.
        threshold: the saving that is claimed.
        quantiles: to compare response times at, in 0..1.
        seed: of the bootstrap.

    Raises:
        RunError: a run has no pair to compare.
        SampleError: there are fewer than three loads, two are the same, or a run is of pairs.
    """
    if not all(isinstance(run.metadata.design, SwitchbackDesign) for run in runs):
        raise SampleError("a paired run has no offered load: use compare()")
    ordered = sorted(runs, key=offered_hz_of)
    points = tuple(
        LoadPoint(
            offered_hz_of(run),
            {arm: _at_load(run, arm) for arm in COMPARED},
            compare(run, threshold=threshold, quantiles=quantiles, seed=seed),
        )
        for run in ordered
    )
    offered = [point.offered_hz for point in points]
    answered = {arm: [point.arms[arm].answered_hz for point in points] for arm in COMPARED}
    means = {arm: [point.arms[arm].mean_s for point in points] for arm in COMPARED}
    statistics = [result.statistic for result in points[0].comparison.results]
    return Sweep(
        points=points,
        knees={arm: knee(offered, answered[arm], means[arm]) for arm in COMPARED},
        saturations={arm: saturation(offered, answered[arm]) for arm in COMPARED},
        crossovers={
            name: crossover(offered, [point.comparison[name].estimate for point in points])
            for name in statistics
        },
        labels={
            name: value
            for name, value in ordered[0].metadata.conditions.labels.items()
            if name not in NO_FACTORS
        },
        names=dict(ordered[0].metadata.design.arms),
    )


def rate(hz: float) -> str:
    """Requests a second, three digits or more."""
    return f"{hz:,.0f}" if hz >= 100 else f"{hz:.3g}"


def _at_load(run: Run, arm: Arm) -> ArmAtLoad:
    pairs = run.pairs("response_time")
    response = pairs.control if arm is Arm.CONTROL else pairs.treatment
    answered = response[np.isfinite(response)]
    counts = run.counts()[arm]
    return ArmAtLoad(
        answered_hz=offered_hz_of(run) * answered_share(run, arm),
        mean_s=float(answered.mean()) if len(answered) else float("inf"),
        p50_s=_quantile(response, 0.5),
        p95_s=_quantile(response, 0.95),
        failed=sum(counts[each] for each in (Outcome.ERROR, Outcome.TIMEOUT, Outcome.DROPPED)),
        pool_wait_p95_s=_pool_wait(run, arm),
    )


def _quantile(response: np.ndarray, q: float) -> float:
    return float(np.quantile(response, q, method="inverted_cdf"))


def _pool_wait(run: Run, arm: Arm) -> float:
    spans = run.spans()
    waits = spans[(spans["stage"] == POOL_WAIT) & (spans["arm"].astype(str) == arm.value)]
    if waits.empty:
        return float("nan")
    return float(waits.groupby("pair")["duration_s"].sum().quantile(0.95))


def _row(point: LoadPoint) -> dict[str, float | str]:
    row: dict[str, float | str] = {"offered_hz": point.offered_hz}
    for result in point.comparison.results:
        row[f"{result.statistic}_saving"] = result.estimate.point
        row[f"{result.statistic}_lower"] = result.estimate.lower
        row[f"{result.statistic}_upper"] = result.estimate.upper
        row[f"{result.statistic}_verdict"] = str(result.verdict)
    for arm, seen in point.arms.items():
        for name in ArmAtLoad.__slots__:
            row[f"{arm}_{name}"] = getattr(seen, name)
    return row
