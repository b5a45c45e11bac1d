"""How late requests are sent, at half the generator's top rate, and whether that grows with time.

Run `python -m tests.benchmarks.harness.dispatch [seconds]`; ten minutes by default, for real. What
a bare thread that sleeps is late by is the machine's own share: no generator can do better there.
"""

import sys
import time

import numpy as np

from hhperf.harness.calibration import do_nothing
from hhperf.harness.target import CallableTarget
from hhperf.workload.schedules import constant, evenly, poisson
from tests.benchmarks.harness.tools import GENERATOR_CORE, keep_to, measure, say


def main() -> None:
    """Prints lags of the whole run and of its tenths."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    keep_to(GENERATOR_CORE)
    _row("a bare sleep, 1,000/s", _wake_ups())
    top = measure(CallableTarget(do_nothing), evenly(constant(200_000, 0.5))).rate_hz
    say(f"top rate, in process: {top:,.0f} requests/s")
    short = measure(CallableTarget(do_nothing), poisson(constant(top / 2, 5), seed=1))
    _row(f"Poisson, {top / 2:,.0f}/s for 5 s", short.lag_s)
    even = measure(CallableTarget(do_nothing), evenly(constant(1_000, seconds)))
    _row(f"evenly, 1,000/s for {seconds:g} s", even.lag_s)
    for number, tenth in enumerate(np.array_split(even.lag_s, 10), start=1):
        say(f"  tenth {number:>2}: median {np.median(tenth) * 1e6:>8.0f} us")


def _wake_ups(seconds: float = 4.0) -> np.ndarray:
    """How late this machine wakes a bare thread that sleeps from millisecond to millisecond."""
    begun = time.perf_counter()
    late = []
    for due in begun + np.arange(0, seconds, 1e-3):
        time.sleep(max(0.0, due - time.perf_counter()))
        late.append(time.perf_counter() - due)
    return np.array(late)


def _row(name: str, lag_s: np.ndarray) -> None:
    p50, p99, most = (np.quantile(lag_s, q) * 1e6 for q in (0.5, 0.99, 1.0))
    say(f"{name:<34} lag p50 {p50:.0f}, p99 {p99:.0f}, most {most:.0f} us")


if __name__ == "__main__":
    main()
