"""A recorded run as traces: one a request, its stages as the request's children."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import blake2b
from heapq import nsmallest
from typing import Any

from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import Run

OPERATION = "POST /v1/search/hybrid"
SERVICE = "hhperf"
POOL = "pool"
"""Waiting for a database connection: within the stage that waits."""

_ALONE = ("fusion", "ranking")
"""Stages that ask nobody else."""

_COLUMNS = (
    "pair", "request_id", "arm", "arm_schedule", "repetition", "tenant", "session", "text_key",
    "outcome", "error", "start_ns", "end_ns", "spans",
)  # fmt: skip
_TOLD = {
    "hhperf.pair": "pair",
    "hhperf.request_id": "request_id",
    "hhperf.arm": "arm",
    "hhperf.schedule": "arm_schedule",
    "hhperf.repetition": "repetition",
    "hhperf.outcome": "outcome",
    "hhperf.text_key": "text_key",
    "tenant": "tenant",
    "session.id": "session",
}
_ANSWERLESS = (Outcome.DROPPED, Outcome.CANCELLED, Outcome.LOST)
"""Requests that say nothing of a latency: they become no trace."""

Attributes = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class TracedSpan:
    """One span of a request.

    Attributes:
        span_id: 8 bytes.
        parent_id: that of its parent, empty for the request itself.
        name: the stage, or the operation.
        start_ns: since 1970.
        end_ns: since 1970.
        attributes: what else is told of it.
        asks: whether it is a request to somebody else.
        error: what went wrong, in words; None where nothing did.
    """

    span_id: bytes
    parent_id: bytes
    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
    asks: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """One request under one arm; the request itself is the first span.

    Attributes:
        trace_id: 16 bytes.
        spans: the request, then its stages as they began.
    """

    trace_id: bytes
    spans: tuple[TracedSpan, ...]

    @property
    def root(self) -> TracedSpan:
        """The request itself."""
        return self.spans[0]

    @property
    def duration_ns(self) -> int:
        """How long the request took."""
        return self.root.end_ns - self.root.start_ns


def traces_of(
    run: Run, arm: Arm | None = None, request: int | None = None
) -> Iterator[RequestTrace]:
    """Each answered or failed request of a run as a trace, in the order of the file.

    Ids are drawn from the run's seed and begin, the pair and the arm: the same run gives the same
    ones. Times are the wall clock's where the run knows it, else since its begin as noted.

    Args:
        run: in pairs or under load.
        arm: the only one to give; all of them when None.
        request: the only pair to give; all of them when None.

    Raises:
        RunError: the run's files cannot be read.
    """
    made = run.metadata
    zero = (
        round(made.created.astimezone(UTC).timestamp() * 1e9)
        if made.anchor is None
        else made.anchor.wall_ns
    )
    salt = f"{made.created.isoformat()} {made.seed}"
    for row in _rows(run):
        is_asked_for = arm in (None, row["arm"]) and request in (None, row["pair"])
        if is_asked_for and row["outcome"] not in _ANSWERLESS:
            yield _trace(row, zero, salt)


def slowest_of(traces: Iterable[RequestTrace], most: int) -> list[RequestTrace]:
    """So many of them, the slowest first."""
    return nsmallest(most, traces, key=lambda each: -each.duration_ns)


def _rows(run: Run) -> Iterator[Mapping[str, Any]]:
    for batch in run.table(_COLUMNS).to_batches(max_chunksize=2_000):
        yield from batch.to_pylist()


def _trace(row: Mapping[str, Any], zero: int, salt: str) -> RequestTrace:
    key = f"{salt} {row['pair']} {row['arm']} {row['repetition']}"
    own = _identifier(key, 8)
    failed = row["outcome"] != Outcome.OK
    root = TracedSpan(
        span_id=own,
        parent_id=b"",
        name=OPERATION,
        start_ns=zero + row["start_ns"],
        end_ns=zero + row["end_ns"],
        attributes={name: row[field] for name, field in _TOLD.items() if row[field] is not None},
        error=(row["error"] or str(row["outcome"])) if failed else None,
    )
    stages = sorted(row["spans"], key=lambda span: (span["start_ns"], -span["end_ns"]))
    made: list[TracedSpan] = []
    for number, span in enumerate(stages):
        modelled = {"hhperf.modelled_ns": span["modelled_ns"]} if span["modelled_ns"] else {}
        made.append(
            TracedSpan(
                span_id=_identifier(f"{key} {number}", 8),
                parent_id=_waiter(span, zero, made, own) if span["stage"] == POOL else own,
                name=span["stage"],
                start_ns=zero + span["start_ns"],
                end_ns=zero + span["end_ns"],
                attributes=modelled,
                asks=span["stage"] not in _ALONE,
            )
        )
    return RequestTrace(_identifier(key, 16), (root, *made))


def _waiter(span: Mapping[str, Any], zero: int, stages: Sequence[TracedSpan], own: bytes) -> bytes:
    """The stage that waited for a connection: the last one begun that was under way."""
    for stage in reversed(stages):
        begun, ends = stage.start_ns - zero, stage.end_ns - zero
        if stage.name != POOL and begun <= span["start_ns"] and span["end_ns"] <= ends:
            return stage.span_id
    return own


def _identifier(key: str, size: int) -> bytes:
    return blake2b(key.encode(), digest_size=size).digest()
