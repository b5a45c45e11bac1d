"""Figures of a query log."""

import pytest

from hhperf.workload.log import LoggedRequest, QueryLog
from hhperf.workload.summary import summarise


def log_of(*rows: tuple[float, str, str, str | None]) -> QueryLog:
    """Requests by offset, tenant, query and session."""
    requests = tuple(
        LoggedRequest(f"r{number}", offset, tenant, session, {"query": query})
        for number, (offset, tenant, query, session) in enumerate(rows)
    )
    return QueryLog(requests, "memory", skipped=2)


def test_a_summary_counts() -> None:
    """Rates, gaps, repeats, tenants and sessions."""
    found = summarise(
        log_of((0, "a", "x", "s"), (0.5, "a", "x", "s"), (0.75, "b", "x", None), (4, "a", "y", "t"))
    )
    assert (found.requests, found.span_s) == (4, 4)
    assert found.rate_hz == pytest.approx(0.75)
    assert (found.peak_hz, found.longest_gap_s, found.gap_p50_s) == (3, 3.25, 0.5)
    assert (found.repeated, found.distinct_texts) == (0.25, 2)
    assert (found.tenants, found.sessions) == ({"a": 3, "b": 1}, 2)


def test_a_single_request_has_no_rate() -> None:
    """And no gap."""
    found = summarise(log_of((7, "a", "x", None)))
    assert (found.rate_hz, found.longest_gap_s, found.peak_hz) == (0, 0, 1)


def test_it_can_be_printed() -> None:
    """Five lines."""
    lines = summarise(log_of((0, "a", "x", "s"), (2, "b", "x", "s"))).lines()
    assert lines[0] == "2 requests over 2.0 s, 2 lines skipped"
    assert lines[-1] == "2 tenants (a 1, b 1), 1 sessions"
