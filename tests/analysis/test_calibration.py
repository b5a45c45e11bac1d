"""The methods err as often as they say: a quick look, with the full table made by `make calibrate`.

300 experiments with fixed seeds; the bounds leave four standard errors and more on each side.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.benchmarks.analysis.calibrate import calibrate, workers_of
from tests.benchmarks.analysis.cases import CASES, LOOKS_SHOWN

EXPERIMENTS = 300
FEWER = {"cluster bootstrap / clustered / p50, n = 2,000": 100}
"""Of one that takes long."""

SOUND = [
    "percentile bootstrap, shortcut / lognormal / p50, n = 500",
    "percentile bootstrap, shortcut / heavy-tailed / p95, n = 500",
    "percentile bootstrap, shortcut / lognormal / p99, n = 2,000",
    "score test / bimodal / p95, n = 500",
    "score test / lognormal / p99, n = 2,000",
    "score test, cluster sums / clustered / p50, n = 2,000",
    "mean t test, Fieller / lognormal / mean, n = 500",
    "mean t test, cluster sums / clustered / mean, n = 2,000",
    "cluster bootstrap / clustered / p50, n = 2,000",
    "t test on runs / 10 runs of 500 pairs / p50",
    "sequential test, 20 looks / lognormal / mean, n = 2,000",
    "sequential test, 20 looks / lognormal / p50, n = 4,000",
    f"planned looks / lognormal / p95, {LOOKS_SHOWN}",
]

SOUND_RUNS = [
    "A/A' gates, sound run / lognormal / mean and p95, n = 1,000",
    "carry-over gate / no effect of order / n = 600",
    "carry-over gate / period effect of 5%, harmless / n = 600",
    "arm by place gate / no effect of order / n = 600",
    "arm by place gate / period effect of 5%, harmless / n = 600",
]

BIASED_RUNS = [
    "carry-over gate / control 5% faster after treatment / n = 600",
    "arm by place gate / first place 10% slower for treatment / n = 600",
]


def _rates(name: str) -> tuple[float, float]:
    """Type I error and coverage over the experiments."""
    experiments = FEWER.get(name, EXPERIMENTS)
    found = [CASES[name].experiment(7, number) for number in range(experiments)]
    return (
        float(np.mean([outcome.rejected for outcome in found])),
        float(np.mean([outcome.covered for outcome in found])),
    )


def _sound(type_1: float, coverage: float) -> bool:
    return type_1 <= 0.10 and coverage >= 0.90


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_method_keeps_its_promise(name: str) -> None:
    """Wrong in at most one run of twenty, but for the noise of 300 experiments."""
    assert _sound(*_rates(name))


@pytest.mark.parametrize(
    "name",
    [
        "naive bootstrap: must fail / clustered / p50, n = 2,000",
        "peeking at a t test, 20 looks / lognormal / mean, n = 2,000",
    ],
)
def test_a_wrong_method_is_caught(name: str) -> None:
    """The same check fails when clusters are ignored and when a fixed-size test is peeked at."""
    assert not _sound(*_rates(name))


@pytest.mark.parametrize("name", SOUND_RUNS)
def test_a_gate_seldom_fails_a_sound_run(name: str) -> None:
    """Once in a hundred; a period effect hits every arm alike and is no reason."""
    failed, _ = _rates(name)
    assert failed <= 0.04


@pytest.mark.parametrize("name", BIASED_RUNS)
def test_a_gate_catches_what_the_order_does_to_one_arm(name: str) -> None:
    """Nine times in ten, with 600 pairs."""
    failed, _ = _rates(name)
    assert failed >= 0.8


@pytest.mark.parametrize(
    "name",
    [
        "product limit / stalls, 6% lost, 60 ms / p50, n = 500",
        "product limit / stalls, 20% lost, 400 ms / p95, n = 500",
    ],
)
def test_the_product_limit_keeps_its_promise_while_the_machine_stalls(name: str) -> None:
    """Forty runs each: at most three miss the truth, where two are due."""
    found = [CASES[name].experiment(7, number) for number in range(40)]
    assert sum(not outcome.covered for outcome in found) <= 3


@pytest.mark.filterwarnings("ignore")  # those of the cluster itself
def test_a_cluster_counts_the_same() -> None:
    """An experiment's data are those of its number, wherever it is done."""
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    asked = {"experiments": 120, "seed": 3}
    with ThreadPoolExecutor(1) as pool:
        here = calibrate([SOUND[0]], pool=pool, **asked)
    options = {"n_workers": 2, "processes": False, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as cluster,
        workers_of(1, cluster.scheduler_address) as pool,
    ):
        assert calibrate([SOUND[0]], pool=pool, **asked) == here
    assert 0 < here[0].coverage <= 1
