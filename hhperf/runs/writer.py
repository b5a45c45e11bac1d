"""Writes a run as it is measured."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter_ns
from typing import Self

import pyarrow as pa

from hhperf.errors import PurgeError, RunError
from hhperf.masking import masked
from hhperf.runs.columns import HEALTH, OBSERVATIONS, health_batch, observation_batch
from hhperf.runs.ending import PLAN, Ending, WritingLock
from hhperf.runs.fresh_folder import empty_folder
from hhperf.runs.gaps import Gap, anchor_of
from hhperf.runs.journal import Journal, finished, writing
from hhperf.runs.metadata import FORMAT_VERSION, RunMetadata
from hhperf.runs.metadata_file import FILE_NAME, write_metadata
from hhperf.runs.observation import HealthSample, Observation
from hhperf.runs.tables import read_table

SCHEMAS = {"observations": OBSERVATIONS, "health": HEALTH}
Tables = Mapping[str, pa.Table]
"""By the names in `SCHEMAS`."""

MAX_WAITING = 512
LONGEST_REASON = 300


class RunWriter:
    """Puts observations on disk about every second; what is there survives `kill -9`.

    Leaving its block closes the run: `finished`; `interrupted` when a cancellation or an interrupt
    left it, `failed` when another exception did.

    Args:
        folder: where the run goes; made if it is not there, refused if it is not empty.
        metadata: what the run is.
        epoch_ns: the reading of the clock from which the stored clocks count; now when None.
        interval_s: how old an observation may get before it is on disk.
        earlier: what a run that goes on has recorded and keeps; the folder is then its own.

    Raises:
        RunError: the folder is not empty, or cannot be written (from every method).
    """

    def __init__(
        self,
        folder: Path | str,
        metadata: RunMetadata,
        *,
        epoch_ns: int | None = None,
        interval_s: float = 1.0,
        earlier: Tables | None = None,
    ) -> None:
        self.folder = Path(folder) if earlier else empty_folder(Path(folder))
        self.epoch_ns = perf_counter_ns() if epoch_ns is None else epoch_ns
        self._metadata = metadata if earlier else replace(metadata, anchor=anchor_of(self.epoch_ns))
        self._interval_ns = round(interval_s * 1e9)
        self._observations: list[Observation] = []
        self._samples: list[HealthSample] = []
        self._flushed_ns = perf_counter_ns()
        self._closed = False
        with writing(self.folder):
            self._lock = WritingLock(self.folder)
        kept = earlier or dict.fromkeys(SCHEMAS)
        # A run is there once its metadata are, and then has all that it needs to be read. Of one
        # that goes on a finished table stays until its journal is whole, and the metadata with its
        # checksums say that the run goes on: whatever ends this here, nothing is lost.
        self._observation_journal, self._health_journal = (
            Journal(self.folder, name, schema, kept[name]) for name, schema in SCHEMAS.items()
        )
        write_metadata(self.folder, self._metadata)
        if earlier is not None:
            for each in (self._observation_journal, self._health_journal):
                each.supersede()
            self._metadata = replace(self._metadata, files={})
            write_metadata(self.folder, self._metadata)

    def add(self, *observations: Observation) -> None:
        """Take observations in; a pair's belong in one call, so that no kill divides it.

        Writing happens here when half the interval is over: between two pairs it disturbs nothing.
        """
        self._observations += observations
        due = perf_counter_ns() - self._flushed_ns > self._interval_ns // 2
        if due or len(self._observations) >= MAX_WAITING:
            self.flush()

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Put observations on disk that are in columns already, of schema `OBSERVATIONS`."""
        self._observation_journal.append(batch)

    def add_health_batch(self, batch: pa.RecordBatch) -> None:
        """Put looks at a generator on disk that are in columns already, of schema `HEALTH`."""
        self._health_journal.append(batch)

    def add_health(self, sample: HealthSample) -> None:
        """Take in a look at the generator."""
        self._samples.append(sample)

    def note_gap(self, gap: Gap) -> None:
        """Say in the run that it stood still; known from now on, whatever ends it."""
        self._metadata = replace(self._metadata, gaps=(*self._metadata.gaps, gap))
        write_metadata(self.folder, self._metadata)

    def revise(self, change: Callable[[pa.Table], pa.Table]) -> None:
        """Write the observations anew as they are changed; while nothing is measured."""
        self.flush()
        self._observation_journal.abandon()
        table = read_table(self.folder, "observations", schema=OBSERVATIONS)
        self._observation_journal = Journal(
            self.folder, "observations", OBSERVATIONS, change(table)
        )

    def note_company(self, company: tuple[str, ...]) -> None:
        """Say at once which other runs measure on the machine, in words."""
        self._metadata = replace(self._metadata, company=company)
        write_metadata(self.folder, self._metadata)

    def tick(self) -> None:
        """Write what has waited for the whole interval; to be called now and then."""
        if perf_counter_ns() - self._flushed_ns > self._interval_ns:
            self.flush()

    def flush(self) -> None:
        """Put everything taken in on disk."""
        if self._observations:
            batch = observation_batch(self._observations, self.epoch_ns)
            self._observation_journal.append(batch)
            self._observations = []
        if samples := self._samples.copy():  # the collector may add its pause at any moment
            self._health_journal.append(health_batch(samples, self.epoch_ns))
            del self._samples[: len(samples)]
        self._flushed_ns = perf_counter_ns()

    def close(self, ending: Ending | None = None) -> None:
        """Write the rest, turn the tables into one file each, and say how the run ended.

        Args:
            ending: by its plan when None.
        """
        if self._closed:
            return
        self._closed = True
        how = ending or Ending("finished", PLAN)
        ended = replace(self._metadata, status=how.status, reason=how.reason)
        journals = self._observation_journal, self._health_journal
        try:
            self.flush()
            _finish(self.folder, ended, journals)
        except RunError as error:
            failed = replace(self._metadata, status="failed", reason=_in_words(error))
            self._lock.give_room()
            with suppress(RunError):  # somebody else may have taken it
                write_metadata(self.folder, failed)
            raise
        finally:
            for each in journals:
                each.abandon()
            self._lock.release()

    def discard(self) -> None:
        """Take away all that was written, of a run that is closed and has nothing in it."""
        for path in (self.folder / FILE_NAME, *(finished(self.folder, each) for each in SCHEMAS)):
            with writing(path):
                path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(RunError):  # the first error is the one to be told
            self.close(ending_of(error))


def ending_of(error: BaseException) -> Ending:
    """How a run ends that an exception breaks off."""
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit):
        return Ending("interrupted", "by whoever began it")
    return Ending("failed", _in_words(error))


def _in_words(error: BaseException) -> str:
    message = error.recorded if isinstance(error, PurgeError) else error
    said = masked(" ".join(f"{type(error).__name__}: {message}".split()))
    return said[:LONGEST_REASON]


def write_run(folder: Path, metadata: RunMetadata, tables: Mapping[str, pa.Table]) -> None:
    """Write a whole run at once, in today's format.

    Args:
        folder: where it goes; made if it is not there, refused if it is not empty.
        metadata: what the run is; its status and anchor stay.
        tables: `observations` and `health`.

    Raises:
        RunError: the folder is not empty, or cannot be written.
    """
    empty_folder(folder)
    journals = []
    for name, table in tables.items():
        journals.append(Journal(folder, name, table.schema))
        for batch in table.to_batches(max_chunksize=MAX_WAITING):
            journals[-1].append(batch)
    _finish(folder, replace(metadata, format_version=FORMAT_VERSION), journals)


def _finish(folder: Path, metadata: RunMetadata, journals: Iterable[Journal]) -> None:
    files = {name: pieces for each in journals for name, pieces in each.compact().items()}
    # First the checksums, then the files: whatever ends this here, no table goes unchecked.
    write_metadata(folder, replace(metadata, files=files))
    for each in journals:
        each.finish()
