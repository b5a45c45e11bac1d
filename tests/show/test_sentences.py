"""What gates leave of a verdict, in sentences."""

from dataclasses import replace

from hhperf.analysis.decision import Gate, GateState
from hhperf.show.findings import Findings
from hhperf.show.sentences import gates_sentences, verdict_sentence
from hhperf.verdict.compare import compare

UNSURE = Gate("A/A' p95", GateState.TOO_FEW, "9%", "5%", "noise", ("p95",), 8_500)
FAILED = replace(UNSURE, name="A/A' p50", state=GateState.FAILED, voids=("p50",), needs=None)


def test_a_verdict_that_a_gate_leaves_open_says_what_it_takes(exceeding: Findings) -> None:
    """Its interval lies above the claim, so the claim is not what is open."""
    comparison = exceeding.comparison.with_gates([UNSURE])
    assert verdict_sentence(exceeding.run, comparison).startswith("INCONCLUSIVE: at p95, ")
    assert verdict_sentence(exceeding.run, comparison).endswith(
        "but too few pairs were measured to rule out bias (A/A' p95: 8,500 pairs would do)."
    )


def test_a_gate_on_another_statistic_is_not_in_the_verdict(exceeding: Findings) -> None:
    """p95 stands where p50 does not."""
    comparison = exceeding.comparison.with_gates([FAILED])
    assert verdict_sentence(exceeding.run, comparison) == exceeding.verdict


def test_gates_are_counted_and_each_that_was_not_passed_is_told(exceeding: Findings) -> None:
    """How many failed, how many could not tell, then why."""
    passed = exceeding.comparison.gates
    assert gates_sentences(passed) == ("Every validity gate was passed.",)
    assert gates_sentences((*passed, FAILED, UNSURE)) == (
        f"Of {len(passed) + 2} gates 1 failed and 1 could not tell.",
        "A/A' p50: failed, which voids p50 (noise).",
        "A/A' p95: too few pairs to tell, so no verdict at p95 that it could change: 8,500 pairs"
        " would do (noise).",
    )


def test_an_open_verdict_ends_with_what_would_settle_it(exceeding: Findings) -> None:
    """In pairs, and in time at the run's own pace."""
    found = compare(exceeding.run, threshold=0.28)
    results = tuple(replace(each, pairs_needed=3_030) for each in found.results)
    said = verdict_sentence(exceeding.run, replace(found, results=results))
    assert "which may or may not be the 28.0% claimed; about 3,030 pairs would settle it, " in said
    assert said.endswith(" min here.")


def test_what_is_not_measurable_ends_with_what_it_takes(exceeding: Findings) -> None:
    """Not with the bare word."""
    said = verdict_sentence(exceeding.run, replace(exceeding.comparison, primary="p99"))
    assert said.endswith("but there can be no verdict: p99 takes 2,000 pairs or more.")
