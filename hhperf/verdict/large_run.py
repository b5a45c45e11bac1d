"""A run that is too large for memory, opened in parts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from hhperf.analysis.clusters import SINGLE_PAIRS, ClusterChoice, coarsest, effective_clusters
from hhperf.analysis.samples import IntArray
from hhperf.analysis.savings_in_passes import LargePairs
from hhperf.analysis.selection import Selection
from hhperf.errors import RunError
from hhperf.runs.aligned_parts import align_rest, parts_of
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import Statistic
from hhperf.runs.run import Run
from hhperf.runs.stalls import stalls_of
from hhperf.runs.told_times import Excess
from hhperf.verdict.levels import LEVELS, Level
from hhperf.verdict.part_facts import PartFacts, facts_of_rest, open_part
from hhperf.verdict.part_store import Parts


@dataclass(frozen=True, slots=True, eq=False)
class LargeRun:
    """A run in parts, and what it is resampled by.

    Attributes:
        run: the run.
        parts: its pairs.
        counts: of pairs and answers, by what they are.
        excess: what services tell too much of, part by part.
        choice: the level that is resampled.
        sizes: pairs in each cluster; None for single pairs.
        warnings: what was not done exactly.
    """

    run: Run
    parts: Parts
    counts: Counter[str]
    excess: Sequence[Mapping[str, Excess]]
    choice: ClusterChoice
    sizes: IntArray | None
    selection: Selection
    warnings: tuple[str, ...] = ()

    @property
    def pairs(self) -> LargePairs:
        """The control and the treatment."""
        failed = (f"failed {name}" for name in ("control", "treatment", "either"))
        return self._of(Arm.TREATMENT, [self.counts[each] for each in failed])

    @property
    def controls(self) -> LargePairs:
        """The control and itself once more."""
        failed = (f"failed {name}" for name in ("control", "control_again", "either control"))
        return self._of(Arm.CONTROL_AGAIN, [self.counts[each] for each in failed])

    def _of(self, other: Arm, failed: Sequence[int]) -> LargePairs:
        return LargePairs(
            self.parts,
            self.selection,
            (Arm.CONTROL.value, other.value),
            self.counts["pairs"],
            self.sizes,
            (failed[0], failed[1], failed[2]),
        )


def open_large(run: Run, parts: Parts, statistic: Statistic, clusters: str) -> LargeRun:
    """Read a run once, part by part.

    Args:
        run: paired and finished.
        parts: where they are to be kept.
        statistic: which latency to take.
        clusters: the level to resample by, as `compare` has it.

    Raises:
        RunError: it is not readable or damaged, or has no pair to compare.
    """
    names = {"auto": tuple(LEVELS), "pairs": ()}.get(clusters, (clusters,))
    levels = [Level(name) for name in names]
    facts = _read(run, parts, statistic, levels)
    counts = reduce(Counter.__add__, (each.counts for each in facts), Counter[str]())
    if not counts["pairs"]:
        raise RunError(
            f"{run.path}: has no pair to compare ({counts['voided']} voided by differing results,"
            f" {counts['incomplete']} incomplete); record a longer run"
        )
    choice, sizes, warnings = _resampled_by(parts, levels, counts["pairs"])
    return LargeRun(
        run,
        parts,
        counts,
        [each.excess for each in facts],
        choice,
        sizes,
        Selection(parts, None if sizes is None else len(sizes)),
        warnings,
    )


def _read(run: Run, parts: Parts, statistic: Statistic, levels: Sequence[Level]) -> list[PartFacts]:
    groups, stalls = run.groups(), stalls_of(run)
    if groups is None:
        raise RunError(f"{run.path}: is not finished; only a finished run is read in parts")
    given = [(groups.path, numbers, statistic, stalls) for numbers in parts_of(groups)]
    facts, rests = [], []
    for each in parts.open(open_part, given):
        for level in levels:
            level.take(each)
        rests.append(each.rest)
        facts.append(each.without_tables())
    if not facts:
        raise RunError(f"{run.path}: has no observation that can be read")
    last, columns = facts_of_rest(align_rest(rests, statistic), stalls)
    for level in levels:
        level.take(last)
    parts.add(columns)
    return [*facts, last.without_tables()]


def _resampled_by(
    parts: Parts, levels: Sequence[Level], n: int
) -> tuple[ClusterChoice, IntArray | None, tuple[str, ...]]:
    """The level, pairs in each of its clusters, and what is to be said of them."""
    if not levels:
        single = ClusterChoice(SINGLE_PAIRS, None, n, float(n))
        return single, None, ("resampled by single pairs: the answer is about this log only",)
    sizes = {level.name: level.number(parts) for level in levels}
    known = [
        ClusterChoice(name, None, int((each > 0).sum()), effective_clusters(each))
        for name, each in sizes.items()
    ]
    choice = coarsest(known, n) if len(known) > 1 else known[0]
    for level in levels:
        if level.name == choice.name:
            used = level.settle(parts, sizes[level.name])
            return choice, used, level.warnings
    return choice, None, ()
