"""What both arms cost a request."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hhperf.runs.arrays import Floats
from hhperf.runs.observation import Arm, Cost, HealthSample, Outcome
from hhperf.runs.run import Run, load_run
from hhperf.runs.run_sample import RunSample
from hhperf.runs.writer import RunWriter
from hhperf.shown import significant
from hhperf.verdict.price import PARTS, Price, price_of, priced
from tests.runs.conftest import METADATA, observe, observe_pair

ARMS = {Arm.CONTROL: "sequential", Arm.TREATMENT: "parallel"}
N = 400


def costs(rng: np.random.Generator, times: float = 1.0) -> dict[str, Floats]:
    """What 400 requests took, each part about its own size."""
    names = Cost._fields
    sizes = 10.0 ** np.arange(1, len(names) + 1)
    taken = [times * size * rng.lognormal(0.0, 0.3, N) for size in sizes]
    return dict(zip(names, taken, strict=True)) | {"connections": np.ones(N) * times}


def of(control: dict[str, Floats], treatment: dict[str, Floats], **given: object) -> Price:
    """The price of these requests, each of which took a second."""
    price = priced(
        {Arm.CONTROL: control, Arm.TREATMENT: treatment},
        {arm: np.ones(N) for arm in ARMS},
        given.get("codes"),  # type: ignore[arg-type]
        ARMS,
    )
    assert price is not None
    return price


def test_a_mean_has_the_interval_of_the_t_test(rng: np.random.Generator) -> None:
    """Of single pairs."""
    control = costs(rng)
    found = of(control, costs(rng)).items["statement_s"].control
    seconds = control["statement_ns"] / 1e9
    lower, upper = stats.ttest_1samp(seconds, 0).confidence_interval()
    assert (found.point, found.lower, found.upper) == pytest.approx((seconds.mean(), lower, upper))


def test_a_ratio_of_what_goes_together_is_sharper_than_its_parts(rng: np.random.Generator) -> None:
    """Twice the same is twice, whatever the spread over requests."""
    control = costs(rng)
    item = of(control, {name: 2 * each for name, each in control.items()}).items["connection_s"]
    assert item.ratio is not None
    assert (item.ratio.lower, item.ratio.upper) == pytest.approx((2.0, 2.0))
    assert item.control.upper > 1.01 * item.control.point


def test_ninety_five_intervals_of_a_hundred_hold_the_truth() -> None:
    """Of the ratio, pairs drawn anew each time."""
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        ratio = of(costs(rng), costs(rng, 1.5)).items["service_s"].ratio
        assert ratio is not None
        held += ratio.lower <= 1.5 <= ratio.upper
    assert 180 <= held <= 199


def test_what_belongs_together_counts_once(rng: np.random.Generator) -> None:
    """Ten requests each of forty kinds that are alike say as much as forty."""
    alike = {name: np.repeat(each[:40], 10) for name, each in costs(rng).items()}
    codes = np.repeat(np.arange(40), 10)
    single, grouped = (
        of(alike, alike, codes=each).items["service_s"].control for each in (None, codes)
    )
    assert grouped.point == single.point
    assert grouped.upper - grouped.lower > 2.5 * (single.upper - single.lower)


def test_connections_are_held_on_the_mean_over_a_requests_time(rng: np.random.Generator) -> None:
    """Half a second of a second is half a connection; most is what any request held."""
    half = costs(rng) | {"connection_ns": np.full(N, 0.5e9)}
    two = costs(rng) | {"connection_ns": np.full(N, 1.5e9), "connections": 1.0 + (np.arange(N) > 9)}
    price = of(half, two)
    held = price.items["connections"]
    assert (held.control.point, held.treatment.point) == pytest.approx((0.5, 1.5))
    assert price.most == {Arm.CONTROL: 1, Arm.TREATMENT: 2}


def test_requests_that_do_not_tell_are_left_out(rng: np.random.Generator) -> None:
    """With their partners; a part that nobody knows is no item."""
    control, treatment = costs(rng), costs(rng)
    for each in control.values():
        each[:100] = math.nan
    treatment["database_ns"][:] = math.nan
    treatment["sent_bytes"][-50:] = math.nan
    price = of(control, treatment)
    assert price.pairs == N - 100
    assert set(price.items) == {"connections", *PARTS} - {"database_s"}
    assert price.items["sent_bytes"].control.point == control["sent_bytes"][100:-50].mean()


def test_there_is_no_ratio_to_nothing(rng: np.random.Generator) -> None:
    """A control that waits for no connection."""
    item = of(costs(rng) | {"wait_ns": np.zeros(N)}, costs(rng)).items["wait_s"]
    assert item.ratio is None
    assert item.treatment.point > 0


def test_a_single_group_has_no_interval(rng: np.random.Generator) -> None:
    """One round of a load is one."""
    found = of(costs(rng), costs(rng), codes=np.zeros(N, np.int64)).items["service_s"]
    assert math.isnan(found.control.lower)
    assert found.ratio is not None
    assert math.isnan(found.ratio.upper)


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Run]:
    """Writes a run of four pairs with the cost given of each arm, and reads it."""

    def write(given: dict[Arm, Cost]) -> Run:
        with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
            for pair in (2, 0, 3, 1):
                writer.add(
                    *(
                        observe(pair, arm, cost=cost, results_match=None, text_key=pair)
                        for arm, cost in given.items()
                    )
                )
            writer.add_health(HealthSample("cpu", 1, 24_000))
        return load_run(tmp_path / "run")

    return write


def test_the_price_of_a_run_is_read_from_it(record: Callable[..., Run]) -> None:
    """With the share of the processor time that the requests of all arms had."""
    one, two = Cost(1, 5_000, 0, 10, 20, 30, 1_000, 8), Cost(2, 6_000, 0, 10, 20, 30, 2_000, 8)
    price = price_of(record({Arm.CONTROL: one, Arm.TREATMENT: two, Arm.CONTROL_AGAIN: one}))
    assert price is not None
    assert (price.pairs, price.most) == (4, {Arm.CONTROL: 1, Arm.TREATMENT: 2})
    assert price.items["service_s"].ratio is not None
    assert significant(price.items["service_s"].ratio.point) == "2.00"
    assert price.seen == pytest.approx(16 / 24)
    assert repr(price).endswith("4 pairs)")


def test_a_sample_says_nothing_of_the_whole_process(record: Callable[..., Run]) -> None:
    """Its requests had a share of the processor time that goes by how many were taken."""
    run = record(dict.fromkeys(Arm, Cost(1, 5_000, 0, 10, 20, 30, 1_000, 8)))
    price = price_of(RunSample(run))
    assert price is not None
    assert price.seen is None


def test_a_run_that_does_not_tell_has_no_price(tmp_path: Path) -> None:
    """Such as one of live deployments."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(*observe_pair(0))
    assert price_of(load_run(tmp_path / "run")) is None


def test_a_run_without_a_whole_pair_has_no_price(tmp_path: Path) -> None:
    """It is told without one, as it is without latencies."""
    with RunWriter(tmp_path / "run", METADATA, epoch_ns=0) as writer:
        writer.add(observe(0, cost=Cost(1), outcome=Outcome.OK))
    assert price_of(load_run(tmp_path / "run")) is None


def test_a_recorded_run_of_two_arms_tells_what_they_cost(plan_run: Run) -> None:
    """The parallel arm takes two connections for what the sequential takes one for."""
    price = price_of(plan_run)
    assert price is not None
    assert price.most == {Arm.CONTROL: 1, Arm.TREATMENT: 2}
    assert set(price.items) == {"connections", *PARTS}
    held, sent = (price.items[name].ratio for name in ("connections", "sent_bytes"))
    assert held is not None
    assert sent is not None
    assert held.lower > 1
    assert sent.point == pytest.approx(1, abs=0.01)
    assert price.seen is not None
    assert 0 < price.seen < 1


def test_what_is_held_for_half_of_a_request_is_half_a_connection(rng: np.random.Generator) -> None:
    """Whatever the request takes: a fifth of a second of two fifths."""
    control = costs(rng) | {"connection_ns": np.full(N, 0.2e9)}
    arms = {Arm.CONTROL: control, Arm.TREATMENT: control}
    found = priced(arms, {arm: np.full(N, 0.4) for arm in ARMS}, None, ARMS)
    assert found is not None
    assert found.items["connections"].control.point == pytest.approx(0.5)
