"""Observations of a load: columns that are written in slices while requests go on."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from time import perf_counter_ns

import numpy as np
import pyarrow as pa

from hhperf.harness.flight import Sent
from hhperf.harness.load_plan import Block, LoadPlan
from hhperf.harness.replay_plan import Log
from hhperf.harness.target import Reply, scored_digest, text_key
from hhperf.runs.arrays import Integers
from hhperf.runs.columns import (
    CACHE_COLUMNS,
    OBSERVATIONS,
    cache_column,
    clock_column,
    cost_columns,
    spans_column,
)
from hhperf.runs.observation import Arm

SLICE = 64
"""Observations written at a time: some 0.3 milliseconds, during which nothing is sent."""

OLD_NS = 500_000_000
"""How long an observation waits until it is written although there are few."""

_NO_REPLY = Reply()


class LoadRecorder:
    """Takes in what was sent and gives it on in columns, when there is time for it.

    Args:
        plan: what is being replayed.
        names: what serves each arm.
        write: where batches of schema `OBSERVATIONS` go.
        epoch_ns: the reading of the clock from which the stored clocks count.
        paused_ns: how long the garbage collector ran between two points in time.
    """

    def __init__(
        self,
        plan: LoadPlan,
        names: Mapping[Arm, str],
        write: Callable[[pa.RecordBatch], None],
        epoch_ns: int,
        paused_ns: Callable[[int, int], int],
    ) -> None:
        self._plan = plan
        self._names = names
        self._write = write
        self._epoch_ns = epoch_ns
        self._paused_ns = paused_ns
        self._requests = _of_log(plan.log)
        self._block = plan.blocks[0]
        self._same: dict[str, pa.Array] | None = None
        self._waiting: list[Sent] = []
        self._written_ns = perf_counter_ns()
        self._cost_ns = 1_000_000
        self.count = 0

    def begin(self, block: Block) -> None:
        """From now on requests are those of this block."""
        self.flush()
        self._block = block
        self._same = None

    def record(self, sent: Sent) -> None:
        """Take in what came of a request; those of the warm-up are let go."""
        if sent.slot < 0:
            return
        self._waiting.append(sent)
        self.count += 1

    def slack(self, idle_ns: int) -> None:
        """Write some of what has waited, if it takes no longer than the pause, or must be."""
        waiting = len(self._waiting)
        fits = idle_ns > self._cost_ns
        old = waiting and perf_counter_ns() - self._written_ns > OLD_NS
        if (fits and (old or waiting >= SLICE)) or waiting >= 4 * SLICE:
            self._write_some()

    def tick(self) -> None:
        """To be called now and then: what is old is written, also when there is never time."""
        if self._waiting and perf_counter_ns() - self._written_ns > 2 * OLD_NS:
            self._write_some()

    def flush(self) -> None:
        """Write everything taken in."""
        while self._waiting:
            self._write_some()

    def _write_some(self) -> None:
        begun_ns = perf_counter_ns()
        some = self._waiting[:SLICE]
        del self._waiting[:SLICE]
        self._write(self._batch(some))
        self._written_ns = perf_counter_ns()
        took_ns = self._written_ns - begun_ns
        self._cost_ns = min(took_ns, 2 * self._cost_ns)  # not to be misled by one that was held up

    def _batch(self, sent: Sequence[Sent]) -> pa.RecordBatch:
        pauses = [self._paused_ns(each.intended_ns, each.attempt.end_ns) for each in sent]
        slots = np.fromiter((each.slot for each in sent), np.int64, len(sent))
        columns = {
            **self._of_block(len(sent)),
            **self._of_requests(slots),
            **_of_attempts(sent, self._epoch_ns),
            "gc_pause_ns": pa.array(pauses, pa.int64()),
        }
        arrays = [columns[name] for name in OBSERVATIONS.names]
        return pa.record_batch(arrays, schema=OBSERVATIONS)

    def _of_block(self, count: int) -> dict[str, pa.Array]:
        """The columns that are the same in every row of a block: made once, cut to length."""
        if self._same is None or len(self._same["block"]) < count:
            self._same = self._made_of_block(max(count, SLICE))
        return {name: column[:count] for name, column in self._same.items()}

    def _made_of_block(self, count: int) -> dict[str, pa.Array]:
        block = self._block
        values = {
            "arm": block.arm.value,
            "arm_schedule": self._names[block.arm],
            "repetition": block.round,
            "position": block.position,
            "block": block.number,
            "results_match": None,
        }
        return {
            name: pa.repeat(pa.scalar(value, OBSERVATIONS.field(name).type), count)
            for name, value in values.items()
        }

    def _of_requests(self, slots: Integers) -> dict[str, pa.Array]:
        picks = pa.array(self._plan.picks_of(self._block.round)[slots])
        first = self._plan.first_pair(self._block.round)
        return {
            "pair": pa.array(slots + first),
            **{name: column.take(picks) for name, column in self._requests.items()},
        }


def _of_log(log: Log) -> dict[str, pa.Array]:
    """What every observation of a request says of it, a row for each; read before measuring."""
    requests = [log[number] for number in range(len(log))]
    values: dict[str, list[object]] = {
        name: list(map(attrgetter(name), requests)) for name in ("request_id", "tenant", "session")
    }
    values["text_key"] = [text_key(each.body) for each in requests]
    return {
        name: pa.array(column, OBSERVATIONS.field(name).type) for name, column in values.items()
    }


def _of_attempts(sent: Sequence[Sent], epoch_ns: int) -> dict[str, pa.Array]:
    attempts = [each.attempt for each in sent]
    replies = [each.reply or _NO_REPLY for each in attempts]
    digests = [scored_digest(each.reply.results) if each.reply else "" for each in attempts]
    return {
        "intended_start_ns": clock_column([each.intended_ns for each in sent], epoch_ns),
        "dispatched_ns": clock_column([each.dispatched_ns for each in sent], epoch_ns),
        "start_ns": clock_column([each.start_ns for each in attempts], epoch_ns),
        "end_ns": clock_column([each.end_ns for each in attempts], epoch_ns),
        "outcome": pa.array([each.outcome.value for each in attempts], pa.string()),
        "error": pa.array([each.error for each in attempts], pa.string()),
        "result_count": pa.array([len(each.results) for each in replies], pa.int32()),
        "result_digest": pa.array(digests, pa.string()),
        "missing": pa.array([each.missing for each in replies], pa.list_(pa.string())),
        "service_ns": pa.array([each.service_ns for each in replies], pa.int64()),
        "excess_ns": pa.array([each.excess_ns for each in replies], pa.int64()),
        "spans": spans_column([each.spans for each in replies], epoch_ns),
        **{name: cache_column(replies, layer) for name, layer in CACHE_COLUMNS.items()},
        **cost_columns([each.cost for each in replies]),
        "cache_failures": pa.array([each.cache_failures for each in replies], pa.int16()),
    }
