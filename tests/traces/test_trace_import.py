"""Traces of any format come in alike, and nothing broken is taken for whole."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hhperf.errors import TraceError, TraceFileError
from hhperf.traces import otlp_read
from hhperf.traces.otlp_write import to_json
from hhperf.traces.structure import learn_structure
from hhperf.traces.trace_import import import_traces, read_spans
from hhperf.traces.trace_set import TraceSet, load_traces
from tests.hostile_traces import SOUND
from tests.traces.made import behind_lengths, call, imported, lines, message, span

STEPS = (("fetch", 1, 5), ("rank", 6, 9))
EXPORTED = sorted((Path(__file__).parent / "exported").glob("*.*[nbz]"))
MESSAGES = [message(call(trace, STEPS, 10.0, {"tier": "gold"})) for trace in (1, 2, 3)]


def zstd(data: bytes) -> bytes:
    """One frame of Zstandard."""
    compressed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return compressed


def each_compressed() -> bytes:
    """As the Collector writes with `compression: zstd`: every message by itself."""
    parts = [zstd(each.SerializeToString()) for each in MESSAGES]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


FORMS: dict[str, Callable[[], bytes]] = {
    "json-lines": lambda: lines(MESSAGES),
    "json-over-lines": lambda: json.dumps(
        {"resourceSpans": [to_json(each)["resourceSpans"][0] for each in MESSAGES]},  # type: ignore[index]
        indent=1,
    ).encode(),
    "json-gzip": lambda: gzip.compress(lines(MESSAGES)),
    "json-zstd": lambda: zstd(lines(MESSAGES)),
    "protobuf": lambda: behind_lengths(MESSAGES),
    "protobuf-gzip": lambda: gzip.compress(behind_lengths(MESSAGES)),
    "protobuf-each-zstd": each_compressed,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_otlp_gives_the_same_columns(form: str, tmp_path: Path) -> None:
    """JSON with its hexadecimal ids and protobuf, over lines or behind lengths, compressed."""
    file = tmp_path / "some.file"
    file.write_bytes(FORMS[form]())
    found = import_traces([file], tmp_path / "out", keep=["tier"])
    expected = imported(tmp_path, *MESSAGES, keep=["tier"])
    for name, column in expected.spans.items():
        np.testing.assert_array_equal(found.spans[name], column)
    assert found.kept("tier") == ["gold"] * 3
    assert found.texts(found.spans["operation"][:3]) == ["GET /search", "fetch", "rank"]


def test_one_message_alone_needs_no_length(tmp_path: Path) -> None:
    """As the body of an OTLP request."""
    file = tmp_path / "body.bin"
    file.write_bytes(MESSAGES[0].SerializeToString())
    assert len(list(read_spans(file))) == 3


def test_a_very_long_line_is_read_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a document, so that it need not be in memory as a whole."""
    monkeypatch.setattr(otlp_read, "_LONGEST_LINE", 100)
    file = tmp_path / "one.json"
    groups = [to_json(each)["resourceSpans"][0] for each in MESSAGES]  # type: ignore[index]
    file.write_text(json.dumps({"resourceSpans": groups}), encoding="utf-8")
    assert len(list(read_spans(file))) == 9


def test_a_trace_may_be_spread_over_files(tmp_path: Path) -> None:
    """Its children may come before it, in another format."""
    root, *steps = call(7, STEPS, 10.0)
    (tmp_path / "a.json").write_bytes(lines([message(steps)]))
    (tmp_path / "b.otlp").write_bytes(behind_lengths([message([root])]))
    found = import_traces([tmp_path / "a.json", tmp_path / "b.otlp"], tmp_path / "out")
    assert len(found) == 1
    assert found.spans["parent"].tolist() == [-1, 0, 0]


JAEGER = {
    "data": [
        {
            "traceID": "a1",
            "processes": {"p1": {"serviceName": "shop", "tags": []}},
            "spans": [
                {"traceID": "a1", "spanID": "1", "operationName": "GET", "references": [],
                 "startTime": 1000, "duration": 900, "processID": "p1"},
                {"traceID": "a1", "spanID": "2", "operationName": "fetch", "startTime": 1100,
                 "duration": 200, "processID": "p1",
                 "tags": [{"key": "error", "type": "bool", "value": True}],
                 "references": [{"refType": "CHILD_OF", "traceID": "a1", "spanID": "1"}]},
                {"traceID": "a1", "spanID": "3", "operationName": "mail", "startTime": 1500,
                 "duration": 100, "processID": "p1",
                 "references": [{"refType": "FOLLOWS_FROM", "traceID": "a1", "spanID": "1"}]},
            ],
        }
    ]
}  # fmt: skip


def test_jaegers_json_tells_what_was_waited_for(tmp_path: Path) -> None:
    """What only follows from a span was not; an error tag is a failure."""
    file = tmp_path / "jaeger.json"
    file.write_text(json.dumps(JAEGER), encoding="utf-8")
    spans = import_traces([file], tmp_path / "out").spans
    assert spans["awaited"].tolist() == [True, True, False]
    assert spans["failed"].tolist() == [False, True, False]
    assert (spans["end_ns"] - spans["start_ns"]).tolist() == [900_000, 200_000, 100_000]


def test_zipkins_shared_span_becomes_client_and_server(tmp_path: Path) -> None:
    """The server's half is the client's child, and what the server did is the server's."""
    found = import_traces(
        [Path(__file__).parent / "published" / "zipkin-skew.json"], tmp_path / "out"
    )
    spans = found.spans
    names = found.texts(spans["operation"])
    above = {name: names[parent] for name, parent in zip(names, spans["parent"], strict=True)}
    assert above["async"] == "post"
    services = found.texts(spans["service"])
    row = names.index("async")
    assert services[spans["parent"][row]] == services[row] == "serviceb"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lines(MESSAGES)[:-300], "line 3: is no JSON, or is cut"),
        (b'{"resourceSpans": []}\n{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}\n',
         "line 2, span 1: has no 'traceId'"),
        (lines(MESSAGES).replace(b'"startTimeUnixNano": "1', b'"startTimeUnixNano": "x', 2),
         "line 1, span 1: cannot be read: invalid literal"),
        (lines(MESSAGES).replace(b'"startTimeUnixNano": "1', b'"startTimeUnixNano": "99999', 2),
         "line 1, span 1: cannot be read: the start 99999700000000000000000 is out of bounds"),
        (lines(MESSAGES[:1]).replace(b'"name"', b'"traceState": "ot=th:ffffffffffffff", "name"', 1),
         "line 1, span 1: cannot be read: the sampling weight"),
        (behind_lengths(MESSAGES)[:-5], "message 3 at byte 492: is cut: 237 of 242 bytes"),
        (behind_lengths(MESSAGES) + b"\x00\x00", "has no length of a message before it"),
        (b"\x00\x00\x00\x04zzzz", "message 1 at byte 0: is no message of OTLP traces"),
        (gzip.compress(lines(MESSAGES))[:-20], "cannot be read on"),
        (json.dumps(JAEGER).encode()[:-40], "trace 1 before byte"),
        (b'[{"traceId": "1", "id": "2"}, {"traceId": "1"}]', "span 2 before byte 47: has no 'id'"),
        (b"hello", "is no file of traces that can be read; there are OTLP"),
        (b"", "is empty"),
    ],
    ids=["cut line", "no id", "no number", "endless time", "endless weight", "cut message",
         "cut length", "no protobuf", "cut gzip", "cut jaeger", "zipkin without id", "foreign",
         "empty"],
)  # fmt: skip
def test_a_bad_file_is_named_with_its_place(content: bytes, said: str, tmp_path: Path) -> None:
    """File, line or byte, and span; and nothing is written."""
    file = tmp_path / "bad.traces"
    file.write_bytes(content)
    with pytest.raises(TraceFileError) as raised:
        import_traces([file], tmp_path / "out")
    assert str(file) in str(raised.value)
    assert said in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"bad.traces"}


@pytest.mark.parametrize("name", SOUND)
def test_a_file_that_is_cut_is_never_taken_for_whole(name: str, tmp_path: Path) -> None:
    """Wherever it is cut within a message."""
    file = tmp_path / "cut.traces"
    for part in range(1, 10):
        file.write_bytes(SOUND[name].rstrip()[: len(SOUND[name].rstrip()) * part // 10])
        with pytest.raises(TraceFileError, match=r"cut\.traces"):
            list(read_spans(file))


def test_a_cut_file_may_give_what_is_before_the_cut(tmp_path: Path) -> None:
    """If that was asked for; and it is said as long as the traces are there."""
    file = tmp_path / "cut.jsonl"
    file.write_bytes(lines(MESSAGES)[:-300])
    found = import_traces([file], tmp_path / "out", on_bad_file="skip")
    assert len(found) == 2
    assert "was not read to its end" in found.warnings[0]
    assert "cut.jsonl: line 3" in load_traces(tmp_path / "out").warnings[0]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """Neither another import nor anything else."""
    imported(tmp_path, *MESSAGES)
    with pytest.raises(TraceError, match="is there already"):
        imported(tmp_path, *MESSAGES)


@pytest.mark.parametrize("path", EXPORTED, ids=lambda path: path.name)
def test_what_other_exporters_send_is_read(path: Path, tmp_path: Path) -> None:
    """OpenTelemetry's for Node, Zipkin's, and a collector's: the same calls from each."""
    found = import_traces([path], tmp_path / "out", keep=["session.id"])
    structure = learn_structure(found)
    assert (str(structure.operation), structure.calls) == ("shop GET /search", 3)
    assert [(step.name, step.median_s, step.failed) for step in structure.steps] == [
        ("embed", 0.04, 0), ("text", 0.04, 1), ("rank", 0.016, 0),
    ]  # fmt: skip
    assert sorted(map(str, found.kept("session.id"))) == ["s0", "s1", "s2"]
    assert found.warnings == ()


def test_no_other_attribute_is_stored(tmp_path: Path) -> None:
    """Attributes hold what people typed: only those asked for are kept."""
    found = imported(tmp_path, message(call(1, STEPS, 10.0, {"secret": "xyzzy"})))
    stored = b"".join(path.read_bytes() for path in found.path.iterdir())
    assert b"xyzzy" not in stored
    with pytest.raises(TraceError, match="--keep secret"):
        found.kept("secret")


@pytest.fixture
def odd(tmp_path: Path) -> TraceSet:
    """Traces with every oddity that is told by name."""
    spans = [
        *call(1, STEPS, 10.0),
        *call(1, STEPS, 10.0),  # sent twice
        *call(2, STEPS, 10.0)[1:],  # without its root
        *call(3, STEPS, 10.0),
        span(3, 9, 0, "another root", 0, 1),
        *call(4, STEPS, 10.0),
        span(4, 9, 1, "unfinished", 5, 4),
        span(5, 1, 2, "a", 0, 1),
        span(5, 2, 1, "b", 0, 1),  # each other's parents
        span(6, 1, 0, "again", 0, 1, {"http.request.resend_count": 1}),
    ]
    return imported(tmp_path, message(spans))


def test_oddities_are_told_by_name(odd: TraceSet) -> None:
    """Missing and several roots, spans twice, without end, in a circle, and repeats."""
    assert odd.warnings == (
        "2 of 6 traces lack spans that others name as parents",
        "1 of 6 traces have several roots",
        "2 of 6 traces have no root",
        "1 span without an end were left out",
        "3 spans were there twice and count once",
        "2 spans are their own ancestors",
        "1 span say that they repeat one that failed",
    )
