"""What one part of a large run gives: its pairs as columns, and counts of all that gates ask."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hhperf.runs.aligned_parts import LEVELS, AlignedPart, align_groups
from hhperf.runs.arrays import Integers
from hhperf.runs.columns import CACHE_COLUMNS
from hhperf.runs.observation import Arm
from hhperf.runs.pairs import RecordedPairs, Statistic
from hhperf.runs.stalls import Stalls
from hhperf.runs.told_times import Excess, excesses
from hhperf.verdict.caching_gates import cache_failures

Columns = dict[str, NDArray[Any]]

ORDERS = 3, 2, 2
"""What the column `order` holds: the treatment's place, whether the control's second measurement
came before its first, and whether the control came before the treatment."""

EXCESSES_KEPT = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class PartFacts:
    """What a part says of itself.

    Attributes:
        counts: of pairs and answers, by what they are.
        excess: what services tell too much of, by their names.
        rest: observations whose pairs are not whole in it.
        labels: the different values of each level in the order of their appearance.
        unknown: the pairs that have no value at each level.
    """

    counts: Counter[str]
    excess: Mapping[str, Excess]
    rest: pa.Table
    labels: Mapping[str, pa.Array]
    unknown: Mapping[str, Integers]

    def without_tables(self) -> "PartFacts":
        """What is small of it."""
        return replace(self, rest=self.rest.slice(0, 0), labels={}, unknown={})


def open_part(
    path: Path, numbers: Sequence[int], statistic: Statistic, stalls: Stalls | None
) -> tuple[PartFacts, Columns]:
    """Read a part of a run.

    Args:
        path: the file of its observations.
        numbers: of the row groups that are the part.
        statistic: which latency to take.
        stalls: of the machine; None where nothing looked for them.

    Raises:
        RunError: the file is not readable where this runs.
    """
    part = align_groups(path, numbers, statistic)
    counts = Counter[str]()
    _count_layers(counts, part.table)
    return _opened(part, stalls, counts, excesses(part.table, EXCESSES_KEPT))


def facts_of_rest(part: AlignedPart, stalls: Stalls | None) -> tuple[PartFacts, Columns]:
    """The same of what was left over, whose observations have been counted one by one."""
    incomplete = len(pc.unique(part.rest["pair"]))
    return _opened(part, stalls, Counter(incomplete=incomplete), {})


def _opened(
    part: AlignedPart, stalls: Stalls | None, counts: Counter[str], excess: Mapping[str, Excess]
) -> tuple[PartFacts, Columns]:
    unknown = {name: np.empty(0, dtype=np.int64) for name in LEVELS}
    columns: Columns = {}
    if part.pairs is not None:
        _count_pairs(counts, part.pairs, stalls)
    if part.pairs is not None and len(part.pairs):
        columns = _columns(part.pairs)
        for name in LEVELS:
            unknown[name] = part.pairs.pair[columns[name] >= len(part.labels[name])]
    return PartFacts(counts, excess, part.rest, part.labels, unknown), columns


def _columns(pairs: RecordedPairs) -> Columns:
    place = pairs.positions
    flags = (
        place[Arm.CONTROL_AGAIN] < place[Arm.CONTROL],
        place[Arm.CONTROL] < place[Arm.TREATMENT],
    )
    order = np.ravel_multi_index((place[Arm.TREATMENT], *map(np.intp, flags)), ORDERS)
    codes = {"tenant": pairs.tenant, "session": pairs.session, "text_key": pairs.text}
    return {
        **{arm.value: getattr(pairs, arm) for arm in Arm},
        **{name: each.astype(np.int32) for name, each in codes.items()},
        "order": order.astype(np.int8),
    }


def _count_pairs(counts: Counter[str], pairs: RecordedPairs, stalls: Stalls | None) -> None:
    failed = {arm: np.isinf(getattr(pairs, arm)) for arm in Arm}
    control, treatment, again = (failed[arm] for arm in Arm)
    differing, differing_again = (
        pairs.differing[arm] for arm in (Arm.TREATMENT, Arm.CONTROL_AGAIN)
    )
    found = {
        "failed control": control,
        "failed treatment": treatment,
        "failed control_again": again,
        "failed either": control | treatment,
        "failed either control": control | again,
        "failed both": control & treatment,
        "differ treatment": differing,
        "differ control_again": differing_again,
        "differ both": differing & differing_again,
    }
    counts.update({name: int(each.sum()) for name, each in found.items()})
    counts.update({"pairs": len(pairs), "voided": pairs.voided, "incomplete": pairs.incomplete})
    _count_hits(counts, pairs)
    for arm in Arm:
        if stalls is not None and len(stalls):
            begins_ns, ends_ns = pairs.begins_ns[arm], pairs.ends_ns[arm]
            met = stalls.time_left_s(begins_ns) < (ends_ns - begins_ns) / 1e9
            counts[f"stalled {arm}"] += int(met.sum())


def _count_hits(counts: Counter[str], pairs: RecordedPairs) -> None:
    """Of the result cache: by arm, and by which of the control's two answers came first."""
    swapped = pairs.positions[Arm.CONTROL_AGAIN] < pairs.positions[Arm.CONTROL]
    one, other = pairs.hits[Arm.CONTROL], pairs.hits[Arm.CONTROL_AGAIN]
    asked = dict(pairs.hits) | {
        "first": np.where(swapped, other, one),
        "second": np.where(swapped, one, other),
    }
    for name, hits in asked.items():
        counts[f"hits {name}"] += int((hits == 1).sum())
        counts[f"told {name}"] += int((hits >= 0).sum())


def _count_layers(counts: Counter[str], table: pa.Table) -> None:
    for arm, failures in cache_failures(table).items():
        counts[f"hits failures {arm}"] += int((failures > 0).sum())
        counts[f"told failures {arm}"] += int((failures >= 0).sum())
    for arm in Arm:
        mine = table.select(list(CACHE_COLUMNS)).filter(pc.equal(table["arm"], arm.value))
        for name, layer in CACHE_COLUMNS.items():
            counts[f"{layer} hits {arm}"] += int(pc.sum(mine[name], min_count=0).as_py())
            counts[f"{layer} asked {arm}"] += len(mine) - mine[name].null_count
