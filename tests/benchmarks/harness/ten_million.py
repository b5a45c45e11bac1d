"""A run of ten million observations, written, read and compared.

Run `python -m tests.benchmarks.harness.ten_million [millions]`; it prints times and memory.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from hhperf.analysis.savings import compare_samples
from hhperf.runs.columns import OBSERVATIONS
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.run import load_run
from hhperf.runs.writer import RunWriter
from tests.runs.conftest import METADATA

PAIRS_A_BATCH = 20_000
GAP_NS = 1_000_000

T = TypeVar("T")


def main() -> None:
    """Prints what each step took, and the most memory there was until then."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    pairs = round(millions * 1e6 / len(Arm))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        _timed(f"write {3 * pairs:,} observations", lambda: _write(folder, pairs))
        run = load_run(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"  {size / 1e6:,.0f} MB on disk, {size / len(run):.0f} bytes per observation")
        _timed("count outcomes by arm", run.counts)
        aligned = _timed("bring pairs together", lambda: run.pairs("response_time"))
        found = _timed(
            "compare: mean, p50, p90, p95, p99",
            lambda: compare_samples(aligned.control, aligned.treatment),
        )
        print(found)


def _timed(what: str, step: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = step()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<40}{time.perf_counter() - began:>8.1f} s{peak_mb:>10,.0f} MB at most")
    return result


def _write(folder: Path, pairs: int) -> None:
    with RunWriter(folder, METADATA, epoch_ns=0) as writer:
        for batch in _batches(pairs):
            writer.add_batch(batch)


def _batches(pairs: int) -> Iterator[pa.RecordBatch]:
    """Lognormal latencies of which the treatment's are a quarter shorter; no spans."""
    rng = np.random.default_rng(0)
    for first in range(0, pairs, PAIRS_A_BATCH):
        count = min(PAIRS_A_BATCH, pairs - first)
        service_ns = rng.lognormal(np.log(0.3e9), 0.4, count)
        for position, (arm, factor) in enumerate(zip(Arm, (1.0, 0.75, 1.0), strict=True)):
            noise = rng.lognormal(0, 0.1, count)
            yield _batch(first, arm, position, (service_ns * factor * noise).astype(np.int64))


def _batch(first: int, arm: Arm, position: int, latency_ns: np.ndarray) -> pa.RecordBatch:
    count = len(latency_ns)
    pair = np.arange(first, first + count)
    start_ns = pair * GAP_NS
    numbers = {
        "pair": pair,
        "text_key": pair % 5_000,
        "repetition": np.zeros(count, np.int32),
        "position": np.full(count, position, np.int8),
        "result_count": np.full(count, 20, np.int32),
        "gc_pause_ns": np.zeros(count, np.int64),
        "intended_start_ns": start_ns,
        "dispatched_ns": start_ns,
        "start_ns": start_ns,
        "end_ns": start_ns + latency_ns,
    }
    texts = {
        "request_id": [f"r{number}" for number in pair],
        "arm": [arm.value] * count,
        "arm_schedule": ["parallel" if arm is Arm.TREATMENT else "sequential"] * count,
        "tenant": [f"t{number % 40}" for number in pair],
        "session": [f"s{number // 3}" for number in pair],
        "outcome": [Outcome.OK.value] * count,
        "result_digest": [f"{number % 5_000:016x}" for number in pair],
        "error": [""] * count,
    }
    columns = numbers | texts
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in OBSERVATIONS
    ]
    return pa.record_batch(arrays, schema=OBSERVATIONS)


if __name__ == "__main__":
    main()
