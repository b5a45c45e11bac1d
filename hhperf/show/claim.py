"""The claim over several regimes: where it holds, where not, and how much there was to save."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hhperf.analysis.decision import Verdict
from hhperf.runs.observation import Arm
from hhperf.runs.run import is_run, load_run
from hhperf.show.card import Table
from hhperf.show.findings import Findings
from hhperf.show.sentences import is_named
from hhperf.show.subject import Subject
from hhperf.shown import percent

AT = ("p50", "p95")


def load_claim(folder: Path | str, *, threshold: float = 0.20) -> list[Findings]:
    """What `hhperf run` has recorded, in the order of recording.

    Args:
        folder: with a run for each regime and arm.
        threshold: the saving that is claimed.

    Raises:
        RunError: a run cannot be read, or has no pair to compare.
    """
    runs = [load_run(each) for each in sorted(Path(folder).iterdir()) if is_run(each)]
    runs.sort(key=lambda run: run.metadata.created)
    return [Findings.of(run, threshold=threshold) for run in runs]


def claim_of(subjects: Iterable[Subject]) -> Table | None:
    """The table of a folder that holds several regimes; None of any other."""
    findings = _paired(subjects)
    return claim_table(findings) if len(firsts(findings)) > 1 else None


def regimes_in(subjects: Sequence[Subject]) -> list[Findings] | None:
    """The first treatment of each regime, where several that were named are all that there is."""
    findings = _paired(subjects)
    found, named = firsts(findings), [each for each in findings if is_named(each.run)]
    return found if len(found) > 1 and len(named) == len(subjects) else None


def _paired(subjects: Iterable[Subject]) -> list[Findings]:
    return [each for each in subjects if isinstance(each, Findings) and not each.under_load]


def firsts(findings: Iterable[Findings]) -> list[Findings]:
    """Of each regime the first treatment."""
    seen: dict[str, Findings] = {}
    for each in findings:
        seen.setdefault(each.regime, each)
    return list(seen.values())


def claim_table(findings: Sequence[Findings]) -> Table:
    """A row a run: its regime, what was compared, what it saves, and what no schedule could exceed.

    Savings in percent with their intervals; what is possible is the median's.

    Args:
        findings: of paired runs.
    """
    columns = ("regime", "arm", *(f"saving at {at}, %" for at in AT), "verdict", "possible")
    rows = [
        (
            each.regime,
            each.run.metadata.design.arms[Arm.TREATMENT],
            *(_saving(each, at) for at in AT),
            str(each.word),
            _possible(each),
        )
        for each in findings
    ]
    title = f"The claim of {_claimed(findings)}, by regime"
    return Table(title, columns, tuple(rows), words=("arm", "verdict"))


def claim_sentence(findings: Sequence[Findings]) -> str:
    """In how many regimes the claim holds for an arm, which they are, and which are open.

    Args:
        findings: of paired runs of one treatment, a regime each.
    """
    by_word = {word: [each for each in findings if each.word is word] for word in Verdict}
    held, below = by_word[Verdict.EXCEEDS], by_word[Verdict.BELOW]
    open_ = [each for each in findings if each not in held and each not in below]
    said = [f"More than {_claimed(findings)} at p95 is saved in {len(held)} of"
            f" {len(findings)} regimes{_named(held)}"]  # fmt: skip
    said += [f"less in {len(below)}{_named(below)}"] if below else []
    said += [f"not settled in {len(open_)}{_named(open_)}"] if open_ else []
    return "; ".join(said) + "."


def _claimed(findings: Sequence[Findings]) -> str:
    return f"{100 * findings[0].threshold:g}%"


def _named(findings: Sequence[Findings]) -> str:
    return f" ({', '.join(each.regime for each in findings)})" if findings else ""


def _saving(findings: Findings, statistic: str) -> str:
    estimate = findings.comparison[statistic].estimate
    if not estimate.defined:
        return "–"
    lower, upper = 100 * estimate.lower, 100 * estimate.upper
    return f"{100 * estimate.point:.1f} ({lower:.1f} to {upper:.1f})"


def _possible(findings: Findings) -> str:
    if findings.breakdown is None or findings.breakdown.control.told is not None:
        return "–"
    control = findings.breakdown.control
    return percent(1 - control.bound_s / control.total_s)
