"""The shift function."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hhperf.analysis import shift
from hhperf.analysis.estimate import Replicates
from hhperf.analysis.shift import shift_function, simultaneous_band
from hhperf.analysis.simulate import clustered, lognormal
from hhperf.analysis.simulate_stalls import stalled_triples
from hhperf.errors import SampleError


def test_a_uniform_saving_is_a_flat_line(rng: np.random.Generator) -> None:
    """30% saved on every request is 30% at every quantile that 2,500 pairs tell, without doubt."""
    x = lognormal(rng, 2_500).control
    found = shift_function(x, 0.7 * x)
    assert found.savings == pytest.approx(0.3)
    assert found.lower == pytest.approx(0.3)
    assert found.quantiles[-4:].tolist() == [0.95, 0.97, 0.98, 0.99]


def test_the_band_is_wider_than_the_pointwise_intervals(rng: np.random.Generator) -> None:
    """Holding everywhere costs more than holding at one quantile."""
    sample = lognormal(rng, 2_000)
    band = shift_function(sample.control, sample.treatment)
    alone = shift_function(sample.control, sample.treatment, quantiles=(0.5,))
    middle = list(band.quantiles).index(0.5)
    assert band.upper[middle] - band.lower[middle] > 1.2 * (alone.upper[0] - alone.lower[0])


@pytest.mark.parametrize("clusters", [False, True])
def test_the_band_holds_the_whole_curve(rng: np.random.Generator, clusters: bool) -> None:
    """Of 60 bands of 90% about 54 hold the true curve from end to end, and 42 surely do."""
    held = 0
    for _ in range(60):
        sample = clustered(rng, 400, saving=0.0, q=0.5)
        x = np.log(sample.control) / 0.6
        y = np.log(sample.treatment) / 0.5  # standard normal, as x is
        found = shift_function(
            np.exp(x),
            np.exp(y),
            sample.clusters if clusters else None,
            quantiles=(0.1, 0.3, 0.5, 0.7, 0.9),
            confidence=0.90,
            replicates=400,
        )
        held += bool((found.lower <= 0).all() and (found.upper >= 0).all())
    assert (held >= 42) is clusters


def test_the_shortcut_gives_the_bootstraps_band(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For many independent pairs the band comes from cell counts, and is the same."""
    sample = lognormal(rng, 10_000)
    short = shift_function(sample.control, sample.treatment, quantiles=(0.25, 0.5, 0.9))
    monkeypatch.setattr(shift, "_MANY", 10**9)
    full = shift_function(sample.control, sample.treatment, quantiles=(0.25, 0.5, 0.9))
    assert "multinomial" in short.method
    assert short.upper - short.lower == pytest.approx(full.upper - full.lower, rel=0.2)


def test_quantiles_among_failures_are_left_out(rng: np.random.Generator) -> None:
    """The curve ends where requests fail."""
    sample = lognormal(rng, 1_000)
    treatment = np.where(np.arange(1_000) < 150, math.inf, sample.treatment)
    found = shift_function(sample.control, treatment, quantiles=(0.5, 0.9))
    assert np.isfinite(found.savings).tolist() == [True, False]


def test_too_few_pairs_are_refused() -> None:
    """Ten pairs make no curve."""
    with pytest.raises(SampleError, match="too few"):
        shift_function([1.0] * 10, [1.0] * 10)


def test_the_curve_without_stalls_lies_about_the_truth_and_ends_where_they_hid_it(
    rng: np.random.Generator,
) -> None:
    """A fifth saved at every quantile stays within the band; the far tail is undefined."""
    made = stalled_triples(rng, 1_000, share=0.2, burst_s=0.06, alike=True)
    seen = made.seen
    found = shift_function(seen.control, seen.treatment, censoring=made.censoring, replicates=500)
    known = ~np.isnan(found.savings)
    assert known[found.quantiles == 0.5].all()
    assert not known[-1]
    assert (found.lower[known] <= 0.2).all()
    assert (found.upper[known] >= 0.2).all()
    assert np.median(found.savings[known]) == pytest.approx(0.2, abs=0.015)
    assert "product limit" in found.method


def test_a_machine_that_did_not_stall_leaves_the_curve_as_it_is(rng: np.random.Generator) -> None:
    """To the bit."""
    made = stalled_triples(rng, 300, share=0.06, burst_s=0.06, alike=True)
    never = np.full(300, np.inf)
    quiet = replace(made.censoring, control_clean=never, treatment_clean=never)
    plain = shift_function(made.free.control, made.free.treatment, replicates=100)
    found = shift_function(made.free.control, made.free.treatment, censoring=quiet, replicates=100)
    assert found.lower.tolist() == plain.lower.tolist()
    assert found.method == plain.method


def test_a_curve_of_which_stalls_hid_everything_is_refused(rng: np.random.Generator) -> None:
    """With the reason."""
    made = stalled_triples(rng, 300, share=0.06, burst_s=0.06)
    soon = np.full(300, 0.001)
    hidden = replace(made.censoring, control_clean=soon, treatment_clean=soon)
    with pytest.raises(SampleError, match="with what stalls hid"):
        shift_function(made.seen.control, made.seen.treatment, censoring=hidden)


def test_each_saving_is_that_of_the_quantile_by_itself(rng: np.random.Generator) -> None:
    """The smallest latency that so many do not exceed, of both arms."""
    sample = lognormal(rng, 1_000)
    found = shift_function(sample.control, sample.treatment, quantiles=(0.25, 0.5, 0.95))
    x, y = (
        np.quantile(arm, [0.25, 0.5, 0.95], method="inverted_cdf")
        for arm in (sample.control, sample.treatment)
    )
    assert found.savings == pytest.approx(1 - y / x)


def test_the_band_of_one_quantile_leaves_as_many_replicates_on_either_side() -> None:
    """Of 199 at 75%, a quarter in all: its ends are order statistics."""
    drawn = Replicates(np.ones(199), np.random.default_rng(1).permutation(199) / 200)
    (lower,), (upper,) = simultaneous_band([drawn], 0.75)
    savings = 1 - drawn.treatment
    assert (np.sum(savings < lower), np.sum(savings > upper)) == (25, 25)


@pytest.mark.parametrize(
    ("clusters", "method"), [(True, "paired cluster bootstrap"), (False, "paired bootstrap")]
)
def test_a_curve_says_what_was_resampled(
    rng: np.random.Generator, clusters: bool, method: str
) -> None:
    """Clusters or pairs."""
    sample = clustered(rng, 400, saving=0.2, q=0.5)
    codes = sample.clusters if clusters else None
    found = shift_function(sample.control, sample.treatment, codes, replicates=100)
    assert found.method.startswith(method)
