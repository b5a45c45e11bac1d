"""Block lengths."""

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from scipy.signal import lfilter

from hhperf.analysis.block_length import autocovariances, block_length


@pytest.mark.parametrize("memory", [0.7, 0.9, 0.97])
def test_length_agrees_with_arch(rng: np.random.Generator, memory: float) -> None:
    """On autoregressive series arch's stationary block length is nearly the same."""
    series = lfilter([1], [1, -memory], rng.standard_normal(10_000))
    expected = float(optimal_block_length(series)["stationary"].iloc[0])
    assert block_length(series) == pytest.approx(expected, rel=0.1)


def test_covariances_are_the_plain_sums(rng: np.random.Generator) -> None:
    """The transform gives what multiplying out gives."""
    series = rng.standard_normal(200)
    centred = series - series.mean()
    expected = [float(centred[: 200 - k] @ centred[k:]) / 200 for k in range(20)]
    assert autocovariances(series, 19) == pytest.approx(expected)


@pytest.mark.parametrize("series", [np.ones(500), np.arange(4.0), np.array([1.0])])
def test_what_has_no_memory_to_see_has_length_one(
    series: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    """Constant and very short series are taken one by one."""
    assert block_length(series) == 1.0


def test_length_is_bounded(rng: np.random.Generator) -> None:
    """A random walk has no end of memory; the blocks do."""
    assert block_length(np.cumsum(rng.standard_normal(900))) <= 90
