"""What a comparison says, in sentences."""

import math
from collections.abc import Sequence
from math import isnan

import pyarrow.compute as pc

from hhperf.analysis.comparison import Comparison, StatisticResult
from hhperf.analysis.decision import Gate, GateState, Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.sequential import SequentialPath
from hhperf.runs.metadata import REGIME, Floor, RunMetadata, SwitchbackDesign
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.show.intervals import with_interval
from hhperf.show.machine import in_spite_of_stalls
from hhperf.shown import counted, duration, milliseconds, percent
from hhperf.why.arm_time import ArmTime, Breakdown, ToldTime

CLAIM = {
    Verdict.EXCEEDS: "more than the {threshold} claimed",
    Verdict.BELOW: "less than the {threshold} claimed",
    Verdict.INCONCLUSIVE: "which may or may not be the {threshold} claimed",
    Verdict.NOT_MEASURABLE: "but there can be no verdict",
}
MOST_SAID = 100_000
"""Pairs beyond which no number is said: the saving is the claim's, as far as can be told."""

RERANK = "ENABLE_RERANK"
OBSTACLE = "not measurable: "
"""What a warning begins with that says why there is no verdict, and what would give one."""


def title_of(run: Run) -> str:
    """What the run compares, in which regime and under which load.

    Without a regime that was named, its profile and whether it reranks. What a run does not record,
    such as one of other people's services, is left out.
    """
    metadata = run.metadata
    arms, profile = metadata.design.arms, metadata.conditions.profile
    named = [f"profile {profile.name}"] if profile else []
    regime = metadata.conditions.labels.get(REGIME)
    parts = [
        f"{arms[Arm.TREATMENT]} against {arms[Arm.CONTROL]}",
        *([regime] if regime else [*named, *_rerank(metadata)]),
        *([metadata.design.load] if isinstance(metadata.design, SwitchbackDesign) else []),
    ]
    return ", ".join(parts)


def is_named(run: Run) -> bool:
    """Whether its regime has a name."""
    return REGIME in run.metadata.conditions.labels


def regime_of(run: Run) -> str:
    """The conditions of a run in a few words: those it was given, else its profile and reranker."""
    metadata = run.metadata
    given = metadata.conditions.labels.get(REGIME)
    profile = metadata.conditions.profile
    return given or ", ".join([*([profile.name] if profile else []), *_rerank(metadata)]) or "–"


def verdict_sentence(run: Run, comparison: Comparison) -> str:
    """The verdict in one plain sentence, with its number."""
    result = comparison[comparison.primary]
    design, estimate = run.metadata.design, result.estimate
    control, treatment = (design.arms[arm] for arm in (Arm.CONTROL, Arm.TREATMENT))
    latency = "response time" if isinstance(design, SwitchbackDesign) else "latency"
    partial = f"; the run is a partial one, {run.ending}" if run.ending else ""
    if not estimate.defined:
        return (
            f"{result.verdict}: at {result.statistic}, what {treatment} saves of the {latency} of"
            f" {control} is undefined{_failed_gates(comparison, result)}{partial}."
        )
    claim = _untold_gates(comparison, result) or CLAIM[result.verdict].format(
        threshold=percent(comparison.threshold)
    )
    stalls = in_spite_of_stalls(run, result)
    censored = " with stalls censored" if stalls else ""
    return (
        f"{result.verdict}: at {result.statistic}, {_saves(treatment, control, latency, estimate)}"
        f"{censored}, {claim}{_failed_gates(comparison, result)}"
        f"{_remedy(run, comparison, result)}{stalls}{partial}."
    )


def _saves(treatment: str, control: str, latency: str, estimate: Estimate) -> str:
    """What the treatment saves; one that loses is not said to save less than nothing."""
    saving = with_interval(estimate)
    if estimate.point >= 0:
        return f"{treatment} saves {saving} of the {latency} of {control}"
    more = percent(-estimate.point)
    return f"{treatment} takes {more} more {latency} than {control}, a saving of {saving}"


def _remedy(run: Run, comparison: Comparison, result: StatisticResult) -> str:
    """What would give a verdict that is open, in figures; empty where nothing is known of it."""
    if _concerning(comparison, result, GateState.FAILED) or _untold_gates(comparison, result):
        return ""
    if result.verdict is Verdict.NOT_MEASURABLE:
        why = (each for each in reversed(result.estimate.warnings) if each.startswith(OBSTACLE))
        return next((f": {each.removeprefix(OBSTACLE)}" for each in why), "")
    n = comparison.n_pairs
    needed: float | None = result.pairs_needed
    if result.verdict is not Verdict.INCONCLUSIVE or needed is None:
        return ""
    if needed <= n:  # enough for five points more than the claim: this saving is nearer to it
        needed = _pairs_if_it_stays(result.estimate, comparison.threshold, n)
    if not math.isfinite(needed) or needed <= n:
        return ""
    return f"; about {needed:,} pairs would settle it, {duration(needed / n * _seconds(run))} here"


def _pairs_if_it_stays(estimate: Estimate, threshold: float, n: int) -> float:
    """Pairs whose interval would just leave out the threshold, were the saving the one measured."""
    away = estimate.point - threshold
    reach = estimate.point - estimate.lower if away > 0 else estimate.upper - estimate.point
    if not away or n * (reach / away) ** 2 > MOST_SAID:
        return math.inf
    return math.ceil(n * (reach / away) ** 2 / 10) * 10


def _seconds(run: Run) -> float:
    """How long a run measured."""
    table = run.table(["start_ns", "end_ns"])
    return float(pc.max(table["end_ns"]).as_py() - pc.min(table["start_ns"]).as_py()) / 1e9


def conditions_sentence(run: Run, breakdown: Breakdown | None) -> str:
    """Under which conditions, and which parts are modelled.

    Without a breakdown the profile's own list of stages stands for what was seen to be modelled.
    """
    metadata = run.metadata
    parts = [
        _modelling(metadata, breakdown),
        *_rerank(metadata),
        metadata.caches,
        metadata.design.pace,
    ]
    return ", ".join(parts) + "."


def modelled_stages(breakdown: Breakdown) -> list[str]:
    """The stages that a latency profile made to last, under either arm."""
    stages = {**breakdown.control.stages, **breakdown.treatment.stages}
    return [name for name, stage in stages.items() if stage.is_modelled]


def path_sentence(path: SequentialPath) -> str:
    """When a run that stops on its verdict did so, and by what right."""
    looks = len(path.looks)
    if not looks:
        return f"The saving at {path.statistic} was never looked at: more pairs are needed."
    looked = f"looked at {'once' if looks == 1 else f'{looks:,} times'}"
    if path.stopped_at is None:
        return (
            f"The saving at {path.statistic} was {looked} and never settled: more pairs are needed."
        )
    return (
        f"Stopped on the verdict at {path.statistic} after {path.stopped_at:,} pairs; the bounds"
        f" are a confidence sequence that holds at every look at once, {looked}."
    )


def sample_sentence(run: Run) -> str:
    """What is not of the whole run, and of how much of it."""
    return (
        f"latencies, stages, costs, single requests and pictures are those of {run.pair_count:,}"
        f" pairs, {run.sampled}; savings and gates are of all"
    )


def floor_sentence(floor: Floor) -> str:
    """What the generator itself takes: no figure below it means anything."""
    return (
        f"The generator itself takes {milliseconds(floor.service_p50_s)} ms at the median and"
        f" {milliseconds(floor.service_p99_s)} ms at p99, with a target that does nothing"
        f" ({floor.requests:,} requests, sent at most {milliseconds(floor.lag_p99_s)} ms late"
        " at p99)."
    )


def explanation(breakdown: Breakdown) -> list[str]:
    """Why the saving is what it is: from the budgets to the measured figure."""
    control, treatment, expected = breakdown.control, breakdown.treatment, breakdown.expectation
    if control.told is not None or treatment.told is not None:
        return [told_sentence(arm, arm.told) for arm in (control, treatment) if arm.told]
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
        f" {percent(1 - control.bound_s / control.total_s)} at the median."
    )
    return said


def told_sentence(arm: ArmTime, told: ToldTime) -> str:
    """What a service tells of its time, and what it does not."""
    said = []
    if told.answers:
        share = "" if isnan(told.share) else f", {percent(told.share)} of its own total"
        said.append(
            f"the stages of {told.answers:,} searches add up to"
            f" {milliseconds(told.together_s)} ms{share}, and {milliseconds(told.remainder_s)} of"
            f" {milliseconds(arm.total_s)} ms are in none"
        )
    if cached := told.cached:
        said.append(
            f"{counted(cached.answers, 'answer')} came from its cache, in"
            f" {milliseconds(cached.cache_s)} of {milliseconds(cached.total_s)} ms"
        )
    return f"{arm.schedule}, at the median: {'; '.join(said)}."


def _failed_gates(comparison: Comparison, result: StatisticResult) -> str:
    failed = [gate.name for gate in _concerning(comparison, result, GateState.FAILED)]
    return f": it failed its validity gates ({'; '.join(failed)})" if failed else ""


def _untold_gates(comparison: Comparison, result: StatisticResult) -> str:
    """What took a verdict away for want of pairs, and how many would do; else empty."""
    untold = _concerning(comparison, result, GateState.TOO_FEW)
    is_open = decide(result.estimate, comparison.threshold) is Verdict.INCONCLUSIVE
    if not untold or is_open or result.verdict is not Verdict.INCONCLUSIVE:
        return ""
    needs = "; ".join(f"{gate.name}: {gate.advice}" for gate in untold)
    return f"but too few pairs were measured to rule out bias ({needs})"


def _concerning(comparison: Comparison, result: StatisticResult, state: GateState) -> list[Gate]:
    gates = comparison.gates
    return [gate for gate in gates if gate.state is state and gate.concerns(result.statistic)]


def _modelling(metadata: RunMetadata, breakdown: Breakdown | None) -> str:
    profile = metadata.conditions.profile
    if profile is None:
        return "No latency profile"
    modelled = list(profile.modelled) if breakdown is None else modelled_stages(breakdown)
    parts = (
        f"least times of {', '.join(modelled)} modelled, all else measured"
        if modelled
        else "nothing modelled, all measured"
    )
    return f"Profile {profile.name} ({parts})"


def _rerank(metadata: RunMetadata) -> list[str]:
    settings = metadata.conditions.settings
    return [f"rerank {'on' if settings[RERANK] else 'off'}"] if RERANK in settings else []


def _alone(breakdown: Breakdown) -> list[str]:
    return [name for name, stage in breakdown.treatment.stages.items() if stage.is_alone]


def gates_sentences(gates: Sequence[Gate]) -> tuple[str, ...]:
    """How many validity gates were not passed, then what each of those means."""
    missed = [gate for gate in gates if not gate.passed]
    if not missed:
        return ("Every validity gate was passed.",)
    failed = sum(gate.state is GateState.FAILED for gate in missed)
    head = f"Of {len(gates)} gates {failed} failed and {len(missed) - failed} could not tell."
    return (head, *(gate.text for gate in missed))
