"""Runs as traces, in formats that others read."""

import gzip
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from hhperf.errors import TraceError
from hhperf.runs.run import Run, load_run
from hhperf.traces.chrome_write import lanes
from hhperf.traces.request_traces import TracedSpan
from hhperf.traces.run_export import export_run
from hhperf.traces.trace_import import import_traces
from hhperf.workload.shipped import data_dir


@pytest.fixture(scope="module")
def run() -> Run:
    """A shipped one."""
    return load_run(data_dir() / "runs" / "claim" / "plan")


def messages(data: bytes) -> list[TracesData]:
    """What stands behind the lengths."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(TracesData.FromString(data[4 : 4 + size]))
        data = data[4 + size :]
    return found


def spans_of(message: TracesData) -> list[Span]:
    """Of a message with one resource and one scope."""
    return list(message.resource_spans[0].scope_spans[0].spans)


def test_protobuf_and_json_hold_the_same(run: Run, tmp_path: Path) -> None:
    """OTLP's JSON, with its ids back in base64, is what protobuf's own reader reads."""
    binary, count = export_run(run, "otlp", tmp_path / "a.otlp", slowest=20)
    text, _ = export_run(run, "otlp-json", tmp_path / "a.jsonl", slowest=20)
    assert count == 20
    (expected,) = messages(binary.read_bytes())
    document = json.loads(text.read_text(encoding="utf-8"))
    found = ParseDict(without_ids(document), TracesData())
    for span, plain in zip(
        spans_of(expected),
        document["resourceSpans"][0]["scopeSpans"][0]["spans"],
        strict=True,
    ):
        assert span.trace_id.hex() == plain["traceId"]
        assert span.parent_span_id.hex() == plain.get("parentSpanId", "")
        assert isinstance(plain["kind"], int)
        for name in ("trace_id", "span_id", "parent_span_id"):
            span.ClearField(name)
    assert found == expected


def without_ids(document: dict[str, Any]) -> dict[str, Any]:
    """A copy whose spans have no ids: they are hexadecimal, which protobuf does not read."""
    copied: dict[str, Any] = json.loads(json.dumps(document))
    for span in copied["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        for name in ("traceId", "spanId", "parentSpanId"):
            span.pop(name, None)
    return copied


def test_a_request_is_a_root_with_its_stages(run: Run, tmp_path: Path) -> None:
    """Each arm's own; waits for a connection lie within the stage that waited."""
    file, count = export_run(run, "otlp", tmp_path / "a.otlp", request=3)
    assert count == 3
    spans = spans_of(messages(file.read_bytes())[0])
    roots = [span for span in spans if not span.parent_span_id]
    told = {each.key: each.value.string_value for root in roots for each in root.attributes}
    assert {"hhperf.arm", "hhperf.schedule", "hhperf.request_id", "tenant"} <= told.keys()
    by_id = {span.span_id: span for span in spans}
    waits = [span for span in spans if span.name == "pool"]
    assert {by_id[span.parent_span_id].name for span in waits} <= {
        "specialty", "vector", "text", "hydration",
    }  # fmt: skip
    assert len(by_id) == len(spans)
    kinds = {span.name: span.kind for span in spans}
    assert (kinds["vector"], kinds["ranking"]) == (Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_INTERNAL)


def test_times_are_those_of_the_run(run: Run, tmp_path: Path) -> None:
    """To the nanosecond, and none is lost on the way out and in."""
    file, count = export_run(run, "otlp-json", tmp_path / "a.jsonl", arm="treatment")
    traces = import_traces([file], tmp_path / "in")
    frame = run.frame()
    mine = frame[frame["arm"] == "treatment"]
    spans = traces.spans
    roots = spans["parent"] == -1
    took = (spans["end_ns"] - spans["start_ns"])[roots]
    assert count == len(mine)
    assert sorted(took.tolist()) == sorted((mine["end_ns"] - mine["start_ns"]).tolist())
    assert traces.warnings == ()


def test_chromes_events_nest_on_every_thread(run: Run, tmp_path: Path) -> None:
    """Complete events of a thread lie within each other or apart, in microseconds."""
    file, count = export_run(run, "chrome", tmp_path / "a.json", slowest=6)
    document = json.loads(file.read_text(encoding="utf-8"))
    events = [event for event in document["traceEvents"] if event["ph"] == "X"]
    names = [event for event in document["traceEvents"] if event["ph"] == "M"]
    assert count == 6
    assert {event["pid"] for event in names} == {event["pid"] for event in events}
    assert {"name", "cat", "ph", "ts", "dur", "pid", "tid", "args"} == set(events[0])
    threads: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for event in events:
        span = event["ts"], event["ts"] + event["dur"]
        threads.setdefault((event["pid"], event["tid"]), []).append(span)
    for spans in threads.values():
        for (a, b), (c, d) in combinations(spans, 2):
            assert b <= c + 1e-3 or d <= a + 1e-3 or (a <= c and d <= b) or (c <= a and b <= d)


def test_overlapping_spans_get_threads_of_their_own() -> None:
    """As few as they need."""
    times = [(0, 100), (0, 40), (10, 60), (45, 50), (60, 90)]
    spans = [TracedSpan(b"", b"", "x", start, end, {}) for start, end in times]
    assert lanes(spans) == [0, 0, 1, 0, 0]


def test_a_request_that_there_is_not_is_an_error(run: Run, tmp_path: Path) -> None:
    """So is a format."""
    with pytest.raises(TraceError, match="no request 99999"):
        export_run(run, "otlp", tmp_path / "x", request=99_999)
    with pytest.raises(TraceError, match="did you mean otlp"):
        export_run(run, "otpl", tmp_path / "x")
    with pytest.raises(TraceError, match="cannot be written"):
        export_run(run, "otlp", tmp_path / "none" / "x")


def test_the_shipped_traces_are_those_of_the_run(run: Run, tmp_path: Path) -> None:
    """What notebook 08 starts from is what the command writes."""
    path, count = export_run(run, "otlp", tmp_path / "made.otlp", arm="control")
    shipped = gzip.decompress((data_dir() / "traces" / "sequential.otlp.gz").read_bytes())
    assert (count, path.read_bytes()) == (400, shipped)
