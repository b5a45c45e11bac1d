"""What the order of the arms does, of pairs in parts: sums by group and cluster stand for them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hhperf.analysis.decision import Gate
from hhperf.analysis.passes import CODES, Part, Passes
from hhperf.analysis.period import PeriodEffect
from hhperf.analysis.samples import FloatArray, IntArray
from hhperf.analysis.tallies import Spread, spread_of
from hhperf.runs.observation import Arm
from hhperf.verdict.contrasts import Contrast, contrast_of, too_few
from hhperf.verdict.effect_gates import CONFIDENCE
from hhperf.verdict.order_effects import (
    BY_PLACE,
    CARRIED,
    GOING_SECOND,
    PLACES,
    arm_by_place_gate_of,
    carry_over_gate_of,
    period_of_means,
    strongest,
)
from hhperf.verdict.part_facts import ORDERS


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Log ratios of some kinds, in groups of pairs.

    Attributes:
        spreads: of each group.
        sums: of each kind, by group and cluster, shape (m, k, clusters); None for single pairs.
        counts: of pairs, by group and cluster, shape (k, clusters).
    """

    spreads: tuple[Spread, ...]
    sums: FloatArray | None = None
    counts: FloatArray | None = None

    @property
    def sizes(self) -> IntArray:
        """Pairs in each group."""
        return np.array([each.count for each in self.spreads])

    @property
    def means(self) -> FloatArray:
        """Of each kind in each group, shape (m, k)."""
        return np.stack([each.mean for each in self.spreads], axis=1)

    def only(self, kind: int) -> "Grouped":
        """The log ratios of one kind."""
        kept = slice(kind, kind + 1)
        spreads = tuple(
            Spread(each.count, each.mean[kept], each.products[kept, kept]) for each in self.spreads
        )
        return Grouped(spreads, None if self.sums is None else self.sums[kept], self.counts)

    def contrast(self, weights: FloatArray) -> Contrast | None:
        """As `contrasts.contrast` has it."""
        sizes = self.sizes
        if self.sums is None or self.counts is None:
            sampled = int(sizes.sum())
        else:
            sampled = int(np.count_nonzero(self.counts.sum(axis=0)))
        if too_few(sizes, sampled):
            return None
        return contrast_of(self.means, weights, self._squares(weights, sizes), sampled)

    def _squares(self, weights: FloatArray, sizes: IntArray) -> float:
        if self.sums is None or self.counts is None:
            pulls = zip(weights.T, self.spreads, sizes, strict=True)
            return float(sum(own @ each.products @ own / size**2 for own, each, size in pulls))
        apart = self.sums - self.means[:, :, None] * self.counts
        by_cluster = np.einsum("mk,mkc->c", weights / sizes, apart)
        return float(np.sum(by_cluster**2))


def order_gates(passes: Passes, clusters: int | None) -> tuple[Gate, ...]:
    """Carry-over and arm by place."""
    found = _put_together(passes.each(_crossover, clusters))
    counts = [int(each) for each in found.sizes]
    carried = found.only(1).contrast(CARRIED)
    return (
        carry_over_gate_of(None if carried is None else carried.saving(CONFIDENCE), counts),
        arm_by_place_gate_of(strongest([found.contrast(each) for each in BY_PLACE]), counts),
    )


def period_in_passes(passes: Passes, clusters: int | None) -> PeriodEffect:
    """The saving by which arm went first, and what going second saves."""
    found = _put_together(passes.each(_periods, clusters))
    second, first = found.spreads
    means = [float(each.mean[0]) if each.count else float("nan") for each in (first, second)]
    return period_of_means(means, found.contrast(GOING_SECOND))


def _crossover(part: Part, clusters: int | None) -> Grouped:
    x, y, z = (part[arm.value] for arm in (Arm.CONTROL, Arm.TREATMENT, Arm.CONTROL_AGAIN))
    place, again_first, _ = np.unravel_index(part["order"], ORDERS)
    kept = np.isfinite(x) & np.isfinite(y) & np.isfinite(z)
    x, y, z = (np.log(each[kept]) for each in (x, y, z))
    later = np.where(again_first[kept], x - z, z - x)
    codes = None if clusters is None else part[CODES][kept]
    return _grouped(np.stack([y - (x + z) / 2, later]), place[kept], PLACES, codes, clusters)


def _periods(part: Part, clusters: int | None) -> Grouped:
    x, y = part[Arm.CONTROL.value], part[Arm.TREATMENT.value]
    ahead = np.unravel_index(part["order"], ORDERS)[2]
    kept = np.isfinite(x) & np.isfinite(y)
    codes = None if clusters is None else part[CODES][kept]
    return _grouped(np.log(y[kept] / x[kept])[None], ahead[kept], 2, codes, clusters)


def _grouped(
    ratios: FloatArray, groups: IntArray, count: int, codes: IntArray | None, clusters: int | None
) -> Grouped:
    spreads = tuple(spread_of(ratios[:, groups == group]) for group in range(count))
    if codes is None or clusters is None:
        return Grouped(spreads)
    cells, size = groups * clusters + codes, count * clusters
    rows = [*ratios, np.ones(len(cells))]
    sums = np.stack([np.bincount(cells, weights=row, minlength=size) for row in rows])
    by_cluster: FloatArray = sums.reshape(-1, count, clusters).astype(np.float64)
    return Grouped(spreads, by_cluster[:-1], by_cluster[-1])


def _put_together(parts: Iterable[Grouped]) -> Grouped:
    rest = iter(parts)
    total = next(rest)
    for each in rest:
        spreads = tuple(a.with_more(b) for a, b in zip(total.spreads, each.spreads, strict=True))
        total = Grouped(spreads, _sum(total.sums, each.sums), _sum(total.counts, each.counts))
    return total


def _sum(total: FloatArray | None, more: FloatArray | None) -> FloatArray | None:
    return None if total is None or more is None else np.add(total, more, out=total)
