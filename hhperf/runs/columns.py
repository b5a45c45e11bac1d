"""Observations as Arrow columns: the schema on disk and the way there.

Clocks are stored in nanoseconds since the start of the run.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate, chain
from operator import attrgetter
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hhperf.runs.observation import UNKNOWN_COST, CacheLayer, Cost, HealthSample, Observation, Span

_SPAN = [
    pa.field("stage", pa.string()),
    pa.field("start_ns", pa.int64()),
    pa.field("end_ns", pa.int64()),
    pa.field("modelled_ns", pa.int64()),
]
CACHE_COLUMNS = {f"cache_{layer}": layer for layer in CacheLayer}
COST_COLUMNS = {f"cost_{part}": part for part in Cost._fields}
CATEGORIES = ("arm", "arm_schedule", "tenant", "session", "outcome", "error")
OBSERVATIONS = pa.schema(
    [
        ("pair", pa.int64()),
        ("request_id", pa.string()),
        ("arm", pa.string()),
        ("arm_schedule", pa.string()),
        ("repetition", pa.int32()),
        ("position", pa.int8()),
        ("tenant", pa.string()),
        ("session", pa.string()),
        ("text_key", pa.int64()),
        ("outcome", pa.string()),
        ("result_count", pa.int32()),
        ("result_digest", pa.string()),
        ("results_match", pa.bool_()),
        ("error", pa.string()),
        ("service_ns", pa.int64()),
        ("excess_ns", pa.int64()),
        ("block", pa.int32()),
        ("gc_pause_ns", pa.int64()),
        ("intended_start_ns", pa.int64()),
        ("dispatched_ns", pa.int64()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        *((name, pa.bool_()) for name in CACHE_COLUMNS),
        ("missing", pa.list_(pa.string())),
        ("spans", pa.list_(pa.struct(_SPAN))),
        *((name, pa.int64()) for name in COST_COLUMNS),
        ("cache_failures", pa.int16()),
    ]
)
HEALTH = pa.schema(
    [
        ("kind", pa.string()),
        ("at_ns", pa.int64()),
        ("value_ns", pa.int64()),
        ("worker", pa.int16()),
        ("core", pa.int16()),
    ]
)
_CLOCKS = frozenset({"intended_start_ns", "dispatched_ns", "start_ns", "end_ns", "at_ns"})


def observation_batch(observations: Sequence[Observation], epoch_ns: int) -> pa.RecordBatch:
    """The observations as one batch of schema `OBSERVATIONS`, clocks counted from the epoch."""
    made = {name: cache_column(observations, layer) for name, layer in CACHE_COLUMNS.items()}
    made |= cost_columns([each.cost for each in observations])
    made["spans"] = spans_column([each.spans for each in observations], epoch_ns)
    columns = [
        made[field.name] if field.name in made else _column(observations, field, epoch_ns)
        for field in OBSERVATIONS
    ]
    return pa.record_batch(columns, schema=OBSERVATIONS)


def health_batch(samples: Sequence[HealthSample], epoch_ns: int) -> pa.RecordBatch:
    """The samples as one batch of schema `HEALTH`, times counted from the epoch."""
    columns = [_column(samples, field, epoch_ns) for field in HEALTH]
    return pa.record_batch(columns, schema=HEALTH)


def _column(rows: Sequence[object], field: pa.Field, epoch_ns: int) -> pa.Array:
    values = list(map(attrgetter(field.name), rows))
    return clock_column(values, epoch_ns) if field.name in _CLOCKS else pa.array(values, field.type)


def clock_column(readings: Collection[int], epoch_ns: int) -> pa.Array:
    """Readings of a clock, counted from the epoch."""
    return pa.array(np.fromiter(readings, np.int64, len(readings)) - epoch_ns)


def shifted(batch: pa.RecordBatch, by_ns: int) -> pa.RecordBatch:
    """A batch of observations or health whose every reading of a clock is so much later."""
    columns = {name: batch[name] for name in batch.schema.names}
    for name in _CLOCKS & columns.keys():
        columns[name] = pc.add(columns[name], by_ns)
    if "spans" in columns:
        spans, parts = columns["spans"], columns["spans"].flatten()
        moved = [
            pc.add(parts.field(each.name), by_ns) if each.name in _CLOCKS else
            parts.field(each.name)
            for each in _SPAN
        ]  # fmt: skip
        begins = np.concatenate([[0], np.cumsum(pc.list_value_length(spans))])
        structs = pa.StructArray.from_arrays(moved, fields=_SPAN)
        columns["spans"] = pa.ListArray.from_arrays(pa.array(begins, pa.int32()), structs)
    return pa.record_batch(list(columns.values()), schema=batch.schema)


class HasCacheHits(Protocol):
    """Whatever tells which cache layers answered."""

    @property
    def cache_hits(self) -> Mapping[CacheLayer, bool]:
        """True for a hit, False for a miss, by layer; a layer not asked is absent."""


def cache_column(rows: Sequence[HasCacheHits], layer: CacheLayer) -> pa.Array:
    """Hit, miss or null for each row."""
    return pa.array([row.cache_hits.get(layer) for row in rows], pa.bool_())


def cost_columns(costs: Sequence[Cost]) -> dict[str, pa.Array]:
    """What each row's request took, a column for each part; null for what is not known."""
    if all(cost is UNKNOWN_COST for cost in costs):  # of whoever is asked thousands a second
        return {name: pa.nulls(len(costs), pa.int64()) for name in COST_COLUMNS}
    parts = zip(*costs, strict=True)
    return {
        name: pa.array(part, pa.int64()) for name, part in zip(COST_COLUMNS, parts, strict=True)
    }


def spans_column(spans: Sequence[tuple[Span, ...]], epoch_ns: int) -> pa.Array:
    """Spans by row, clocks counted from the epoch.

    Built flat: a Python object for each span would cost several times as much.
    """
    flat = list(chain.from_iterable(spans))
    offsets = pa.array(accumulate(map(len, spans), initial=0), pa.int32())
    columns = [_column(flat, field, epoch_ns) for field in _SPAN]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(columns, fields=_SPAN))
