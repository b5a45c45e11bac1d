"""Block lengths, and the bootstrap by blocks."""

import math

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length
from scipy.signal import lfilter

from hhperf.analysis import stationary
from hhperf.analysis.simulate import queue
from hhperf.analysis.stationary import (
    Blocks,
    autocovariances,
    block_length,
    counts_of,
    draw_blocks,
    draw_counts,
    places_before,
    stationary_quantiles,
)
from hhperf.errors import SampleError


@pytest.mark.parametrize("memory", [0.7, 0.9, 0.97])
def test_length_agrees_with_arch(rng: np.random.Generator, memory: float) -> None:
    """On autoregressive series arch's stationary block length is nearly the same."""
    series = lfilter([1], [1, -memory], rng.standard_normal(10_000))
    expected = float(optimal_block_length(series)["stationary"].iloc[0])
    assert block_length(series) == pytest.approx(expected, rel=0.1)


def test_one_quiet_lag_is_not_the_end_of_memory(rng: np.random.Generator) -> None:
    """Noise plus that of four steps before, whose only correlation is a half at lag four.

    By the formula, (2 G^2 / D)^(1/3) n^(1/3) with G = 2 * 4 * 0.5 and D = 2 (1 + 2 * 0.5)^2.
    """
    noise = rng.standard_normal(40_004)
    expected = (2 * 4.0**2 / (2 * 2.0**2)) ** (1 / 3) * 40_000 ** (1 / 3)
    assert block_length(noise[4:] + noise[:-4]) == pytest.approx(expected, rel=0.1)


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


EVERYWHERE = places_before(np.ones(60, dtype=np.bool_))


@pytest.mark.parametrize("length", [1.0, 7.5, 500.0])
def test_blocks_redraw_as_many_places_as_there_are(rng: np.random.Generator, length: float) -> None:
    """Whatever the block length, 60 places are drawn 60 times."""
    for _, counts in draw_counts(EVERYWHERE, length, 100, rng):
        assert counts.sum(axis=1).tolist() == [60] * len(counts)


@pytest.mark.parametrize("length", [1.0, 7.5, 500.0])
def test_counts_are_those_of_walking_the_blocks(rng: np.random.Generator, length: float) -> None:
    """Counting starts and stops gives what going from place to place gives, for every draw."""
    drawn = [draw_blocks(60, length, rng) for _ in range(3)]
    walked = [
        [
            place % 60
            for start, stop in zip(blocks.starts, blocks.stops, strict=True)
            for place in range(start, stop)
        ]
        for blocks in drawn
    ]
    expected = [np.bincount(places, minlength=60).tolist() for places in walked]
    assert counts_of(drawn, EVERYWHERE).tolist() == expected


def test_places_that_nobody_asks_for_are_not_counted(rng: np.random.Generator) -> None:
    """Those that are chosen have the counts that they have among all."""
    drawn, chosen = [draw_blocks(60, 7.5, rng) for _ in range(3)], rng.random(60) < 0.3
    some = counts_of(drawn, places_before(chosen))
    assert some.tolist() == counts_of(drawn, EVERYWHERE)[:, chosen].tolist()


def test_draws_come_a_few_at_a_time_and_are_all_there(rng: np.random.Generator) -> None:
    """Memory is bounded whatever the length of the series."""
    everywhere = places_before(np.ones(20_000, dtype=np.bool_))
    shapes = [counts.shape for _, counts in draw_counts(everywhere, 50.0, 7, rng)]
    assert sum(rows for rows, _ in shapes) == 7
    assert len(shapes) > 1


def test_a_block_around_the_whole_series_covers_it_once() -> None:
    """The series is a circle."""
    assert set(counts_of([Blocks(np.array([17]), np.array([77]))], EVERYWHERE)[0]) == {1}


def test_every_place_is_drawn_alike(rng: np.random.Generator) -> None:
    """Wrapping around leaves no edge that comes up less often."""
    total = sum(counts.sum(axis=0) for _, counts in draw_counts(EVERYWHERE, 8.0, 4_000, rng))
    assert total / 4_000 == pytest.approx(np.ones(60), abs=0.12)


def test_the_window_changes_no_result(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window too narrow at first gives what looking at the whole series gives."""
    series = queue(rng, 500).control
    whole = stationary_quantiles(series, 0.9, 20.0, 100, seed=4)
    monkeypatch.setattr(stationary, "_WINDOW_SD", 0.01)
    assert stationary_quantiles(series, 0.9, 20.0, 100, seed=4).tolist() == whole.tolist()


def test_blocks_of_one_are_the_plain_bootstrap(rng: np.random.Generator) -> None:
    """Without memory the spread is the binomial one."""
    found = stationary_quantiles(rng.random(2_000), 0.5, 1.0, 2_000, seed=0)
    assert found.std() == pytest.approx(0.5 / math.sqrt(2_000), rel=0.1)


def test_blocks_shorter_than_one_are_refused() -> None:
    """A block holds at least one response."""
    with pytest.raises(SampleError, match="must be 1 or more"):
        stationary_quantiles(np.ones(5), 0.5, 0.5, 10, seed=0)


def test_a_queue_has_memory(rng: np.random.Generator) -> None:
    """Responses behind each other in a queue stay alike, shuffled ones do not."""
    times = queue(rng, 5_000).control
    slow = (times > np.median(times)).astype(np.float64)
    assert block_length(slow) > 20
    assert block_length(rng.permutation(slow)) < 10
