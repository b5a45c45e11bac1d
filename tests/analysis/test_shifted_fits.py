"""Distributions through times whose distribution is known."""

import numpy as np
import pytest

from hhperf.analysis.shifted_fits import (
    Family,
    ShiftedFit,
    bootstrap_p,
    fit_shifted,
    normal_scores,
)

TRUE = {
    "lognormal": ShiftedFit("lognormal", 20.0, 50.0, 0.5, 0.0),
    "gamma": ShiftedFit("gamma", 20.0, 10.0, 4.0, 0.0),
}


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
def test_a_known_distribution_is_found_again(family: Family) -> None:
    """Quantiles within 3%, and no refusal."""
    times = TRUE[family].draw(2_000, np.random.default_rng(1))
    found, q = fit_shifted(times, family), np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(found.quantiles(q), TRUE[family].quantiles(q), rtol=0.03)
    assert bootstrap_p(times, found, replicates=39) > 0.05


def test_scores_are_normal_quantiles_of_the_ranks() -> None:
    """Of three: the quartiles and the median, so that the largest has one too."""
    expected = [0.6744898, -0.6744898, 0.0]
    assert normal_scores(np.array([30.0, 10.0, 20.0])) == pytest.approx(expected)


def test_two_humps_are_refused() -> None:
    """Neither family has them."""
    rng = np.random.default_rng(2)
    times = np.concatenate([rng.normal(20, 1, 300), rng.normal(80, 3, 300)])
    assert bootstrap_p(times, fit_shifted(times, "lognormal"), replicates=39) < 0.05


@pytest.mark.parametrize("family", ["lognormal", "gamma"])
def test_the_unit_of_times_changes_nothing(family: Family) -> None:
    """Times in seconds have a shift below one, and it is found."""
    times = TRUE[family].draw(500, np.random.default_rng(1))
    ms, seconds = fit_shifted(times, family), fit_shifted(times / 1_000, family)
    assert seconds.shift == pytest.approx(ms.shift / 1_000, rel=1e-2)
