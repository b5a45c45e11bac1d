"""What becomes of a run of which one bit was flipped, a thousand times over.

Run `python -m tests.benchmarks.runs.bit_flips [FLIPS]`. Each flip is made in a copy of a finished
run or of one that was cut off, in any file of it, and read in a process of its own, so that a crash
of the interpreter would show. Counted is what came of reading it: an error that names the damage,
a crash, other numbers without a word, or the same numbers without a word; and on request, how many
observations were left.
"""

import multiprocessing
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pyarrow as pa

from hhperf.errors import RunError
from hhperf.runs.ending import LOCK_NAME
from hhperf.runs.run import Run, load_run
from tests.benchmarks.harness.tools import say
from tests.runs.test_damage import flipped, write_run

PAIRS = 1_000
AT_ONCE = 50


def main() -> None:
    """A line for each file of either run."""
    flips = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as temporary:
        for name in ("finished", "cut off"):
            folder = Path(temporary) / name
            write_run(folder, cut_off=name == "cut off", pairs=PAIRS)
            files = sorted(each for each in folder.iterdir() if each.name != LOCK_NAME)
            sizes = np.array([path.stat().st_size for path in files])
            # As many in each file: by size, metadata would hardly be met.
            for path, size in zip(files, sizes, strict=True):
                bits = rng.integers(8 * size, size=flips // (2 * len(files)) + 1)
                found = Counter(_outcomes(path, bits.tolist()))
                said = ", ".join(f"{count:,} {what}" for what, count in sorted(found.items()))
                say(f"{name:<9} {path.name:<22} {size:>9,} bytes {len(bits):>5,} flips: {said}")


@contextmanager
def flipped_copy(path: Path, bit: int) -> Iterator[Path]:
    """A copy of the run that the file is of, with one bit of it changed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        shutil.copytree(path.parent, folder)
        with flipped(folder / path.name, bit):
            yield folder


def _outcomes(path: Path, bits: list[int]) -> Iterator[str]:
    """What came of each flip; whatever a process had left when it crashed is tried by the next."""
    while bits:
        some, bits = bits[:AT_ONCE], bits[AT_ONCE:]
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_try_all, args=(path, some, theirs)
        )
        process.start()
        theirs.close()
        count = 0
        try:
            while True:
                yield ours.recv()
                count += 1
        except EOFError:
            process.join()
        if count < len(some):
            yield "CRASHED"
            bits = [*some[count + 1 :], *bits]


def _try_all(path: Path, bits: list[int], tell: Connection) -> None:
    whole = load_run(path.parent)
    known = whole.metadata, whole.observations, whole.health
    for bit in bits:
        with flipped_copy(path, bit) as folder:
            tell.send(_outcome(folder, known))


def _outcome(folder: Path, known: tuple[object, pa.Table, pa.Table]) -> str:
    try:
        run = load_run(folder)
        same = (run.metadata, run.observations, run.health) == known
    except RunError:
        return f"named, {_left(folder, known[1])}"
    return "UNSEEN, the numbers are the same" if same else "UNSEEN, OTHER NUMBERS"


def _left(folder: Path, known: pa.Table) -> str:
    """What is left on request: rows that were there, and a warning; or why there is nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            run: Run = load_run(folder, undamaged_only=True)
            rows = run.observations.to_pylist()
            _ = run.health
        except RunError:
            return "all lost"
    if not caught:
        return "NO WARNING"
    if not {str(row) for row in rows} <= {str(row) for row in known.to_pylist()}:
        return "OTHER ROWS"
    if not rows:
        return "all lost"
    return "all left" if len(rows) == len(known) else f"{len(rows) / len(known):.0%} or so left"


if __name__ == "__main__":
    main()
