"""Resampling a series in blocks."""

import math

import numpy as np
import pytest

from hhperf.analysis import stationary
from hhperf.analysis.simulate import queue
from hhperf.analysis.stationary import Blocks, draw_blocks, stationary_quantiles
from hhperf.errors import SampleError

EVERYWHERE = np.arange(60)


@pytest.mark.parametrize("length", [1.0, 7.5, 500.0])
def test_blocks_redraw_as_many_places_as_there_are(rng: np.random.Generator, length: float) -> None:
    """Whatever the block length, 60 places are drawn 60 times."""
    for _ in range(100):
        assert draw_blocks(60, length, rng).counts_at(EVERYWHERE, 60).sum() == 60


@pytest.mark.parametrize("length", [1.0, 7.5, 500.0])
def test_counts_are_those_of_walking_the_blocks(rng: np.random.Generator, length: float) -> None:
    """Counting starts and stops gives what going from place to place gives."""
    blocks = draw_blocks(60, length, rng)
    walked = [
        place % 60
        for start, stop in zip(blocks.starts, blocks.stops, strict=True)
        for place in range(start, stop)
    ]
    assert blocks.counts_at(EVERYWHERE, 60).tolist() == np.bincount(walked, minlength=60).tolist()


def test_a_block_around_the_whole_series_covers_it_once() -> None:
    """The series is a circle."""
    blocks = Blocks(np.array([17]), np.array([77]))
    assert set(blocks.counts_at(EVERYWHERE, 60)) == {1}


def test_every_place_is_drawn_alike(rng: np.random.Generator) -> None:
    """Wrapping around leaves no edge that comes up less often."""
    total = sum(draw_blocks(60, 8.0, rng).counts_at(EVERYWHERE, 60) for _ in range(4_000))
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
