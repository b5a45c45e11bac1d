"""Stopping early."""

import math
from typing import Any

import numpy as np
import pytest

from hhperf.analysis.decision import Verdict
from hhperf.analysis.sequential import boundary, first_look, look_schedule, sequential_test
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.errors import SampleError


@pytest.mark.parametrize("statistic", ["mean", "p50", "p95"])
def test_a_large_saving_stops_early(rng: np.random.Generator, statistic: str) -> None:
    """Half the latency saved is seen long before the pairs run out."""
    sample = lognormal(rng, 5_000, saving=0.5, q=0.5)
    path = sequential_test(sample.control, sample.treatment, statistic)
    assert path.verdict is Verdict.EXCEEDS
    assert path.stopped_at is not None
    assert path.stopped_at < 1_000


def test_no_saving_is_given_up(rng: np.random.Generator) -> None:
    """Futility: an arm that saves nothing is not measured to the end."""
    sample = lognormal(rng, 5_000, saving=0.0, q=0.5)
    path = sequential_test(sample.control, sample.treatment, "p50")
    assert path.verdict is Verdict.BELOW
    assert path.looks[-1] == 5_000


def test_the_path_holds_the_truth_and_narrows(rng: np.random.Generator) -> None:
    """Every look's bounds hold the true saving, the last are the narrowest third."""
    sample = lognormal(rng, 4_000, saving=0.2)
    path = sequential_test(sample.control, sample.treatment, "mean")
    assert all(low < 0.2 < high for low, high in zip(path.lower, path.upper, strict=True))
    widths = np.subtract(path.upper, path.lower)
    assert widths[-1] < widths[0] / 3
    assert (path.verdict, path.stopped_at) == (Verdict.INCONCLUSIVE, None)


@pytest.mark.parametrize("statistic", ["mean", "p50"])
def test_pairs_that_are_alike_count_as_fewer(rng: np.random.Generator, statistic: str) -> None:
    """Each pair four times over says no more than once: the interval is twice as wide."""
    sample = lognormal(rng, 1_000, saving=0.2)
    again = [np.tile(each, 4) for each in (sample.control, sample.treatment)]
    options = {"statistic": statistic, "looks": [4_000], "optimal_at": 4_000}
    alone = sequential_test(*again, **options)  # type: ignore[arg-type]
    alike = sequential_test(*again, clusters=np.tile(np.arange(1_000), 4), **options)  # type: ignore[arg-type]
    widths = [path.upper[0] - path.lower[0] for path in (alone, alike)]
    assert widths[1] / widths[0] == pytest.approx(2, rel=0.1)


def test_the_boundary_is_tightest_where_it_was_asked_to_be() -> None:
    """sqrt(t) times the half-width is least at the chosen number of pairs."""
    for two_sided in (False, True):
        width = boundary(0.05, 1_000, two_sided=two_sided)
        scaled = {t: math.sqrt(t) * width(t) for t in (100, 300, 1_000, 3_000, 10_000)}
        assert min(scaled, key=lambda t: scaled[t]) == 1_000


def test_half_width_is_the_published_one() -> None:
    """One-sided at 5%, t = 100, rho^2 from Lambert's W, worked out by hand."""
    assert boundary(0.05, 500)(100) == pytest.approx(0.312692, abs=5e-6)


def test_looks_keep_their_places_as_the_run_goes_on() -> None:
    """More pairs add looks and move none but the last."""
    short, long = look_schedule(1_000, 50), look_schedule(2_000, 50)
    assert short[:-1] == long[: len(short) - 1]
    assert (short[0], short[-1], look_schedule(40, 50)) == (50, 1_000, [])


def test_first_look_waits_for_the_tail() -> None:
    """Twenty pairs beyond the quantile, and never fewer than a hundred."""
    assert [first_look(q) for q in (None, 0.5, 0.95)] == [100, 100, 400]


def test_too_few_pairs_for_a_look_are_not_measurable() -> None:
    """No look, no verdict."""
    path = sequential_test([1.0] * 9, [1.0] * 9, "mean")
    assert (path.verdict, path.looks) == (Verdict.NOT_MEASURABLE, ())


def test_failures_near_the_quantile_keep_the_bounds_open() -> None:
    """Where the density cannot be seen nothing is claimed."""
    treatment = np.array([0.1] * 930 + [math.inf] * 70)
    path = sequential_test(np.ones(1_000), np.random.default_rng(0).permutation(treatment), "p90")
    assert (path.lower[-1], path.upper[-1], path.verdict) == (-math.inf, 1.0, Verdict.INCONCLUSIVE)


def test_a_mean_needs_a_timeout_for_failures() -> None:
    """Failures are cut where the caller says, or refused."""
    control = [1.0, 2.0] * 50
    treatment = [*control[:-1], math.inf]
    with pytest.raises(SampleError, match="needs a timeout"):
        sequential_test(control, treatment, "mean")
    assert sequential_test(control, treatment, "mean", timeout=3.0).savings[-1] < 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0.7}, "between 0 and 0.5"),
        ({"looks": [10]}, "looks must lie between 400"),
        ({"looks": [200]}, "looks must lie between 400"),
        ({"statistic": "max"}, "no statistic"),
    ],
)
def test_unusable_options_are_refused(options: dict[str, Any], message: str) -> None:
    """Each error says what would do instead."""
    with pytest.raises(SampleError, match=message):
        sequential_test([1.0] * 100, [1.0] * 100, **options)


@pytest.mark.parametrize(("statistic", "q"), [("p50", 0.5), ("p95", 0.95)])
def test_each_look_tells_the_saving_so_far(
    rng: np.random.Generator, statistic: str, q: float
) -> None:
    """Of the first pairs alone, and within its bounds."""
    sample = lognormal(rng, 1_000)
    path = sequential_test(sample.control, sample.treatment, statistic)
    for n, saving in zip(path.looks, path.savings, strict=True):
        x, y = (
            np.quantile(arm[:n], q, method="inverted_cdf")
            for arm in (sample.control, sample.treatment)
        )
        assert saving == pytest.approx(1 - y / x)


def test_the_mean_saving_so_far_is_of_the_means(rng: np.random.Generator) -> None:
    """At the first look and at the last."""
    sample = lognormal(rng, 300)
    path = sequential_test(sample.control, sample.treatment, "mean")
    for at in (0, -1):
        n = path.looks[at]
        expected = 1 - sample.treatment[:n].mean() / sample.control[:n].mean()
        assert path.savings[at] == pytest.approx(expected)


def test_the_last_look_is_taken_once() -> None:
    """Also where the schedule itself ends with the last pair."""
    assert look_schedule(100, 100) == [100]
    assert look_schedule(105, 100) == [100, 105]


def test_the_unit_of_latencies_changes_nothing(rng: np.random.Generator) -> None:
    """Neither for pairs nor for clusters: a saving has none."""
    sample = clustered(rng, 400, saving=0.3, q=0.5)
    seconds, ms = (
        sequential_test(
            unit * sample.control, unit * sample.treatment, "mean", clusters=sample.clusters
        )
        for unit in (1.0, 1_000.0)
    )
    assert seconds.lower == pytest.approx(ms.lower)
    assert seconds.upper == pytest.approx(ms.upper)


def test_a_quantile_next_to_failures_has_a_saving_and_no_bounds(rng: np.random.Generator) -> None:
    """Of the median where four treatments of ten fail: its density is not to be had."""
    x = rng.lognormal(size=120)
    y = np.where(np.arange(120) % 5 < 2, math.inf, 0.7 * x)
    path = sequential_test(x, y, "p50")
    assert path.savings[-1] == pytest.approx(1 - np.sort(y)[59] / np.sort(x)[59])
    assert (path.lower[-1], path.upper[-1]) == (-math.inf, 1.0)


def test_the_claim_spends_all_its_error_on_one_side_and_giving_up_on_two(
    rng: np.random.Generator,
) -> None:
    """In logs the bounds lie about the saving as far as the one and the two-sided sequence say."""
    sample = lognormal(rng, 400)
    path = sequential_test(sample.control, sample.treatment, "p50", looks=[400], optimal_at=300)
    at, least, most = (1 - each[0] for each in (path.savings, path.lower, path.upper))
    one, two = (boundary(0.05, 300, two_sided=sides)(400) for sides in (False, True))
    assert math.log(least / at) / math.log(at / most) == pytest.approx(one / two)
