"""Observations as Arrow columns: the schema on disk and the way there.

Clocks are stored in nanoseconds since the start of the run.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from typing import Protocol

import numpy as np
import pyarrow as pa

from hhperf.runs.observation import CacheLayer, HealthSample, Observation, Span

_SPAN = pa.struct(
    [
        ("stage", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("modelled_ns", pa.int64()),
    ]
)
_PLAIN: Mapping[str, pa.DataType] = {
    "pair": pa.int64(),
    "request_id": pa.string(),
    "arm": pa.string(),
    "arm_schedule": pa.string(),
    "repetition": pa.int32(),
    "position": pa.int8(),
    "tenant": pa.string(),
    "session": pa.string(),
    "text_key": pa.int64(),
    "outcome": pa.string(),
    "result_count": pa.int32(),
    "result_digest": pa.string(),
    "results_match": pa.bool_(),
    "error": pa.string(),
    "block": pa.int32(),
    "gc_pause_ns": pa.int64(),
}
_CLOCKS = ("intended_start_ns", "dispatched_ns", "start_ns", "end_ns")
CACHE_COLUMNS = {f"cache_{layer}": layer for layer in CacheLayer}

CATEGORIES = ("arm", "arm_schedule", "tenant", "session", "outcome", "error")
OBSERVATIONS = pa.schema(
    [
        *_PLAIN.items(),
        *((name, pa.int64()) for name in _CLOCKS),
        *((name, pa.bool_()) for name in CACHE_COLUMNS),
        ("missing", pa.list_(pa.string())),
        ("spans", pa.list_(_SPAN)),
    ]
)
HEALTH = pa.schema(
    [
        ("kind", pa.string()),
        ("at_ns", pa.int64()),
        ("value_ns", pa.int64()),
        ("worker", pa.int16()),
    ]
)


def observation_batch(observations: Sequence[Observation], epoch_ns: int) -> pa.RecordBatch:
    """The observations as one batch of schema `OBSERVATIONS`, clocks counted from the epoch."""
    columns = [_column(observations, name, kind) for name, kind in _PLAIN.items()]
    columns += [_clock(observations, name, epoch_ns) for name in _CLOCKS]
    columns += [cache_column(observations, layer) for layer in CACHE_COLUMNS.values()]
    columns += [pa.array([o.missing for o in observations], pa.list_(pa.string()))]
    columns += [spans_column([o.spans for o in observations], epoch_ns)]
    return pa.record_batch(columns, schema=OBSERVATIONS)


def health_batch(samples: Sequence[HealthSample], epoch_ns: int) -> pa.RecordBatch:
    """The samples as one batch of schema `HEALTH`, times counted from the epoch."""
    columns = [
        _column(samples, "kind", pa.string()),
        _clock(samples, "at_ns", epoch_ns),
        _column(samples, "value_ns", pa.int64()),
        _column(samples, "worker", pa.int16()),
    ]
    return pa.record_batch(columns, schema=HEALTH)


def _column(rows: Sequence[object], name: str, kind: pa.DataType) -> pa.Array:
    return pa.array(list(map(attrgetter(name), rows)), kind)


def _clock(rows: Sequence[object], name: str, epoch_ns: int) -> pa.Array:
    clock = np.fromiter(map(attrgetter(name), rows), np.int64, len(rows))
    return pa.array(clock - epoch_ns)


class HasCacheHits(Protocol):
    """Whatever tells which cache layers answered."""

    @property
    def cache_hits(self) -> Mapping[CacheLayer, bool]:
        """True for a hit, False for a miss, by layer; a layer not asked is absent."""


def cache_column(rows: Sequence[HasCacheHits], layer: CacheLayer) -> pa.Array:
    """Hit, miss or null for each row."""
    return pa.array([row.cache_hits.get(layer) for row in rows], pa.bool_())


def spans_column(spans: Sequence[tuple[Span, ...]], epoch_ns: int) -> pa.Array:
    """Spans by row, clocks counted from the epoch.

    Built flat: a Python object for each span would cost several times as much.
    """
    flat = list(chain.from_iterable(spans))
    offsets = pa.array(accumulate(map(len, spans), initial=0), pa.int32())
    fields = [
        _column(flat, "stage", pa.string()),
        _clock(flat, "start_ns", epoch_ns),
        _clock(flat, "end_ns", epoch_ns),
        _column(flat, "modelled_ns", pa.int64()),
    ]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(fields, fields=list(_SPAN)))
