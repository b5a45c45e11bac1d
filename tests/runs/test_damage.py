"""A flipped bit, wherever it is in a run, is never taken for what was measured.

`tests/benchmarks/runs/bit_flips.py` does this a thousand times, each in a process of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from hhperf.errors import RunError
from hhperf.runs.ending import LOCK_NAME
from hhperf.runs.observation import HealthSample
from hhperf.runs.run import load_run
from hhperf.runs.tables import RunWarning
from hhperf.runs.writer import RunWriter
from hhperf.verdict.compare import compare
from tests.runs.conftest import METADATA, observe_pair

FLIPS = 18
PAIRS_A_FLUSH = 15


def write_run(folder: Path, *, cut_off: bool, pairs: int = 220) -> Path:
    """A run of several batches and row groups, with looks at the generator."""
    writer = RunWriter(folder, METADATA, epoch_ns=0, interval_s=1e9)
    for number in range(pairs):
        writer.add(*observe_pair(number, (1.0 + number / 1_000, 0.75, 1.0)))
        writer.add_health(HealthSample("loop_lag", number, number))
        if number % PAIRS_A_FLUSH == 0:
            writer.flush()
    writer.flush()
    if not cut_off:
        writer.close()
    for journal in (writer._observation_journal, writer._health_journal):
        journal._file.close()  # as whatever kills a process does
    if writer._lock._file is not None:
        writer._lock._file.close()
    return folder


@contextmanager
def flipped(path: Path, bit: int) -> Iterator[None]:
    """One bit of a file is another one within the block."""
    whole = path.read_bytes()
    data = bytearray(whole)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    yield
    path.write_bytes(whole)


def read_all(folder: Path) -> None:
    run = load_run(folder)
    assert run.observations is not None
    assert run.health is not None


@pytest.mark.parametrize("cut_off", [False, True])
def test_no_flipped_bit_goes_unseen(
    tmp_path: Path, rng: np.random.Generator, cut_off: bool
) -> None:
    """In any file: reading is an error that names it."""
    folder = write_run(tmp_path / "run", cut_off=cut_off)
    read_all(folder)
    for path in sorted(each for each in folder.iterdir() if each.name != LOCK_NAME):
        for bit in rng.integers(8 * path.stat().st_size, size=FLIPS):
            with flipped(path, int(bit)), pytest.raises(RunError, match=f"^{path}: .*damaged"):
                read_all(folder)


@pytest.mark.parametrize("cut_off", [False, True])
def test_what_is_undamaged_is_compared_on_request(tmp_path: Path, cut_off: bool) -> None:
    """In whole pairs, and the comparison says how many observations are lost."""
    folder = write_run(tmp_path / "run", cut_off=cut_off)
    path = folder / f"observations.{'journal' if cut_off else 'parquet'}"
    known = load_run(folder).observations.to_pylist()
    with flipped(path, 8 * 9_000):
        run = load_run(folder, undamaged_only=True)
        with pytest.warns(RunWarning, match="observations lost"):
            comparison = compare(run)
        rows = run.observations.to_pylist()
    assert all(row in known for row in rows)
    assert comparison.n_pairs == len(rows) / 3 < 220
    assert any("observations lost" in each for each in comparison.warnings)
