"""Spans through OpenTelemetry's SDK: of requests sent, and of searches that were served."""

from collections.abc import Mapping, Sequence
from time import perf_counter_ns, time_ns
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()
_FLUSH_MS = 5_000

Attributes = Mapping[str, str | int]


class Stage(NamedTuple):
    """A part of a served request, on `time.perf_counter_ns`; `asks`: of somebody else."""

    name: str
    start_ns: int
    end_ns: int
    asks: bool = False


class Asking:
    """A request under way.

    Attributes:
        headers: `traceparent`, and `tracestate` where there is one.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, set_span_in_context(span))
        self.headers: Mapping[str, str] = carrier

    def ended(self, error: str | None = None) -> None:
        """It was answered, or failed."""
        _set_error(self._span, error)
        self._span.end()


class Telemetry:
    """Makes spans and hands them on.

    Args:
        provider: of OpenTelemetry's SDK, with what it exports to; closed with this.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("hhperf")

    @classmethod
    def to_endpoint(cls, service: str) -> "Telemetry":
        """Send in batches, from a thread, to the endpoint that the environment names."""
        # An own name in OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES goes before this one.
        named = Resource({"service.name": service}).merge(Resource.create())
        unnamed = str(named.attributes["service.name"]).startswith("unknown_service")
        resource = named.merge(Resource({"service.name": service})) if unnamed else named
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def asking(self, name: str, attributes: Attributes) -> Asking:
        """Begin a request to somebody else."""
        return Asking(self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes))

    def served(
        self,
        name: str,
        headers: Mapping[str, str],
        start_ns: int,
        stages: Sequence[Stage],
        attributes: Attributes,
        error: str | None = None,
    ) -> None:
        """Tell of a request that has just been served, under the caller's trace if it names one.

        Nothing is made while it is served, so that its stages take what they take.

        Args:
            name: of the operation.
            headers: of the request, names in lower case.
            start_ns: when it came, on `time.perf_counter_ns`.
            stages: its parts.
            attributes: what else is told.
            error: what went wrong; None where nothing did.
        """
        ended = perf_counter_ns()
        zero = time_ns() - ended
        caller = _W3C.extract(headers)
        span = self._tracer.start_span(
            name,
            caller or Context(),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=zero + start_ns,
        )
        within = set_span_in_context(span, Context())
        for stage in stages:
            kind = SpanKind.CLIENT if stage.asks else SpanKind.INTERNAL
            began = zero + stage.start_ns
            part = self._tracer.start_span(stage.name, within, kind=kind, start_time=began)
            part.end(zero + stage.end_ns)
        _set_error(span, error)
        span.end(zero + ended)

    def close(self) -> None:
        """Send what is left, for a few seconds at most, and end."""
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()


def _set_error(span: Span, error: str | None) -> None:
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, error))
