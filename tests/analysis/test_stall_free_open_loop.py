"""Response times under load, stalls aside."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis.open_loop import open_loop_savings
from hhperf.analysis.product_limit import make_tries, product_limit_quantile
from hhperf.analysis.ranks import quantile
from hhperf.analysis.recovery import recovering
from hhperf.analysis.simulate_stalled_queue import (
    StalledQueue,
    stalled_queue,
)
from hhperf.analysis.simulate_stalls import Stalls
from hhperf.analysis.stall_free_open_loop import ArrivalCensoring
from hhperf.errors import SampleError


def _two(seed: int, n: int = 4_000) -> tuple[StalledQueue, StalledQueue]:
    rng = np.random.default_rng(seed)
    return (
        stalled_queue(rng, n, share=0.03, burst_s=0.4),
        stalled_queue(rng, n, share=0.03, burst_s=0.4, faster=0.8),
    )


def _quiet(n: int) -> ArrivalCensoring:
    return ArrivalCensoring(np.full(n, math.inf), np.zeros(n, dtype=np.bool_))


def test_arrivals_are_left_out_until_the_queue_is_back_where_it_was() -> None:
    """One in flight at the onset: out until one is in flight again, and not before the end."""
    due = np.array([0.0, 1.5, 1.8, 3.0, 4.5, 6.0])
    ends = np.array([2.5, 3.5, 4.0, 5.0, 5.5, 7.0])
    stalls = Stalls(np.array([1.0]), np.array([2.0]))
    found = recovering(due, ends, stalls.starts, stalls.ends)
    assert found.tolist() == [False, True, True, True, False, False]


def test_one_arm_without_stalls_is_that_of_a_quiet_machine(rng: np.random.Generator) -> None:
    """p50 and p95 of 40,000 arrivals to a percent or two, where all data are far away."""
    made = stalled_queue(rng, 40_000, share=0.03, burst_s=0.4)
    kept = ~made.censoring.left_out
    tries = make_tries(made.seen[kept], made.censoring.clean[kept])
    for q in (0.5, 0.95):
        assert product_limit_quantile(tries, q) == pytest.approx(quantile(made.free, q), rel=0.02)
    assert quantile(made.seen, 0.95) > 1.2 * quantile(made.free, 0.95)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_saving_is_near_that_of_a_quiet_machine(seed: int) -> None:
    """At p50 and p95; that of all data has an interval three times as wide at p95."""
    a, b = _two(seed)
    quantiles, both = (0.5, 0.95), (a.censoring, b.censoring)
    found = open_loop_savings(a.seen, b.seen, quantiles, censoring=both, replicates=300)
    free = open_loop_savings(a.free, b.free, quantiles, replicates=300)
    naive = open_loop_savings(a.seen, b.seen, quantiles, replicates=300)
    for one, other in zip(found, free, strict=True):
        assert one.point == pytest.approx(other.point, abs=0.02)
    assert naive[1].upper - naive[1].lower > 3 * (found[1].upper - found[1].lower)


def test_without_stalls_it_is_the_plain_saving(rng: np.random.Generator) -> None:
    """The same point, and an interval as wide up to the noise of resampling."""
    a, b = _two(5, 2_000)
    both = _quiet(2_000), _quiet(2_000)
    (found,) = open_loop_savings(a.free, b.free, (0.5,), censoring=both, replicates=1_000)
    (plain,) = open_loop_savings(a.free, b.free, (0.5,), replicates=1_000)
    assert found.point == plain.point
    assert found.upper - found.lower == pytest.approx(plain.upper - plain.lower, rel=0.15)


def test_too_long_in_recovery_is_refused(rng: np.random.Generator) -> None:
    """A queue that is 80% busy needs long to work a stall off."""
    made = stalled_queue(rng, 3_000, share=0.06, burst_s=0.4, servers=1, utilisation=0.8)
    both = made.censoring, made.censoring
    (found,) = open_loop_savings(made.seen, made.seen, (0.5,), censoring=both, replicates=100)
    assert not found.defined
    assert "while its queue was worked off" in found.warnings[0]


def test_what_stalls_or_failures_leave_unsaid_is_undefined(rng: np.random.Generator) -> None:
    """Few arrivals for p99; a tenth of failures for p95."""
    a, b = _two(3, 1_000)
    both = a.censoring, b.censoring
    (thin,) = open_loop_savings(a.seen, b.seen, (0.99,), censoring=both, replicates=100)
    assert "times as much measured, or a machine that loses less time" in thin.warnings[0]
    failing = np.where(np.arange(1_000) % 10, b.free, math.inf)
    quiet = _quiet(1_000), _quiet(1_000)
    (failed,) = open_loop_savings(a.free, failing, (0.95,), censoring=quiet, replicates=100)
    assert "among failed requests of the treatment" in failed.warnings[0]


def test_a_run_that_is_short_for_its_memory_says_so() -> None:
    """As without stalls."""
    a, b = _two(0)
    both = a.censoring, b.censoring
    (found,) = open_loop_savings(a.seen, b.seen, (0.99,), censoring=both, replicates=100)
    assert found.warnings[0].startswith("responses stay alike for about")


def test_censoring_of_another_size_is_refused() -> None:
    """With the arm's name."""
    wrong = replace(_quiet(4), clean=np.ones(3))
    with pytest.raises(SampleError, match=r"control: .*censoring of another size"):
        open_loop_savings(np.ones(4), np.ones(4), censoring=(wrong, _quiet(4)))


def test_where_all_is_left_out_nothing_is_said() -> None:
    """Undefined, with the share."""
    gone = replace(_quiet(4), left_out=np.ones(4, dtype=np.bool_))
    (found,) = open_loop_savings(np.ones(4), np.ones(4), (0.5,), censoring=(gone, _quiet(4)))
    assert not found.defined
    assert "100% of the control's requests were due in a stall" in found.warnings[0]
