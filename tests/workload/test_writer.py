"""What is written reads back the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhperf.errors import QueryLogError
from hhperf.workload.log import LoggedRequest
from hhperf.workload.reader import load_query_log
from hhperf.workload.writer import write_query_log
from tests.workload.strategies import request_lists

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
