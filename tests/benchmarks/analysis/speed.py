"""How long the statistics take, beside SciPy's bootstrap on the same data in the same run.

From the top of the repository::

    python -m tests.benchmarks.analysis.speed
"""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.samples import FloatArray, make_pairs
from hhperf.analysis.savings import compare_samples
from hhperf.analysis.score import score_saving
from hhperf.analysis.sequential import sequential_test
from hhperf.analysis.shift import shift_function
from hhperf.analysis.simulate import Simulated, clustered, lognormal, queue

QUANTILES = (0.5, 0.9, 0.95, 0.99)
MILLION = 1_000_000
SCIPY_N = 10_000


@dataclass(frozen=True, slots=True)
class Timing:
    """One row of the table."""

    what: str
    seconds: float
    megabytes: float


def _pairs(n: int) -> Simulated:
    return lognormal(np.random.default_rng(1), n)


def _clusters(n: int) -> Simulated:
    return clustered(np.random.default_rng(1), n)


def _quantiles(sample: Simulated) -> None:
    quantile_savings(make_pairs(sample.control, sample.treatment, sample.clusters), QUANTILES)


def _comparison(sample: Simulated) -> None:
    compare_samples(sample.control, sample.treatment, sample.clusters)


def _one_quantile(sample: Simulated) -> None:
    quantile_savings(make_pairs(sample.control, sample.treatment), (0.95,))


def _score(sample: Simulated) -> None:
    score_saving(make_pairs(sample.control, sample.treatment), 0.95)


def _shift(sample: Simulated) -> None:
    shift_function(sample.control, sample.treatment, sample.clusters)


def _path(sample: Simulated) -> None:
    sequential_test(sample.control, sample.treatment, "p95")


def _open_loop(sample: Simulated) -> None:
    open_loop_savings(sample.control, sample.treatment, (0.95,))


def _scipy(sample: Simulated) -> None:
    """The same interval for one quantile; the batch keeps its memory within bounds."""

    def saving(x: FloatArray, y: FloatArray, axis: int) -> FloatArray:
        qx, qy = (np.quantile(v, 0.95, axis=axis, method="inverted_cdf") for v in (x, y))
        return np.asarray(1 - qy / qx)

    stats.bootstrap(
        (sample.control, sample.treatment),
        saving,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=2_000,
        batch=100,
        rng=np.random.default_rng(1),
    )


Job = tuple[str, Callable[[int], Simulated], int, Callable[[Simulated], None]]

JOBS: list[Job] = [
    (f"SciPy bootstrap, {SCIPY_N:,} pairs, p95", _pairs, SCIPY_N, _scipy),
    (f"hhperf, {SCIPY_N:,} pairs, p95", _pairs, SCIPY_N, _one_quantile),
    (f"hhperf, {MILLION:,} pairs, p95", _pairs, MILLION, _one_quantile),
    *(
        (f"hhperf, {n:,} pairs, four quantiles", _pairs, n, _quantiles)
        for n in (MILLION // 10, MILLION, 3 * MILLION)
    ),
    *(
        (f"hhperf, {n:,} clustered pairs, four quantiles", _clusters, n, _quantiles)
        for n in (MILLION // 10, MILLION, 3 * MILLION)
    ),
    (f"whole comparison, {MILLION:,} pairs", _pairs, MILLION, _comparison),
    (f"whole comparison, {MILLION:,} clustered pairs", _clusters, MILLION, _comparison),
    (f"score interval, {MILLION:,} pairs, p95", _pairs, MILLION, _score),
    (f"shift function with band, {MILLION:,} pairs", _pairs, MILLION, _shift),
    (
        f"shift function with band, {MILLION // 10:,} clustered pairs",
        _clusters,
        MILLION // 10,
        _shift,
    ),
    (f"sequential path, {MILLION // 10:,} pairs, p95", _pairs, MILLION // 10, _path),
    (
        f"stationary bootstrap, {MILLION // 10:,} responses, p95",
        lambda n: queue(np.random.default_rng(1), n),
        MILLION // 10,
        _open_loop,
    ),
]


def measure(number: int) -> Timing:
    """Run one job in this process and say what it took, data not counted in the time."""
    what, make, n, work = JOBS[number]
    sample = make(n)
    start = time.perf_counter()
    work(sample)
    seconds = time.perf_counter() - start
    unit = 1024 if sys.platform == "linux" else 1
    return Timing(what, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def main() -> None:
    """Print the table; each job has a fresh process, so that its memory is its own."""
    context = multiprocessing.get_context("spawn")
    found = []
    sys.stdout.write(f"{os.cpu_count()} cores, NumPy {np.__version__}\n")
    sys.stdout.write(f"{'':60} {'seconds':>9} {'peak MB':>9}\n")
    for number in range(len(JOBS)):
        with context.Pool(1) as pool:
            timing = pool.apply(measure, (number,))
        found.append(timing)
        sys.stdout.write(f"{timing.what:60} {timing.seconds:9.3f} {timing.megabytes:9.0f}\n")
        sys.stdout.flush()
    scipy, ours, million = (timing.seconds for timing in found[:3])
    sys.stdout.write(
        f"\none quantile at {SCIPY_N:,} pairs: {scipy / ours:,.0f} times faster than SciPy; "
        f"at {MILLION:,}, with SciPy's time scaled up: "
        f"{scipy * MILLION / SCIPY_N / million:,.0f} times\n"
    )


if __name__ == "__main__":
    main()
