"""Show that the statistics err as often as they say.

Every experiment draws data whose true saving is exactly 20%, and counts wrong answers. All cores
work; the table is written to CALIBRATION.md beside this file. From the top of the repository::

    python -m tests.benchmarks.analysis.calibrate [--dask tcp://scheduler:8786]

A cluster's workers are started there too, so that they find the experiments; the numbers are the
same.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import scipy
from tqdm import tqdm

from hhperf.cli.contenders import dask_client
from tests.benchmarks.analysis.cases import CASES, Case

PAGE = Path(__file__).with_name("CALIBRATION.md")
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Rates:
    """Outcomes of one case over all its experiments."""

    case: Case
    type_1: float
    exceeds: float
    coverage: float

    @property
    def holds(self) -> bool | None:
        """Whether the rates lie within their limits; None without limits."""
        limits = self.case.limits
        if limits is None:
            return None
        in_type_1 = limits.type_1[0] <= self.type_1 <= limits.type_1[1]
        return in_type_1 and limits.coverage[0] <= self.coverage <= limits.coverage[1]


def run_batch(name: str, seed: int, start: int, stop: int) -> list[tuple[bool, bool, bool]]:
    """Run experiments start..stop-1 of one case."""
    outcomes = [CASES[name].experiment(seed, number) for number in range(start, stop)]
    return [(outcome.rejected, outcome.exceeds, outcome.covered) for outcome in outcomes]


def calibrate(names: Sequence[str], *, experiments: int, seed: int, pool: Executor) -> list[Rates]:
    """Run every named case.

    Args:
        names: keys of ``CASES``.
        experiments: of each case.
        seed: of all of them; an experiment's data depend on nothing else.
        pool: does the work.
    """
    starts = range(0, experiments, _BATCH)
    batches = {
        name: [
            pool.submit(run_batch, name, seed, start, min(start + _BATCH, experiments))
            for start in starts
        ]
        for name in names
    }
    found = []
    for name in tqdm(names, desc="calibrating", unit="case"):
        rows = [row for batch in batches[name] for row in batch.result()]
        found.append(_rates(CASES[name], rows))
        tqdm.write(_row(found[-1]))
    return found


@contextmanager
def workers_of(number: int, dask: str | None) -> Iterator[Executor]:
    """So many processes of this machine, or the workers of a cluster."""
    if dask is not None:
        with dask_client(dask) as client:
            assert client is not None
            yield client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        return
    # Each worker has one core to itself; threads within it would only get in each other's way.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        yield pool


def _rates(case: Case, rows: Sequence[tuple[bool, bool, bool]]) -> Rates:
    return Rates(case, *(float(rate) for rate in np.mean(rows, axis=0)))


def page(
    found: Sequence[Rates], *, experiments: int, seed: int, workers: str, seconds: float
) -> str:
    """The results as Markdown."""
    lines = [
        "# Calibration",
        "",
        f"{experiments:,} simulated experiments a row, true saving exactly 20%, seed {seed}; "
        f"{datetime.now(UTC):%Y-%m-%d}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"{seconds / 60:.0f} minutes {workers}. `make calibrate` repeats it.",
        "",
        'Type I error: how often the one-sided test at 5% says "more than 20%". False EXCEEDS: how '
        "often the verdict, read off the two-sided 95% interval, says so. Coverage: how often the "
        "interval holds the truth. Rows without limits are there for comparison; in those on "
        "planned power the true saving is 25%, and saying so is right. In rows on gates the three "
        "rates are how often a gate failed, how often one could not tell, and how often all were "
        "passed: false alarms without a fault, power with one.",
        "",
        "| method | data | statistic | type I error | false EXCEEDS | coverage | limits | holds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_row, found), ""])


def _row(rates: Rates) -> str:
    case = rates.case
    holds = {None: "–", True: "yes", False: "**no**"}[rates.holds]
    return (
        f"| {case.method} | {case.data} | {case.statistic} | {rates.type_1:.3f} "
        f"| {rates.exceeds:.3f} | {rates.coverage:.3f} | {_limits(case)} | {holds} |"
    )


def _limits(case: Case) -> str:
    if case.limits is None:
        return "–"
    names = ("type I", case.limits.type_1), ("coverage", case.limits.coverage)
    return ", ".join(
        f"{name} {low:g}–{high:g}" for name, (low, high) in names if (low, high) != (0.0, 1.0)
    )


def main() -> int:
    """Run the command line; 1 when a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--dask", help="the address of a scheduler whose workers do it")
    parser.add_argument("--only", default="", help="part of the names of the cases to run")
    options = parser.parse_args()
    names = [name for name in CASES if options.only in name]
    start = time.perf_counter()
    with workers_of(options.workers, options.dask) as pool:
        found = calibrate(names, experiments=options.experiments, seed=options.seed, pool=pool)
    seconds = time.perf_counter() - start
    text = page(
        found,
        experiments=options.experiments,
        seed=options.seed,
        workers="on a cluster" if options.dask else f"in {options.workers} processes",
        seconds=seconds,
    )
    if options.only:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    return int(any(rates.holds is False for rates in found))


if __name__ == "__main__":
    sys.exit(main())
