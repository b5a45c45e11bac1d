"""What gates leave of a verdict, in sentences."""

from dataclasses import replace

from hhperf.analysis.decision import Gate, GateState
from hhperf.show.findings import Findings
from hhperf.show.sentences import gates_sentences, verdict_sentence

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
        "A/A' p95: too few pairs to tell, so no verdict at p95: 8,500 pairs would do (noise).",
    )
