"""A recorded run, read-only."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.errors import RunError
from hhperf.runs.columns import CACHE_COLUMNS, CATEGORIES, HEALTH, OBSERVATIONS
from hhperf.runs.ending import KILLED, Status, is_being_written
from hhperf.runs.metadata import RunMetadata, SwitchbackDesign
from hhperf.runs.metadata_file import CHECKED_SINCE, FILE_NAME, read_metadata
from hhperf.runs.observation import Arm, CacheLayer, Outcome
from hhperf.runs.pairs import COLUMNS, RecordedPairs, Statistic, align
from hhperf.runs.pieces import Piece
from hhperf.runs.tables import Care, Groups, RunWarning, checked_groups, read_table, warn
from hhperf.shown import Displayed, counted


@dataclass(frozen=True, slots=True)
class HitRatio:
    """How often a cache layer was asked and how often it answered."""

    hits: int
    asked: int

    @property
    def ratio(self) -> float:
        """Hits as a share of askings, 0 to 1; NaN when it was never asked."""
        return self.hits / self.asked if self.asked else float("nan")


class Run(Displayed):
    """Observations and metadata of one replay; made by `load_run`, nothing is read until needed.

    Attributes:
        path: the run's folder.
        metadata: where, how and on what it was recorded.
        undamaged_only: whether what is damaged is left out with a warning; else it is an error.
    """

    def __init__(self, path: Path, metadata: RunMetadata, *, undamaged_only: bool = False) -> None:
        self.path = path
        self.metadata = metadata
        self.undamaged_only = undamaged_only
        self._left_out: dict[str, None] = {}

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, {self.status}, {self._size()})"

    def _size(self) -> str:
        with warnings.catch_warnings(action="ignore", category=RunWarning):
            try:
                return counted(len(self), "observation")
            except RunError:
                return "not readable"

    def __len__(self) -> int:
        return int(self.table(["pair"]).num_rows)

    @cached_property  # completion in notebooks breaks on a property that is a Literal
    def status(self) -> Status:
        """`finished`, `interrupted`, `failed`, `stopped`, `cut off`, or `running` still."""
        return self.metadata.status

    @property
    def ending(self) -> str:
        """How and when a run ended that did not go to its end, and why; empty for a finished one.

        Such as `interrupted (Ctrl-C) after 120 of 800 planned pairs`.
        """
        if self.status == "finished":
            return ""
        why = f" ({self.metadata.reason})" if self.metadata.reason else ""
        how = "still being recorded, now" if self.status == "running" else f"{self.status}{why}"
        planned = counted(self.metadata.design.pairs, "planned pair")
        return f"{how} after {self.pair_count:,} of {planned}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of how it was recorded before its numbers: an early end, gaps."""
        partial = (f"this is a partial run, {self.ending}",) if self.ending else ()
        return (*partial, *(f"the run was {gap}" for gap in self.metadata.gaps))

    @property
    def statistic(self) -> Statistic:
        """Which latency it was recorded for: service time in pairs, response time under load."""
        loaded = isinstance(self.metadata.design, SwitchbackDesign)
        return Statistic.RESPONSE_TIME if loaded else Statistic.SERVICE_TIME

    @property
    def sampled(self) -> str:
        """Of what it is a sample, in words; empty for a run that is all there."""
        return ""

    @property
    def pair_count(self) -> int:
        """How many pairs have an observation of any arm."""
        return int(pc.count_distinct(self.table(["pair"])["pair"]).as_py())

    @cached_property
    def observations(self) -> pa.Table:
        """All observations: one row each, clocks in nanoseconds since the start of the run."""
        return self.table()

    @cached_property
    def health(self) -> pa.Table:
        """The generator's own health; times in nanoseconds since the start of the run."""
        return read_table(self.path, "health", schema=HEALTH, care=self._care())

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read some columns of the observations, all of them when None.

        Raises:
            RunError: the file is missing, not readable, or damaged.

        Warns:
            RunWarning: the writer died in the middle of a batch, which is left out; or so is
                damage, where that was asked for. Once for each.
        """
        return read_table(
            self.path, "observations", columns, CATEGORIES, schema=OBSERVATIONS, care=self._care()
        )

    def groups(self) -> Groups | None:
        """The row groups of the observations, checked; None for a run that is not finished.

        Raises:
            RunError: the file is not readable, or damaged.

        Warns:
            RunWarning: damage was left out.
        """
        return checked_groups(self.path, "observations", self._care())

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was left out of what has been read so far, in words: each torn or damaged part."""
        return tuple(self._left_out)

    def _care(self) -> Care:
        return Care(self._pieces(), self.undamaged_only, self._leave_out)

    def _leave_out(self, message: str) -> None:
        if message not in self._left_out:
            self._left_out[message] = None
            warn(message)

    def _pieces(self) -> Mapping[str, Sequence[Piece]] | None:
        """What its finished files must be; None where an older format does not say it."""
        if self.metadata.format_version < CHECKED_SINCE:
            return None
        if self.metadata.files:
            return self.metadata.files
        return read_metadata(self.path).files  # it may have ended since it was loaded

    def frame(self, pair: int | None = None) -> pd.DataFrame:
        """The observations as pandas, with `service_time_s` and `response_time_s`; no spans.

        Those of one pair are found among what has been read once.
        """
        frame: pd.DataFrame = self._of_pair(pair).drop_columns("spans").to_pandas()
        frame["service_time_s"] = (frame["end_ns"] - frame["start_ns"]) / 1e9
        frame["response_time_s"] = (frame["end_ns"] - frame["intended_start_ns"]) / 1e9
        return frame

    def _of_pair(self, pair: int | None) -> pa.Table:
        table = self.observations
        return table if pair is None else table.filter(pc.equal(table["pair"], pair))

    def spans(self, pair: int | None = None) -> pd.DataFrame:
        """One row a span: `pair`, `arm`, `stage`, `start_s` since the request's start,
        `duration_s`, `modelled_s` (the drawn delay, 0 where the stage is only measured).
        """  # noqa: D205
        columns = ["pair", "arm", "start_ns", "spans"]
        table = self.table(columns) if pair is None else self._of_pair(pair)
        owner = table.select(["pair", "arm", "start_ns"]).take(
            pc.list_parent_indices(table["spans"])
        )
        spans = pa.Table.from_struct_array(
            pc.list_flatten(table["spans"].combine_chunks())
        ).to_pandas()
        rows = owner.to_pandas()
        return pd.DataFrame(
            {
                "pair": rows["pair"],
                "arm": rows["arm"],
                "stage": spans["stage"],
                "start_s": (spans["start_ns"] - rows["start_ns"]) / 1e9,
                "duration_s": (spans["end_ns"] - spans["start_ns"]) / 1e9,
                "modelled_s": spans["modelled_ns"] / 1e9,
            }
        )

    def pairs(self, statistic: Statistic | str = Statistic.SERVICE_TIME) -> RecordedPairs:
        """The arms of each pair side by side.

        Raises:
            RunError: no pair is complete with equal results.
            ValueError: the statistic is neither `service_time` nor `response_time`.
        """
        pairs = align(self.table(COLUMNS), Statistic(statistic))
        if not len(pairs):
            raise RunError(
                f"{self.path}: has no pair to compare ({pairs.voided} voided by differing results,"
                f" {pairs.incomplete} incomplete); {self._advice(pairs)}"
            )
        return pairs

    def _advice(self, pairs: RecordedPairs) -> str:
        field = self.metadata.conditions.vary
        if field is not None and pairs.voided:
            return f"{field} was varied and seems to change the answers: vary another field"
        return "record a longer run"

    def counts(self) -> Mapping[Arm, Mapping[Outcome, int]]:
        """How many observations each arm has, by outcome."""
        columns = ["arm", "outcome"]
        groups = self.table(columns).group_by(columns).aggregate([([], "count_all")])
        found = {(row["arm"], row["outcome"]): row["count_all"] for row in groups.to_pylist()}
        return {
            arm: {each: int(found.get((arm.value, each.value), 0)) for each in Outcome}
            for arm in Arm
        }

    def cache_hits(self) -> Mapping[Arm, Mapping[CacheLayer, HitRatio]]:
        """Each arm's hits and askings, by cache layer."""
        table = self.table(["arm", *CACHE_COLUMNS])
        return {arm: _hits(table.filter(pc.equal(table["arm"], arm.value))) for arm in Arm}


def is_run(path: Path | str) -> bool:
    """Whether a folder holds a recorded run, finished or not."""
    return (Path(path) / FILE_NAME).is_file()


def load_run(path: Path | str, *, undamaged_only: bool = False) -> Run:
    """Open a recorded run, finished or not.

    Args:
        path: the folder it was recorded in.
        undamaged_only: whether to go on without what is damaged. A warning says how many
            observations are lost with it.

    Raises:
        RunError: it is not a run, a newer hhperf wrote it, or it is damaged.
    """
    folder = Path(path)
    metadata = read_metadata(folder, undamaged_only=undamaged_only)
    if metadata.status == "running" and not is_being_written(folder):
        # It may have ended between the two looks.
        metadata = read_metadata(folder, undamaged_only=undamaged_only)
        if metadata.status == "running":
            metadata = replace(metadata, status="cut off", reason=KILLED)
    return Run(folder, metadata, undamaged_only=undamaged_only)


def _hits(table: pa.Table) -> Mapping[CacheLayer, HitRatio]:
    return {
        layer: HitRatio(
            hits=int(pc.sum(table[name], min_count=0).as_py()),
            asked=len(table) - table[name].null_count,
        )
        for name, layer in CACHE_COLUMNS.items()
    }
