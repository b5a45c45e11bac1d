"""Restarts of the process: the verdict over runs, with what differs within runs and between them.

Each run is compared as it would be alone, gates included; the verdict is a t test on the runs' log
ratios (`analysis.several_runs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import special

from hhperf.analysis.comparison import Comparison, Failures, StatisticResult, judge
from hhperf.analysis.decision import Gate, GateState, Verdict
from hhperf.analysis.power import Extension
from hhperf.analysis.several_runs import RunsEstimate, over_runs
from hhperf.errors import RunError
from hhperf.runs.run import Run, is_run, load_run
from hhperf.shown import Displayed, counted
from hhperf.verdict.compare import compare

RESTART = "restart"
"""The label of a run that is one of several: `2 of 5`."""

ALTERNATIVE = 0.05
"""Above the threshold: the true saving that runs still needed are worked out for."""

FALSE_ALARM = 0.01
"""How often such a gate fails in a sound run."""

BY_CHANCE = ("A/A'", "carry-over", "arm by place", "identical results", "failure rates")
"""How the gates begin that are tests, and so fail now and then in a sound run."""

EXPLAINED = 0.02
"""So many failures as come more seldom than this are no chance any more; with two runs, any is."""

OBSTACLE = "not measurable: "


@dataclass(frozen=True, slots=True, repr=False)
class Restarts(Displayed):
    """Several runs of one process, and what they say together.

    Attributes:
        runs: in the order of their folders.
        each: what each says alone.
        comparison: what all say together; its unit is the run.
        parts: by statistic the noise between and within runs.
    """

    runs: tuple[Run, ...]
    each: tuple[Comparison, ...]
    comparison: Comparison
    parts: dict[str, RunsEstimate]

    def __repr__(self) -> str:
        primary = self.comparison[self.comparison.primary]
        return f"Restarts({counted(len(self.runs), 'run')}: {primary.verdict} {primary.estimate})"


def restarts_in(folder: Path | str) -> tuple[Run, ...]:
    """The runs of a folder that `--runs` has filled; none of any other folder."""
    place = Path(folder)
    if is_run(place) or not place.is_dir():
        return ()
    runs = tuple(load_run(each) for each in sorted(place.glob("run-*")) if is_run(each))
    return runs if all(RESTART in run.metadata.conditions.labels for run in runs) else ()


def restart_sets(folder: Path | str) -> list[tuple[Run, ...]]:
    """The restarts in a folder by what they measured; each restart may hold several regimes."""
    alone = restarts_in(folder)
    if alone:
        return [alone]
    sets: dict[str, list[Run]] = {}
    for each in sorted(Path(folder).glob("run-*/*/run.json")):
        run = load_run(each.parent)
        if RESTART in run.metadata.conditions.labels:
            sets.setdefault(run.path.name, []).append(run)
    found = [tuple(runs) for runs in sets.values()]
    return sorted(found, key=lambda runs: runs[0].metadata.created)


def compare_restarts(
    runs: Sequence[Run], *, threshold: float = 0.20, seed: int = 0, **options: Any
) -> Restarts:
    """Say what several runs of the same arms show together.

    A run that did not go to its end is left out, and told.

    Args:
        runs: recorded under the same conditions, each by a process of its own.
        threshold: the saving that is claimed.
        seed: of the bootstrap.
        options: further ones of `compare`, such as `quantiles`.

    Raises:
        RunError: fewer than two runs are finished, or two differ in their conditions.
    """
    whole = [run for run in runs if not run.ending]
    if len(whole) < 2:
        raise RunError(
            f"{runs[0].path}: {len(whole)} of {counted(len(runs), 'run')} went to its end: at least"
            " 2 are needed to see how runs differ; --resume goes on with them"
        )
    for run in whole[1:]:
        if differs := whole[0].metadata.differences(run.metadata):
            raise RunError(
                f"{whole[0].path} and {run.path} differ in {', '.join(differs)}: these are no runs"
                " of one experiment"
            )
    each = tuple(compare(run, threshold=threshold, seed=seed, **options) for run in whole)
    parts = {
        name: over_runs(
            [one[name].estimate for one in each], [one.n_pairs for one in each], name,
            threshold=threshold,
        )
        for name in (result.statistic for result in each[0].results)
    }  # fmt: skip
    left = [f"{run.path.name} is left out: {run.ending}" for run in runs if run.ending]
    return Restarts(tuple(whole), each, _together(each, parts, threshold, left), parts)


def _together(
    each: Sequence[Comparison],
    parts: dict[str, RunsEstimate],
    threshold: float,
    left_out: Sequence[str],
) -> Comparison:
    plan = Extension(len(each), threshold, threshold + ALTERNATIVE, unit="runs")
    gates, told = gates_over(each)
    first = each[0]
    return Comparison(
        threshold=threshold,
        confidence=0.95,
        n_pairs=sum(one.n_pairs for one in each),
        n_clusters=len(each),
        cluster_level="run",
        primary=first.primary,
        results=tuple(
            judge(
                name,
                part.estimate,
                obstacle=_obstacle([one[name] for one in each]),
                plan=plan,
            )
            for name, part in parts.items()
        ),
        failures=Failures(
            sum(one.failures.control for one in each), sum(one.failures.treatment for one in each)
        ),
        warnings=(*left_out, *told),
    ).with_gates(gates)


def _obstacle(results: Sequence[StatisticResult]) -> str | None:
    """Why a statistic cannot be measured in one of the runs, gates aside."""
    for number, result in enumerate(results, 1):
        if result.verdict is Verdict.NOT_MEASURABLE:
            for said in result.estimate.warnings:
                if said.startswith(OBSTACLE):
                    return f"{said} (run {number})"
    return None


def gates_over(each: Sequence[Comparison]) -> tuple[tuple[Gate, ...], tuple[str, ...]]:
    """The gates of all runs together, and what to tell of those that failed in some.

    A gate that is a test fails in one of a hundred sound runs; so many failures as that explains
    are told and void nothing. Any other gate has to hold in every run.
    """
    names = dict.fromkeys(gate.name for one in each for gate in one.gates)
    found, told = list[Gate](), list[str]()
    for name in names:
        gates = {
            number: gate
            for number, one in enumerate(each, 1)
            for gate in one.gates
            if gate.name == name
        }
        found.append(_gate_over(name, gates, len(each)))
        failed = [number for number, gate in gates.items() if gate.state is GateState.FAILED]
        if failed and found[-1].state is not GateState.FAILED:
            told.append(
                f"{name} failed in run {', '.join(map(str, failed))} of {len(each)}, as chance has"
                f" it in {FALSE_ALARM:.0%} of sound runs"
            )
    return tuple(found), tuple(told)


def _gate_over(name: str, gates: dict[int, Gate], k: int) -> Gate:
    failed = [number for number, gate in gates.items() if gate.state is GateState.FAILED]
    untold = [gate for gate in gates.values() if gate.state is GateState.TOO_FEW]
    first = next(gate for gate in gates.values() if not failed or gate is gates[failed[0]])
    voids = tuple(dict.fromkeys(each for gate in gates.values() for each in gate.voids))
    needs = max((gate.needs for gate in untold if gate.needs), default=None)
    biases = [gate.bias for gate in untold]
    known = [bias for bias in biases if bias is not None]
    state = GateState.TOO_FEW if untold else GateState.PASSED
    if len(failed) > explained_by_chance(name, k):
        state = GateState.FAILED
    figure = f"failed in {len(failed)} of {counted(k, 'run')}"
    if untold:
        figure += f", too few pairs to tell in {len(untold)}"
    return Gate(
        name=name,
        state=state,
        figure=figure,
        limit=first.limit,
        detail=first.detail,
        voids=voids,
        needs=needs,
        # What biases one run of k moves their mean by a k-th of that.
        bias=sum(known) / k if untold and len(known) == len(biases) else None,
    )


def explained_by_chance(name: str, k: int) -> int:
    """In how many of k sound runs a gate may fail, before that is no chance any more."""
    if not name.startswith(BY_CHANCE):
        return 0
    most = 0
    while special.bdtrc(most, k, FALSE_ALARM) > EXPLAINED:
        most += 1
    return most
