"""What a comparison says, in sentences."""

from hhperf.analysis import Comparison, SequentialPath, Verdict
from hhperf.breakdown import Breakdown
from hhperf.runs import Arm, Run
from hhperf.tables import milliseconds, percent

CLAIM = {
    Verdict.EXCEEDS: "more than the {threshold} claimed",
    Verdict.BELOW: "less than the {threshold} claimed",
    Verdict.INCONCLUSIVE: "which may or may not be the {threshold} claimed",
    Verdict.NOT_MEASURABLE: "but this run can give no verdict",
}


def title_of(run: Run) -> str:
    """What the run compares, under which profile, and whether it reranks."""
    arms, conditions = run.metadata.design.arms, run.metadata.conditions
    profile = conditions.profile.name if conditions.profile else "none"
    return (
        f"{arms[Arm.TREATMENT]} against {arms[Arm.CONTROL]}, profile {profile},"
        f" rerank {_rerank(run)}"
    )


def verdict_sentence(run: Run, comparison: Comparison) -> str:
    """The verdict in one plain sentence, with its number."""
    result = comparison[comparison.primary]
    control, treatment = (run.metadata.design.arms[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    estimate = result.estimate
    saving = f"{percent(estimate.point)} ({percent(estimate.lower)} to {percent(estimate.upper)})"
    claim = CLAIM[result.verdict].format(threshold=percent(comparison.threshold))
    return (
        f"{result.verdict}: at {result.statistic}, {treatment} saves {saving}"
        f" of the latency of {control}, {claim}."
    )


def conditions_sentence(run: Run, breakdown: Breakdown) -> str:
    """Under which conditions, and which parts are modelled."""
    design, conditions = run.metadata.design, run.metadata.conditions
    modelled = modelled_stages(breakdown)
    parts = (
        f"least times of {', '.join(modelled)} modelled, all else measured"
        if modelled
        else "nothing modelled, all measured"
    )
    name = conditions.profile.name if conditions.profile else "none"
    return (
        f"Profile {name} ({parts}), rerank {_rerank(run)}, cache {design.cache_state},"
        f" {design.pace}."
    )


def modelled_stages(breakdown: Breakdown) -> list[str]:
    """The stages that a latency profile made to last, under either arm."""
    stages = {**breakdown.control.stages, **breakdown.treatment.stages}
    return [name for name, stage in stages.items() if stage.is_modelled]


def path_sentence(path: SequentialPath) -> str:
    """When a run that stops on its verdict did so, and by what right."""
    looked = f"looked at {len(path.looks)} times"
    if path.stopped_at is None:
        return (
            f"The saving at {path.statistic} was {looked} and never settled: more pairs are needed."
        )
    return (
        f"Stopped on the verdict at {path.statistic} after {path.stopped_at:,} pairs; the bounds"
        f" are a confidence sequence that holds at every look at once, {looked}."
    )


def explanation(breakdown: Breakdown) -> list[str]:
    """Why the saving is what it is: from the budgets to the measured figure."""
    control, treatment, expected = breakdown.control, breakdown.treatment, breakdown.expectation
    said = []
    if expected is not None:
        said += [
            f"By the profile's medians alone, {treatment.schedule} would save"
            f" {percent(expected.budget)} at the median.",
            f"With the delays as drawn it would save {percent(expected.drawn)}: of two stages that"
            " run together the slower one counts, and the slower of two varying delays is longer"
            " than either's median.",
            f"Measured: {percent(expected.measured)}. The rest of the difference"
            f" ({percent(expected.drawn - expected.measured)}) is real work that the profile does"
            " not model and both arms do.",
        ]
    said.append(
        f"What nothing can overlap ({', '.join(_alone(breakdown))}) takes"
        f" {milliseconds(treatment.alone_s)} of {treatment.schedule}'s"
        f" {milliseconds(treatment.total_s)} ms; {control.schedule} takes"
        f" {milliseconds(control.total_s)} ms in all, so no schedule could save more than"
        f" {percent(1 - control.bound_s / control.total_s)}."
    )
    return said


def _rerank(run: Run) -> str:
    return "on" if run.metadata.conditions.settings.get("ENABLE_RERANK") else "off"


def _alone(breakdown: Breakdown) -> list[str]:
    return [name for name, stage in breakdown.treatment.stages.items() if stage.is_alone]
