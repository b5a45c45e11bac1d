"""A query log is a sequence, sliceable and hashed by content."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.errors import QueryLogError
from hhperf.workload.query_log import LoggedRequest, QueryLog, summarise, write_query_log
from hhperf.workload.reader import load_query_log
from tests.workload.strategies import request_lists


def request(number: int, **body: object) -> LoggedRequest:
    return LoggedRequest(f"q-{number}", number / 2, "t", None, body or {"query": f"query {number}"})


LOG = QueryLog(tuple(map(request, range(5))), source="here", skipped=1, reordered=2)


def test_log_is_a_sequence_of_requests() -> None:
    """Length, iteration, membership and negative indexes work."""
    assert isinstance(LOG, Sequence)
    assert len(LOG) == len(list(LOG)) == 5
    assert LOG[-1] == request(4)
    assert request(2) in LOG


def test_slices_are_logs_of_the_same_source() -> None:
    """A slice keeps where it came from and what was counted there."""
    part = LOG[1:3]
    assert part.requests == (request(1), request(2))
    assert (part.source, part.skipped, part.reordered) == ("here", 1, 2)


@pytest.mark.parametrize(("count", "left"), [(2, 2), (9, 5), (0, 0), (-1, 0)])
def test_head_takes_the_first(count: int, left: int) -> None:
    """No more than there are, nothing for none."""
    assert LOG.head(count).requests == LOG.requests[:left]


def test_span_is_from_first_to_last() -> None:
    """An empty log spans nothing."""
    assert LOG.span_s == 2.0
    assert LOG[2:].span_s == 1.0
    assert LOG.head(0).span_s == 0.0


def test_hash_is_of_the_content_alone() -> None:
    """Source and key order do not count; anything that is sent does."""
    one = QueryLog((request(1, query="a", limit=5),), source="x")
    same = QueryLog((request(1, limit=5, query="a"),), source="y", skipped=9)
    other = QueryLog((request(1, query="a", limit=6),), source="x")
    assert one.sha256 == same.sha256 != other.sha256
    assert len(one.sha256) == 64


def test_frame_has_a_row_for_each_request() -> None:
    """Fields of the body become columns, absent ones None."""
    frame = QueryLog((request(1, query="a", jdHash="12345678"),), source="x").to_frame()
    assert frame.loc[0, ["request_id", "offset_s", "query"]].tolist() == ["q-1", 0.5, "a"]
    assert frame.loc[0, "jd_hash"] == "12345678"
    assert frame.loc[0, "job_description"] is None


def test_frame_of_an_empty_log_has_the_columns() -> None:
    """No requests, no rows, the same columns."""
    assert list(LOG.head(0).to_frame().columns) == list(LOG.to_frame().columns)


ONE = LoggedRequest("q", 0.0, "t", None, {"query": "ação"})


@settings(max_examples=60, deadline=None)
@given(request_lists(), st.sampled_from(["log.jsonl", "log.jsonl.gz"]))
def test_round_trip(requests: list[LoggedRequest], name: str) -> None:
    """Every field of every request survives, whatever is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_query_log(requests, path)
        log = load_query_log(path)
    assert list(log) == requests
    assert (log.skipped, log.reordered) == (0, 0)


def test_compressed_bytes_are_reproducible(tmp_path: Path) -> None:
    """The time of writing leaves no trace."""
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    write_query_log([ONE], first)
    write_query_log([ONE], second)
    assert first.read_bytes() == second.read_bytes()


def test_text_stays_readable(tmp_path: Path) -> None:
    """Accents are written as they are."""
    write_query_log([ONE], tmp_path / "log.jsonl")
    assert "ação" in (tmp_path / "log.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["log.csv", "log", "gone/log.jsonl"])
def test_what_cannot_be_written_is_an_error(tmp_path: Path, name: str) -> None:
    """Other formats and missing folders are named."""
    with pytest.raises(QueryLogError, match=name):
        write_query_log([ONE], tmp_path / name)


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


def test_a_burst_asks_the_same_under_other_ids() -> None:
    """Each request so often in a row; once is the log itself."""
    burst = LOG.head(2).in_bursts(3)
    assert [each.request_id for each in burst[:3]] == ["q-0-1", "q-0-2", "q-0-3"]
    assert [each.body for each in burst] == [LOG[0].body] * 3 + [LOG[1].body] * 3
    assert LOG.in_bursts(1) is LOG


def test_the_variation_of_gaps_is_a_share_of_their_mean() -> None:
    """Gaps of one second and two; of a single request there are none."""
    requests = [replace(request(n), offset_s=at) for n, at in enumerate((0.0, 1.0, 3.0))]
    assert summarise(QueryLog(tuple(requests), source="here")).gap_variation == pytest.approx(
        0.5 / 1.5
    )
    assert summarise(QueryLog(tuple(requests[:1]), source="here")).gap_variation == 0.0
