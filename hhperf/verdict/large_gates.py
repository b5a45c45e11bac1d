"""The gates of a run in parts: each looks at all of its data, by counts and sums."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.passes import Part
from hhperf.analysis.per_request import mcnemar_of
from hhperf.analysis.ranks import measurable, parse_statistic, rank_of, statistic_name
from hhperf.analysis.savings import MEAN
from hhperf.analysis.savings_in_passes import Asked, mean_in_passes, quantiles_in_passes
from hhperf.analysis.selection import Place
from hhperf.runs.observation import Arm, CacheLayer
from hhperf.runs.stalls import stalls_of
from hhperf.shown import percent
from hhperf.verdict.caching_gates import cache_answers_of, cached_answers_of, varied_answers_of
from hhperf.verdict.effect_gates import CONFIDENCE, aa_gates_of
from hhperf.verdict.gates import loop_gate_of
from hhperf.verdict.large_run import LargeRun
from hhperf.verdict.likeness_gates import cache_gate, failure_gate_of, mismatch_gate_of, shared_gate
from hhperf.verdict.orders_in_passes import order_gates

FEW_STALLED = 0.1
"""Of the requests beyond a quantile, what may have met a stall that is not taken out."""


def large_gates(seen: LargeRun, asked: Asked, comparison: Comparison) -> tuple[Gate, ...]:
    """The conditions without which a statistic, or all of them, have no verdict.

    Args:
        seen: the run in parts.
        asked: of the comparison.
        comparison: of the control and the treatment, whose gates they are.
    """
    return tuple(_gates(seen, asked, comparison))


def _gates(seen: LargeRun, asked: Asked, comparison: Comparison) -> Iterator[Gate]:
    metadata, counts = seen.run.metadata, seen.counts
    answers = cache_answers_of({arm: _share(seen, f"failures {arm}") for arm in Arm})
    yield from () if answers is None else (answers,)
    hits = {arm: _share(seen, f"{arm}") for arm in Arm}
    cached = cached_answers_of(metadata, hits, (_share(seen, "first"), _share(seen, "second")))
    if cached is not None:
        yield cached
    field, compared = metadata.conditions.vary, counts["pairs"] + counts["voided"]
    if field is not None:
        yield varied_answers_of(counts["differ control_again"] / compared, field)
    yield from _aa_gates(seen, asked)
    yield from order_gates(seen.parts, seen.pairs.clusters)
    again, treatment, both = (
        counts[f"differ {name}"] for name in ("control_again", "treatment", "both")
    )
    yield mismatch_gate_of(mcnemar_of(compared, both, again - both, treatment - both))
    control, treatment, both = (
        counts[f"failed {name}"] for name in ("control", "treatment", "both")
    )
    yield failure_gate_of(mcnemar_of(counts["pairs"], both, control - both, treatment - both))
    yield from _cache_gates(seen)
    yield shared_gate(metadata.shared)
    loop = loop_gate_of(seen.run, levels(seen, asked.quantiles), stalls_of(seen.run))
    yield from () if loop is None else (loop,)
    yield from _stall_gates(seen, comparison)


def levels(seen: LargeRun, quantiles: Sequence[float]) -> Mapping[str, float]:
    """The control's own value at each statistic that has one, in ms; the mean is of the answers."""
    n, column = seen.counts["pairs"], (Arm.CONTROL.value, 1.0)
    places = [Place((column,), rank_of(q, n) - 1, rank_of(q, n)) for q in quantiles]
    found = dict(zip(map(statistic_name, quantiles), seen.selection.values(places), strict=True))
    sums = list(seen.parts.each(_answers))
    answers = sum(count for _, count in sums)
    if answers:
        found = {MEAN: sum(each for each, _ in sums) / answers, **found}
    return {name: 1e3 * level for name, level in found.items() if math.isfinite(level)}


def _aa_gates(seen: LargeRun, asked: Asked) -> tuple[Gate, ...]:
    n = seen.counts["pairs"]
    quantiles = [q for q in asked.quantiles if measurable(q, n)]
    noise = replace(asked, quantiles=quantiles, threshold=0.0, confidence=CONFIDENCE)
    found = {MEAN: mean_in_passes(seen.controls, noise)}
    savings = quantiles_in_passes(seen.controls, noise)
    found |= dict(zip(map(statistic_name, quantiles), savings, strict=True))
    return aa_gates_of(found, n)


def _cache_gates(seen: LargeRun) -> Iterator[Gate]:
    for layer in CacheLayer:
        asked = [seen.counts[f"{layer} asked {arm}"] for arm in (Arm.CONTROL, Arm.TREATMENT)]
        hits = [seen.counts[f"{layer} hits {arm}"] for arm in (Arm.CONTROL, Arm.TREATMENT)]
        if all(asked):
            ratios = (hit / each for hit, each in zip(hits, asked, strict=True))
            yield cache_gate(*ratios, name=f"{layer} cache hit ratios")


def _stall_gates(seen: LargeRun, comparison: Comparison) -> Iterator[Gate]:
    """None where nobody looked for stalls, or no request met one."""
    n = seen.counts["pairs"]
    met = max(seen.counts[f"stalled {arm}"] / n for arm in Arm)
    if not met:
        return
    moved = tuple(
        each.statistic
        for each in comparison.results
        if met > FEW_STALLED * _beyond(parse_statistic(each.statistic))
    )
    yield Gate(
        "stalls taken out",
        GateState.TOO_FEW if moved else GateState.PASSED,
        f"up to {percent(met)} of an arm's requests met a stall of the machine",
        f"at most {FEW_STALLED:.0%} of the requests beyond a quantile",
        "in a run of this size stalls are not taken out; compare it with more memory, or a part"
        " of it",
        moved,
    )


def _beyond(q: float | None) -> float:
    """The share of requests beyond a quantile; the mean is as easily moved as p95."""
    return 0.05 if q is None else 1 - q


def _share(seen: LargeRun, name: str) -> float:
    told = seen.counts[f"told {name}"]
    return seen.counts[f"hits {name}"] / told if told else math.nan


def _answers(part: Part) -> tuple[float, int]:
    """The sum of the control's latencies that are answers, and how many there are."""
    values = part[Arm.CONTROL.value]
    answers = values[np.isfinite(values)]
    return float(answers.sum()), len(answers)
