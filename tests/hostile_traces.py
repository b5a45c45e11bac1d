"""Files of traces that nobody should have: every format, bitten, and words on their steps."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hypothesis import strategies as st

from hhperf.errors import TraceError
from hhperf.traces.possible import predict_savings
from hhperf.traces.structure import learn_structure
from hhperf.traces.trace_import import import_traces
from hhperf.traces.trace_set import STEPS, load_traces
from tests.hostile import Kind, altered, bitten
from tests.traces.made import behind_lengths, call, lines, message

FOLDER = Path(__file__).parent / "traces"
MESSAGES = [
    message(call(trace, (("embed", 1, 5), ("text", 6, 9)), 10.0, {"tier": "gold"}))
    for trace in (1, 2, 3)
]
SOUND = {
    "OTLP lines": lines(MESSAGES),
    "OTLP messages": behind_lengths(MESSAGES),
    "OTLP body": MESSAGES[0].SerializeToString(),
    "OTLP gzip": gzip.compress(lines(MESSAGES)),
    "OTLP of Node": (FOLDER / "exported" / "node-otlp.json").read_bytes(),
    "Jaeger": (FOLDER / "published" / "crisp-01.json").read_bytes(),
    "Zipkin": (FOLDER / "published" / "zipkin-skew.json").read_bytes(),
}


def trace_kinds() -> Iterator[tuple[str, Kind]]:
    """By name."""
    for name, sound in SOUND.items():
        yield f"traces, {name}", Kind(bitten(sound), _imported)
        if sound.startswith((b"{", b"[")) and b"\n{" not in sound:
            whole = altered(json.loads(sound)).map(lambda value: json.dumps(value).encode())
            yield f"traces, {name}, values", Kind(whole, _imported)
    said = (
        b'[operation."shop GET /search"]\nindependent = [["embed", "text"]]\nrest = "dependent"\n'
    )
    yield "traces, steps.toml", Kind(bitten(said), _predicted)
    for name in ("spans.arrow", "traces.arrow", "traces.json"):
        yield f"traces, {name}", Kind(st.just(name), _damaged)


def _imported(content: bytes, folder: Path) -> str:
    file = folder / "some.traces"
    file.write_bytes(content)
    traces = import_traces([file], folder / "out", keep=["tier"])
    _ = traces.warnings, repr(traces), traces.kept("tier")
    with suppress(TraceError):  # what is left may have no step
        _ = learn_structure(traces).to_dict()
    return "read"


def _predicted(content: bytes, folder: Path) -> str:
    _imported(SOUND["OTLP messages"], folder)
    (folder / "out" / STEPS).write_bytes(content)
    return str(predict_savings(load_traces(folder / "out")))


def _damaged(name: str, folder: Path) -> str:
    """Cut in its midst."""
    _imported(SOUND["OTLP messages"], folder)
    file = folder / "out" / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return str(predict_savings(load_traces(folder / "out")))
