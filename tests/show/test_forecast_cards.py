"""How predictions look."""

import pytest

from hhperf.forecast.optimise import optimise
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
