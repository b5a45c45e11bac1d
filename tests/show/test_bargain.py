"""What a saving is bought with, in words."""

from dataclasses import replace

import pytest

from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.show.bargain import NO_PRICE, bargain_cards
from hhperf.show.card import Card, card_of
from hhperf.show.findings import Findings
from hhperf.show.verdict_cards import price_table
from hhperf.verdict.price import Amount, Item, Price, price_of
from hhperf.workload.shipped import data_dir

ITEM = Item(Amount(0.2, 0.19, 0.21), Amount(0.213, 0.2, 0.22), Amount(1.065, 1.01, 1.12))
PRICE = Price(
    {Arm.CONTROL: "sequential", Arm.TREATMENT: "parallel"},
    {"connection_s": ITEM, "wait_s": replace(ITEM, ratio=None)},
    {Arm.CONTROL: 1, Arm.TREATMENT: 2},
    1_010,
)


@pytest.fixture(scope="module")
def shipped() -> Findings:
    """A run with a verdict, recorded before runs had costs."""
    return Findings.of(load_run(data_dir() / "runs" / "plan-rerank-off"))


def told(found: Findings, price: Price | None) -> Card:
    """What is said of this price of that run."""
    (card,) = bargain_cards(found.run, found.comparison, price)
    return card


def test_the_saving_stands_beside_what_it_is_bought_with(shipped: Findings) -> None:
    """In one sentence."""
    assert told(shipped, PRICE).sentences[0] == (
        "parallel saves 28.1% at p95 and holds 2 connections at most instead of 1 (213 ms of"
        " connections a request instead of 200)."
    )


def test_arms_that_hold_alike_are_said_to(shipped: Findings) -> None:
    """And a saving without a verdict is not repeated."""
    comparison = shipped.comparison
    results = [replace(each, verdict=Verdict.NOT_MEASURABLE) for each in comparison.results]
    (card,) = bargain_cards(
        shipped.run,
        replace(comparison, results=tuple(results)),
        replace(PRICE, most={Arm.CONTROL: 1, Arm.TREATMENT: 1}),
    )
    assert card.sentences[0].startswith("parallel holds 1 connection at most as sequential does (")


def test_what_the_figures_hold_and_lack_is_told(shipped: Findings) -> None:
    """Modelled stages, a database elsewhere, processor time that belongs to no arm."""
    said = " ".join(told(shipped, replace(PRICE, seen=0.632)).sentences)
    assert "made to last holds its connection" in said
    assert "database is not known" in said
    assert "63.2% of this process's" in said


def test_live_deployments_do_not_tell_and_that_is_said_in_one_line() -> None:
    """They have no latency profile either."""
    found = Findings.of(load_run(data_dir() / "runs" / "two-deployments"))
    assert told(found, None) == Card("What it costs a request", sentences=(NO_PRICE,))
    assert NO_PRICE in found.sentences


def test_a_run_from_before_costs_were_recorded_is_told_as_ever(shipped: Findings) -> None:
    """Its arms might have told."""
    assert shipped.price is None
    assert not bargain_cards(shipped.run, shipped.comparison, None)


def test_each_item_has_both_means_and_their_ratio() -> None:
    """With intervals; without a ratio where there is none."""
    most, connection, wait = price_table(PRICE).rows
    assert most == ("connections held at once, most", "1", "2", "–", "–")
    assert connection[1:] == ("200 (190 to 210)", "213 (200 to 220)", "1.06", "1.01 to 1.12")
    assert wait[3:] == ("–", "–")


def test_a_recorded_run_shows_its_price(plan_run: Run) -> None:
    """In a terminal and a report after the savings, and alone in a notebook."""
    found, price = Findings.of(plan_run), price_of(plan_run)
    assert price is not None
    titles = [card.title for card in found.cards]
    assert titles.index("What it costs a request") == titles.index("Savings") + 1
    assert price_table(price) in found.tables
    assert "processor time of database, ms" in str(card_of(price))
