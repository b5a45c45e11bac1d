"""The pairs of a run as aligned arrays: what the analysis reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.runs.observation import Arm, Outcome

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

COLUMNS = (
    "pair", "arm", "outcome", "results_match", "position", "tenant", "session", "text_key",
    "intended_start_ns", "start_ns", "end_ns",
)  # fmt: skip


class Statistic(StrEnum):
    """Which latency: from the real start, or from the intended one."""

    SERVICE_TIME = "service_time"
    RESPONSE_TIME = "response_time"


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
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
        positions: each arm's place in the pair's order, from 0.
        mismatches: pairs whose results differ from the control's, by arm.
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
    positions: Mapping[Arm, Integers]
    mismatches: Mapping[Arm, int]
    voided: int
    incomplete: int

    def __len__(self) -> int:
        return len(self.pair)


def align(table: pa.Table, statistic: Statistic) -> Pairs:
    """Bring the three arms of each pair side by side.

    Args:
        table: observations with at least `COLUMNS`, in any order, at most one per pair and arm.
        statistic: which latency to take.
    """
    sides = {arm: _side(table, arm) for arm in Arm}
    present = [side.column("pair").to_numpy() for side in sides.values()]
    whole = _common(present)
    rows = {arm: side.take(_rows_of(side, whole)) for arm, side in sides.items()}
    differ = {arm: _differs(rows[arm]) for arm in (Arm.TREATMENT, Arm.CONTROL_AGAIN)}
    kept = ~(differ[Arm.TREATMENT] | differ[Arm.CONTROL_AGAIN])
    latency = {arm: _latency_s(rows[arm], statistic)[kept] for arm in Arm}
    control = rows[Arm.CONTROL]
    return Pairs(
        statistic=statistic,
        pair=whole[kept],
        control=latency[Arm.CONTROL],
        treatment=latency[Arm.TREATMENT],
        control_again=latency[Arm.CONTROL_AGAIN],
        tenant=_clusters(control, "tenant")[kept],
        session=_clusters(control, "session")[kept],
        text=_clusters(control, "text_key")[kept],
        positions={arm: _integers(rows[arm], "position")[kept] for arm in Arm},
        mismatches={arm: int(each.sum()) for arm, each in differ.items()},
        voided=int((~kept).sum()),
        incomplete=len(np.unique(_integers(table, "pair"))) - len(whole),
    )


def is_value(table: pa.Table, column: str, value: str) -> npt.NDArray[np.bool_]:
    """Where a text column, dictionary or not, holds the value."""
    found: npt.NDArray[np.bool_] = pc.equal(table.column(column), value).to_numpy()
    return found


def _side(table: pa.Table, arm: Arm) -> pa.Table:
    """One arm's observations, sorted by pair; a cancelled one says nothing about a latency."""
    measured = is_value(table, "arm", arm) & ~is_value(table, "outcome", Outcome.CANCELLED)
    side = table.filter(pa.array(measured))
    return side.take(np.argsort(_integers(side, "pair"), kind="stable"))


def _common(present: list[Integers]) -> Integers:
    whole = present[0]
    for other in present[1:]:
        whole = np.intersect1d(whole, other, assume_unique=True)
    return whole


def _rows_of(side: pa.Table, pairs: Integers) -> Integers:
    return np.searchsorted(_integers(side, "pair"), pairs).astype(np.int64)


def _differs(rows: pa.Table) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = rows.column("results_match").fill_null(True).to_numpy()
    return ~same


def _latency_s(rows: pa.Table, statistic: Statistic) -> Floats:
    begin = "start_ns" if statistic is Statistic.SERVICE_TIME else "intended_start_ns"
    seconds = (_integers(rows, "end_ns") - _integers(rows, begin)) / 1e9
    return np.where(is_value(rows, "outcome", Outcome.OK), seconds, np.inf)


def _clusters(rows: pa.Table, column: str) -> Integers:
    """Numbers from 0 by equal values; a value that is not known is a cluster of its own."""
    encoded = rows.column(column).combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    unknown = codes < 0
    codes[unknown] = len(encoded.dictionary) + np.arange(unknown.sum())
    return codes


def _integers(table: pa.Table, column: str) -> Integers:
    return np.asarray(table.column(column), dtype=np.int64)
