"""The page in HTML: the verdict first, well built, self-contained, and safe."""

import re
from itertools import pairwise

import pytest

from hhperf.runs.run import load_run
from hhperf.show.claim import claim_sentence
from hhperf.show.findings import Findings
from hhperf.show.report.html import to_html
from hhperf.show.sweep_findings import SweepFindings
from hhperf.workload.shipped import data_dir
from tests.show.report.made import HOSTILE, HOSTILE_LOG
from tests.show.report.page import Page

COMMAND = "hhperf report 'a run' --out <b>"


@pytest.fixture(scope="module")
def page(exceeding: Findings, below: Findings) -> Page:
    """The page on both shipped runs."""
    return Page(to_html([exceeding, below], COMMAND))


@pytest.fixture(scope="module")
def hostile_page(hostile: Findings) -> Page:
    """The page on a run whose names mean harm."""
    return Page(to_html([hostile], COMMAND))


@pytest.fixture(scope="module")
def sweep_page(sweep: SweepFindings) -> Page:
    """The page on a sweep."""
    return Page(to_html([sweep], COMMAND))


@pytest.fixture(params=["page", "hostile_page", "sweep_page"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """Each page in turn."""
    found: Page = request.getfixturevalue(request.param)
    return found


def test_the_verdict_is_the_first_sentence(exceeding: Findings) -> None:
    """Under a question, the whole of one sentence, before anything else."""
    page = Page(to_html([exceeding], COMMAND))
    assert page.all("h1")[0].text == "Does parallel save 20% of the latency of sequential?"
    assert page.all("p")[0].text == exceeding.verdict


def test_several_runs_share_one_sentence(page: Page) -> None:
    """It tells them apart by what differs, with the number of each."""
    assert page.all("p")[0].text == (
        "More than the 20.0% claimed is saved in 1 of 2 runs: EXCEEDS, 28.1% at p95 (rerank off);"
        " BELOW, 16.5% at p95 (rerank on)."
    )


def test_regimes_are_told_by_name() -> None:
    """In the first sentence those where the claim holds; in each heading its own."""
    folder = data_dir() / "runs" / "claim"
    findings = [Findings.of(load_run(folder / name)) for name in ("plan", "plan-rerank")]
    page = Page(to_html(findings, COMMAND))
    assert page.all("p")[0].text == claim_sentence(findings)
    assert [each.text for each in page.all("h2")][:2] == [
        "parallel against sequential, plan's budgets",
        "parallel against sequential, with a reranker",
    ]


def test_headings_are_in_order(any_page: Page) -> None:
    """One of the first level, and none skipped."""
    levels = [int(each.tag[1]) for each in any_page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_parts_come_in_reading_order(page: Page) -> None:
    """Runs, then the method, how to reproduce, and credits."""
    assert [each.text for each in page.all("h2")] == [
        "parallel against sequential, profile plan, rerank off",
        "parallel against sequential, profile plan, rerank on",
        "Method in short", "How to reproduce", "Data and credits",
    ]  # fmt: skip


def test_the_language_is_named(any_page: Page) -> None:
    """A screen reader reads English as English, and a phone takes its own width."""
    assert any_page.all("html")[0].attributes["lang"] == "en"
    assert "width=device-width" in any_page.values("content")[0]


def test_every_figure_has_words(any_page: Page) -> None:
    """Each drawing is an image with a label that has figures in it."""
    drawings = any_page.all("svg")
    labels = [each.attributes["aria-label"] or "" for each in drawings]
    assert len(labels) >= 3 or "Saving in response time" in labels[0]
    assert {each.attributes["role"] for each in drawings} == {"img"}
    assert all(re.search(r"\d", label) or "connection" in label for label in labels)
    assert all(each.attributes.get("alt") for each in any_page.all("img"))


def test_every_table_has_a_caption_and_scopes(any_page: Page) -> None:
    """Headers say whether they are of a column or of a row."""
    assert len(any_page.all("caption")) == len(any_page.all("table")) > 2
    assert all(each.text for each in any_page.all("caption"))
    assert {each.attributes.get("scope") for each in any_page.all("th")} == {"col", "row"}


def test_what_scrolls_can_be_reached_by_key(any_page: Page) -> None:
    """A wide table is a named region that takes the focus."""
    regions = [each for each in any_page.elements if each.attributes.get("class") == "scroll"]
    assert regions
    assert all(each.attributes["tabindex"] == "0" for each in regions)
    assert all(each.attributes["aria-label"] for each in regions)


def test_what_is_looked_up_is_folded_up(exceeding: Findings) -> None:
    """The tables that a notebook folds up too, the method and where the data are from."""
    page = Page(to_html([exceeding], COMMAND))
    folded = [each.text.strip() for each in page.all("summary")]
    assert folded[:-3] == [table.title for card in exceeding.cards for table in card.details]
    assert exceeding.savings.title not in folded
    assert not [each for each in page.all("details") if "open" in each.attributes]


def test_of_several_runs_the_verdicts_are_seen(page: Page, exceeding: Findings) -> None:
    """All else of each is folded up under its verdict, and printed where a reader unfolds it."""
    assert [each.text for each in page.all("p")][2] == exceeding.verdict
    folded = [each for each in page.all("details") if each.attributes.get("class") == "all"]
    assert len(folded) == 2
    assert all("Validity gates" in each.text for each in folded)
    assert ".all:not([open]) { display: none; }" in page.source
    assert "details:not(.all)::details-content { display: block;" in page.source


def test_a_gate_that_failed_is_not_folded_up(gated: Findings) -> None:
    """Whoever reads the numbers has to see it."""
    [card] = [each for each in gated.cards if each.title == "Validity gates"]
    assert card.tables
    assert not card.details


def test_ids_are_unique_and_found(any_page: Page) -> None:
    """No two figures share a definition, and no reference leads nowhere."""
    ids = any_page.values("id")
    assert len(ids) == len(set(ids))
    links = [each.removeprefix("#") for each in any_page.values("href") if each.startswith("#")]
    styles = re.findall(r"url\(#([\w.-]+)\)", any_page.source)
    assert {*links, *styles} <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(any_page: Page) -> None:
    """No script, no handler, no file beside the page; only credits link to the outside."""
    assert not any_page.all("script", "iframe", "object", "embed", "link", "img", "base")
    assert not any_page.values("src")
    outside = [each for each in any_page.all("a") if "//" in (each.attributes["href"] or "")]
    assert all(each.attributes["rel"] == "noopener noreferrer" for each in outside)
    assert not [name for each in any_page.elements for name in each.attributes if name[:2] == "on"]
    assert not re.search(r"url\((?!#)|@import", any_page.source)


def test_the_browser_is_told_to_fetch_nothing(page: Page) -> None:
    """Should a name ever slip through, the page's own policy stops it."""
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.values("content")


def test_hostile_names_are_shown_and_do_nothing(hostile_page: Page) -> None:
    """They stand in the text as written; what cannot be seen is written out."""
    assert "<script" not in hostile_page.source
    assert "\u202e" not in hostile_page.source
    assert "\x00" not in hostile_page.source
    shown = "".join(each.text for each in hostile_page.all("body"))
    assert "<script>alert(1)</script>" in shown
    assert "\\u202e" in shown
    assert HOSTILE["treatment"].split("\u202e")[0] in shown  # type: ignore[index]


def test_the_folder_of_the_log_is_not_told(hostile_page: Page) -> None:
    """Only the log's name."""
    assert "/home/somebody" not in hostile_page.source
    assert HOSTILE_LOG.source.startswith("/home/somebody")


def test_the_command_stands_as_it_was_given(page: Page) -> None:
    """Escaped, and nothing else."""
    assert page.all("code")[0].text == COMMAND


def test_a_run_is_made_again_by_a_command(page: Page) -> None:
    """With its arms, conditions and seed."""
    again = page.all("code")[1].text
    assert again.startswith("hhperf replay results/again --no-rerank --order log")
    assert again.endswith(
        "--pairs 1000 --in-flight 12 --cache-state cold --seed 0 --control sequential"
        " --treatment parallel --profile plan"
    )


def test_synthetic_data_and_their_credits_are_told(page: Page) -> None:
    """Of the shipped log, and of the embedded candidates."""
    said = page.all("main")[0].text
    assert "Queries and profiles are synthetic" in said
    assert "O*NET 27.0" in said
    assert "Azure LLM inference dataset 2023" in said


def test_nothing_is_claimed_of_a_foreign_log(hostile_page: Page) -> None:
    """No synthetic data, no credits that do not belong there."""
    said = hostile_page.all("body")[0].text
    assert "synthetic" not in said
    assert "O*NET" not in said
    assert "Queries are those of the log" in said


def test_modelled_stages_are_named(page: Page) -> None:
    """A reader finds what was not measured."""
    said = page.all("main")[0].text
    assert "least times of embedding, specialty, vector, text, ranking modelled" in said


def test_the_floor_is_shown_where_it_was_measured(hostile_page: Page, page: Page) -> None:
    """What the generator itself takes."""
    assert "with a target that does nothing" in hostile_page.all("main")[0].text
    assert "with a target that does nothing" not in page.all("main")[0].text


def test_a_sweep_shows_savings_by_load(sweep_page: Page) -> None:
    """The sentence, a table a statistic, and where savings end."""
    assert sweep_page.all("p")[0].text == (
        "At p95, eager saves more than the 20.0% claimed of the response time of sequential at"
        " 2 of 3 offered loads: EXCEEDS at 10 to 20/s, BELOW at 40/s."
    )
    captions = [each.text for each in sweep_page.all("caption")]
    assert captions[:2] == [
        "Saving in response time at p95 against the 20% claimed",
        "Saving in response time at p50 against the 20% claimed",
    ]
    assert "At p95 nothing is saved beyond about " in sweep_page.all("main")[0].text
    assert len(sweep_page.all("svg")) == 2


def test_a_gate_that_failed_is_told_with_the_verdict(gated: Findings) -> None:
    """The first sentence says why there is no verdict."""
    page = Page(to_html([gated], COMMAND))
    assert page.all("p")[0].text.endswith(
        "but there can be no verdict: it failed its validity gates (A/A' p95)."
    )
    assert [each.text for each in page.all("td") if each.attributes.get("class") == "fail"] == [
        "FAIL",
    ] * 4
