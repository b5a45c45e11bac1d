"""Gates on effects that should be nothing: the control against itself, and what order does.

One rule for all of them. An effect fails its gate when its 99% interval lies to one side of 0 and
it is more than `HARMLESS`. A sound run is then thrown away by at most one gate in a hundred, and by
none once its pairs tell the effect to less than that: a main job asks 54, and at a million pairs a
tenth of a percent is significant and means nothing. An interval that holds 0 because it holds
everything passes nothing: beyond `PRECISE` there are too few pairs.
"""

import math
from collections.abc import Container, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.censoring import Censoring, any_stall
from hhperf.analysis.clean_pairs import clean_pairs, joint_obstacle
from hhperf.analysis.clusters import FEWEST_CLUSTERS
from hhperf.analysis.decision import EVERY_STATISTIC, Gate, GateState
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.exposure import Exposed, exposure
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.open_loop import BothCensored, open_loop_savings
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import measurable, statistic_name
from hhperf.analysis.samples import Pairs, make_pairs
from hhperf.analysis.savings import MEAN
from hhperf.analysis.stall_free import (
    cut_at_stalls,
    stall_free_savings,
    stall_obstacle,
    wider,
)

CONFIDENCE = 0.99
HARMLESS = 0.01
"""Saving that is too small to matter against a threshold of 0.20."""

PRECISE = 0.05
"""Half the width of the interval, beyond which it says nothing."""

LIMIT = f"holds 0 or is {HARMLESS:.0%} at most, told to ±{PRECISE:.0%}"


def effect_gate(
    name: str,
    effect: Estimate,
    n: int,
    detail: str,
    voids: tuple[str, ...] = EVERY_STATISTIC,
) -> Gate:
    """Judge an effect that should be nothing.

    Args:
        name: of the gate.
        effect: as a saving, with its 99% interval; undefined where too much failed.
        n: pairs that it was found in.
        detail: what the effect means and what to do about it.
        voids: the statistics that it would bias.
    """
    if not effect.defined:
        why = "; ".join([detail, *effect.warnings])
        return Gate(name, GateState.FAILED, "undefined", LIMIT, why, voids)
    half = _half_width(effect)
    if not effect.contains(0.0) and abs(effect.point) > HARMLESS:
        return Gate(name, GateState.FAILED, str(effect), LIMIT, detail, voids)
    if half > PRECISE:
        needs = pairs_that_would_do(n, half)
        most = max(-effect.lower, effect.upper)
        return Gate(name, GateState.TOO_FEW, str(effect), LIMIT, detail, voids, needs, most)
    return Gate(name, GateState.PASSED, str(effect), LIMIT, detail, voids)


def _half_width(effect: Estimate) -> float:
    return (effect.upper - effect.lower) / 2


def pairs_that_would_do(n: int, half: float) -> int | None:
    """Pairs for an interval of half-width `PRECISE`, rounded up to two digits.

    Widths shrink with the root of the number of pairs. None for an unbounded interval.

    Args:
        n: pairs measured.
        half: half the interval's width with so many.
    """
    if not math.isfinite(half):
        return None
    wanted = n * (half / PRECISE) ** 2
    step: int = 10 ** max(math.floor(math.log10(wanted)) - 1, 0)
    return math.ceil(wanted / step) * step


def aa_gates(
    control: ArrayLike,
    control_again: ArrayLike,
    quantiles: Sequence[float],
    clusters: ArrayLike | None = None,
    *,
    timeout: float | None = None,
    seed: int = 0,
    censoring: Censoring | None = None,
) -> tuple[Gate, ...]:
    """The control against itself must save nothing: a gate for each statistic, voiding that alone.

    Args:
        control: latencies, shape (n,).
        control_again: latencies of the same requests under the same arm.
        quantiles: that are compared, in 0..1; beside the mean. Those that n pairs cannot measure
            have no verdict to be voided, and so no gate.
        clusters: as for the comparison.
        timeout: where failed requests are cut for the mean; by default at the slowest answer.
        seed: of the bootstrap.
        censoring: what stalls of the machine hid of both; what is judged is then without them.
    """
    pairs = make_pairs(control, control_again, clusters)
    asked = [q for q in quantiles if measurable(q, pairs.n)]
    cut = timeout or _slowest(pairs)
    if censoring is None or not any_stall(pairs, censoring):
        return aa_gates_of(_savings(pairs, asked, cut, seed), pairs.n)
    found = _savings_without_stalls(pairs, censoring, asked, cut, seed)
    vague = {name for name, effect in found.items() if _is_vague(effect)}
    if not vague or exposure(pairs, censoring).state is not Exposed.EQUAL:
        return aa_gates_of(found, pairs.n)
    # Of two measurements of one arm that stalls met alike, all data tell the same.
    whole = _savings(pairs, [q for q in asked if statistic_name(q) in vague], cut, seed)
    instead = {name: effect for name, effect in whole.items() if name in vague}
    return aa_gates_of({**found, **instead}, pairs.n, of_all_data=instead)


def aa_gates_of(
    found: Mapping[str, Estimate | str], n: int, *, of_all_data: Container[str] = ()
) -> tuple[Gate, ...]:
    """The same from what the control saves against itself, at each statistic.

    Args:
        found: the saving, or in words why there is none, by the statistic's name.
        n: pairs.
        of_all_data: names of those that stalls are not taken out of.
    """
    detail = (
        "the same arm measured twice shows the noise and bias of the set-up: look for what changed"
        " during the run"
    )
    more = "; stalls, which met both alike, are not taken out here"
    return tuple(
        _aa_gate(name, effect, n, detail + more if name in of_all_data else detail)
        for name, effect in found.items()
    )


def _is_vague(effect: Estimate | str) -> bool:
    """Whether stalls leave too little for it to tell."""
    return isinstance(effect, str) or _half_width(effect) > PRECISE


def _savings(
    pairs: Pairs, quantiles: Sequence[float], timeout: float | None, seed: int
) -> Mapping[str, Estimate | str]:
    found = quantile_savings(pairs, quantiles, threshold=0.0, confidence=CONFIDENCE, seed=seed)
    named = dict(zip(map(statistic_name, quantiles), found, strict=True))
    if pairs.n < FEWEST_CLUSTERS:
        return named
    mean = mean_saving(pairs, threshold=0.0, confidence=CONFIDENCE, timeout=timeout)
    return {MEAN: mean, **named}


def _savings_without_stalls(
    pairs: Pairs,
    censoring: Censoring,
    quantiles: Sequence[float],
    timeout: float | None,
    seed: int,
) -> Mapping[str, Estimate | str]:
    """The same without stalls; the reason in words where they hide too much to tell."""
    cut = cut_at_stalls(pairs, censoring)
    found = stall_free_savings(cut, quantiles, threshold=0.0, confidence=CONFIDENCE, seed=seed)
    named = {
        statistic_name(q): stall_obstacle(cut, q) or effect
        for q, effect in zip(quantiles, found, strict=True)
    }
    if hidden := joint_obstacle(censoring):
        return {MEAN: hidden, **named}
    means = (
        mean_saving(each, threshold=0.0, confidence=CONFIDENCE, timeout=timeout)
        for each in clean_pairs(pairs, censoring)
    )
    return {MEAN: wider(*means), **named}


def aa_gates_under_load(
    control: ArrayLike,
    control_again: ArrayLike,
    quantiles: Sequence[float],
    *,
    seed: int = 0,
    censoring: BothCensored | None = None,
) -> tuple[Gate, ...]:
    """The same of response times in the order of arrival, at each quantile.

    Args:
        control: response times, shape (n,).
        control_again: those of the same arm under the same load, shape (m,).
        quantiles: that are compared, in 0..1; those that n responses cannot measure have no gate.
        seed: of the bootstrap.
        censoring: what stalls of the machine did to both; what is judged is then without them.
    """
    n = min(np.size(control), np.size(control_again))
    asked = [q for q in quantiles if measurable(q, n)]
    estimates = open_loop_savings(
        control,
        control_again,
        asked,
        threshold=0.0,
        confidence=CONFIDENCE,
        censoring=censoring,
        seed=seed,
    )
    detail = (
        "the same arm under the same load twice shows the noise of the set-up: a load near an"
        " arm's limit takes longer runs"
    )
    return tuple(
        _aa_gate(statistic_name(q), effect, n, detail)
        for q, effect in zip(asked, estimates, strict=True)
        # What stalls hid has no verdict to be voided.
        if effect.defined or censoring is None
    )


def _aa_gate(statistic: str, effect: Estimate | str, n: int, detail: str) -> Gate:
    name, voids = f"A/A' {statistic}", (statistic,)
    if isinstance(effect, str):
        why = f"{detail}; {effect}"
        return Gate(name, GateState.TOO_FEW, "hidden by stalls", LIMIT, why, voids)
    return effect_gate(name, effect, n, detail, voids)


def _slowest(pairs: Pairs) -> float | None:
    """The longest latency that is an answer; a few failures must not void a whole run."""
    both = np.concatenate([pairs.control, pairs.treatment])
    answers = both[np.isfinite(both)]
    return float(answers.max()) if len(answers) else None
