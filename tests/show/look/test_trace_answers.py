"""What is shown of traces, and of what is ticked."""

import pytest

from hhperf.errors import TraceError
from hhperf.show.look.ticks import Ticks
from hhperf.show.look.trace_answers import TraceAnswers, predicted_panel, ranked_panel
from hhperf.traces.trace_set import TraceSet

SHOP = "shop GET /search"
TICKED = Ticks(operation=SHOP, independent=(("embed", "text"),))


@pytest.fixture
def answers(shop: TraceSet) -> TraceAnswers:
    """Of the sixty calls."""
    return TraceAnswers(shop)


def test_the_pairs_that_never_overlapped_are_listed_with_what_is_known(
    answers: TraceAnswers,
) -> None:
    """The closest first; a repeat is none of them: it waits for what it repeats."""
    panel = answers.pairs(Ticks(operation=SHOP))
    assert [(row["first"], row["second"]) for row in panel["rows"]] == [
        ("embed", "text"), ("text", "rank"), ("rank", "text #2"), ("embed", "rank"),
        ("embed", "text #2"),
    ]  # fmt: skip
    first = panel["rows"][0]
    assert (first["calls"], first["smallest_ms"], first["median_ms"]) == ("60", "1.00", "1.00")
    assert panel["sentence"].startswith(
        "5 pairs of steps never overlapped in 60 calls of 60 traces: they may depend on each other"
    )
    assert not any(row["ticked"] for row in panel["rows"])


def test_a_tick_counts_for_repeats_too(answers: TraceAnswers) -> None:
    """They are shown as ticked by the other one."""
    rows = {(row["first"], row["second"]): row for row in answers.pairs(TICKED)["rows"]}
    assert (rows["embed", "text"]["ticked"], rows["embed", "text"]["by_other"]) == (True, False)
    assert rows["embed", "text #2"]["by_other"]


def test_a_tick_saves_what_the_prediction_says(answers: TraceAnswers) -> None:
    """Text beside embedding saves 41 of 100 ms."""
    panel = predicted_panel(answers.possible(TICKED))
    mean = panel["rows"][0]
    assert mean["saving"]["point"] == pytest.approx(41.0)
    assert mean["prediction"] == "PREDICTED TO EXCEED"
    assert panel["sentence"].startswith("PREDICTED TO EXCEED: 41.0% saved at mean")


def test_the_word_follows_the_claim(answers: TraceAnswers) -> None:
    """The same saving does not exceed another one."""
    claimed = Ticks(operation=SHOP, independent=(("embed", "text"),), threshold=0.5)
    assert predicted_panel(answers.possible(claimed))["rows"][0]["prediction"] != (
        "PREDICTED TO EXCEED"
    )


def test_changes_are_ranked_with_the_pairs_that_they_take(answers: TraceAnswers) -> None:
    """So that a page can tick them."""
    rows = ranked_panel(answers.possible(Ticks(operation=SHOP)))["rows"]
    needs = {row["what"]: row["needs"] for row in rows}
    assert needs["starting text together with embed"] == [["embed", "text"]]
    assert needs["caching embed"] == []


def test_what_is_said_of_other_pairs_is_told(answers: TraceAnswers) -> None:
    """A repeat that need not wait is in no row until it is said."""
    ticks = Ticks(operation=SHOP, independent=(("rank", "rank"),))
    assert answers.pairs(ticks)["notes"] == ["Said to be independent besides: rank."]


def test_another_operation_has_evidence_of_its_own(answers: TraceAnswers) -> None:
    """One that there is not is named."""
    with pytest.raises(TraceError, match="no operation 'shop GET /serch'"):
        answers.pairs(Ticks(operation="shop GET /serch"))
