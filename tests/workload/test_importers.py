"""Query logs from the logs of services, proxies and browsers."""

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhperf.errors import QueryLogError
from hhperf.workload.importers.importing import import_log
from hhperf.workload.redaction import Redaction

QUERIES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    str.strip
)
START_MS = 1_767_225_600_000
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines, or records as JSON lines, and says where."""

    def written(*lines: object, name: str = "some.log") -> Path:
        path = tmp_path / name
        texts = (each if isinstance(each, str) else json.dumps(each) for each in lines)
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return written


def pino(at_ms: int, query: str | None, **fields: Any) -> dict[str, Any]:
    """A line of the service's own log."""
    line: dict[str, Any] = {
        "level": 30, "time": START_MS + at_ms, "pid": 7, "reqId": f"req-{at_ms}",
        "tenantId": "acme", "msg": "incoming request",
    }  # fmt: skip
    if query is not None:
        line["req"] = {"method": "POST", "url": "/v1/search/hybrid", "body": {"query": query}}
    return line | fields


def in_cloud(line: dict[str, Any]) -> dict[str, Any]:
    """The same line as the cloud exports it."""
    return {
        "insertId": f"i{line['time']}",
        "jsonPayload": line,
        "resource": {"type": "cloud_run_revision"},
        "timestamp": "2026-01-01T00:00:59.123456789Z",
    }


def test_searches_of_a_service_log_are_read(write: Write) -> None:
    """With their times, ids and tenants; other lines are ignored."""
    path = write(pino(250, "b"), pino(0, "a"), {"level": 30, "time": START_MS, "msg": "listening"})
    found = import_log(path, "service")
    assert [request.body["query"] for request in found.log] == ["a", "b"]
    assert [request.offset_s for request in found.log] == [0.0, 0.25]
    assert [request.request_id for request in found.log] == ["req-0", "req-250"]
    assert (found.ignored, found.log[0].tenant, found.log.reordered) == (1, "acme", 1)


@pytest.mark.parametrize("as_array", [True, False])
def test_a_cloud_export_holds_the_same_searches(write: Write, as_array: bool) -> None:
    """As lines or as one array; the service's own clock counts, not the envelope's."""
    lines = [pino(0, "a"), pino(40, "b"), pino(90, None)]
    entries = [in_cloud(line) for line in lines]
    path = write(entries) if as_array else write(*entries)
    found, bare = import_log(path, "service"), import_log(write(*lines, name="bare"), "service")
    assert found.log.sha256 == bare.log.sha256
    assert found.ignored == bare.ignored == 1


def test_a_broken_array_is_told_of_at_its_beginning(write: Write) -> None:
    """Where in it the comma is missing, the reason says."""
    path = write("[", json.dumps(pino(0, "a")), json.dumps(pino(40, "b")), "]")
    with pytest.raises(QueryLogError, match=r"is not a JSON array: .*line 3") as caught:
        import_log(path, "service")
    assert caught.value.line == 1


def test_a_text_payload_may_be_the_line(write: Write) -> None:
    """When the cloud did not take it for JSON."""
    path = write({"textPayload": json.dumps(pino(0, "a")), "timestamp": "2026-01-01T00:00:00Z"})
    assert import_log(path, "service").log[0].body == {"query": "a"}


def test_a_line_written_at_the_end_tells_of_the_beginning(write: Write) -> None:
    """The time a request took is taken off."""
    path = write(pino(0, "a"), pino(1_500, "b", responseTime=400.5))
    assert import_log(path, "service").log[1].offset_s == pytest.approx(1.0995)


def test_one_request_on_two_lines_is_one(write: Write) -> None:
    """The same id within a minute; an id that comes again later is another request's."""
    later = pino(90_000, "a") | {"reqId": "req-0"}
    found = import_log(write(pino(0, "a"), pino(5, "a", reqId="req-0"), later), "service")
    assert [request.request_id for request in found.log] == ["req-0", "req-0~2"]
    assert found.ignored == 1


def test_headers_tell_of_tenant_and_id(write: Write) -> None:
    """In any case."""
    line = pino(0, "a")
    del line["tenantId"], line["reqId"]
    line["req"]["headers"] = {"X-Tenant-ID": "beta", "x-request-id": "abc"}
    [request] = import_log(write(line), "service").log
    assert (request.tenant, request.request_id) == ("beta", "abc")


def test_searches_of_an_access_log_are_read(write: Write) -> None:
    """Those by query parameters; a client's address is hashed, not kept."""
    path = write(
        '10.1.2.3 - - [01/Jan/2026:00:00:00 +0000] "GET /search?q=go+dev&limit=5&tenant=acme'
        ' HTTP/1.1" 200 512 "-" "agent"',
        '10.1.2.3 - - [01/Jan/2026:01:00:02 +0100] "GET /search?q=a%20b HTTP/1.1" 200 512 "-"'
        ' "agent"',
        '10.9.9.9 - bob [01/Jan/2026:00:00:03 +0000] "GET /logo.png HTTP/1.1" 200 512',
    )
    found = import_log(path, "access", tenant="beta")
    assert [dict(request.body) for request in found.log] == [
        {"query": "go dev", "limit": 5}, {"query": "a b"},
    ]  # fmt: skip
    assert [request.tenant for request in found.log] == ["acme", "beta"]
    assert (found.log[1].offset_s, found.ignored) == (2.0, 1)
    assert found.log[0].session == found.log[1].session
    assert "10.1.2.3" not in str(found.log.requests)


def archive(*entries: dict[str, Any]) -> dict[str, Any]:
    """A HTTP archive."""
    return {"log": {"version": "1.2", "entries": list(entries)}}


def test_searches_of_an_archive_are_read(write: Write) -> None:
    """By their posted bodies or their query; the rest of a page is ignored."""
    post = {
        "method": "POST", "url": "https://host/v1/search/hybrid?x=1",
        "headers": [{"name": "X-Tenant-ID", "value": "acme"}],
        "postData": {"mimeType": "application/json", "text": '{"query": "a", "limit": 3}'},
    }  # fmt: skip
    get = {"method": "GET", "url": "https://host/s?q=b", "headers": [],
           "queryString": [{"name": "q", "value": "b"}]}  # fmt: skip
    path = write(
        archive(
            {"startedDateTime": "2026-01-01T00:00:01.500+00:00", "request": get},
            {"startedDateTime": "2026-01-01T00:00:00.000Z", "request": post},
            {"startedDateTime": "2026-01-01T00:00:02Z", "request": {"method": "GET", "url": "x"}},
        )
    )
    found = import_log(path, "har", tenant="beta")
    assert [dict(request.body) for request in found.log] == [
        {"query": "a", "limit": 3}, {"query": "b"},
    ]  # fmt: skip
    assert [request.tenant for request in found.log] == ["acme", "beta"]
    assert (found.log[1].offset_s, found.ignored) == (1.5, 1)


def test_a_path_narrows_what_is_read(write: Write) -> None:
    """Lines of other paths are ignored, those without a path are kept."""
    other = pino(5, "b")
    other["req"]["url"] = "/v1/suggest"
    bare = {"time": START_MS + 9, "tenant": "acme", "query": "c", "body": {"query": "c"}}
    found = import_log(write(pino(0, "a"), other, bare), "service", path_contains="/search")
    assert [request.body["query"] for request in found.log] == ["a", "c"]


@pytest.mark.parametrize(
    ("kind", "lines", "said"),
    [
        ("service", ["{", json.dumps(pino(0, "a"))], r"some.log:1: is not JSON"),
        ("service", [json.dumps(pino(0, "a")), "7"], r"some.log:2: is not a JSON object"),
        ("service", ['{"body": {"query": "a"}}'], r"some.log:1: field 'time': has no time"),
        ("access", ["", "GET /search?q=a"], r"some.log:2: is not in the Common or Combined"),
        ("access", ['h - - [99/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1'], r"log:1: is not"),
        ("har", ["[]"], r"some.log: is not a HTTP Archive"),
        ("har", ["{"], r"some.log: is not JSON"),
        ("har", ["[" * 100_000], r"some.log: is not JSON"),
        ("har", ['{"log": {"entries": [{}]}}'], r"some.log:1: field 'request': has no request"),
        ("syslog", [""], r"there is no log format 'syslog': use one of service, access, har"),
    ],
)
def test_what_cannot_be_read_is_named(write: Write, kind: str, lines: list[str], said: str) -> None:
    """By file and line."""
    with pytest.raises(QueryLogError, match=said):
        import_log(write(*lines), kind)


def test_bad_lines_can_be_skipped(write: Write) -> None:
    """And are counted: no JSON, no tenant, a body that the service would refuse."""
    nobody = pino(1, "b", tenantId=None)
    refused = pino(2, "c")
    refused["req"]["body"]["limit"] = 900
    found = import_log(write("{", nobody, refused, pino(3, "d")), "service", on_bad_line="skip")
    assert [request.body["query"] for request in found.log] == ["d"]
    assert found.log.skipped == found.summary.skipped == 3


def test_a_search_without_a_tenant_is_named(write: Write) -> None:
    """Unless one is given for all."""
    path = write(pino(0, "a", tenantId=None))
    with pytest.raises(QueryLogError, match=r"some.log:1: field 'tenant': is missing"):
        import_log(path, "service")
    assert import_log(path, "service", tenant="acme").log[0].tenant == "acme"


def test_gzipped_logs_are_read(tmp_path: Path) -> None:
    """By their suffix; one that is damaged is named."""
    path = tmp_path / "some.log.gz"
    path.write_bytes(gzip.compress(json.dumps(pino(0, "a")).encode()))
    assert len(import_log(path, "service").log) == 1
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(QueryLogError, match="cannot be read"):
        import_log(path, "service")


@given(st.lists(st.tuples(QUERIES, st.integers(0, 10**6)), min_size=1, max_size=20))
def test_count_and_span_are_conserved(searches: list[tuple[str, int]]) -> None:
    """Whatever was searched, in time order, from zero; also after redaction."""
    lines = [
        pino(at_ms, query, reqId=f"r{number}") for number, (query, at_ms) in enumerate(searches)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some.log"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        found = import_log(path, "service")
        hidden = import_log(path, "service", redaction=Redaction())
    times = sorted(at_ms for _, at_ms in searches)
    expected = [(at_ms - times[0]) / 1e3 for at_ms in times]
    for log in (found.log, hidden.log):
        assert [request.offset_s for request in log] == pytest.approx(expected)
    assert sorted(r.body["query"] for r in found.log) == sorted(query for query, _ in searches)
    assert found.summary.repeated == pytest.approx(hidden.summary.repeated)


def test_a_mark_of_byte_order_is_no_part_of_the_first_line(write: Write) -> None:
    """Some exports begin with one."""
    first, second = (json.dumps(pino(at, "a")) for at in (0, 40))
    assert len(import_log(write(f"\ufeff{first}", second), "service").log) == 2
    with pytest.raises(QueryLogError, match=r"some\.log:2: "):
        import_log(write(first, f"\ufeff{second}"), "service")


def test_an_address_that_is_none_has_no_path_and_loses_no_search(write: Write) -> None:
    """Half an IPv6 address."""
    request = {
        "method": "GET", "url": "http://[::1/s?q=b",
        "queryString": [{"name": "q", "value": "b"}],
    }  # fmt: skip
    path = write(archive({"startedDateTime": "2026-01-01T00:00:01Z", "request": request}))
    found = import_log(path, "har", tenant="beta")
    assert [dict(each.body) for each in found.log] == [{"query": "b"}]


@pytest.mark.parametrize(("after_ms", "ids"), [(60_000, ["req-0"]), (60_001, ["req-0", "req-0~2"])])
def test_an_id_is_of_the_same_request_for_a_minute(
    write: Write, after_ms: int, ids: list[str]
) -> None:
    """To its end; a millisecond later it is another request's."""
    found = import_log(write(pino(0, "a"), pino(after_ms, "a", reqId="req-0")), "service")
    assert [request.request_id for request in found.log] == ids
