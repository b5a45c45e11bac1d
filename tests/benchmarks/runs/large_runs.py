"""Runs of one, ten and, when asked for, a hundred million observations, written and compared.

Run `python -m tests.benchmarks.runs.large_runs [millions …] [--in memory|parts|dask|report]`; it
prints the seconds and the most memory of a process that does nothing else. A hundred million take 4
GB of room for the run and 2 GB for temporary files (`TMPDIR`). `report` writes a page: it compares
in parts, and tells and draws the rest from a sample.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from subprocess import run as call

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from hhperf.runs.arrays import Integers
from hhperf.runs.columns import HEALTH, OBSERVATIONS
from hhperf.runs.journal import finished
from hhperf.runs.metadata_file import write_metadata
from hhperf.runs.observation import Arm, Outcome
from hhperf.runs.pieces import Piece, pieces_of
from hhperf.runs.run import load_run
from hhperf.show.findings import Findings
from hhperf.show.report.write import Format, render
from hhperf.verdict import large_compare
from hhperf.verdict.compare import compare
from tests.runs.conftest import METADATA

PAIRS_A_BATCH = 20_000
GROUPED = 6
"""Batches in a row group."""

GAP_NS = 1_000_000
TEXTS = 5_000
SHARE = {"memory": 1e9, "parts": 0.0, "dask": 0.0, "report": 0.0}


def main() -> None:
    """Prints what each size takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("millions", nargs="*", type=float, default=[1.0, 10.0])
    parser.add_argument("--in", dest="way", choices=SHARE, default="parts")
    parser.add_argument("--clusters", default="auto")
    parser.add_argument("--run", type=Path, help="One that was written before.")
    asked = parser.parse_args()
    for millions in asked.millions:
        with tempfile.TemporaryDirectory() as temporary:
            folder = asked.run or Path(temporary) / "run"
            if not folder.exists():
                began = time.perf_counter()
                _write(folder, round(millions * 1e6 / len(Arm)))
                print(f"{millions:g} million written in {time.perf_counter() - began:.0f} s")
            given = [str(folder), asked.way, asked.clusters]
            code = f"from {__spec__.name} import measure; measure(*{given})"
            call([sys.executable, "-c", code], check=True)


def measure(folder: str, way: str, clusters: str) -> None:
    """Compare one run and print what it took of this process."""
    large_compare.SHARE_OF_MEMORY = SHARE[way]
    recorded = load_run(folder)
    size = sum(path.stat().st_size for path in Path(folder).iterdir())
    began = time.perf_counter()
    if way == "dask":
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
        cluster = LocalCluster(**options)  # type: ignore[no-untyped-call]
        with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
            found = compare(recorded, clusters=clusters, client=client)
    elif way == "report":
        told = Findings.of(recorded)
        page = render([told], "hhperf report", Format.HTML)
        found = told.comparison
        print(f"a page of {len(page) / 1e6:.1f} MB; {told.latencies.title}")
    else:
        found = compare(recorded, clusters=clusters)
    took_s = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{size / 1e6:,.0f} MB: compared in {took_s:.1f} s, of processor time"
        f" {used.ru_utime + used.ru_stime:.1f} s; {used.ru_maxrss / 1024:,.0f} MB at most"
    )
    print(found)
    print(*found.warnings, sep="\n", flush=True)


def _write(folder: Path, pairs: int) -> None:
    """The finished form at once: the journal of so many observations takes six times the room."""
    folder.mkdir()
    batches = {"observations": _batches(pairs), "health": iter(())}
    files = {}
    for (name, rows), schema in zip(batches.items(), (OBSERVATIONS, HEALTH), strict=True):
        path = finished(folder, name)
        files[path.name] = _written(path, schema, rows)
    write_metadata(folder, replace(METADATA, status="finished", files=files))


def _written(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> tuple[Piece, ...]:
    ends, rows = [], []
    with (
        path.open("wb") as sink,
        pq.ParquetWriter(sink, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        while waiting := list(islice(batches, GROUPED)):
            group = pa.Table.from_batches(waiting).combine_chunks()
            writer.write_table(group)
            ends.append(sink.tell())
            rows.append(len(group))
    return pieces_of(path, ends, rows)


def _batches(pairs: int) -> Iterator[pa.RecordBatch]:
    """Lognormal latencies that differ by text, of which the treatment's are a quarter shorter."""
    rng = np.random.default_rng(0)
    of_text = rng.lognormal(np.log(0.3e9), 0.1, TEXTS)
    for first in range(0, pairs, PAIRS_A_BATCH):
        pair = np.arange(first, min(first + PAIRS_A_BATCH, pairs))
        service_ns = of_text[pair % TEXTS] * rng.lognormal(0, 0.4, len(pair))
        places = rng.permuted(np.tile(np.arange(3, dtype=np.int8), (len(pair), 1)), axis=1)
        texts = _texts(pair)
        for arm, place, factor in zip(Arm, places.T, (1.0, 0.75, 1.0), strict=True):
            noise = rng.lognormal(0, 0.1, len(pair))
            yield _batch(pair, arm, place, (service_ns * factor * noise).astype(np.int64), texts)


def _texts(pair: Integers) -> dict[str, pa.Array]:
    digits = {"request_id": pair, "tenant": pair % 20, "session": pair // 3, "text": pair % TEXTS}
    return {name: pa.array(each).cast(pa.string()) for name, each in digits.items()}


def _batch(
    pair: np.ndarray,
    arm: Arm,
    place: np.ndarray,
    latency_ns: np.ndarray,
    texts: dict[str, pa.Array],
) -> pa.RecordBatch:
    count, start_ns = len(pair), (3 * pair + place) * GAP_NS
    numbers = {
        "pair": pair,
        "text_key": pair % TEXTS,
        "repetition": np.zeros(count, np.int32),
        "position": place,
        "result_count": np.full(count, 20, np.int32),
        "gc_pause_ns": np.zeros(count, np.int64),
        "intended_start_ns": start_ns,
        "dispatched_ns": start_ns,
        "start_ns": start_ns,
        "end_ns": start_ns + latency_ns,
    }
    alike = {
        "arm": arm.value,
        "arm_schedule": "parallel" if arm is Arm.TREATMENT else "sequential",
        "outcome": Outcome.OK.value,
        "error": "",
    }
    columns = {
        **numbers,
        **{name: pa.array([text] * count) for name, text in alike.items()},
        **{name: texts[name] for name in ("request_id", "tenant", "session")},
        "result_digest": texts["text"],
    }
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in OBSERVATIONS
    ]
    return pa.record_batch(arrays, schema=OBSERVATIONS)


if __name__ == "__main__":
    main()
