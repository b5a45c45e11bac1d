"""One span as every format gives it, and what is read from its attributes."""

from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from hhperf.traces.sampled import SAMPLED_BY, Sampling, sampling_of

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(1, 6)
"""As OTLP numbers the kinds of spans; 0 is one that does not say."""

KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}

CLOCKS = ("host.id", "host.name", "k8s.node.name", "hostname", "ip", "service.instance.id")
"""Where a span's clock is named, the best first: processes of one host share it."""

INSTANCES = ("service.instance.id", "k8s.pod.name", "container.id")
"""Where the process is named that a span is of, the best first; each has pools of its own."""

RESENT = ("http.request.resend_count", "http.resend_count")
READ = frozenset(
    {*CLOCKS, *INSTANCES, *SAMPLED_BY, *RESENT, "error", "otel.status_code", "span.kind"}
)
"""The attributes that are looked at, beside those a caller asks for; others are not read."""

Attributes = Mapping[str, Any]

LATEST_NS = 2**62
MOST_ID = 2**64 - 1
MOST_WEIGHT = 1e15


class SpanRow(NamedTuple):
    """A span, checked.

    Attributes:
        trace: its trace's id, 16 bytes.
        span: its own id, unique in its trace.
        parent: its parent's id; 0 for none.
        service: who did it.
        clock: whose clock its times are from: the host, or the service where none is named.
        instance: the process that it is of; None where none is named.
        operation: what it is called.
        kind: `SERVER` and so on, 0 where it is not said.
        start_ns: since 1970.
        end_ns: since 1970; 0 where it never ended.
        failed: whether it says that it ended in an error.
        awaited: whether its parent may have waited for it: not for `follows_from` and consumers.
        resent: whether it says that it repeats one that failed.
        links: how many other spans it names that are not its parent.
        sampling: how its trace came to be kept, as far as this span says.
        kept: the attributes that were asked for, in words; None for one that it has not.
    """

    trace: bytes
    span: int
    parent: int
    service: str
    clock: str
    instance: str | None
    operation: str
    kind: int
    start_ns: int
    end_ns: int
    failed: bool
    awaited: bool
    resent: bool
    links: int
    sampling: Sampling
    kept: tuple[str | None, ...]


def checked(row: SpanRow) -> SpanRow:
    """The row, if its numbers are such as a span can have.

    Raises:
        ValueError: naming the first that is not.
    """
    bounds = {
        "start": (row.start_ns, LATEST_NS),
        "end": (row.end_ns, LATEST_NS),
        "kind": (row.kind, CONSUMER),
        "parent's id": (row.parent, MOST_ID),
        "sampling weight": (row.sampling.weight, MOST_WEIGHT),
    }
    for name, (value, most) in bounds.items():
        if not 0 <= value <= most:
            raise ValueError(f"the {name} {value} is out of bounds")
    return row


def span_id(text: str) -> int:
    """A span's id as a number: 16 hexadecimal digits as they are, any other text by its hash."""
    return int.from_bytes(_digits(text, 8), "big")


def trace_id(text: str) -> bytes:
    """A trace's id: up to 32 hexadecimal digits as they are, any other text by its hash."""
    return _digits(text, 16)


def clock_of(attributes: Attributes, service: str) -> str:
    """Whose clock times are from."""
    return next((str(attributes[name]) for name in CLOCKS if attributes.get(name)), service)


def instance_of(attributes: Attributes) -> str | None:
    """The process that a span is of, by its resource."""
    return next((str(attributes[name]) for name in INSTANCES if attributes.get(name)), None)


def kept_of(attributes: Attributes, keep: Collection[str]) -> tuple[str | None, ...]:
    """The attributes that are asked for, in words."""
    return tuple(str(attributes[name]) if name in attributes else None for name in keep)


def is_resent(attributes: Attributes) -> bool:
    """Whether an attribute says that the span repeats one that failed."""
    return any(attributes.get(name) for name in RESENT)


def sampling_in(attributes: Attributes, state: str = "") -> Sampling:
    """How a trace came to be kept, by a span's attributes and its `tracestate`."""
    return sampling_of(attributes, state)


def _digits(text: str, size: int) -> bytes:
    try:
        return int(text, 16).to_bytes(size, "big")
    except (ValueError, OverflowError):
        return blake2b(str(text).encode(), digest_size=size).digest()
