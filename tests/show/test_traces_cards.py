"""How traces, their structure and what is predicted from them look."""

import pytest

from hhperf.show.card import card_of
from hhperf.traces.before_after import compare_traces
from hhperf.traces.possible import predict_savings
from hhperf.traces.structure import learn_structure
from hhperf.traces.trace_set import TraceSet
from tests.traces.made import call, imported, message

STEPS = (("embed", 1, 41), ("text", 42, 82), ("rank", 83, 99))


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> TraceSet:
    """Sixty equal calls."""
    spans = [each for trace in range(1, 61) for each in call(trace, STEPS, 100.0)]
    return imported(tmp_path_factory.mktemp("traces"), message(spans))


def test_imported_traces_say_what_has_steps(traces: TraceSet) -> None:
    """And where to say which are independent."""
    card = card_of(traces)
    assert card.sentences[0] == "60 traces with 240 spans."
    assert "steps.toml" in card.sentences[1]
    assert card.tables[0].rows == (("shop GET /search", "60", "100.0"),)


def test_a_structure_asks_which_pairs_are_independent(traces: TraceSet) -> None:
    """It claims nothing that traces cannot show."""
    card = card_of(learn_structure(traces))
    assert card.sentences[1] == (
        "0 pairs of steps overlapped. 3 pairs never did: they may depend on each other or may just"
        " be written one after the other. Traces cannot tell; say which."
    )
    steps, critical, pairs = card.tables
    assert steps.rows[0] == ("embed", "100.0%", "40.0", "40.0", "0", "0")
    assert ("shop embed", "40.0%") in critical.rows
    assert pairs.rows[0] == ("embed, then text", "60", "60", "0", "0", "1.00", "1.00")


def test_a_prediction_is_never_called_a_verdict(traces: TraceSet) -> None:
    """Its words are others, and it says what it rests on."""
    card = card_of(predict_savings(traces, independent=["embed,text"]))
    medians = {row[0]: row for row in card.tables[0].rows}
    assert medians["mean"][1] == "+41.0% [39.5, 42.5]"
    assert medians["mean"][4] == "PREDICTED TO EXCEED"
    assert card.sentences[0] == "Declared independent: embed beside text."
    assert card.warnings[0].startswith("a prediction and no measurement")
    assert "starting rank together with text" in {row[0] for row in card.tables[1].rows}


def test_two_releases_are_shown_like_two_arms(traces: TraceSet) -> None:
    """With the warning that they were not drawn."""
    card = card_of(compare_traces(traces, traces))
    assert card.tables[0].rows[0] == ("mean", "+0.0% [0.0, 0.0]", "BELOW")
    assert card.warnings[0].startswith("observational")
