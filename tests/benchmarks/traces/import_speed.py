"""How long the import of many spans takes, and how much memory.

Run `python -m tests.benchmarks.traces.import_speed [SPANS]`. A shipped run is exported as often as
it takes under new ids, as protobuf and as JSON lines, and imported in a process of its own, whose
time, processor time and largest memory are told.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import count
from pathlib import Path

from hhperf.runs.run import load_run
from hhperf.traces.otlp_write import write_otlp, write_otlp_json
from hhperf.traces.request_traces import RequestTrace, traces_of
from hhperf.workload.shipped import data_dir
from tests.benchmarks.harness.tools import say

IMPORT = """
import resource, sys, time
from hhperf.traces.trace_import import import_traces
begin, used = time.perf_counter(), time.process_time()
found = import_traces([sys.argv[1]], sys.argv[2])
spans = len(found.spans["trace"])
took, used = time.perf_counter() - begin, time.process_time() - used
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(f"{spans:,} spans in {took:.1f} s, {used:.1f} s of them on a processor, {memory:,.0f} MB")
"""


def main() -> None:
    """A line for each form."""
    spans = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for form, write in (("protobuf", write_otlp), ("JSON lines", write_otlp_json)):
            file, out = folder / f"{form}.traces", folder / f"{form}.imported"
            write(many(spans), file)
            size = file.stat().st_size / 1e6
            done = subprocess.run(
                [sys.executable, "-c", IMPORT, str(file), str(out)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            say(f"{form:<10} {size:>6,.0f} MB: {done.stdout.strip()}")
            file.unlink()


def many(spans: int) -> Iterator[RequestTrace]:
    """So many spans at least, in traces of the shipped run with ids of their own."""
    traces = list(traces_of(load_run(data_dir() / "runs" / "plan-rerank-on")))
    made = 0
    for again in count():
        for trace in traces:
            if made >= spans:
                return
            made += len(trace.spans)
            key = blake2b(trace.trace_id + again.to_bytes(4, "big"), digest_size=16).digest()
            yield replace(trace, trace_id=key)


if __name__ == "__main__":
    main()
