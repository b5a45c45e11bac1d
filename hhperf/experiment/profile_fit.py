"""A latency profile from what was measured: a distribution for each stage, and how well it fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from hhperf.analysis.samples import FloatArray
from hhperf.analysis.shifted_fits import (
    FAMILIES,
    Family,
    ShiftedFit,
    bootstrap_p,
    fit_shifted,
    normal_scores,
)
from hhperf.errors import ProfileError, unknown
from hhperf.experiment.latency_profiles import Stage
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run
from hhperf.shown import Displayed

LEAST_TIMES = 50
ALPHA = 0.05
GRID = np.concatenate([np.linspace(0, 0.95, 39), [0.975, 0.99, 0.995, 1.0]])
"""Where the quantiles of an empirical distribution are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class StageFit:
    """One stage's distribution.

    Attributes:
        stage: its name.
        times_ms: what was measured, ascending, in milliseconds.
        fit: the distribution; None for the empirical one.
        distance: Kolmogorov and Smirnov's, of the fit or of the best that was refused.
        p: of the parametric bootstrap.
        refused: families that do not fit, with their p.
    """

    stage: str
    times_ms: FloatArray
    fit: ShiftedFit | None
    distance: float
    p: float
    refused: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The distribution in a word."""
        return self.fit.family if self.fit else "empirical"

    def quantiles_ms(self, q: FloatArray) -> FloatArray:
        """Of what is written, shape as q."""
        if self.fit is not None:
            return self.fit.quantiles(q)
        found: FloatArray = np.interp(q, GRID, np.quantile(self.times_ms, GRID))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ProfileFit(Displayed):
    """A profile's stages as fitted.

    Attributes:
        source: the run or the file.
        stages: by name.
        correlations: between two stages' normal scores, where it is not noise.
    """

    source: str
    stages: Mapping[str, StageFit]
    correlations: Mapping[tuple[str, str], float]

    def __repr__(self) -> str:
        return f"ProfileFit({', '.join(f'{n}: {s.kind}' for n, s in self.stages.items())})"


def fit_profile(
    source: Run | Path | str,
    *,
    family: Family | None = None,
    replicates: int = 199,
    seed: int = 0,
) -> ProfileFit:
    """Fit each stage: of the families that are not refused (p >= 0.05) the one with the least AIC.

    Where both are refused the empirical distribution is kept, by its quantiles.

    Args:
        source: a run, whose control is read; or a CSV file with a column of milliseconds a stage.
        family: the only one to be had.
        replicates: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        ProfileError: a stage has too few times, or the family that was asked for does not fit.
    """
    times = _of_run(source) if isinstance(source, Run) else _of_file(Path(source))
    name = str(source.path if isinstance(source, Run) else source)
    families = (family,) if family else FAMILIES

    def fitted(stage: str) -> StageFit:
        own = times[stage].dropna().to_numpy(dtype=np.float64)
        p_of = partial(bootstrap_p, replicates=replicates, seed=seed)
        return _fitted(name, stage, own, families, p_of)

    stages = {stage: fitted(stage) for stage in times.columns}
    return ProfileFit(name, stages, _correlations(times))


def write_profile(found: ProfileFit, path: Path) -> None:
    """Write it as a profile that `load_profile` reads.

    Raises:
        ProfileError: it cannot be written.
    """
    lines = [f"about = {_text(f'fitted to {found.source}')}"]
    for stage, each in found.stages.items():
        lines += [
            "",
            f"[stages.{stage}]",
            *_numbers_of(each),
            f"source = {_text(_said(found, each))}",
        ]
    for (one, other), rho in found.correlations.items():
        lines += ["", "[[correlations]]", f'stages = ["{one}", "{other}"]', f"rho = {rho:.4f}"]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise ProfileError(f"{path}: cannot be written: {error}") from error


def _fitted(
    source: str,
    stage: str,
    times: FloatArray,
    families: Sequence[Family],
    p_of: Callable[[FloatArray, ShiftedFit], float],
) -> StageFit:
    times = np.sort(times[times > 0])
    if len(times) < LEAST_TIMES or times[0] == times[-1]:
        raise ProfileError(
            f"{source}: {stage} has {len(times)} positive times, some of which must differ: a"
            f" distribution takes {LEAST_TIMES}"
        )
    tried = []
    for each in families:
        fit = fit_shifted(times, each)
        tried.append((fit, p_of(times, fit)))
    tried.sort(key=lambda pair: pair[0].aic)
    refused = tuple(f"{fit.family} (p {p:.3f})" for fit, p in tried if p < ALPHA)
    fitting = [(fit, p) for fit, p in tried if p >= ALPHA]
    if len(families) == 1 and not fitting:
        raise ProfileError(
            f"{source}: {stage} is no {refused[0]}: its distance is"
            f" {tried[0][0].distance(times):.3f}; leave the family open"
        )
    fit, p = (fitting or tried)[0]
    return StageFit(stage, times, fit if fitting else None, fit.distance(times), p, refused)


def _correlations(times: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Of all pairs or of none, so that they stay those of real scores; none where all is noise."""
    whole = times.dropna()
    if len(whole) < LEAST_TIMES or len(whole.columns) < 2:
        return {}
    scores = np.corrcoef([normal_scores(whole[each].to_numpy()) for each in whole.columns])
    pairs = list(combinations(range(len(whole.columns)), 2))
    noise = 3 / np.sqrt(len(whole))
    if max(abs(scores[pair]) for pair in pairs) < noise:
        return {}
    names = [str(each) for each in whole.columns]
    return {(names[i], names[j]): float(scores[i, j]) for i, j in pairs}


def _of_run(run: Run) -> pd.DataFrame:
    spans = run.spans()
    mine = spans[
        (spans["arm"].astype(str) == Arm.CONTROL.value)
        & spans["stage"].astype(str).isin(get_args(Stage))
    ]
    if mine.empty:
        raise ProfileError(f"{run.path}: its control told of no stage that a profile may model")
    mine = mine.assign(stage=mine["stage"].astype(str), ms=mine["duration_s"] * 1e3)
    return mine.pivot_table(index="pair", columns="stage", values="ms", aggfunc="sum")


def _of_file(path: Path) -> pd.DataFrame:
    try:
        times = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ProfileError(f"{path}: {error}") from error
    for name in times.columns:
        if name not in get_args(Stage):
            raise ProfileError(f"{path}: column {name!r}: {unknown(name, get_args(Stage))}")
        numbers = pd.to_numeric(times[name], errors="coerce")
        bad = numbers.isna() & times[name].notna() | (numbers < 0) | ~np.isfinite(numbers.fillna(0))
        if bad.any():
            line = int(np.flatnonzero(bad)[0]) + 2
            raise ProfileError(f"{path}:{line}: field '{name}': give milliseconds from 0 on")
        times[name] = numbers
    return times


def _numbers_of(each: StageFit) -> list[str]:
    fit = each.fit
    if fit is None:
        points = ", ".join(
            f"[{q:g}, {value:.4f}]"
            for q, value in zip(GRID, np.quantile(each.times_ms, GRID), strict=True)
        )
        return ['distribution = "table"', f"quantiles = [{points}]"]
    most = f"most_ms = {2 * each.times_ms[-1]:.4f}"
    shift = f"shift_ms = {fit.shift:.4f}"
    if fit.family == "lognormal":
        own = [f"median_ms = {fit.scale:.4f}", f"sigma = {fit.shape:.5f}"]
    else:
        own = [f"shape = {fit.shape:.5f}", f"scale_ms = {fit.scale:.5f}"]
    return [f'distribution = "{fit.family}"', shift, *own, most]


def _said(found: ProfileFit, each: StageFit) -> str:
    refused = f"; refused: {', '.join(each.refused)}" if each.refused else ""
    return (
        f"fitted to {len(each.times_ms)} times of {Path(found.source).name}, distance"
        f" {each.distance:.3f}, p {each.p:.3f}{refused}"
    )


def _text(words: str) -> str:
    return '"' + words.replace("\\", "/").replace('"', "'") + '"'
