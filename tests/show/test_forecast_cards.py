"""How predictions look."""

import pytest

from hhperf.analysis.estimate import Estimate, undefined
from hhperf.forecast.optimise import optimise
from hhperf.forecast.validation import ValidatedSaving, Validation
from hhperf.forecast.what_if import decide, what_if
from hhperf.runs.run import Run, load_run
from hhperf.show.card import card_of
from hhperf.show.forecast_cards import measured_table
from hhperf.verdict.compare import compare
from hhperf.workload.shipped import data_dir


@pytest.fixture(scope="module")
def shipped() -> Run:
    """Pairs under the plan's budgets."""
    return load_run(data_dir() / "runs/claim/plan")


def test_a_prediction_says_what_is_saved_and_how_sure_that_is(shipped: Run) -> None:
    """The sentence, the model's own error, and a row for each statistic."""
    card = card_of(what_if(shipped, schedule="parallel"))
    assert "At p95, parallel is predicted to save 28." in card.sentences[0]
    assert card.facts[0][1].endswith("points, in the intervals")
    assert [row[0] for row in card.tables[0].rows] == ["mean", "p50", "p90", "p95", "p99"]


def test_deciding_stages_are_told_with_what_a_millisecond_saves(shipped: Run) -> None:
    """The specialty lookup decides next to nothing beside the embedding."""
    [table] = card_of(decide(shipped, schedule="parallel")).tables
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["ranking"] == ("100%", "100%", "0.00", "1.00", "1.00")
    assert rows["specialty"][-1] == "0.00"


def test_a_ranking_says_which_orders_are_alike(shipped: Run) -> None:
    """In words and in the table; measured ones stand beside."""
    found = optimise(shipped)
    card = card_of(found)
    assert card.sentences[0].startswith("All 66 orders: 'eager' is predicted best at p95")
    assert card.sentences[1].startswith("Not to be told from it: ")
    table = measured_table(found, {"parallel": compare(shipped)})
    assert (table.rows[0][0], table.rows[0][-1]) == ("parallel", "yes")


def test_a_validation_says_how_far_off_predictions_were() -> None:
    """In a sentence and row by row; what could not be measured has no figure."""
    predicted = Estimate(0.20, 0.18, 0.22)
    measured = Estimate(0.24, 0.22, 0.26), undefined("few", confidence=0.95, method="")
    savings = [
        ValidatedSaving(name, "p95", "pool_max", predicted, found, (0.1, 0.11))
        for name, found in zip(("a", "b"), measured, strict=True)
    ]
    card = card_of(Validation(tuple(savings)))
    assert card.title == "1 changed system, predicted and then measured"
    assert card.sentences == (
        "Within 3 points at every statistic: 0 of 1 system. Intervals that hold: 0 of 1; median"
        " half-width 2.0 points.",
        "Predictions were off by, root mean square: 4.00 points for connections (1 saving).",
    )
    [table] = card.tables
    assert table.rows[0][4:] == ("+4.0", "no", "100", "110")
    assert table.rows[1][3:6] == ("an undefined share", "–", "–")
    assert card_of(Validation(())).sentences == ("Nothing was measured.",)
