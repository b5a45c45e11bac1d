"""A run whose writer is killed, wherever it is in its work: it is read, and gone on with."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hhperf.errors import RunError
from hhperf.runs.columns import OBSERVATIONS
from hhperf.runs.ending import Ending
from hhperf.runs.gaps import Gap
from hhperf.runs.observation import Arm, HealthSample
from hhperf.runs.resuming import are_in, epoch_of, going_on, unfinished_runs, whole_pairs
from hhperf.runs.run import Run, load_run
from hhperf.runs.tables import read_table
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA, observe_pair

PAIRS = 4
WHOLE = sorted((pair, arm.value) for pair in range(PAIRS) for arm in Arm)
CHANGES = frozenset({"open", "os.mkdir", "os.rename", "os.remove"})
pytestmark = [  # who is killed closes nothing
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
STOPPED = Ending("stopped", "a part was gone")


class Killed(BaseException):
    """Nothing is done any more, whoever catches this."""


@dataclass
class Kill:
    """Comes before one of the changes to files below a folder, and before all that follow."""

    folder: str = ""
    changes_left: int = 0

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Told of everything that the interpreter does."""
        if not self.folder or event not in CHANGES or (event == "open" and arguments[1] == "rb"):
            return
        path = arguments[0]
        if isinstance(path, str | os.PathLike) and str(path).startswith(self.folder):
            self.changes_left -= 1
            if self.changes_left < 0:
                raise Killed(event)


KILL = Kill()
sys.addaudithook(KILL.hear)  # for good: without a folder it does nothing


@contextmanager
def killed_after(changes: int, folder: Path) -> Iterator[None]:
    """Within the block the process is as good as dead after so many changes to files."""
    KILL.folder, KILL.changes_left = str(folder), changes
    try:
        yield
    finally:
        KILL.folder = ""


def write_whole(writer: RunWriter) -> RunWriter:
    """Everything that a writer does: in the middle a pair is forgotten, and measured once more."""
    table = read_table(writer.folder, "observations", ["pair"], schema=OBSERVATIONS)
    for pair in sorted(set(range(PAIRS)) - set(table["pair"].to_pylist())):
        writer.add(*observe_pair(pair))
        writer.add_health(HealthSample("loop_lag", pair, pair))
        writer.flush()
    writer.revise(lambda table: table.filter(pa.array(np.asarray(table["pair"]) != PAIRS - 1)))
    writer.note_gap(Gap(1, 2, "a part was gone", 1, sent_again=True))
    writer.add(*observe_pair(PAIRS - 1))
    return writer


def begun(folder: Path) -> RunWriter:
    return RunWriter(folder, METADATA)


def gone_on_with(folder: Path) -> RunWriter:
    [run] = unfinished_runs([folder])
    pairs = run.table(["pair", "outcome"])
    kept = are_in(pairs, "pair", whole_pairs(pairs))
    return going_on(run, METADATA, kept, epoch_of([run])).writer()


def measured(run: Run) -> list[tuple[int, str]]:
    return sorted((row["pair"], row["arm"]) for row in run.table(["pair", "arm"]).to_pylist())


def is_survived(folder: Path, changes: int, open_run: Callable[[Path], RunWriter]) -> bool:
    """Whether a kill after so many changes came before the end; what it left is as it should be."""
    before = measured(load_run(folder)) if folder.exists() else []
    writers: list[RunWriter] = []
    try:
        with killed_after(changes, folder):
            writers.append(open_run(folder))
            write_whole(writers[0]).close()
    except Killed:
        for file in (each._lock._file for each in writers):
            if file is not None:
                file.close()  # as the kernel does
    else:
        return False
    if not (folder / "run.json").exists():
        with pytest.raises(RunError, match="is not a run"):
            load_run(folder)
        return True
    run = load_run(folder)
    assert set(measured(run)) >= set(before)
    if run.status != "finished":
        write_whole(gone_on_with(folder)).close()
        run = load_run(folder)
    assert run.health is not None
    assert (run.status, measured(run)) == ("finished", WHOLE)
    return True


def nothing(folder: Path) -> None:
    """Nobody has been there."""


def half(folder: Path) -> RunWriter:
    writer = begun(folder)
    for pair in range(PAIRS // 2):
        writer.add(*observe_pair(pair))
    writer.flush()
    return writer


def stopped(folder: Path) -> None:
    """A run that was closed in order before its end: with finished tables."""
    half(folder).close(STOPPED)


def cut_off(folder: Path) -> None:
    """A run that was not."""
    lock = half(folder)._lock._file
    assert lock is not None
    lock.close()


@pytest.mark.parametrize(
    ("before", "open_run"),
    [(nothing, begun), (stopped, gone_on_with), (cut_off, gone_on_with)],
    ids=["a fresh run", "going on with a closed one", "going on with one that was cut off"],
)
def test_a_kill_before_any_change_to_a_file_costs_nothing_on_disk(
    before: Callable[[Path], None], open_run: Callable[[Path], RunWriter], tmp_path: Path
) -> None:
    """Whichever change it comes before: what was there is there, and the rest follows."""
    changes, survived = 0, True
    while survived:
        folder = tmp_path / str(changes)
        before(folder)
        survived = is_survived(folder, changes, open_run)
        changes += 1
    assert changes > 10
