"""Files of traces in, a folder of columns out: streamed, checked, with clocks put right."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import ijson
import numpy as np
import pyarrow as pa

from hhperf.errors import TraceError, TraceFileError
from hhperf.traces.calls import calls_of, operations
from hhperf.traces.clocks import Clocks, Timed, correct
from hhperf.traces.families import ORPHAN, ROOT, Families, link
from hhperf.traces.jaeger_read import jaeger_spans
from hhperf.traces.otlp_read import otlp_json_spans, otlp_proto_spans
from hhperf.traces.span_columns import SpanColumns
from hhperf.traces.span_row import SpanRow, checked
from hhperf.traces.steps_file import write_declarable
from hhperf.traces.structure import Structure, structure_of
from hhperf.traces.trace_files import Place, format_of, opened
from hhperf.traces.trace_set import FACTS, SPANS, STEPS, TRACES, Facts, TraceSet, load_traces
from hhperf.traces.zipkin_read import zipkin_spans

_READERS = {
    "otlp-json": otlp_json_spans,
    "otlp-proto": otlp_proto_spans,
    "jaeger": jaeger_spans,
    "zipkin": zipkin_spans,
}
_BAD = (KeyError, TypeError, ValueError, AttributeError, OverflowError, ijson.JSONError)

_DECLARABLE = 12
"""Operations that are written out for declaring: those that take longest in all."""

OnBadFile = Literal["fail", "skip"]


def import_traces(
    files: Sequence[Path | str],
    out: Path | str,
    *,
    keep: Sequence[str] = (),
    on_bad_file: OnBadFile = "fail",
) -> TraceSet:
    """Read traces of any tracing system into a folder of columns.

    Args:
        files: OTLP (JSON lines, or protobuf behind lengths), Jaeger's or Zipkin's JSON, plain, gzip
            or zstd; spans of one trace may be anywhere among them.
        out: the folder that is written; new or empty.
        keep: attributes that each trace keeps, of its root, to weight or cluster by; no other
            attribute is stored.
        on_bad_file: whether a file that is cut or damaged ends the import, or gives what stands
            before the damage, which is said in the facts.

    Returns:
        The traces, read-only.

    Raises:
        TraceFileError: a file cannot be read, with its place; nothing is written then.
        TraceError: there is something in the folder already, or no span in the files.

    Example:
        >>> file = hhperf.data_dir() / "traces" / "sequential.otlp.gz"
        >>> hhperf.import_traces([file], "mine", keep=["session.id"])  # doctest: +SKIP
    """
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TraceError(f"{folder}: is there already; name a new or an empty folder")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _write(partial, [Path(each) for each in files], tuple(keep), on_bad_file)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    traces = load_traces(folder)
    write_declarable(folder / STEPS, _structures(traces))
    return traces


def _structures(traces: TraceSet) -> Iterator[Structure]:
    """Those of the operations that take longest, as far as their calls can be used."""
    for operation in operations(traces)[:_DECLARABLE]:
        with suppress(TraceError):
            yield structure_of(calls_of(traces, operation))


def read_spans(path: Path, keep: Sequence[str] = ()) -> Iterator[SpanRow]:
    """The spans of one file, one by one.

    Raises:
        TraceFileError: it cannot be read on, with the line, message or trace, and the span.
    """
    place = Place(path)
    with opened(place) as stream:
        reader = _READERS[format_of(stream.peek(), place)]
        try:
            yield from map(checked, reader(stream, place, keep))
        except _BAD as error:
            raise place.error(_what_is_wrong(error)) from error


def _what_is_wrong(error: BaseException) -> str:
    said = " ".join(str(error).split())
    if isinstance(error, KeyError):
        return f"has no {said}"
    if isinstance(error, ijson.JSONError) or "at line 1 column" in said:
        return f"is no JSON, or is cut: {said}"
    return f"cannot be read: {said}"


def _write(folder: Path, files: list[Path], keep: tuple[str, ...], on_bad: OnBadFile) -> None:
    raw = folder / "raw.arrow"
    with SpanColumns(raw, keep) as columns:
        read = [_read_file(path, columns, keep, on_bad) for path in files]
    spans = columns.read()
    families = link(spans)
    if not len(families.rows):
        raise TraceError(f"there is no span with a start and an end in {len(files)} files")
    clocks = correct(_timed(spans, families))
    tables = _span_table(spans, families, clocks), _trace_table(spans, families, clocks, len(keep))
    facts = Facts(
        files=[each for each, _ in read],
        damaged=[damage for _, damage in read if damage],
        keep=list(keep),
        texts=columns.words.texts,
        links=int(spans["links"][families.rows].sum()),
        resent=int(spans["resent"][families.rows].sum()),
        unfinished=families.unfinished,
        repeated=families.repeated,
        circular=families.circular,
    )
    del spans
    raw.unlink()
    for name, table in zip((SPANS, TRACES), tables, strict=True):
        with pa.ipc.new_file(folder / name, table.schema) as writer:
            writer.write_table(table)
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=1), encoding="utf-8")


def _read_file(
    path: Path, columns: SpanColumns, keep: tuple[str, ...], on_bad: OnBadFile
) -> tuple[dict[str, Any], str]:
    before, damage = columns.count, ""
    try:
        for row in read_spans(path, keep):
            columns.add(row)
    except TraceFileError as error:
        if on_bad == "fail":
            raise
        damage = str(error)
    return {"name": path.name, "spans": columns.count - before}, damage


def _timed(spans: dict[str, Any], families: Families) -> Timed:
    own = {name: spans[name][families.rows] for name in ("clock", "start_ns", "end_ns", "awaited")}
    return Timed(trace=families.trace, parent=families.parent, depth=families.depth, **own)


def _span_table(spans: dict[str, Any], families: Families, clocks: Clocks) -> pa.Table:
    names = ("span", "service", "instance", "operation", "kind", "failed", "awaited", "resent")
    own = {name: spans[name][families.rows] for name in names}
    return pa.table(
        {
            "trace": families.trace.astype(np.int32),
            "parent": families.parent.astype(np.int32),
            "start_ns": spans["start_ns"][families.rows] + clocks.shift_ns,
            "end_ns": spans["end_ns"][families.rows] + clocks.shift_ns,
            **own,
        }
    )


def _trace_table(spans: dict[str, Any], families: Families, clocks: Clocks, kept: int) -> pa.Table:
    """One row a trace; weight and attributes are those of its first root, or of its first span."""
    count = len(clocks.skewed)
    first = np.searchsorted(families.trace, np.arange(count))
    heads = first.copy()
    roots = np.flatnonzero(families.parent == ROOT)[::-1]
    heads[families.trace[roots]] = roots
    head = families.rows[heads]
    return pa.table(
        {
            "trace_high": spans["trace_high"][head],
            "trace_low": spans["trace_low"][head],
            "first": first,
            "head": heads,
            "spans": np.bincount(families.trace, minlength=count),
            "roots": np.bincount(families.trace[roots], minlength=count),
            "orphans": np.bincount(families.trace[families.parent == ORPHAN], minlength=count),
            "skew_ns": np.maximum.reduceat(np.abs(clocks.shift_ns), first),
            "torn": clocks.torn,
            "weight": np.maximum.reduceat(spans["weight"][families.rows], first),
            "tail": np.logical_or.reduceat(spans["tail"][families.rows], first),
            **{f"kept_{place}": spans[f"kept_{place}"][head] for place in range(kept)},
        }
    )
