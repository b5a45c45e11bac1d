"""What is said of a run: tables, sentences, figure, page."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from hhperf import plots
from hhperf.runs import run_sample
from hhperf.runs.run import Run, load_run
from hhperf.show.card import Table
from hhperf.show.findings import Findings
from hhperf.show.report.write import Format, render, write_report
from hhperf.verdict import large_compare
from hhperf.workload.shipped import data_dir
from tests.show.report.made import write_load


@pytest.fixture(scope="module")
def findings(plan_run: Run) -> Findings:
    """What is said of the short run."""
    return Findings.of(plan_run)


def test_the_verdict_names_arms_statistic_and_interval(findings: Findings) -> None:
    """One sentence says it all, and 24 pairs are too few for a verdict at p95."""
    assert findings.verdict.startswith("NOT_MEASURABLE: at p95, ")
    assert "parallel saves" in findings.verdict
    assert "of the latency of sequential" in findings.verdict


def test_modelled_parts_are_named(findings: Findings) -> None:
    """The conditions say which stages only last as long as a model says."""
    assert findings.sentences[0].startswith(
        "Profile plan (least times of embedding, specialty, vector, text, ranking modelled,"
        " all else measured), rerank off, cache cold, 4 pairs in flight."
    )


def test_the_budget_and_the_difference_are_explained(findings: Findings) -> None:
    """A reader finds the 34% that the budgets promise, and why it is not reached."""
    said = " ".join(findings.sentences)
    assert "would save 34.3% at the median" in said
    assert "no schedule could save more than" in said


def test_the_latency_table_has_every_arm_and_statistic(findings: Findings) -> None:
    """Three arms, mean to maximum, and the failures."""
    table = findings.tables[0]
    assert table.columns == ("arm", "mean", "p50", "p90", "p95", "p99", "max", "failed")
    assert [row[0] for row in table.rows] == [
        "control (sequential)", "treatment (parallel)", "control again (sequential)",
    ]  # fmt: skip


def test_a_table_reads_the_same_in_text_and_markdown() -> None:
    """Figures are aligned right; a pipe in a cell does not break the row."""
    table = Table("Title", ("name", "ms"), (("a|b", "1.0"), ("c", "20.0")))
    assert str(table) == "Title\nname    ms\na|b    1.0\nc     20.0"
    assert table.to_markdown().splitlines() == [
        "| name | ms |", "| --- | ---: |", "| a\\|b | 1.0 |", "| c | 20.0 |",
    ]  # fmt: skip


def test_hostile_text_is_escaped_in_a_notebook() -> None:
    """A cell is text, never markup."""
    html = Table("<T>", ("a",), (("<script>",),))._repr_html_()
    assert "&lt;T&gt;" in html
    assert "<script>" not in html


def test_the_figure_shows_three_arms_and_every_statistic(findings: Findings) -> None:
    """Both pictures carry their units."""
    left, right = findings.figure().axes
    legend = left.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "sequential again", "sequential", "parallel",
    ]  # fmt: skip
    assert left.get_xlabel() == "service time (ms)"
    assert [tick.get_text().split("\n")[0] for tick in right.get_yticklabels()] == [
        "mean", "p50", "p90", "p95", "p99",
    ]  # fmt: skip


def test_a_plot_draws_where_it_is_told(findings: Findings) -> None:
    """The Axes given are the Axes returned."""
    axes = Figure().subplots()
    assert plots.plot_distributions(findings.run, ax=axes) is axes
    assert plots.plot_savings(findings.comparison, ax=axes) is axes


def test_a_longer_run_shows_the_saving_at_every_quantile() -> None:
    """The recorded run has a band around its savings, and the claim as a line."""
    recorded = Findings.of(load_run(data_dir() / "runs" / "plan-rerank-off"))
    assert recorded.shift is not None
    axes = plots.plot_shift(recorded.shift, ax=Figure().subplots())
    assert axes.get_ylabel() == "saving (%)"
    assert len(axes.collections) == 1


def test_the_page_has_the_verdict_and_finds_its_picture(findings: Findings) -> None:
    """The report stands beside the run, its picture inside the run's folder."""
    folder = findings.run.path.parent
    written = write_report([findings], folder, "hhperf run")
    page = written.with_suffix(".md").read_text(encoding="utf-8")
    assert f"**{findings.verdict}**" in page
    assert "synthetic" in page
    picture = folder / "plan" / "distributions.png"
    assert "(<plan/distributions.png>)" in page
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_report_keeps_no_secret_and_no_host_name(findings: Findings) -> None:
    """Only what a latency depends on is told of the machine."""
    page = Path(findings.run.path / "run.json").read_text(encoding="utf-8")
    assert "PASSWORD" not in page
    assert "hostname" not in page.lower()


def test_findings_show_themselves(findings: Findings) -> None:
    """The verdict first, then its tables; a notebook folds the rest."""
    shown = findings._repr_html_()
    assert shown.index("NOT_MEASURABLE") < shown.index("Service time in ms")
    assert "<details>" in shown
    assert repr(findings) == f"Findings({findings.title}: NOT_MEASURABLE)"


def test_what_was_lost_with_its_worker_is_told(tmp_path: Path) -> None:
    """In a column of its own, beside what failed and what was dropped."""
    table = Findings.of(write_load(tmp_path / "run", 20.0, 0.5)).latencies
    assert table.columns[-3:] == ("failed", "dropped", "lost")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, exceeding: Findings) -> Findings:
    """The shipped run without a reranker, told as one that is larger than memory."""
    monkeypatch.setattr(large_compare, "SHARE_OF_MEMORY", 0.0)
    monkeypatch.setattr(run_sample, "ROWS", 600)
    return Findings.of(exceeding.run)


def test_a_run_larger_than_memory_is_told_by_a_sample(large: Findings, exceeding: Findings) -> None:
    """Savings are of all its pairs; whatever is not says so, tables, captions and notes alike."""
    assert large.comparison["p95"].estimate == pytest.approx(exceeding.comparison["p95"].estimate)
    assert large.comparison.n_pairs == exceeding.comparison.n_pairs
    assert large.sample is not None
    assert large.latencies.title.endswith("pairs, a sample of 1,010")
    page = render([large], "hhperf report", Format.HTML)
    assert "requests an arm, a sample of 1,010" in page
    assert "pairs, a sample of 1,010; savings and gates are of all" in page
    assert large.breakdown is not None
