"""Experiments with a known truth: each method, on each kind of data, at a saving of exactly 20%."""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from hhperf.analysis.bootstrap import bootstrap_quantiles
from hhperf.analysis.censoring import Censoring
from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.estimate import Estimate, percentile_estimate
from hhperf.analysis.group_sequential import look_confidences
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.power import plan_from_assumptions
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import statistic_name
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.score import score_saving
from hhperf.analysis.sequential import first_look, sequential_test
from hhperf.analysis.several_runs import runs_saving
from hhperf.analysis.shift import shift_function
from hhperf.analysis.simulate import (
    Simulated,
    Simulation,
    bimodal,
    clustered,
    heavy_tailed,
    lognormal,
    queue,
)
from hhperf.analysis.simulate_stalls import stalled_triples
from hhperf.analysis.stall_free import cut_at_stalls, stall_free_savings
from hhperf.experiment.regimes import LOOKS, PAIRS
from hhperf.verdict.effect_gates import aa_gates
from hhperf.verdict.order_effects import Crossover, arm_by_place_gate, carry_over_gate
from tests.benchmarks.analysis.crossovers import Planted, sent

TRUTH = 0.20
LEVEL = 0.05
PLANNED = (*LOOKS, PAIRS)
ALLOWED = look_confidences(PLANNED, PAIRS)
"""Of the looks of the main job: the numbers of pairs, and how sure the intervals are."""
LOOKS_SHOWN = " and ".join(f"{n:,}" for n in PLANNED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one experiment ended with.

    Attributes:
        rejected: the one-sided test at 5% said "more than 20%", which is wrong.
        exceeds: the verdict was EXCEEDS, which is wrong.
        covered: the interval held the truth.
    """

    rejected: bool
    exceeds: bool
    covered: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the rates over all experiments have to lie."""

    type_1: tuple[float, float] = (0.0, 1.0)
    coverage: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A method on a kind of data.

    Attributes:
        method: as in the table.
        data: the kind of data.
        statistic: and the size.
        limits: None for cases that are shown for comparison only.
        run: one experiment.
    """

    method: str
    data: str
    statistic: str
    limits: Limits | None
    run: Callable[[np.random.Generator], Outcome]

    @property
    def name(self) -> str:
        """Unique among the cases."""
        return f"{self.method} / {self.data} / {self.statistic}"

    def experiment(self, seed: int, number: int) -> Outcome:
        """Run one experiment; methods that are compared on the same data meet the same numbers."""
        data = zlib.crc32(f"{self.data} / {self.statistic}".encode())
        return self.run(np.random.default_rng([seed, data, number]))


def _outcome(estimate: Estimate) -> Outcome:
    return Outcome(estimate.p_value < LEVEL, estimate.lower > TRUTH, estimate.contains(TRUTH))


def _mean(simulate: Simulation, n: int, rng: np.random.Generator) -> Outcome:
    sample = simulate(rng, n, TRUTH, None)
    return _outcome(mean_saving(make_pairs(sample.control, sample.treatment, sample.clusters)))


def _quantile(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    sample = simulate(rng, n, TRUTH, q)
    pairs = make_pairs(sample.control, sample.treatment, sample.clusters)
    return _outcome(quantile_savings(pairs, (q,), seed=_seed(rng))[0])


def _smooth(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    # Harrell and Davis's estimator has a truth of its own; equal shapes share it.
    sample = simulate(rng, n, TRUTH, q)
    pairs = make_pairs(sample.control, sample.treatment)
    (found,) = quantile_savings(
        pairs, (q,), estimator="harrell-davis", replicates=1_000, seed=_seed(rng)
    )
    return _outcome(found)


def _full(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    """The bootstrap of whole pairs where the shortcut would be taken."""
    sample = simulate(rng, n, TRUTH, q)
    pairs = make_pairs(sample.control, sample.treatment)
    (drawn,) = bootstrap_quantiles(pairs, (q,), seed=_seed(rng))
    x, y = (
        np.quantile(arm, q, method="inverted_cdf") for arm in (sample.control, sample.treatment)
    )
    return _outcome(
        percentile_estimate(1 - y / x, drawn, threshold=TRUTH, confidence=0.95, method="")
    )


def _naive(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    """The bootstrap of single pairs on data that come in clusters: wrong, and it must show."""
    sample = simulate(rng, n, TRUTH, q)
    pairs = make_pairs(sample.control, sample.treatment)
    return _outcome(quantile_savings(pairs, (q,), seed=_seed(rng))[0])


def _basic(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    """The basic bootstrap, which mirrors the percentiles around the point: not to be used."""
    sample = simulate(rng, n, TRUTH, q)
    pairs = make_pairs(sample.control, sample.treatment)
    (found,) = quantile_savings(pairs, (q,), confidence=1 - 2 * LEVEL, seed=_seed(rng))
    (wide,) = quantile_savings(pairs, (q,), seed=_seed(rng))
    lower, upper = 2 * wide.point - wide.upper, 2 * wide.point - wide.lower
    return Outcome(2 * found.point - found.upper > TRUTH, lower > TRUTH, lower <= TRUTH <= upper)


def _score(simulate: Simulation, n: int, q: float, rng: np.random.Generator) -> Outcome:
    sample = simulate(rng, n, TRUTH, q)
    return _outcome(score_saving(make_pairs(sample.control, sample.treatment, sample.clusters), q))


def _few_clusters(count: int, q: float, rng: np.random.Generator) -> Outcome:
    """Equal clusters of 50 pairs."""
    size = 50
    codes = np.repeat(np.arange(count), size)
    z, w = (
        math.sqrt(0.3) * rng.standard_normal(count)[codes]
        + math.sqrt(0.7) * rng.standard_normal(count * size)
        for _ in range(2)
    )
    sample = np.exp(0.5 * z), 0.8 * np.exp(0.5 * w)
    pairs = make_pairs(*sample, codes)
    return _outcome(quantile_savings(pairs, (q,), replicates=1_000, seed=_seed(rng))[0])


def _open_loop(n: int, q: float, rng: np.random.Generator) -> Outcome:
    sample = queue(rng, n, TRUTH)
    (found,) = open_loop_savings(
        sample.control, sample.treatment, (q,), replicates=500, seed=_seed(rng)
    )
    return _outcome(found)


def _runs(count: int, rng: np.random.Generator) -> Outcome:
    """Runs that differ by 3% more than their noise explains."""
    logs = []
    for shift in 0.03 * rng.standard_normal(count):
        sample = lognormal(rng, 500, TRUTH, 0.5)
        logs.append(
            float(np.log(np.median(sample.treatment) / np.median(sample.control))) + float(shift)
        )
    return _outcome(runs_saving(np.array(logs)))


def _sequential(
    statistic: str, n: int, looks: int | None, simulate: Simulation, rng: np.random.Generator
) -> Outcome:
    q = None if statistic == "mean" else float(statistic[1:]) / 100
    sample = simulate(rng, n, TRUTH, q)
    chosen = None if looks is None else _even_looks(n, first_look(q), looks)
    path = sequential_test(sample.control, sample.treatment, statistic, looks=chosen)
    wrong = path.verdict == "EXCEEDS"
    held = all(lo <= TRUTH <= hi for lo, hi in zip(path.lower, path.upper, strict=True))
    return Outcome(wrong, wrong, held)


def _peeking(n: int, looks: int, rng: np.random.Generator) -> Outcome:
    """A fixed-size test, looked at until it passes."""
    sample = lognormal(rng, n, TRUTH)
    found = [
        _outcome(mean_saving(make_pairs(sample.control[:t], sample.treatment[:t])))
        for t in _even_looks(n, first_look(None), looks)
    ]
    return Outcome(
        any(look.rejected for look in found),
        any(look.exceeds for look in found),
        all(look.covered for look in found),
    )


def _at_looks(
    estimate_of: Callable[[int, float], Estimate], confidences: Sequence[float]
) -> Outcome:
    """Stop at the first look that settles it; what is said is what that look says."""
    found = [estimate_of(n, each) for n, each in zip(PLANNED, confidences, strict=True)]
    settled = (each for each in found if not each.contains(TRUTH))
    last = next(settled, found[-1])
    wrong = last.lower > TRUTH
    return Outcome(wrong, wrong, last.contains(TRUTH))


def _looked(
    confidences: Sequence[float], simulate: Simulation, q: float, rng: np.random.Generator
) -> Outcome:
    sample = simulate(rng, PLANNED[-1], TRUTH, q)
    seed = _seed(rng)

    def estimate_of(n: int, confidence: float) -> Estimate:
        labels = None if sample.clusters is None else sample.clusters[:n]
        pairs = make_pairs(sample.control[:n], sample.treatment[:n], labels)
        return quantile_savings(pairs, (q,), confidence=confidence, seed=seed)[0]

    return _at_looks(estimate_of, confidences)


def _looked_stalled(share: float, burst_s: float, q: float, rng: np.random.Generator) -> Outcome:
    pairs, censoring = _stalled(share, burst_s, PLANNED[-1], q, rng)
    seed = _seed(rng)

    def estimate_of(n: int, confidence: float) -> Estimate:
        seen = make_pairs(pairs.control[:n], pairs.treatment[:n])
        found = cut_at_stalls(seen, censoring.cut(slice(n)))
        return stall_free_savings(found, (q,), confidence=confidence, replicates=1_000, seed=seed)[
            0
        ]

    return _at_looks(estimate_of, ALLOWED)


def _even_looks(n: int, first: int, count: int) -> list[int]:
    return [int(t) for t in np.linspace(first, n, count)]


def _band(n: int, simulate: Simulation, rng: np.random.Generator) -> Outcome:
    sample = simulate(rng, n, TRUTH, None)
    found = shift_function(sample.control, sample.treatment, replicates=1_000, seed=_seed(rng))
    above = bool((found.lower > TRUTH).any())
    return Outcome(above, above, bool(((found.lower <= TRUTH) & (found.upper >= TRUTH)).all()))


def _planned(statistic: str, q: float | None, rng: np.random.Generator) -> Simulated:
    """A run of the planned size with a true saving of 25%; EXCEEDS is right here."""
    (plan,) = plan_from_assumptions(statistics=[statistic])
    assert plan.pairs is not None
    return lognormal(rng, plan.pairs, 0.25, q)


def _score_power(q: float, rng: np.random.Generator) -> Outcome:
    sample = _planned(statistic_name(q), q, rng)
    found = score_saving(make_pairs(sample.control, sample.treatment), q)
    return Outcome(found.p_value < LEVEL, found.lower > TRUTH, found.contains(0.25))


def _power(statistic: str, rng: np.random.Generator) -> Outcome:
    q = None if statistic == "mean" else float(statistic[1:]) / 100
    sample = _planned(statistic, q, rng)
    found = compare_samples(
        sample.control, sample.treatment, quantiles=() if q is None else (q,), seed=_seed(rng)
    )
    estimate = found[statistic].estimate
    right = found[statistic].verdict == "EXCEEDS"
    return Outcome(estimate.p_value < LEVEL, right, estimate.contains(0.25))


def _gates(rng: np.random.Generator) -> Outcome:
    """The A/A' gates on a sound run; failing it is wrong."""
    request = lognormal(rng, 1_000).control
    control, again = request * np.exp(0.15 * rng.standard_normal((2, 1_000)))
    return _states(aa_gates(control, again, (0.95,), seed=_seed(rng)))


def _order_gate(
    judge: Callable[[Crossover], Gate], planted: Planted, n: int, rng: np.random.Generator
) -> Outcome:
    return _states([judge(sent(rng, n, planted).crossover)])


def _states(gates: Sequence[Gate]) -> Outcome:
    """Whether one failed, one could not tell, and all were passed, in place of the outcomes."""
    states = [gate.state for gate in gates]
    return Outcome(
        rejected=GateState.FAILED in states,
        exceeds=GateState.TOO_FEW in states,
        covered=all(gate.passed for gate in gates),
    )


def _stalled(
    share: float, burst_s: float, n: int, q: float, rng: np.random.Generator
) -> tuple[Pairs, Censoring]:
    made = stalled_triples(rng, n, share=share, burst_s=burst_s, saving=TRUTH, q=q)
    return make_pairs(made.seen.control, made.seen.treatment), made.censoring


def _stall_free(
    share: float, burst_s: float, n: int, q: float, rng: np.random.Generator
) -> Outcome:
    cut = cut_at_stalls(*_stalled(share, burst_s, n, q, rng))
    return _outcome(stall_free_savings(cut, (q,), replicates=1_000, seed=_seed(rng))[0])


def _with_stalls(
    share: float, burst_s: float, n: int, q: float, rng: np.random.Generator
) -> Outcome:
    """All data, stalls and all, resampled by single pairs."""
    pairs, _ = _stalled(share, burst_s, n, q, rng)
    return _outcome(quantile_savings(pairs, (q,), seed=_seed(rng))[0])


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


_BOOTSTRAP = Limits((0.01, 0.065), (0.93, 0.99))
_SCORE = Limits((0.03, 0.07), (0.93, 0.975))
_MEAN = Limits((0.033, 0.069), (0.93, 0.97))
_LOOKED = Limits((0.0, 0.04), (0.93, 1.0))
_CLUSTER = Limits((0.0, 0.075), (0.93, 1.0))
_OPEN_LOOP = Limits((0.0, 0.075), (0.92, 1.0))
_SEQUENTIAL = Limits((0.0, 0.05))
_STALL_FREE = Limits((0.0, 0.065), (0.93, 1.0))
_MUST_FAIL = Limits((0.12, 1.0))
_FALSE_ALARM = Limits((0.0, 0.015))
_CAUGHT = Limits((0.8, 1.0))

_KINDS: tuple[tuple[str, Simulation], ...] = (
    ("lognormal", lognormal),
    ("bimodal", bimodal),
    ("heavy-tailed", heavy_tailed),
)
_SIZES = ((0.5, 500), (0.95, 500), (0.95, 2_000), (0.99, 2_000))


def _label(q: float, n: int) -> str:
    return f"p{100 * q:g}, n = {n:,}"


def _independent() -> list[Case]:
    cases = []
    for kind, simulate in _KINDS:
        for q, n in _SIZES:
            for method, run, limits in (
                ("percentile bootstrap, shortcut", _quantile, _BOOTSTRAP),
                ("percentile bootstrap, whole pairs", _full, _BOOTSTRAP),
                ("score test", _score, _SCORE),
            ):
                cases.append(Case(method, kind, _label(q, n), limits, partial(run, simulate, n, q)))
        cases.append(
            Case(
                "mean t test, Fieller", kind, "mean, n = 500", _MEAN, partial(_mean, simulate, 500)
            )
        )
    return cases


def _dependent() -> list[Case]:
    cases: list[Case] = []
    for q in (0.5, 0.95):
        label = _label(q, 2_000)
        for method, run, limits in (
            ("cluster bootstrap", _quantile, _CLUSTER),
            ("score test, cluster sums", _score, _CLUSTER),
            ("naive bootstrap: must fail", _naive, _MUST_FAIL if q == 0.5 else None),
        ):
            cases.append(
                Case(method, "clustered", label, limits, partial(run, clustered, 2_000, q))
            )
    cases.append(
        Case(
            "mean t test, cluster sums",
            "clustered",
            "mean, n = 2,000",
            _CLUSTER,
            partial(_mean, clustered, 2_000),
        )
    )
    cases += [
        Case(
            "cluster bootstrap, few clusters",
            f"{count} clusters of 50",
            "p50",
            None,
            partial(_few_clusters, count, 0.5),
        )
        for count in (10, 20, 40, 80)
    ]
    cases += [
        Case(
            "stationary bootstrap",
            "open loop, 70% busy",
            _label(q, n),
            _OPEN_LOOP if q == 0.5 else None,
            partial(_open_loop, n, q),
        )
        for q, n in ((0.5, 4_000), (0.95, 10_000), (0.99, 10_000))
    ]
    cases += [
        Case(
            "t test on runs",
            f"{count} runs of 500 pairs",
            "p50",
            _MEAN if count == 10 else None,
            partial(_runs, count),
        )
        for count in (3, 10)
    ]
    return cases


def _stopping() -> list[Case]:
    cases = []
    for statistic, n in (("mean", 2_000), ("p50", 4_000), ("p95", 8_000)):
        for looks, label in ((20, "20 looks"), (None, "a look every 5%")):
            cases.append(
                Case(
                    f"sequential test, {label}",
                    "lognormal",
                    f"{statistic}, n = {n:,}",
                    _SEQUENTIAL,
                    partial(_sequential, statistic, n, looks, lognormal),
                )
            )
    cases += [
        Case(
            "sequential test, a look every 5%",
            kind,
            f"{statistic}, n = {n:,}",
            _SEQUENTIAL,
            partial(_sequential, statistic, n, None, simulate),
        )
        for kind, simulate in _KINDS[1:]
        for statistic, n in (("mean", 2_000), ("p50", 4_000))
    ]
    cases.append(
        Case(
            "peeking at a t test, 20 looks",
            "lognormal",
            "mean, n = 2,000",
            None,
            partial(_peeking, 2_000, 20),
        )
    )
    return cases


def _others() -> list[Case]:
    kinds: Sequence[tuple[str, Simulation]] = _KINDS[1:]
    cases = [
        Case(
            "Harrell-Davis bootstrap",
            kind,
            _label(q, 500),
            None,
            partial(_smooth, simulate, 500, q),
        )
        for kind, simulate in kinds
        for q in (0.5, 0.95)
    ]
    cases += [
        Case(
            "simultaneous band",
            kind,
            f"whole curve, n = {n:,}",
            Limits(coverage=(0.93, 1.0)),
            partial(_band, n, simulate),
        )
        for kind, simulate in kinds
        for n in (2_000, 10_000)
    ]
    cases.append(
        Case(
            "A/A' gates, sound run",
            "lognormal",
            "mean and p95, n = 1,000",
            Limits((0.0, 0.03)),
            _gates,
        )
    )
    cases += [
        Case("planned power at 25%", "lognormal", statistic, None, partial(_power, statistic))
        for statistic in ("mean", "p50", "p95")
    ]
    cases += [
        Case(
            "planned power at 25%, score test",
            "lognormal",
            statistic_name(q),
            None,
            partial(_score_power, q),
        )
        for q in (0.5, 0.95)
    ]
    cases.append(
        Case(
            "basic bootstrap: not to be used",
            "lognormal",
            _label(0.95, 500),
            None,
            partial(_basic, lognormal, 500, 0.95),
        )
    )
    return cases


def _orders() -> list[Case]:
    """The gates on the order of the arms: false alarms, then their power."""
    gates = ("carry-over gate", carry_over_gate), ("arm by place gate", arm_by_place_gate)
    period = "period effect of 5%, harmless"
    carried, slow = Planted(after_treatment=0.95), Planted(treatment_first=1.1)
    planted = (
        (gates[0], "no effect of order", Planted(), 600, _FALSE_ALARM),
        (gates[1], "no effect of order", Planted(), 600, _FALSE_ALARM),
        (gates[0], "no effect of order", Planted(), 6_000, _FALSE_ALARM),
        (gates[1], "no effect of order", Planted(), 6_000, _FALSE_ALARM),
        (gates[0], period, Planted(first=1.05), 600, _FALSE_ALARM),
        (gates[1], period, Planted(first=1.05), 600, _FALSE_ALARM),
        (gates[0], "control 5% faster after treatment", carried, 600, _CAUGHT),
        (gates[1], "first place 10% slower for treatment", slow, 600, _CAUGHT),
        (gates[0], "no effect of order", Planted(), 60, None),
        (gates[1], "no effect of order", Planted(), 60, None),
    )
    return [
        Case(name, data, f"n = {n:,}", limits, partial(_order_gate, judge, effect, n))
        for (name, judge), data, effect, n, limits in planted
    ]


STALLS = ((0.06, 0.06), (0.06, 0.4), (0.2, 0.06), (0.2, 0.4))
"""Shares of the time that are lost, in bursts of so many seconds."""


def _stalling() -> list[Case]:
    cases = []
    for share, burst_s in STALLS:
        data = f"stalls, {share:.0%} lost, {1e3 * burst_s:.0f} ms"
        for q, n in ((0.5, 500), (0.5, 1_000), (0.95, 500), (0.95, 1_000)):
            setting = share, burst_s, n, q
            run = partial(_stall_free, *setting)
            cases.append(Case("product limit", data, _label(q, n), _STALL_FREE, run))
            if (share, burst_s, q) == (0.06, 0.4, 0.95):
                naive = partial(_with_stalls, *setting)
                cases.append(Case("all data, single pairs", data, _label(q, n), None, naive))
    return cases


def _planned_looks() -> list[Case]:
    """The looks of the main job, and what they would be without an allowance."""
    kinds = (*_KINDS, ("clustered", clustered))
    cases = [
        Case(
            "planned looks", kind, f"p{100 * q:g}, {LOOKS_SHOWN}", _LOOKED,
            partial(_looked, ALLOWED, simulate, q),
        )
        for kind, simulate in kinds
        for q in (0.5, 0.95)
    ]  # fmt: skip
    cases += [
        Case(
            "planned looks, product limit", f"stalls, {share:.0%} lost, {1e3 * burst_s:.0f} ms",
            f"p95, {LOOKS_SHOWN}", _LOOKED, partial(_looked_stalled, share, burst_s, 0.95),
        )
        for share, burst_s in STALLS
    ]  # fmt: skip
    unadjusted = partial(_looked, (1 - LEVEL,) * len(PLANNED), lognormal, 0.95)
    return [
        *cases,
        Case("looks without an allowance", "lognormal", f"p95, {LOOKS_SHOWN}", None, unadjusted),
    ]


_GROUPS = _independent, _dependent, _stopping, _others, _orders, _stalling, _planned_looks

CASES: dict[str, Case] = {case.name: case for group in _GROUPS for case in group()}
