"""Going on with a run that did not come to its end: what it has is kept, what is missing follows.

What is sent again was under way when the run broke off. That goes by when it broke off and by
nothing that was measured, except that a slow request is more likely to be met by it: one pair, or
one block, in a run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import perf_counter_ns

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.errors import RunError
from hhperf.runs.arrays import Flags, Integers
from hhperf.runs.gaps import Anchor, Gap, anchor_of, continued_epoch_ns
from hhperf.runs.metadata import FORMAT_VERSION, Design, PairedDesign, RunMetadata
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.writer import RunWriter, Tables


@dataclass(frozen=True, slots=True)
class GoingOn:
    """A run that is gone on with.

    Attributes:
        folder: its own.
        metadata: as they are from now on, the gap among them.
        tables: what it keeps.
        epoch_ns: the reading of this process's clock from which its clocks count.
    """

    folder: Path
    metadata: RunMetadata
    tables: Tables
    epoch_ns: int

    def writer(self) -> RunWriter:
        """What writes the rest."""
        return RunWriter(self.folder, self.metadata, epoch_ns=self.epoch_ns, earlier=self.tables)


def unfinished_runs(folders: Sequence[Path]) -> list[Run]:
    """The runs in folders, measured in the same pairs, if they can be gone on with.

    Raises:
        RunError: one is no run, is damaged, of an older format, or still being recorded; or all are
            finished. What killed them may have met them while they were closed, one by one.
    """
    runs = [load_run(folder) for folder in folders]
    if all(run.status == "finished" for run in runs):
        raise RunError(f"{folders[0]}: is finished, nothing of it is missing; record another run")
    for run in runs:
        if run.status == "running":
            raise RunError(f"{run.path}: is still being recorded; end that first")
        if run.metadata.format_version < FORMAT_VERSION or run.metadata.anchor is None:
            raise RunError(f"{run.path}: an older hhperf recorded it; record it again")
    return runs


def check_same(run: Run, now: RunMetadata) -> None:
    """Make sure that what would be recorded now is the rest of the run.

    Raises:
        RunError: it is another plan, log or stack; says in what.
    """
    then = run.metadata
    named = [name for name in then.differences(now) if name != "design"]
    named += _different_designs(then.design, now.design)
    if then.seed != now.seed:
        named.append(f"seed ({then.seed} there, {now.seed} now)")
    if named:
        raise RunError(
            f"{run.path}: cannot be gone on with, since what would follow differs in"
            f" {', '.join(named)}; record it under the same conditions, or another run"
        )


def _different_designs(then: Design, now: Design) -> list[str]:
    if type(then) is not type(now):
        return [f"kind ({then.kind} there, {now.kind} now)"]
    pairs = (
        (each.name, getattr(then, each.name), getattr(now, each.name)) for each in fields(then)
    )
    return [f"{name} ({one} there, {other} now)" for name, one, other in pairs if one != other]


def whole_pairs(table: pa.Table) -> Integers:
    """The numbers of the pairs that have all their arms, none of them cancelled, ascending."""
    said = table.filter(pc.not_equal(table["outcome"], Outcome.CANCELLED.value))
    pairs, counts = np.unique(np.asarray(said["pair"], dtype=np.int64), return_counts=True)
    whole: Integers = pairs[counts == len(Arm)]
    return whole


def has_measured(run: Run) -> bool:
    """Whether there is anything in it to compare or to go on from: a whole pair, or any request."""
    columns = ["pair", "outcome"]
    if isinstance(run.metadata.design, PairedDesign):
        return bool(len(whole_pairs(run.table(columns))))
    outcomes = run.table(columns)["outcome"]
    return bool(pc.any(pc.not_equal(outcomes, Outcome.CANCELLED.value)).as_py())


def whole_blocks(table: pa.Table, size_of: Callable[[int], int]) -> Integers:
    """The numbers of a load's blocks that were gone through, ascending.

    Args:
        table: observations.
        size_of: how many requests a block has.
    """
    said = table.filter(pc.not_equal(table["outcome"], Outcome.CANCELLED.value))
    blocks, counts = np.unique(np.asarray(said["block"], dtype=np.int64), return_counts=True)
    sizes = np.array([size_of(block) for block in blocks.tolist()], dtype=np.int64)
    whole: Integers = blocks[counts == sizes]
    return whole


def are_in(table: pa.Table, column: str, numbers: Integers) -> Flags:
    """Which rows are of pairs, or blocks, of these numbers; shape (rows,)."""
    return np.isin(np.asarray(table[column], dtype=np.int64), numbers)


def as_cancelled(table: pa.Table, column: str, numbers: Integers) -> pa.Table:
    """The observations, those of some pairs, or blocks, as cancelled: nobody compares them.

    Args:
        table: of schema `OBSERVATIONS`.
        column: `pair` or `block`.
        numbers: of which.
    """
    theirs = pa.array(are_in(table, column, numbers))
    place = table.column_names.index("outcome")
    outcome = pc.if_else(theirs, Outcome.CANCELLED.value, table["outcome"])
    return table.set_column(place, "outcome", outcome)


def epoch_of(runs: Sequence[Run]) -> int:
    """From which reading of this process's clock the clocks of runs count that are gone on with.

    Args:
        runs: from `unfinished_runs`; all measured at the same time.
    """
    return min(continued_epoch_ns(_anchor(run), _last_ns(run)) for run in runs)


def going_on(run: Run, now: RunMetadata, kept: Flags, epoch_ns: int) -> GoingOn:
    """A run as it is gone on with from this moment.

    Args:
        run: from `unfinished_runs`.
        now: what would be recorded in its place, from the plan at hand.
        kept: which of its observations stay; the others are sent again.
        epoch_ns: the reading of this process's clock from which its clocks count.

    Raises:
        RunError: it is the rest of another run.
    """
    check_same(run, now)
    then, table = run.metadata, run.table()
    again = table.filter(pa.array(~kept))
    gap = Gap(
        from_ns=_last_ns(run),
        until_ns=perf_counter_ns() - epoch_ns,
        reason=run.status + (f": {then.reason}" if then.reason else ""),
        pairs=int(pc.count_distinct(again["pair"]).as_py()),
        sent_again=True,
        anchor=anchor_of(epoch_ns),
    )
    metadata = replace(then, status="running", reason="", gaps=(*then.gaps, gap))
    tables = {"observations": table.filter(pa.array(kept)), "health": run.health}
    return GoingOn(run.path, metadata, tables, epoch_ns)


def _anchor(run: Run) -> Anchor:
    """Where its clocks begin; `unfinished_runs` made sure of it."""
    assert run.metadata.anchor is not None
    return run.metadata.anchor


def _last_ns(run: Run) -> int:
    """The last moment that it recorded, since its start."""
    ends = run.table(["end_ns"])["end_ns"], run.health["at_ns"]
    return max(0, *(int(pc.max(each).as_py() or 0) for each in ends))
