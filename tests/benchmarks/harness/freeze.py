"""A server stopped for 2 s in a run of 20 s: what hhperf, wrk and hey report, and what is true.

Run `python -m tests.benchmarks.harness.freeze`; `wrk` and `hey` are left out where not installed.

At a constant rate over S seconds a stop of F seconds makes the p-quantile of response times
F - (1 - p) S while (1 - p) S is below F: what comes due in the stop waits for its end.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from hhperf.harness.calibration import null_server_process
from hhperf.harness.http_target import HttpTarget
from hhperf.workload.schedules import constant, evenly
from tests.benchmarks.harness.tools import (
    GENERATOR_CORE,
    hey,
    installed,
    keep_to,
    measure,
    say,
    server_core,
    wrk,
)

RATE_HZ = 500.0
SPAN_S = 20
FREEZE_AFTER_S = 8.0
FREEZE_S = 2.0


def main() -> None:
    """Prints quantiles side by side."""
    keep_to(GENERATOR_CORE)
    say(f"{'':<28}{'p50':>10}{'p95':>10}{'p99':>10}{'max':>10}   milliseconds")
    truth = [0.0, *(FREEZE_S - (1 - q) * SPAN_S for q in (0.95, 0.99)), FREEZE_S]
    _row("analytic truth", truth)
    with null_server_process(server_core()) as (url, pid):
        with frozen(pid):
            seen = measure(HttpTarget(url), evenly(constant(RATE_HZ, SPAN_S)), warm_up=0)
        _row("hhperf, response time", _quantiles(seen.response_s))
        _row("hhperf, service time", _quantiles(seen.service_s))
        errors = [abs(found / true - 1) for found, true in zip(
            _quantiles(seen.response_s)[2:], truth[2:], strict=True)]  # fmt: skip
        say(f"hhperf's p99 and max are off by {errors[0]:.1%} and {errors[1]:.1%}")
        late = seen.service_s[round((FREEZE_AFTER_S + FREEZE_S + 1) * RATE_HZ) :]
        say(f"service time of later requests: p50 {np.median(late) * 1e3:.2f} ms")
        if installed("wrk"):
            with frozen(pid):
                _, latency = wrk(url, connections=1, seconds=SPAN_S)
            _row("wrk, 1 connection *", [latency["p50"], np.nan, latency["p99"], latency["max"]])
        if installed("hey"):
            with frozen(pid):
                latency = hey(url, connections=1, seconds=SPAN_S)
            _row("hey, 1 connection", [latency[name] for name in ("p50", "p95", "p99", "max")])
    say("* wrk adds, afterwards, the requests it thinks it did not send; hey does not.")


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process for a while, some time after the block is entered."""

    def freeze() -> None:
        time.sleep(FREEZE_AFTER_S)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(FREEZE_S)
        os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=freeze)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _quantiles(response_s: np.ndarray) -> list[float]:
    return [float(np.quantile(response_s, q)) for q in (0.5, 0.95, 0.99, 1.0)]


def _row(name: str, seconds: list[float]) -> None:
    say(f"{name:<28}" + "".join(f"{each * 1e3:>10.1f}" for each in seconds))


if __name__ == "__main__":
    main()
