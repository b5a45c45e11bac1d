"""What the order of the arms does: told where it hits all alike, gated where it biases.

A pair sends its request three times, to the control twice and to the treatment once, in a balanced
order: a crossover of three periods. On the log scale, with p1, p2, p3 for what the places take:

- the *period effect* (p1 against p2 and p3) hits every arm equally often, so it is told, not gated;
- *carry-over*, what following the treatment does to a control beyond what following a control does,
  biases the control, and shows in the controls alone;
- an *arm by place* effect, a place that is slow for one arm alone, biases the comparison by a third
  of itself, and hides from the controls.

Source: Jones and Kenward, Design and Analysis of Cross-Over Trials, 3rd edition, 2014.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from hhperf.analysis.decision import Gate, GateState
from hhperf.analysis.estimate import Estimate, undefined
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.samples import (
    BoolArray,
    FloatArray,
    IntArray,
    factorize,
    flags,
    latencies,
    make_pairs,
)
from hhperf.errors import SampleError
from hhperf.verdict.contrasts import METHOD, Contrast, contrast
from hhperf.verdict.effect_gates import CONFIDENCE, LIMIT, effect_gate

PLACES = 3
PERIOD_CONFIDENCE = 0.95

CARRIED = np.array([[-0.5, 0.5, -0.5]])
"""Weights of the controls' difference by the treatment's place: (a - b - c) / 2."""

PLACE_EFFECTS = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, -0.5], [-0.5, -0.5, 0.0]])
"""What to add to the gain in each place, a row, for the places to cancel.

The gain with the treatment in place 1 holds p1 - (p2 + p3) / 2, and so on; the columns are the
controls' mean differences b, a, c, from which least squares takes p2 - p1 and p3 - p1.
"""

GOING_SECOND = np.array([[-0.5, 0.5]])
"""Weights of the log ratio where the treatment went first, and where the control did."""

ADDED = (1.5 * np.eye(PLACES) - 0.5) / PLACES
"""What each place, a row, adds to the overall gain: a third of its gain beyond the others'."""


BY_PLACE = tuple(np.stack([row, row @ PLACE_EFFECTS]) for row in ADDED)
"""Weights, of the gain and of the controls' difference, of what each place adds."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossover:
    """What each pair says of the order, on the log scale; shape (n,), answered pairs alone.

    Attributes:
        later: ln of the control's second latency in time over its first.
        gain: ln of the treatment over the geometric mean of both controls.
        place: of the treatment, 0..2.
        clusters: labels 0.. of what is sampled as a whole; None for single pairs.
    """

    later: FloatArray
    gain: FloatArray
    place: IntArray
    clusters: IntArray | None

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return len(self.place)


def make_crossover(
    control: ArrayLike,
    treatment: ArrayLike,
    control_again: ArrayLike,
    *,
    place: ArrayLike,
    again_first: ArrayLike,
    clusters: ArrayLike | None = None,
) -> Crossover:
    """Take the logarithms of pairs that were answered three times.

    Args:
        control: latencies, shape (n,); +inf for a failed request, whose pair is left out.
        treatment: the same of the treatment.
        control_again: the same of the control's second measurement.
        place: of the treatment in the pair's order, 0..2.
        again_first: true where `control_again` ran before `control`.
        clusters: as for the comparison.

    Raises:
        SampleError: lengths differ, or a place is none of the three.
    """
    pairs = make_pairs(control, treatment, clusters)
    again = latencies(control_again, "control_again")
    swapped, places = _flags(again_first, "again_first", pairs.n), np.asarray(place, dtype=np.intp)
    if len(again) != pairs.n or places.shape != again.shape:
        raise SampleError(
            f"control_again and place must have a value for each of {pairs.n:,} pairs"
        )
    if not np.isin(places, range(PLACES)).all():
        raise SampleError("place: the treatment's must be 0, 1 or 2")
    kept = np.isfinite(pairs.control) & np.isfinite(pairs.treatment) & np.isfinite(again)
    x, y, z = (np.log(each[kept]) for each in (pairs.control, pairs.treatment, again))
    return Crossover(
        later=np.where(swapped[kept], x - z, z - x),
        gain=y - (x + z) / 2,
        place=places[kept],
        clusters=_kept(pairs.clusters, kept),
    )


def carry_over(seen: Crossover) -> Estimate | None:
    """What following the treatment saves a control beyond what following a control does.

    With a, b, c for the mean of `later` where the treatment ran in the middle, first and last:
    a = p3 - p1 + t, b = p3 - p2 + c - t, c = p2 - p1 + c, so that (a - b - c) / 2 = t - c.

    Returns:
        None for want of pairs in each order.
    """
    found = contrast(seen.later[None], CARRIED, seen.place, seen.clusters)
    return None if found is None else found.saving(CONFIDENCE)


def arm_by_place(seen: Crossover) -> tuple[int, Estimate] | None:
    """The place that adds most to the overall saving beyond the others', and what it adds.

    Returns:
        The place, 0..2, with its estimate, whose interval allows for the three that were looked at;
        None for want of pairs in each place.
    """
    ratios = np.stack([seen.gain, seen.later])
    return strongest([contrast(ratios, each, seen.place, seen.clusters) for each in BY_PLACE])


def strongest(found: Sequence[Contrast | None]) -> tuple[int, Estimate] | None:
    """The same from the contrast of each place."""
    known = {place: each for place, each in enumerate(found) if each is not None}
    if not known:
        return None
    place = max(known, key=lambda each: abs(known[each].value))
    return place, known[place].saving(CONFIDENCE, questions=PLACES)


def carry_over_gate(seen: Crossover) -> Gate:
    """Following the treatment must not do more to a control than following a control does."""
    return carry_over_gate_of(carry_over(seen), _by_place(seen))


def carry_over_gate_of(found: Estimate | None, counts: Sequence[int]) -> Gate:
    """The same from what was found, and how many pairs there are by the treatment's place."""
    name = "carry-over"
    detail = (
        "what a control saves by following the treatment, against following a control: one arm"
        " leaves the next something warm or busy, so give each its own caches and pool, or wait"
        " between requests"
    )
    if found is None:
        return _untold(name, counts, detail)
    return effect_gate(name, found, sum(counts), detail)


def arm_by_place_gate(seen: Crossover) -> Gate:
    """The treatment's effect must be the same in place 1, 2 and 3."""
    return arm_by_place_gate_of(arm_by_place(seen), _by_place(seen))


def arm_by_place_gate_of(found: tuple[int, Estimate] | None, counts: Sequence[int]) -> Gate:
    """The same from what was found, and how many pairs there are by the treatment's place."""
    name = "arm by place"
    detail = (
        "what one place adds to the overall saving: a place that is slow or fast for one arm alone"
        " decides the comparison, so warm both arms alike"
    )
    if found is None:
        return _untold(name, counts, detail)
    place, effect = found
    gate = effect_gate(name, effect, sum(counts), detail)
    return replace(gate, figure=f"place {place + 1} adds {gate.figure}")


def period_effect(
    control: ArrayLike,
    treatment: ArrayLike,
    control_first: ArrayLike,
    clusters: ArrayLike | None = None,
) -> PeriodEffect:
    """The saving by which arm went first, and what going second saves.

    Args:
        control: latencies, shape (n,); pairs with a failed request, +inf, are left out.
        treatment: latencies, shape (n,).
        control_first: true where the control ran before the treatment.
        clusters: as for the comparison.

    Raises:
        SampleError: lengths differ.
    """
    pairs = make_pairs(control, treatment, clusters)
    first = _flags(control_first, "control_first", pairs.n)
    kept = np.isfinite(pairs.control) & np.isfinite(pairs.treatment)
    ratios = np.log(pairs.treatment[kept] / pairs.control[kept])
    ahead = first[kept]
    found = contrast(
        ratios[None],
        GOING_SECOND,
        ahead.astype(np.intp),
        _kept(pairs.clusters, kept),
    )
    return period_of_means([_mean(ratios[ahead]), _mean(ratios[~ahead])], found)


def period_of_means(means: Sequence[float], found: Contrast | None) -> PeriodEffect:
    """The same from mean log ratios, where the control went first and where not, and a contrast."""
    effect = (
        undefined("pairs in both orders are needed", confidence=PERIOD_CONFIDENCE, method=METHOD)
        if found is None
        else found.saving(PERIOD_CONFIDENCE)
    )
    first, second = (-math.expm1(each) for each in means)
    return PeriodEffect(first, second, effect)


def _mean(ratios: FloatArray) -> float:
    return float(ratios.mean()) if len(ratios) else math.nan


def _untold(name: str, counts: Sequence[int], detail: str) -> Gate:
    figure = f"{counts[0]:,}, {counts[1]:,} and {counts[2]:,} pairs by the treatment's place"
    return Gate(name, GateState.TOO_FEW, figure, LIMIT, detail)


def _by_place(seen: Crossover) -> list[int]:
    return [int(each) for each in np.bincount(seen.place, minlength=PLACES)]


def _flags(values: ArrayLike, name: str, n: int) -> BoolArray:
    found = flags(values, name)
    if len(found) != n:
        raise SampleError(f"{name} has {len(found):,} values for {n:,} pairs")
    return found


def _kept(clusters: IntArray | None, kept: BoolArray) -> IntArray | None:
    return None if clusters is None else factorize(clusters[kept])[0]
