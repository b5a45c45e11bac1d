"""The comment on a pull request, and the page in Markdown."""

import pytest

from hhperf.show.findings import Findings
from hhperf.show.report import markdown
from hhperf.show.report.markdown import to_comment, to_page
from hhperf.show.sweep_findings import SweepFindings


def before_details(comment: str) -> str:
    """What is seen before anything is unfolded."""
    return comment.partition("<details>")[0]


def test_the_verdict_comes_first(exceeding: Findings) -> None:
    """In bold, one line, then the savings."""
    comment = to_comment([exceeding], "hhperf report x")
    assert comment.startswith(f"**{exceeding.verdict}**\n\n**Saving against the 20% claimed**")
    assert "| p95 | 28.1% | 27.2% to 29.6% | EXCEEDS | 27.0% to 29.3% |" in before_details(comment)


def test_all_else_is_folded_away(exceeding: Findings) -> None:
    """Latencies, stages, gates and versions are within the details, the savings not again."""
    comment = to_comment([exceeding], "hhperf report x")
    assert "Validity gates" not in before_details(comment)
    assert comment.count("Saving against the 20% claimed") == 1
    for part in ("##### Latencies", "##### Validity gates", "**Versions and seeds**"):
        assert part in comment


def test_gates_that_were_not_passed_are_seen(gated: Findings) -> None:
    """They, and no others, stand before the details, with what they void."""
    seen = before_details(to_comment([gated], "hhperf report x"))
    (row,) = [line for line in seen.splitlines() if line.startswith("| A/A' mean | FAIL |")]
    assert row.endswith("| mean |")
    assert "carry-over" not in seen


def test_several_runs_each_have_their_table(exceeding: Findings, below: Findings) -> None:
    """Under their titles."""
    comment = to_comment([exceeding, below], "hhperf report x")
    assert comment.count("#### parallel against sequential, profile plan, rerank o") == 2
    assert comment.count("<details>") == comment.count("</details>") == 2


def test_a_comment_is_not_too_long(
    exceeding: Findings, below: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it would be, the details are left out and the verdict stays."""
    monkeypatch.setattr(markdown, "LONGEST_COMMENT", 3_000)
    comment = to_comment([exceeding, below], "hhperf report x")
    assert len(comment) < 3_000
    assert "<details>" not in comment
    assert "BELOW" in comment


def test_hostile_names_are_text(hostile: Findings) -> None:
    """No markup, no cell that ends too early, no call to a user, no direction marks."""
    comment = to_comment([hostile], "hhperf `report`")
    for harm in ("<script", "<img", "@all", "\u202e", "|`"):
        assert harm not in comment
    (row,) = [line for line in comment.splitlines() if line.startswith("| treatment (")]
    assert row.count("|") == 9
    assert "`` hhperf `report` ``" in comment


def test_a_sweep_has_its_savings_by_load(sweep: SweepFindings) -> None:
    """A row a load."""
    seen = before_details(to_comment([sweep], "hhperf report x"))
    assert seen.startswith("**At p95, eager saves more than the 20.0% claimed")
    assert (
        len([line for line in seen.splitlines() if line.startswith(("| 10 ", "| 20 ", "| 40 "))])
        == 3
    )


def test_the_page_has_everything_unfolded(exceeding: Findings) -> None:
    """Under headings, with the picture where it lies."""
    page = to_page([exceeding], "hhperf run", {exceeding.title: "off/picture.png"})
    assert f"**{exceeding.verdict}**\n\n![{exceeding.verdict}](<off/picture.png>)" in page
    assert "<details>" not in page
    assert "## Method in short" in page
    assert page.endswith("Made by `hhperf run`.\n")
