"""What a history says of itself."""

import math

from hhperf.show.history_cards import change_sentences, history_card, newest_sentence
from hhperf.verdict.history import Moment
from hhperf.verdict.history_verdicts import make_history
from tests.verdict.test_history_verdicts import FIRST, moments, noisy


def test_a_change_is_told_with_its_size_place_and_certainty() -> None:
    """In a sentence."""
    (said,) = change_sentences(make_history("arms", moments(noisy(20, math.log(1.1), after=12))))
    assert said.startswith("The saving at p95 changed: WORSE from day-12 (c0ffee12) on")
    assert "p = 0.0" in said


def test_no_change_is_told_too() -> None:
    """None was found, which is not that there is none."""
    said = change_sentences(make_history("arms", moments(noisy(12))))
    assert said == ("No change of level was found in the saving at p95.",)


def test_the_table_has_a_row_for_each_point() -> None:
    """With what is known of it; what has no number is told below."""
    lacking = Moment("bad", FIRST, notes=("it failed a gate",))
    card = history_card(make_history("arms", [lacking, *moments(noisy(8))]))
    (table,) = card.tables
    assert [row[0] for row in table.rows][:2] == ["bad", "day-0"]
    assert table.rows[0][-1] == "NOT_MEASURABLE"
    assert "bad: it failed a gate" in card.warnings


def test_the_level_is_what_the_newest_is_held_against() -> None:
    """A single baseline may be a lucky run."""
    said = newest_sentence(make_history("arms", moments(noisy(12))))
    assert "against the level of day-0, 12 points" in said


def test_a_history_of_one_run_is_its_own_baseline() -> None:
    """Nothing to compare yet."""
    found = make_history("arms", moments([-0.3]))
    assert newest_sentence(found) == "day-0 (c0ffee00) is the baseline itself."
    assert "card" in type(history_card(found)).__name__.lower()
