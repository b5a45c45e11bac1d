"""A recorded run in, savings with verdicts and gates out."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hhperf.analysis.clusters import FEWEST_CLUSTERS, choose_clusters
from hhperf.analysis.comparison import Comparison, Failures, StatisticResult
from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.open_loop import BothCensored, open_loop_savings
from hhperf.analysis.ranks import measurable, statistic_name
from hhperf.analysis.savings import (
    QUANTILES,
    check_seed,
    check_threshold,
    compare_samples,
    primary_of,
)
from hhperf.analysis.strata import Strata, Stratum
from hhperf.errors import SampleError, unknown
from hhperf.harness.replay_plan import CacheState
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.metadata import SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs, Statistic, left_out
from hhperf.runs.run import Run
from hhperf.runs.told_times import excess_warnings
from hhperf.verdict.caching_gates import what_caches_ask_for
from hhperf.verdict.gates import Evidence, gates_of, period_of
from hhperf.verdict.large_compare import compare_large, is_large
from hhperf.verdict.latency_file import Latencies
from hhperf.verdict.stalled import stalls_in
from hhperf.verdict.stopping import (
    CONFIDENCE,
    NONE_AFTER_A_STOP,
    NONE_UNDER_LOAD,
    judged_by_path,
    looks_at,
    sequence_of,
    was_stopped_by_hand,
    without_verdict,
)

if TYPE_CHECKING:
    from distributed import Client

CLUSTER_LEVELS = ("auto", "tenant", "session", "text", "pairs")


def compare(
    run: Run | Latencies,
    *,
    threshold: float = 0.20,
    quantiles: Sequence[float] = QUANTILES,
    statistic: Statistic | str | None = None,
    clusters: str = "auto",
    seed: int = 0,
    client: "Client | None" = None,
) -> Comparison:
    """Say whether the treatment saves more than the threshold, and whether the run can say so.

    Under load, requests that wait in one queue are not independent: intervals come from the
    stationary bootstrap over the order of arrival. A verdict beyond such a run takes several.

    A paired run that would take more than half of the free memory is gone through in parts, with
    the same numbers (means differ by rounding); what is then not looked at, its warnings say.

    Args:
        run: recorded in pairs or under load; or latencies from a file, which have no gates.
        threshold: the saving that is claimed.
        quantiles: to compare at, in 0..1.
        statistic: `service_time` counts from when a request was sent, `response_time` from when it
            was due; by default the first for pairs, the second for a load.
        clusters: of a paired run, what is resampled as a whole: `tenant`, `session`, `text` (the
            query's text), `pairs` for an answer about this log only, or `auto` for the coarsest
            level that has enough clusters.
        seed: of the bootstrap.
        client: of a Dask cluster (`dask.distributed.Client`) whose workers go through a paired run
            in parts; they read it at the same path.

    Raises:
        RunError: the run has no pair to compare.
        SampleError: an option that nothing can be computed from.
    """
    if isinstance(run, Latencies):
        if clusters != "auto" or statistic is not None or client is not None:
            raise SampleError("clusters, statistic, client are for runs; a file has its columns")
        return run.compare(threshold=threshold, quantiles=quantiles, seed=seed)
    if not isinstance(run, Run):
        raise SampleError(
            f"compare takes a run or latencies, not {type(run).__name__}:"
            " open a folder with hhperf.load_run, a file with hhperf.verdict.load_latencies"
        )
    check_threshold(threshold)
    check_seed(seed)
    if statistic is not None and statistic not in set(Statistic):
        raise SampleError(f"statistic is {statistic!r}: {unknown(statistic, Statistic)}")
    if client is not None or is_large(run):
        return compare_large(
            run,
            threshold=threshold,
            quantiles=quantiles,
            statistic=Statistic(statistic or run.statistic),
            clusters=_checked_level(clusters),
            seed=seed,
            client=client,
        )
    design, pairs = run.metadata.design, run.pairs(statistic or run.statistic)
    stalls = stalls_in(run, pairs)
    if not isinstance(design, SwitchbackDesign):
        level, codes, warnings = cluster_codes(pairs, clusters)
        seen = Evidence(run, pairs, codes, seed, quantiles, stalls)
        found = _of_pairs(seen, level, threshold)
        if design.cache_state == CacheState.NATURAL:
            found = replace(found, strata=_by_cache(seen, threshold))
    elif clusters == "auto":
        seen = Evidence(run, pairs, None, seed, quantiles, stalls)
        found, warnings = _under_load(seen, threshold), (f"at {design.load}",)
        if was_stopped_by_hand(run):
            found = without_verdict(found, NONE_UNDER_LOAD)
    else:
        raise SampleError("clusters are for paired runs: under load, requests that follow are one")
    gates, told = gates_of(seen), (*run.left_out, *excess_warnings(run), *run.metadata.disturbances)
    said = (*run.notes, *warnings, *found.warnings, *left_out(seen.pairs), *told)
    said = (*said, *what_caches_ask_for(gates))
    return replace(found, warnings=said, period=period_of(seen)).with_gates(gates)


def _checked_level(wanted: str) -> str:
    if wanted not in CLUSTER_LEVELS:
        raise SampleError(f"clusters is {wanted!r}: {unknown(wanted, CLUSTER_LEVELS)}")
    return wanted


def cluster_codes(
    pairs: RecordedPairs, wanted: str = "auto"
) -> tuple[str | None, Integers | None, tuple[str, ...]]:
    """The level to resample by, a code per pair (None for single pairs), and what to warn of.

    Raises:
        SampleError: there is no such level.
    """
    levels = {"tenant": pairs.tenant, "session": pairs.session, "text": pairs.text}
    match _checked_level(wanted):
        case "auto":
            choice = choose_clusters(levels)
            return choice.name, choice.codes, choice.warnings
        case "pairs":
            return None, None, ("resampled by single pairs: the answer is about this log only",)
        case level:
            return level, levels[level], ()


def _of_pairs(seen: Evidence, level: str | None, threshold: float) -> Comparison:
    comparison, looks = _savings(seen, level, threshold), looks_at(seen.run)
    if looks is not None:
        said = (*comparison.warnings, str(looks))
        return replace(comparison, confidence=CONFIDENCE, warnings=said)
    path = sequence_of(seen.run, seen.pairs, seen.codes, threshold)
    if path is None:
        return comparison
    by_hand = was_stopped_by_hand(seen.run)
    return judged_by_path(comparison, path, *([NONE_AFTER_A_STOP] if by_hand else []))


def _savings(seen: Evidence, level: str | None, threshold: float) -> Comparison:
    looks = looks_at(seen.run)
    return compare_samples(
        seen.pairs.control,
        seen.pairs.treatment,
        seen.codes,
        threshold=threshold,
        quantiles=seen.quantiles,
        confidence=CONFIDENCE if looks is None else looks.confidence,
        timeout=seen.run.metadata.design.timeout_s,
        cluster_level=level,
        censoring=seen.censoring(),
        seed=seen.seed,
    )


def _by_cache(seen: Evidence, threshold: float) -> Strata | None:
    """The savings where both arms' answers came from the result cache, and where neither's did."""
    hits = seen.pairs.hits
    control, treatment = hits[Arm.CONTROL], hits[Arm.TREATMENT]
    told = (control >= 0) & (treatment >= 0)
    if not told.any():
        return None
    strata = []
    for name, kind in (("from the cache", 1), ("searched for", 0)):
        both = (control == kind) & (treatment == kind)
        if both.any():
            strata.append(_stratum(name, seen, both, threshold))
    return Strata(tuple(strata), int((told & (control != treatment)).sum()), int((~told).sum()))


def _stratum(name: str, seen: Evidence, kept: Flags, threshold: float) -> Stratum:
    n = int(kept.sum())
    if n < FEWEST_CLUSTERS:
        return Stratum(name, n, {})
    codes = None if seen.codes is None else seen.codes[kept]
    some = replace(seen, pairs=seen.pairs.where(kept), codes=codes)
    results = _savings(some, None, threshold).results
    return Stratum(name, n, {each.statistic: each.estimate for each in results})


def _under_load(seen: Evidence, threshold: float) -> Comparison:
    pairs, names = seen.pairs, [statistic_name(q) for q in seen.quantiles]
    savings = partial(
        open_loop_savings,
        pairs.control,
        pairs.treatment,
        seen.quantiles,
        threshold=threshold,
        seed=seen.seed,
    )
    censoring = seen.arrivals_censoring()
    estimates = savings(censoring=censoring)
    all_data = [None] * len(estimates) if censoring is None else savings()
    return Comparison(
        threshold=threshold,
        confidence=estimates[0].confidence,
        n_pairs=len(pairs),
        n_clusters=None,
        cluster_level=None,
        primary=primary_of(names),
        results=tuple(
            replace(_judged(q, estimate, len(pairs), threshold), all_data=whole)
            for q, estimate, whole in zip(seen.quantiles, estimates, all_data, strict=True)
        ),
        warnings=() if censoring is None else (_told(censoring),),
        failures=Failures(int(np.isinf(pairs.control).sum()), int(np.isinf(pairs.treatment).sum())),
    )


def _told(censoring: BothCensored) -> str:
    control, treatment = (float(each.left_out.mean()) for each in censoring)
    return (
        f"{control:.1%} of the control's requests and {treatment:.1%} of the treatment's were due"
        " in a stall of the machine or while its queue was worked off, and are left out; others are"
        " censored at the next stall: the savings are those without stalls"
    )


def _judged(q: float, estimate: Estimate, n: int, threshold: float) -> StatisticResult:
    name = statistic_name(q)
    if measurable(q, n):
        return StatisticResult(name, estimate, decide(estimate, threshold))
    said = estimate.warn(f"not measurable: {n:,} requests are too few for {name}")
    return StatisticResult(name, said, Verdict.NOT_MEASURABLE)
