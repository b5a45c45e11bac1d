"""Query logs are read, checked, ordered and counted."""

import csv
import io
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from hhperf.errors import QueryLogError
from hhperf.workload.query_log import LoggedRequest, summarise
from hhperf.workload.reader import load_query_log
from hhperf.workload.shipped import data_file
from tests.workload.strategies import request_lists

Line = Callable[..., dict[str, Any]]
Write = Callable[..., Path]

SURROGATE = '{"offset_s": 0, "tenant": "t", "request_id": "\\ud800", "body": {"query": "a"}}'


def test_request_is_read_whole(line: Line, jsonl: Write) -> None:
    """Every field arrives as it was logged."""
    body = {"query": "python", "filters": {"skills": ["SQL"]}, "limit": 10}
    path = jsonl(line(request_id="q", session="s", body=body))
    assert list(load_query_log(path)) == [LoggedRequest("q", 0.5, "t", "s", body)]
    assert load_query_log(path).source == str(path)


def test_missing_ids_are_made_from_the_line(line: Line, jsonl: Write) -> None:
    """A request without an id is called after its line."""
    log = load_query_log(jsonl(line(), "", line(session=None)))
    assert [request.request_id for request in log] == ["line-000001", "line-000003"]
    assert log[0].session is None


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"tenant": None}, "tenant", "missing"),
        ({"tenant": " "}, "tenant", "not blank"),
        ({"tenant": 5}, "tenant", "is 5"),
        ({"session": 5}, "session", "is 5"),
        ({"offset_s": None}, "offset_s", "missing"),
        ({"offset_s": -1}, "offset_s", "0 or more"),
        ({"offset_s": "soon"}, "offset_s", "number of seconds"),
        ({"offset_s": True}, "offset_s", "number of seconds"),
        ({"offset_s": "1e999"}, "offset_s", "number of seconds"),
        ({"timestamp": "2026-01-31T00:00:00Z"}, "timestamp", "beside offset_s"),
        ({"offset_s": None, "timestamp": "yesterday"}, "timestamp", "ISO 8601"),
        ({"offset_s": None, "timestamp": 1_700_000_000}, "timestamp", "ISO 8601"),
        ({"query": "python"}, "query", "beside `body`"),
        ({"body": []}, "body", "not a JSON object"),
        ({"body": {}}, "query", "is required"),
        ({"body": {"query": "a", "limit": 0}}, "limit", "greater than or equal to 1"),
        ({"body": {"query": "a", "enableNlp": "yes"}}, "enableNlp", "valid boolean"),
        ({"body": {"query": "a" * 6_001}}, "query", "6000"),
    ],
)
def test_bad_line_names_file_line_and_field(
    line: Line, jsonl: Write, change: dict[str, Any], field: str, problem: str
) -> None:
    """Where it is, what it is, and what it should be."""
    path = jsonl("", line(**change))
    with pytest.raises(QueryLogError) as caught:
        load_query_log(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), 2, field)
    assert problem in str(caught.value)
    assert f"{path}:2: field '{field}'" in str(caught.value)


def test_unknown_fields_pass_and_are_counted(line: Line, jsonl: Write) -> None:
    """Beside the body, in it and in its filters; a line that is left out does not count."""
    body = {"query": "a", "page": 2, "filters": {"skils": ["x"]}}
    lines = line(body=body), line(body=body, level=30), line(), line(page=3, tenant=None)
    log = load_query_log(jsonl(*lines), on_bad_line="skip")
    assert log.unknown_fields == {"page": 2, "filters.skils": 2, "level": 1}
    assert log[0].body == body
    assert log.unknown_told[0] in str(summarise(log))
    assert log.unknown_told[0].endswith("let pass: filters.skils (2), page (2), level (1)")


def test_the_deployed_services_own_fields_are_kept(tmp_path: Path) -> None:
    """They are fields of a search like any other, from any format."""
    path = tmp_path / "log.csv"
    cells = '0,t,a,TRUE,"{""skills"": 0.5}",false'
    path.write_text(f"offset_s,tenant,query,enableNlp,signalWeights,anonymizedView\n{cells}\n")
    log = load_query_log(path)
    assert log[0].body == {
        "query": "a", "enableNlp": True, "signalWeights": {"skills": 0.5}, "anonymizedView": False,
    }  # fmt: skip
    assert log.unknown_fields == {}


def test_half_a_surrogate_pair_is_refused(jsonl: Write) -> None:
    """It could never be sent or written back."""
    with pytest.raises(QueryLogError, match=r"request_id.*Unicode"):
        load_query_log(jsonl(SURROGATE))


def test_doubled_id_names_the_first_line(line: Line, jsonl: Write) -> None:
    """Pairs are matched by id, so an id stands once."""
    with pytest.raises(QueryLogError, match="already on line 1"):
        load_query_log(jsonl(line(request_id="q"), line(request_id="q")))


def test_bad_lines_are_skipped_and_counted_on_request(line: Line, jsonl: Write) -> None:
    """The good ones are kept; an id of a skipped line is free again."""
    bad = line(request_id="q", tenant=None)
    path = jsonl("{", line(request_id="p"), bad, line(request_id="q"))
    log = load_query_log(path, on_bad_line="skip")
    assert [request.request_id for request in log] == ["p", "q"]
    assert log.skipped == 2


@pytest.mark.parametrize("lines", [[], ["{", "["]])
def test_log_without_requests_is_an_error(jsonl: Write, lines: list[str]) -> None:
    """An empty log, or one of bad lines only, cannot be replayed."""
    with pytest.raises(QueryLogError, match="no usable request"):
        load_query_log(jsonl(*lines), on_bad_line="skip")


def test_requests_are_sorted_stably_and_counted(line: Line, jsonl: Write) -> None:
    """Late comers are moved and counted; equal times keep their order."""
    times = {"a": 2.0, "b": 1.0, "c": 3.0, "d": 1.0, "e": 3.0}
    log = load_query_log(jsonl(*(line(request_id=i, offset_s=t) for i, t in times.items())))
    assert [request.request_id for request in log] == list("bdace")
    assert log.reordered == 2


def test_timestamps_count_from_the_earliest(line: Line, jsonl: Write) -> None:
    """Time zones are heeded, UTC is assumed, the earliest becomes 0; microseconds are kept."""
    stamps = ["2026-01-31T09:30:01.250001", "2026-01-31T06:30:00-03:00", "2026-01-31T09:30:02Z"]
    log = load_query_log(jsonl(*(line(offset_s=None, timestamp=stamp) for stamp in stamps)))
    assert [request.offset_s for request in log] == [0.0, 1.250001, 2.0]
    assert log.reordered == 1


def test_kinds_of_time_are_not_mixed(line: Line, jsonl: Write) -> None:
    """One log has offsets or timestamps."""
    with pytest.raises(QueryLogError, match="other lines have offset_s"):
        load_query_log(jsonl(line(), line(offset_s=None, timestamp="2026-01-31")))


def as_csv(requests: list[LoggedRequest]) -> str:
    """Flat columns, by the wire's names."""
    rows = [
        {"request_id": r.request_id, "offset_s": r.offset_s, "tenant": r.tenant}
        | ({"session": r.session} if r.session is not None else {})
        | {key: v if isinstance(v, str) else json.dumps(v) for key, v in r.body.items()}
        for r in requests
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(request_lists())
def test_csv_holds_the_same_requests(requests: list[LoggedRequest]) -> None:
    """Whatever stands in a request, its flat CSV reads back the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(as_csv(requests).encode())
        assert list(load_query_log(path)) == requests


@settings(max_examples=20, deadline=None)
@given(request_lists())
def test_parquet_holds_the_same_requests(requests: list[LoggedRequest]) -> None:
    """The body may be a JSON text in one column; the content hash does not depend on the format."""
    rows = [json.loads(r.to_json()) | {"body": json.dumps(r.body)} for r in requests]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        pd.DataFrame(rows).to_parquet(path)
        log = load_query_log(path)
    assert list(log) == requests


def test_flat_parquet_from_pandas(tmp_path: Path) -> None:
    """Typed columns are taken as they are: timestamps, lists, and whole numbers stored as 20.0."""
    frame = pd.DataFrame(
        {
            "timestamp": [datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)],
            "tenant": ["t", "t"],
            "query": ["python", None],
            "embedding": [None, [0.5] * 8],
            "limit": [20, None],
        }
    )
    frame.to_parquet(tmp_path / "log.parquet")
    log = load_query_log(tmp_path / "log.parquet")
    assert [request.offset_s for request in log] == [0.0, 86_400.0]
    assert [request.body for request in log] == [
        {"query": "python", "limit": 20},
        {"embedding": [0.5] * 8},
    ]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ("0,t,a,{,", "filters"),
        ("0,t,a,,ten", "limit"),
        ("0,t,a,,5.5", "limit"),
        ("0,t,,,", "query"),
    ],
)
def test_bad_cell_names_its_column(tmp_path: Path, cells: str, field: str) -> None:
    """Text columns that hold JSON or numbers say so when they do not."""
    path = tmp_path / "log.csv"
    path.write_text(f"offset_s,tenant,query,filters,limit\n{cells}\n")
    with pytest.raises(QueryLogError) as caught:
        load_query_log(path)
    assert (caught.value.line, caught.value.field) == (2, field)


@pytest.mark.parametrize(("written", "meant"), [("true", True), ("True", True), ("FALSE", False)])
def test_booleans_of_a_csv_file_have_any_case(tmp_path: Path, written: str, meant: bool) -> None:
    """Spreadsheets write TRUE, Python True."""
    path = tmp_path / "log.csv"
    path.write_text(f"offset_s,tenant,query,includeDebug\n0,t,a,{written}\n")
    assert load_query_log(path)[0].body["includeDebug"] is meant


def test_without_a_path_there_is_the_shipped_log() -> None:
    """For a first look."""
    assert load_query_log() == load_query_log(data_file("queries.jsonl"))
