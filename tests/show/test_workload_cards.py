"""What a query log says of itself."""

from dataclasses import replace

import pytest

from hhperf.show import workload_cards as tables
from hhperf.show.workload_cards import log_card, requests_table
from hhperf.workload.importers.importing import Imported
from hhperf.workload.make import make_query_log
from hhperf.workload.query_log import QueryLog, summarise


@pytest.fixture(scope="module")
def made() -> QueryLog:
    """Sixty requests."""
    return make_query_log(60, seed=1)


def test_the_repr_counts_and_does_not_list(made: QueryLog) -> None:
    """However many there are."""
    assert repr(made).startswith("QueryLog('made with seed 1', 60 requests over ")
    assert repr(replace(made, skipped=2)).endswith(", 2 lines skipped)")


def test_the_repr_has_no_folder(made: QueryLog) -> None:
    """Notebooks are handed on."""
    assert "'queries.jsonl'" in repr(replace(made, source="/home/somebody/queries.jsonl"))


def test_the_first_requests_are_shown(made: QueryLog) -> None:
    """And how many more there are."""
    table = requests_table(made)
    assert len(table.rows) == 5
    assert table.more == 55
    assert table.rows[0][0] == made[0].request_id


def test_a_short_log_is_shown_whole(made: QueryLog) -> None:
    """Nothing more to tell of."""
    assert requests_table(made[:3]).more == 0


def test_an_empty_log_shows_itself(made: QueryLog) -> None:
    """Without figures of nothing."""
    card = log_card(made[:0])
    assert dict(card.facts) == {"requests": "0 over 0.00 ms"}
    assert card.tables == ()


def test_what_was_left_out_is_a_warning(made: QueryLog) -> None:
    """It travels with the figures."""
    said = log_card(replace(made, skipped=1, reordered=2)).warnings
    assert said == (
        "1 line could not be read and were left out",
        "2 requests stood after a later one and moved",
    )


def test_a_hostile_text_is_text(made: QueryLog) -> None:
    """Logs come from outside."""
    hostile = replace(made[0], body={"query": "<img src=x onerror=alert(1)>\n| x"})
    html = replace(made, requests=(hostile,))._repr_html_()
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; | x" in html


def test_a_very_long_log_is_not_summed_up(made: QueryLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Showing it takes no longer than a moment."""
    monkeypatch.setattr(tables, "MOST_SUMMARISED", 10)
    assert [name for name, _ in log_card(made).facts] == ["requests"]


def test_a_summary_shows_its_figures(made: QueryLog) -> None:
    """With their units."""
    summary = summarise(made)
    facts = dict(summary._card().facts)
    assert repr(summary).startswith("LogSummary(60 requests over ")
    assert "/s, at most " in facts["rate"]


def test_an_import_tells_what_became_of_the_lines(made: QueryLog) -> None:
    """Those that are no search are counted."""
    imported = Imported(made, 1_234, summarise(made))
    assert repr(imported).endswith(", 1,234 lines ignored)")
    assert dict(imported._card().facts)["lines ignored"].startswith("1,234 ")
