"""One recorded request: which arm, when, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Arm(StrEnum):
    """A side of the comparison; `control_again` is the control once more, to show the noise.

    Example:
        >>> [str(arm) for arm in hhperf.Arm]
        ['control', 'treatment', 'control_again']
    """

    CONTROL = "control"
    TREATMENT = "treatment"
    CONTROL_AGAIN = "control_again"


class Outcome(StrEnum):
    """What came of a request; ERROR, TIMEOUT and DROPPED count as an infinite latency."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    """Never sent: too many were in flight."""
    CANCELLED = "cancelled"
    """Given up because the replay was; says nothing about a latency."""
    LOST = "lost"
    """Gone with the worker that had it; says nothing about a latency."""


class CacheLayer(StrEnum):
    """A cache that a search may ask."""

    RESULT = "result"
    EMBEDDING = "embedding"
    SPECIALTY = "specialty"
    RERANK = "rerank"


@dataclass(frozen=True, slots=True)
class Span:
    """One stage's own time on the monotonic clock.

    Attributes:
        stage: the stage's name.
        start_ns: when it began.
        end_ns: when it ended.
        modelled_ns: the delay drawn for it, which it lasts at least; 0 when it is only measured.
    """

    stage: str
    start_ns: int
    end_ns: int
    modelled_ns: int = 0


class Cost(NamedTuple):
    """What one request took of the database and the processors; None for what is not known.

    Attributes:
        connections: database connections held at once, at most.
        connection_ns: for how long connections were held, each for itself.
        wait_ns: for how long connections were waited for.
        statement_ns: from asking the database to its answer, over all statements.
        sent_bytes: to the database.
        received_bytes: from the database.
        service_ns: processor time of the service in the request's own steps.
        database_ns: processor time of the database's processes that served it.
    """

    connections: int | None = None
    connection_ns: int | None = None
    wait_ns: int | None = None
    statement_ns: int | None = None
    sent_bytes: int | None = None
    received_bytes: int | None = None
    service_ns: int | None = None
    database_ns: int | None = None


UNKNOWN_COST = Cost()


@dataclass(frozen=True, slots=True)
class Observation:
    """One request sent to one arm. Clocks are `time.perf_counter_ns` of the sending process.

    Attributes:
        pair: the pair it belongs to, counted over the whole run from 0.
        request_id: the id in the query log.
        arm: the side of the comparison.
        arm_schedule: what served that side, such as `sequential`.
        repetition: how often the plan's requests had been gone through before, from 0.
        position: the place in the pair's order, from 0.
        tenant: whose candidates were searched.
        session: the session the request came from; None when not known.
        text_key: a hash of the query's text, equal for equal texts.
        intended_start_ns: when the schedule wanted it sent.
        dispatched_ns: when the harness took it up.
        start_ns: when it was sent.
        end_ns: when the answer, the error or the timeout came. A dropped request ends as it starts.
        outcome: what came of it.
        spans: the stages' own times.
        cache_hits: True for a hit, False for a miss, by layer; a layer not asked is absent.
        missing: stages the search went on without.
        result_count: how many results came back.
        result_digest: a hash of the result ids in order, and under load of their scores to 1e-9;
            empty without an answer.
        results_match: whether ids in order and scores equal those of the pair's control; None for
            the control itself, where either has no answer, and under load: there the digests say
            it.
        error: what went wrong, in words; empty when nothing did.
        service_ns: what the service itself says it took in all; None where it does not say.
        excess_ns: by how much its stages take longer than a sum that it tells of them, at least;
            None where it tells none.
        block: the block of the load run it was sent in, from 0; None in a paired run.
        gc_pause_ns: how long the generator's garbage collector ran between its intended start and
            its end.
        cost: what it took of the database and the processors.
        cache_failures: how often the cache could not be asked or told meanwhile, which fails no
            search; None where that is not known.
    """

    pair: int
    request_id: str
    arm: Arm
    arm_schedule: str
    repetition: int
    position: int
    tenant: str
    session: str | None
    text_key: int
    intended_start_ns: int
    dispatched_ns: int
    start_ns: int
    end_ns: int
    outcome: Outcome
    spans: tuple[Span, ...] = ()
    cache_hits: Mapping[CacheLayer, bool] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    result_count: int = 0
    result_digest: str = ""
    results_match: bool | None = None
    error: str = ""
    service_ns: int | None = None
    excess_ns: int | None = None
    block: int | None = None
    gc_pause_ns: int = 0
    cost: Cost = UNKNOWN_COST
    cache_failures: int | None = None


@dataclass(frozen=True, slots=True)
class HealthSample:
    """One look at the generator itself, or at the machine it runs on.

    Attributes:
        kind: of the generator `loop_lag` (how late the event loop woke), `gc_pause`, or `cpu`
            (processor time used since the sample before). Of a core of its machine `watched` (a
            probe begins to look, and tells of what lasts so long), `stall` (nothing ran there), and
            by the kernel's accounts since the look before `steal` (given to others by the
            hypervisor), of the whole machine `pressure` (some task waited for a core) and
            `throttled` (taken by a quota). Of a generator on another machine `clock_ahead` (what
            its clock read more than that of the observations) and `clock_within` (what that is off
            by at most).
        at_ns: when it began, of accounts when it was read, on the clock of the observations.
        value_ns: how long.
        worker: which of the run's generators, from 0.
        core: of the machine; None for a look at the generator.
    """

    kind: str
    at_ns: int
    value_ns: int
    worker: int = 0
    core: int | None = None
