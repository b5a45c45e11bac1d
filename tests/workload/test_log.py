"""A query log is a sequence, sliceable and hashed by content."""

from collections.abc import Sequence

import pytest

from hhperf.workload.log import LoggedRequest, QueryLog


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
