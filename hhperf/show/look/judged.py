"""The verdict where the controls stand, in words and as intervals."""

from typing import Any

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import GateState, Verdict
from hhperf.analysis.estimate import Estimate, plain
from hhperf.analysis.other_claims import verdicts_against
from hhperf.shown import counted, percent

NEVER_ASKED = "A part chosen while looking is a question, not an answer"


def judged(
    comparison: Comparison | None,
    statistic: str,
    threshold: float,
    *,
    note: str = "",
    parts: int = 0,
) -> dict[str, Any]:
    """What the intervals say of the saving claimed.

    Args:
        comparison: of what is looked at; None where nothing can be compared.
        statistic: the saving that is told.
        threshold: what is claimed.
        note: what to know of what is looked at.
        parts: how many parts of the run were looked at so far; 0 where it is the whole.

    Returns:
        `verdict`, `sentence`, `threshold` in percent, `notes`, and `intervals`: each statistic's
        `point`, `lower` and `upper` in percent (None where undefined) and `verdict`.
    """
    notes = [note] if note else []
    if parts:
        notes.append(_parts_note(parts))
    shown = {"threshold": round(100 * threshold, 2), "intervals": [], "notes": notes}
    if comparison is None:
        return shown | {"verdict": "", "sentence": "No interval."}
    found = verdicts_against(comparison, threshold)
    told = statistic if statistic in found else comparison.primary
    estimate = comparison[told].estimate
    failed = [gate.name for gate in comparison.gates if gate.state is GateState.FAILED]
    if failed:
        notes.append(f"Gates failed: {', '.join(failed)}.")
    return shown | {
        "verdict": str(found[told]),
        "statistic": told,
        "sentence": _sentence(comparison, told, estimate, found[told], threshold),
        "intervals": [
            {"statistic": name, "verdict": str(verdict), **interval(comparison[name].estimate)}
            for name, verdict in found.items()
        ],
    }


def _sentence(
    comparison: Comparison, told: str, estimate: Estimate, verdict: Verdict, threshold: float
) -> str:
    pairs = counted(comparison.n_pairs, "pair")
    if not estimate.defined:
        return f"{verdict}: the saving at {told} is undefined, {pairs}."
    ends = f"{percent(estimate.lower)} to {percent(estimate.upper)}"
    return (
        f"{verdict}: {percent(estimate.point)} saved at {told} ({ends}) against"
        f" {percent(threshold)} claimed, {pairs}."
    )


def _parts_note(parts: int) -> str:
    looked = counted(parts, "part") + (" was" if parts == 1 else " were")
    return (
        f"{NEVER_ASKED}: {looked} looked at, and of twenty that save nothing unusual one interval"
        " misses the truth by chance."
    )


def interval(estimate: Estimate) -> dict[str, float | None]:
    """Point and ends in percent, None where one is undefined or unbounded."""
    ends = {"point": estimate.point, "lower": estimate.lower, "upper": estimate.upper}
    found = {name: plain(100 * value) for name, value in ends.items()}
    return {name: None if value is None else round(value, 2) for name, value in found.items()}
