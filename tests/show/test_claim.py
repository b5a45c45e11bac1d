"""The claim over several regimes, from runs that were recorded in them."""

from dataclasses import replace
from pathlib import Path

from hhperf.analysis.decision import Verdict
from hhperf.runs.metadata import REGIME
from hhperf.runs.run import Run, load_run
from hhperf.show.claim import claim_of, claim_sentence, claim_table, firsts, load_claim
from hhperf.show.findings import Findings

SHIPPED = Path("data/runs")


def of_regime(name: str, regime: str) -> Findings:
    run = load_run(SHIPPED / name)
    conditions = replace(run.metadata.conditions, labels={REGIME: regime})
    return Findings.of(Run(run.path, replace(run.metadata, conditions=conditions)))


def test_each_run_has_a_row_with_what_was_possible() -> None:
    """Regime, arm, savings with intervals, verdict, and what the stages would allow."""
    table = claim_table([of_regime("plan-rerank-off", "off"), of_regime("plan-rerank-on", "on")])
    assert table.title == "The claim of 20%, by regime"
    [off, on] = table.rows
    assert (off[0], off[1], off[4], on[0], on[4]) == ("off", "parallel", "EXCEEDS", "on", "BELOW")
    saving, possible = float(off[2].split()[0]), float(off[5].rstrip("%"))
    assert 20 < saving < possible < 40
    assert off[2].endswith(")")


def test_the_sentence_says_where_it_holds_and_where_not() -> None:
    """By the names of the regimes."""
    findings = [of_regime("plan-rerank-off", "quiet"), of_regime("plan-rerank-on", "reranked")]
    assert claim_sentence(findings) == (
        "More than 20% at p95 is saved in 1 of 2 regimes (quiet); less in 1 (reranked)."
    )


def test_what_is_open_is_said() -> None:
    """It is neither more nor less."""
    found = of_regime("plan-rerank-off", "open")
    results = tuple(
        replace(each, verdict=Verdict.INCONCLUSIVE) for each in found.comparison.results
    )
    comparison = replace(found.comparison, results=results)
    assert claim_sentence([replace(found, comparison=comparison)]) == (
        "More than 20% at p95 is saved in 0 of 1 regimes; not settled in 1 (open)."
    )


def test_a_folder_of_regimes_is_told_by_regime() -> None:
    """One of a single regime is not: there is nothing to compare it with."""
    off, on = of_regime("plan-rerank-off", "off"), of_regime("plan-rerank-on", "on")
    claim = claim_of([off, on, replace(off, title="eager")])
    assert claim is not None
    assert [row[0] for row in claim.rows] == ["off", "on", "off"]
    assert firsts([off, on, replace(off, title="eager")]) == [off, on]
    assert claim_of([off]) is None


def test_the_shipped_claim_holds_under_the_plan_s_budgets_alone() -> None:
    """And as it was shipped, with its placeholder, the plan saves nothing: the interval holds 0."""
    findings = load_claim(SHIPPED / "claim")
    first = firsts(findings)
    held = [each.regime for each in first if each.word is Verdict.EXCEEDS]
    assert held == ["plan's budgets"]
    assert {each.word for each in first} == {Verdict.EXCEEDS, Verdict.BELOW}
    shipped = first[0].comparison["p50"].estimate
    assert shipped.contains(0.0)
    assert shipped.upper < 0.02
    assert [each.run.metadata.design.arms["treatment"] for each in first[:2]] == [  # type: ignore[index]
        "as_shipped", "parallel",
    ]  # fmt: skip


def test_without_a_name_the_profile_stands_for_the_regime() -> None:
    """And whether it reranks."""
    run = load_run(SHIPPED / "plan-rerank-on")
    assert Findings.of(run).regime == "plan, rerank on"
