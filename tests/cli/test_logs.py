"""Query logs from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hhperf.cli.main import app
from hhperf.errors import QueryLogError, RedactionError
from hhperf.workload.reader import load_query_log

LINES = [
    {"time": 1_700_000_000_000, "reqId": "a", "tenantId": "acme",
     "req": {"method": "POST", "url": "/v1/search/hybrid", "body": {"query": "java senior"}}},
    {"time": 1_700_000_001_000, "reqId": "b", "req": {"method": "GET", "url": "/health"}},
    {"time": 1_700_000_002_000, "reqId": "c", "tenantId": "acme",
     "req": {"method": "POST", "url": "/v1/search/hybrid", "body": {"query": "java senior"}}},
]  # fmt: skip


@pytest.fixture
def service_log(tmp_path: Path) -> Path:
    """Three lines of a service's log, two of them searches."""
    path = tmp_path / "service.log"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    """What the command prints and how it ends."""
    return CliRunner().invoke(app, arguments)


def test_a_service_log_is_imported(service_log: Path, tmp_path: Path) -> None:
    """The searches are written, the rest is counted, and a summary printed."""
    out = tmp_path / "log.jsonl"
    result = run("log", "import", str(service_log), str(out))
    assert result.exit_code == 0, result.output
    assert "1 lines are no searches" in result.output
    assert "2 requests over 2.0 s" in result.output
    assert [request.body["query"] for request in load_query_log(out)] == ["java senior"] * 2


def test_redaction_leaves_no_word_but_those_kept(service_log: Path, tmp_path: Path) -> None:
    """Repeats still repeat."""
    words, out = tmp_path / "words.txt", tmp_path / "log.jsonl"
    words.write_text("Java\n", encoding="utf-8")
    run("log", "import", str(service_log), str(out), "--redact", "--keep-words", str(words))
    one, other = (request.body["query"] for request in load_query_log(out))
    assert one == other
    assert one.startswith("java ")
    assert "senior" not in out.read_text(encoding="utf-8")


def test_redaction_says_what_it_does_to_the_workload(service_log: Path, tmp_path: Path) -> None:
    """Tenants are pseudonyms, unless they are kept by name."""
    out = tmp_path / "log.jsonl"
    result = run("log", "import", str(service_log), str(out), "--redact")
    assert "redacted: tenants of 2 requests are pseudonyms" in result.output
    assert "acme" not in out.read_text(encoding="utf-8")
    run("log", "import", str(service_log), str(out), "--redact", "--keep", "tenant")
    assert {request.tenant for request in load_query_log(out)} == {"acme"}


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--keep-filters"], "goes with --redact"), (["--redact", "--keep", "x"], "no field 'x'")],
    ids=["without", "unknown"],
)
def test_what_cannot_be_kept_is_refused(
    service_log: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    """Before anything is written."""
    out = tmp_path / "log.jsonl"
    error = run("log", "import", str(service_log), str(out), *options).exception
    assert isinstance(error, RedactionError)
    assert said in str(error)
    assert not out.exists()


def test_a_bad_line_is_named_or_skipped(service_log: Path, tmp_path: Path) -> None:
    """By its number; skipped lines are counted."""
    with service_log.open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    out = tmp_path / "log.jsonl"
    error = run("log", "import", str(service_log), str(out)).exception
    assert isinstance(error, QueryLogError)
    assert error.line == 4
    assert not out.exists()
    result = run("log", "import", str(service_log), str(out), "--on-bad-line", "skip")
    assert "1 lines skipped" in result.output


def test_unknown_fields_are_told(service_log: Path, tmp_path: Path) -> None:
    """By name and number, and the search they stood in is kept."""
    log = service_log.read_text(encoding="utf-8").replace('"query"', '"page": 2, "query"')
    service_log.write_text(log, encoding="utf-8")
    result = run("log", "import", str(service_log), str(tmp_path / "log.jsonl"))
    assert "let pass: page (2)" in result.output


def test_the_shipped_log_is_summed_up() -> None:
    """Rates, gaps, repeats and tenants."""
    output = run("log", "summary").output
    assert "2,400 requests" in output
    assert "tenants" in output
