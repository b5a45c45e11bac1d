"""From recorded runs to the moments of a history: which belong together, and what each says."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hhperf.analysis.comparison import Comparison
from hhperf.analysis.decision import Verdict, decide
from hhperf.analysis.estimate import Estimate
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.power import variance_from
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import parse_statistic
from hhperf.analysis.samples import make_pairs
from hhperf.analysis.several_runs import runs_saving
from hhperf.errors import HhperfError, RunError, SampleError, unknown
from hhperf.runs.metadata import COMMIT, RunMetadata
from hhperf.runs.run import Run, load_run
from hhperf.verdict.compare import cluster_codes, compare
from hhperf.verdict.history import MEASURES, SAVING, Moment
from hhperf.verdict.restarts import RESTART

MAY_DIFFER = ("host", "versions", "conditions.versions", "conditions.settings")
"""Between the points of one history; settings that both have must be equal all the same."""

_RESTART = re.compile(r"run-\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """What a history follows.

    Attributes:
        measure: `saving`, or the latency of the `control` or the `treatment`.
        statistic: `mean`, `p95`, …
        threshold: the saving that is claimed.
        seed: of the bootstrap.

    Raises:
        SampleError: there is no such measure or statistic.
    """

    measure: str = SAVING
    statistic: str = "p95"
    threshold: float = 0.20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise SampleError(f"measure {self.measure!r}: {unknown(self.measure, MEASURES)}")
        parse_statistic(self.statistic)


def runs_below(folder: Path | str) -> list[Run]:
    """All runs in a folder, at any depth.

    Raises:
        RunError: there is none, or one cannot be read.
    """
    found = [load_run(each.parent) for each in sorted(Path(folder).rglob("run.json"))]
    if not found:
        raise RunError(f"{folder}: has no run in it (no run.json at any depth)")
    return found


def series_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs under equal conditions together: arms, profile, settings, log and pace."""
    series: list[list[Run]] = []
    for run in runs:
        for each in series:
            if is_comparable(each[0].metadata, run.metadata):
                each.append(run)
                break
        else:
            series.append([run])
    return series


def is_comparable(one: RunMetadata, other: RunMetadata) -> bool:
    """Whether two runs differ in nothing but code, machine and time.

    A setting that only one of them knows is a newer version's, and none of the conditions.
    """
    if set(one.differences(other)) - set(MAY_DIFFER):
        return False
    mine, theirs = one.conditions.settings, other.conditions.settings
    return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())


def home_of(run: Run) -> Path:
    """The folder of a run; of a restart what all restarts have in common, without `run-02`."""
    parts = run.path.parts if RESTART in run.metadata.conditions.labels else ()
    places = [place for place, part in enumerate(parts) if _RESTART.fullmatch(part)]
    return Path(*parts[: places[-1]], *parts[places[-1] + 1 :]) if places else run.path


def moments_of(runs: Sequence[Run], folder: Path | str, asked: Question) -> list[Moment]:
    """What each point of a series says; restarts of one process are one point.

    Args:
        runs: of one series.
        folder: that names are told from.
        asked: what is followed.
    """
    points: dict[Path, list[Run]] = {}
    for run in runs:
        points.setdefault(home_of(run), []).append(run)
    first = min(runs, key=lambda run: run.metadata.created)
    return [
        _moment(home, some, Path(folder), asked, first.metadata) for home, some in points.items()
    ]


def _moment(
    home: Path, runs: Sequence[Run], folder: Path, asked: Question, first: RunMetadata
) -> Moment:
    metadata = runs[0].metadata
    name = str(home.relative_to(folder)) if home.is_relative_to(folder) else str(home)
    logs, noise, claims, notes = list[float](), list[float](), list[Verdict](), list[str]()
    for run in runs:
        try:
            found, n, claim = _measured(run, asked, first)
        except HhperfError as error:
            notes.append(str(error))
            continue
        if not found.defined:
            notes += found.warnings or ("undefined",)
            continue
        logs.append(math.log1p(-found.point))
        noise.append(variance_from(found, n) / n)
        claims += [] if claim is None else [claim]
    if metadata.host != first.host and asked.measure == SAVING:
        notes.append("measured on another machine than the first point")
    return Moment(
        name=name if name != "." else home.name,
        at=min(run.metadata.created for run in runs),
        commit=metadata.conditions.labels.get(COMMIT, ""),
        logs=tuple(logs),
        within=float(np.mean(noise)) if noise else 0.0,
        claim=_claim(claims, logs, asked.threshold),
        notes=tuple(dict.fromkeys(notes)),
    )


def _claim(claims: Sequence[Verdict], logs: Sequence[float], threshold: float) -> Verdict | None:
    """A run's own verdict; of several, that of all together."""
    if len(claims) < 2:
        return next(iter(claims), None)
    return decide(runs_saving(np.array(logs), threshold=threshold), threshold)


def _measured(
    run: Run, asked: Question, first: RunMetadata
) -> tuple[Estimate, int, Verdict | None]:
    """What a run says, of how many pairs, and what it says of the claim.

    Raises:
        RunError: it is a partial run, or has no verdict there.
    """
    if run.ending:
        raise RunError(f"{run.path.name} is a partial run, {run.ending}")
    q = parse_statistic(asked.statistic)
    if asked.measure == SAVING:
        comparison = compare(
            run, threshold=asked.threshold, quantiles=(0.5 if q is None else q,), seed=asked.seed
        )
        return _saving(run, comparison, asked.statistic)
    if run.metadata.host != first.host:
        raise RunError(f"{run.path.name} was measured on another machine: latencies differ by that")
    return _latency(run, asked.measure, q, asked.seed)


def _saving(
    run: Run, comparison: Comparison, statistic: str
) -> tuple[Estimate, int, Verdict | None]:
    result = comparison[statistic]
    if result.verdict is Verdict.NOT_MEASURABLE:
        why = result.estimate.warnings[-1:] or ("undefined",)
        raise RunError(f"{run.path.name}: {why[0]}")
    return result.estimate, comparison.n_pairs, result.verdict


def _latency(run: Run, arm: str, q: float | None, seed: int) -> tuple[Estimate, int, None]:
    """An arm's latency in seconds as what is missing to 1 s, whose log ratio is that of a saving.

    So its interval comes from the same resampling of clusters as a saving's.
    """
    recorded = run.pairs(run.statistic)
    latencies = np.asarray(getattr(recorded, arm))
    _, codes, _ = cluster_codes(recorded)
    pairs = make_pairs(np.ones(len(latencies)), latencies, codes)
    found = mean_saving(pairs) if q is None else quantile_savings(pairs, (q,), seed=seed)[0]
    return found, pairs.n, None
