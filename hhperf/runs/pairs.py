"""The pairs of a run as aligned arrays: what the analysis reads."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial, reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.runs.arrays import Flags, Floats, Integers
from hhperf.runs.observation import Arm, Outcome

COLUMNS = (
    "pair", "arm", "outcome", "results_match", "result_digest", "position", "repetition", "tenant",
    "session", "text_key", "intended_start_ns", "start_ns", "end_ns", "cache_result",
)  # fmt: skip


class Statistic(StrEnum):
    """Which latency: from the real start, or from the intended one."""

    SERVICE_TIME = "service_time"
    RESPONSE_TIME = "response_time"


_BEGINS = {Statistic.SERVICE_TIME: "start_ns", Statistic.RESPONSE_TIME: "intended_start_ns"}


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPairs:
    """One row a pair, in the order of the plan; all arrays have shape (n,).

    Attributes:
        statistic: which latency the three arms hold.
        pair: the pair's number in the run.
        control: latency in seconds, +inf for a failed, dropped or timed-out request.
        treatment: the same of the treatment.
        control_again: the same of the control's second measurement.
        tenant: cluster numbers from 0, equal for requests of one tenant.
        session: the same by session; a pair without one has a number of its own.
        text: the same by query text.
        repetition: how often the plan had been gone through before; under load, the round.
        positions: each arm's place in the pair's order, from 0.
        begins_ns: when each arm's latency begins, since the start of the run.
        ends_ns: when it ends, also that of a failed request.
        hits: by arm, 1 where the result cache answered, 0 where not, -1 where it is not told.
        differing: where the results differ from the control's, by arm, over all whole pairs: those
            above and the voided ones; shape (n + voided,).
        dropped: which requests were never sent, by arm; shape (n,).
        voided: pairs left out because of such a difference in either arm.
        incomplete: pairs left out because an arm was cancelled or never sent.
    """

    statistic: Statistic
    pair: Integers
    control: Floats
    treatment: Floats
    control_again: Floats
    tenant: Integers
    session: Integers
    text: Integers
    repetition: Integers
    positions: Mapping[Arm, Integers]
    begins_ns: Mapping[Arm, Integers]
    ends_ns: Mapping[Arm, Integers]
    hits: Mapping[Arm, Integers]
    differing: Mapping[Arm, Flags]
    dropped: Mapping[Arm, Flags]
    voided: int
    incomplete: int

    def __repr__(self) -> str:
        left = f"{self.voided:,} voided, {self.incomplete:,} incomplete"
        return f"Pairs({len(self):,} by {self.statistic}; {left})"

    def __len__(self) -> int:
        return len(self.pair)

    def where(self, kept: Flags) -> "RecordedPairs":
        """Some of the pairs; what is said of those left out stays that of all.

        Args:
            kept: which, shape (n,).
        """
        some: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                some[each.name] = value[kept]
            elif isinstance(value, Mapping) and each.name != "differing":
                some[each.name] = {arm: of_arm[kept] for arm, of_arm in value.items()}
        return replace(self, **some)

    @property
    def mismatches(self) -> Mapping[Arm, int]:
        """How many pairs have results that differ from the control's, by arm."""
        return {arm: int(each.sum()) for arm, each in self.differing.items()}


def left_out(pairs: RecordedPairs) -> tuple[str, ...]:
    """What is missing from a comparison of these pairs, in words."""
    return in_words(pairs.voided, pairs.incomplete)


def in_words(voided: int, incomplete: int) -> tuple[str, ...]:
    """The same of so many pairs."""
    said = []
    if voided:
        said.append(f"{voided:,} pairs left out: their arms answered differently")
    if incomplete:
        said.append(f"{incomplete:,} pairs left out: not all their arms were measured")
    return tuple(said)


def align(table: pa.Table, statistic: Statistic) -> RecordedPairs:
    """Bring the three arms of each pair side by side.

    Args:
        table: observations with at least `COLUMNS`, in any order, at most one per pair and arm.
        statistic: which latency to take.
    """
    pair = _integers(table, "pair")
    rows = _whole_pairs(pair, {arm: _measured(table, arm) for arm in Arm})
    differing = {
        arm: _differ(table, rows[arm], rows[Arm.CONTROL])
        for arm in (Arm.TREATMENT, Arm.CONTROL_AGAIN)
    }
    kept = ~np.logical_or.reduce(list(differing.values()))
    valid = {arm: each[kept] for arm, each in rows.items()}
    hits = np.asarray(table.column("cache_result").cast(pa.int8()).fill_null(-1), dtype=np.int64)
    latency_s, position = _latency_s(table, statistic), _integers(table, "position")
    begins_ns, ends_ns = (_integers(table, name) for name in (_BEGINS[statistic], "end_ns"))
    control, never_sent = valid[Arm.CONTROL], is_value(table, "outcome", Outcome.DROPPED)
    return RecordedPairs(
        statistic=statistic,
        pair=pair[control],
        control=latency_s[control],
        treatment=latency_s[valid[Arm.TREATMENT]],
        control_again=latency_s[valid[Arm.CONTROL_AGAIN]],
        tenant=_clusters(table, "tenant", control),
        session=_clusters(table, "session", control),
        text=_clusters(table, "text_key", control),
        repetition=_integers(table, "repetition")[control],
        positions={arm: position[each] for arm, each in valid.items()},
        begins_ns={arm: begins_ns[each] for arm, each in valid.items()},
        ends_ns={arm: ends_ns[each] for arm, each in valid.items()},
        hits={arm: hits[each] for arm, each in valid.items()},
        differing=differing,
        dropped={arm: never_sent[each] for arm, each in valid.items()},
        voided=int((~kept).sum()),
        incomplete=int(pc.count_distinct(table.column("pair")).as_py()) - len(kept),
    )


def is_value(table: pa.Table, column: str, value: object) -> Flags:
    """Where a column, a dictionary or not, holds the value; False where it holds nothing."""
    return np.asarray(pc.equal(table.column(column), value).fill_null(False), dtype=np.bool_)


def _measured(table: pa.Table, arm: Arm) -> Flags:
    """Where the arm's observations are that say something about a latency."""
    cancelled, lost = (
        is_value(table, "outcome", each) for each in (Outcome.CANCELLED, Outcome.LOST)
    )
    return is_value(table, "arm", arm) & ~cancelled & ~lost


def _differ(table: pa.Table, rows: Integers, controls: Integers) -> Flags:
    """Where the results differ: as compared when they came, else as their digests say."""
    compared: Flags = is_value(table, "results_match", False)[rows]
    if table.column("results_match").null_count == 0:
        return compared
    digests = table.column("result_digest").combine_chunks()
    mine, theirs = digests.take(pa.array(rows)), digests.take(pa.array(controls))
    answered = pc.and_(pc.not_equal(mine, ""), pc.not_equal(theirs, ""))
    unequal = pc.and_(pc.not_equal(mine, theirs), answered).fill_null(False)
    unknown = table.column("results_match").is_null().combine_chunks().take(pa.array(rows))
    by_digest: Flags = np.asarray(pc.and_(unequal, unknown), dtype=np.bool_)
    return compared | by_digest


def _whole_pairs(pair: Integers, measured: Mapping[Arm, Flags]) -> Mapping[Arm, Integers]:
    """Each arm's row numbers, sorted by pair, for the pairs that every arm has."""
    rows = {arm: _sorted_by_pair(pair, here) for arm, here in measured.items()}
    common = partial(np.intersect1d, assume_unique=True)
    whole: Integers = reduce(common, (pair[each] for each in rows.values()))
    return {arm: each[np.searchsorted(pair[each], whole)] for arm, each in rows.items()}


def _sorted_by_pair(pair: Integers, here: Flags) -> Integers:
    rows = np.flatnonzero(here)
    return rows[np.argsort(pair[rows], kind="stable")]


def _latency_s(table: pa.Table, statistic: Statistic) -> Floats:
    seconds = (_integers(table, "end_ns") - _integers(table, _BEGINS[statistic])) / 1e9
    return np.where(is_value(table, "outcome", Outcome.OK), seconds, np.inf)


def _clusters(table: pa.Table, column: str, rows: Integers) -> Integers:
    """Numbers from 0 by equal values; a value that is not known is a cluster of its own."""
    encoded = table.column(column).combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)[rows]
    unknown = codes < 0
    codes[unknown] = len(encoded.dictionary) + np.arange(unknown.sum())
    return codes


def _integers(table: pa.Table, column: str) -> Integers:
    return np.asarray(table.column(column), dtype=np.int64)
