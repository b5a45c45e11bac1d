"""Which spans are steps of a call, and what they are called."""

from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from hhperf.errors import TraceError
from hhperf.traces.calls import Calls, calls_of, find_operation, operations
from hhperf.traces.trace_set import TraceSet
from tests.traces.made import CLIENT, OPERATION, call, imported, message, span


def calls_in(traces: TraceSet) -> Calls:
    """Of the operation that takes longest."""
    return calls_of(traces, find_operation(traces))


def test_steps_are_in_order_and_repeats_are_steps_of_their_own(tmp_path: Path) -> None:
    """Times count from the call's begin, in seconds."""
    steps = (("cache", 1, 2), ("fetch", 3, 8), ("cache", 8, 9))
    found = calls_in(imported(tmp_path, message(call(1, steps, 10.0, at_ms=50))))
    names = [found.names[step] for step in found.step[0]]
    assert names == ["cache", "fetch", "cache #2"]
    assert found.start[0] == pytest.approx([0.001, 0.003, 0.008])
    assert found.end[0] == pytest.approx([0.002, 0.008, 0.009])
    assert found.total == pytest.approx([0.010])


def test_what_outlasts_its_call_is_no_step(tmp_path: Path) -> None:
    """Nobody waited for it; it is counted, and so is what only follows from the call."""
    late = span(1, 8, 1, "audit", 5, 30)
    consumer = span(1, 9, 1, "consume", 5, 6, kind=Span.SPAN_KIND_CONSUMER)
    found = calls_in(
        imported(tmp_path, message([*call(1, (("fetch", 1, 5),), 10.0), late, consumer]))
    )
    assert found.names == ("fetch",)
    assert found.left_out == {
        "spans follow from their call, which did not wait for them": 1,
        "spans outlast their call, which did not wait for them": 1,
    }


def test_a_span_closed_a_little_late_is_cut(tmp_path: Path) -> None:
    """It ends with its call."""
    found = calls_in(imported(tmp_path, message(call(1, (("fetch", 1, 10.4),), 10.0))))
    assert found.end[0] == pytest.approx([0.010])


def test_calls_of_traces_that_lack_spans_are_left_out(tmp_path: Path) -> None:
    """What is missing may have been a step."""
    whole, torn = call(1, (("fetch", 1, 5),), 10.0), call(2, (("fetch", 1, 5),), 10.0)
    found = calls_in(imported(tmp_path, message([*whole, *torn, span(2, 9, 77, "x", 2, 3)])))
    assert len(found) == 1
    assert found.left_out == {"calls are in traces that lack spans": 1}


def test_nothing_left_is_an_error_that_says_why(tmp_path: Path) -> None:
    """And how many calls there were."""
    spans = [*call(1, (("fetch", 1, 5),), 10.0), span(1, 9, 77, "x", 2, 3)]
    traces = imported(tmp_path, message(spans))
    with pytest.raises(TraceError, match="1 calls are in traces that lack spans"):
        calls_in(traces)


def test_steps_of_one_name_are_told_apart_by_whom_they_ask(tmp_path: Path) -> None:
    """Clients call all their requests GET."""
    client = call(1, (("GET", 1, 4), ("GET", 5, 9)), 10.0)
    users = message([span(1, 20, 2, "serve", 2, 3)], "users")
    items = message([span(1, 21, 3, "serve", 6, 8)], "items")
    found = calls_in(imported(tmp_path, message(client), users, items))
    assert [found.names[step] for step in found.step[0]] == ["GET → users", "GET → items"]


def test_a_step_asks_if_it_or_anything_below_it_does(tmp_path: Path) -> None:
    """A client, or a span with one below it in another service; others only compute."""
    spans = [
        span(1, 1, 0, "GET", 0, 10),
        span(1, 2, 1, "client", 0, 2, kind=CLIENT),
        span(1, 3, 1, "wrapper", 2, 4),
        span(1, 4, 3, "inner", 2, 4),
        span(1, 5, 1, "compute", 4, 6),
        span(1, 6, 5, "part", 4, 5),
    ]
    elsewhere = message([span(1, 9, 4, "serve", 2, 3)], "other")
    found = calls_in(imported(tmp_path, message(spans), elsewhere))
    asks = {
        found.names[step]: asks for step, asks in zip(found.step[0], found.asks[0], strict=True)
    }
    assert asks == {"client": True, "wrapper": True, "compute": False}


def test_a_wrapper_is_not_what_is_looked_at(tmp_path: Path) -> None:
    """What has several steps goes before what has one, though that takes longer."""
    inner = [span(1, 8, 2, "a", 2, 4), span(1, 9, 2, "b", 4, 5)]
    traces = imported(tmp_path, message([*call(1, (("handle", 1, 9),), 10.0), *inner]))
    assert str(find_operation(traces)) == "shop handle"


def test_a_call_with_very_many_steps_is_left_out(tmp_path: Path) -> None:
    """And the others are not hidden by it."""
    many = [(f"step {number}", number, number + 0.5) for number in range(70)]
    spans = [*call(1, many, 100.0), *call(2, many[:3], 100.0)]
    found = calls_in(imported(tmp_path, message(spans)))
    assert found.left_out == {"calls have more than 64 steps": 1}
    assert len(found) == 1


def test_a_failed_call_took_endlessly(tmp_path: Path) -> None:
    """As everywhere in the kit: never dropped."""
    found = calls_in(imported(tmp_path, message(call(1, (("fetch", 1, 5),), 10.0, failed=True))))
    assert found.total.tolist() == [float("inf")]


def test_what_begins_traces_comes_first(tmp_path: Path) -> None:
    """Then what takes longest in all; a name nobody has is answered with those there are."""
    inner = span(1, 9, 2, "query", 2, 4)
    traces = imported(tmp_path, message([*call(1, (("fetch", 1, 5),), 10.0), inner]))
    assert [str(each) for each in operations(traces)] == [f"shop {OPERATION}", "shop fetch"]
    with pytest.raises(TraceError, match="did you mean shop fetch"):
        find_operation(traces, "shop fetsh")
