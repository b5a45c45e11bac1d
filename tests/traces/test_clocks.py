"""Clocks that disagree are put right, and no others are moved."""

from pathlib import Path

import numpy as np
import pytest

from hhperf.traces.trace_import import import_traces
from hhperf.traces.trace_set import TraceSet
from tests.traces.made import BEGIN_NS, MS, imported, message, span

PUBLISHED = Path(__file__).parent / "published"


def two_hosts(folder: Path, children: list[tuple[float, float]], *, host: str = "b") -> TraceSet:
    """A client with two calls, from 10 to 30 and from 40 to 60 ms, and their servers."""
    client = message(
        [span(1, 1, 0, "GET", 0, 100), span(1, 2, 1, "one", 10, 30), span(1, 3, 1, "two", 40, 60)],
        "front",
        "a",
    )
    servers = [
        span(1, 10 + number, 2 + number, "serve", start, end)
        for number, (start, end) in enumerate(children)
    ]
    return imported(folder, client, message(servers, "back", host))


def starts_ms(traces: TraceSet, name: str) -> list[float]:
    """When the spans of a name begin, in milliseconds."""
    spans = traces.spans
    rows = [text == name for text in traces.texts(spans["operation"])]
    return [float(start - BEGIN_NS) / MS for start in spans["start_ns"][rows]]


def test_a_clock_that_fits_is_left_alone(tmp_path: Path) -> None:
    """Even where the server is not in the middle of the client's wait."""
    traces = two_hosts(tmp_path, [(11, 25), (45, 59)])
    assert starts_ms(traces, "serve") == [11, 45]
    assert traces.warnings == ()


def test_a_server_that_does_not_fit_is_moved_to_the_middle(tmp_path: Path) -> None:
    """As Jaeger does: the way there and the way back are taken to be equally long."""
    traces = two_hosts(tmp_path, [(210, 220)])
    assert starts_ms(traces, "serve") == [15]
    assert traces.warnings[0].startswith("1 of 1 traces had clocks that disagree")


def test_all_of_a_clock_moves_together(tmp_path: Path) -> None:
    """One offset with which both servers fit: 200 ms behind, known to within 4 ms."""
    traces = two_hosts(tmp_path, [(212, 228), (242, 258)])
    assert starts_ms(traces, "serve") == [12, 42]


def test_offsets_are_bounded_by_every_span_of_the_clock(tmp_path: Path) -> None:
    """The shorter server alone would go to the middle of its client; the longer one forbids it."""
    traces = two_hosts(tmp_path, [(211, 213), (241, 260)])
    assert starts_ms(traces, "serve") == [10.5, 40.5]


def test_processes_of_one_host_share_its_clock(tmp_path: Path) -> None:
    """What does not fit there is no skew."""
    traces = two_hosts(tmp_path, [(210, 220)], host="a")
    assert starts_ms(traces, "serve") == [210]
    assert traces.traces["skew_ns"].tolist() == [0]


def test_one_offset_that_cannot_fit_is_told(tmp_path: Path) -> None:
    """A clock that jumped within the trace."""
    traces = two_hosts(tmp_path, [(110, 130), (340, 360)])
    assert "no offset fits all spans of a clock" in traces.warnings[1]
    assert traces.traces["torn"].tolist() == [True]


def test_a_child_longer_than_its_parent_begins_no_earlier(tmp_path: Path) -> None:
    """That is all that is known of it."""
    traces = two_hosts(tmp_path, [(0, 50)])
    assert starts_ms(traces, "serve") == [10]


def test_a_published_skew_is_put_right(tmp_path: Path) -> None:
    """The server of Zipkin's trace begins 65 ms before its client: it ends up within it."""
    traces = import_traces([PUBLISHED / "zipkin-skew.json"], tmp_path / "out")
    spans, names = traces.spans, traces.texts(traces.spans["operation"])
    inner = np.flatnonzero(np.array(names) == "post")
    client, server = sorted(inner, key=lambda row: spans["parent"][row])
    assert spans["parent"][server] == client
    assert spans["start_ns"][client] <= spans["start_ns"][server]
    assert spans["end_ns"][server] <= spans["end_ns"][client]
    assert traces.traces["skew_ns"][0] == pytest.approx(65_922_000)
