"""What stands below a figure."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from hhperf import plots
from hhperf.show.plots.captions import lines_of, timeline_caption
from hhperf.why.timelines import timeline_of
from tests.show.plots.made import make_sweep, shipped_run, write_freezing


def test_a_run_says_how_many_which_profile_and_what_is_modelled() -> None:
    """In the order of the stages."""
    assert plots.caption_of(shipped_run()) == (
        "n = 1,010 requests an arm. Profile plan: least times of embedding, specialty, vector,"
        " text, ranking modelled, all else measured. Cache cold, 12 pairs in flight."
    )


def test_of_a_run_without_a_profile_nothing_is_claimed(tmp_path: Path) -> None:
    """What somebody's own service models is not known here."""
    run = write_freezing(tmp_path / "run", closed=False)
    assert "No latency profile." in plots.caption_of(run)


def test_a_sweep_says_how_many_at_each_load() -> None:
    """From the fewest to the most, and its labels."""
    said = "n = 300 to 3,600 requests an arm at each of 7 loads, pool 20."
    assert plots.sweep_caption(make_sweep()) == said


def test_a_run_of_the_sweep_adds_its_profile() -> None:
    """A sweep itself does not know it."""
    said = plots.sweep_caption(make_sweep(), shipped_run())
    assert "loads, pool 20. Profile plan: least times of embedding" in said


def test_one_request_is_named() -> None:
    """By its id and its pair."""
    said = timeline_caption(timeline_of(shipped_run(), 0))
    assert said.startswith("n = 1 (request q-000021, pair 0): least times of embedding,")


def test_a_caption_is_as_wide_as_its_figure() -> None:
    """A wider figure has fewer lines, and a new caption replaces the old."""
    text = plots.caption_of(shipped_run())
    assert len(lines_of(text, 4.5)) == 3
    figure = Figure(figsize=(13, 4))
    plots.add_caption(figure, "old")
    plots.add_caption(figure.subplots(), text)
    assert figure.get_supxlabel() == text


@pytest.mark.parametrize("words", ["", "one"])
def test_a_short_caption_is_one_line_at_most(words: str) -> None:
    """Nothing needs no line."""
    assert lines_of(words, 4.5) == words.split()
