"""What a change would save, predicted from one recorded run of the control alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hhperf.analysis.clusters import choose_clusters
from hhperf.analysis.estimate import REPLICATES as RESAMPLES
from hhperf.analysis.estimate import Estimate, undefined, widened
from hhperf.analysis.mean import mean_saving
from hhperf.analysis.quantiles import quantile_savings
from hhperf.analysis.ranks import statistic_name
from hhperf.analysis.samples import make_pairs
from hhperf.errors import ForecastError
from hhperf.forecast.basis import Basis, is_modelled
from hhperf.forecast.changes import Changes, StageChange
from hhperf.forecast.decisive import Decisive, decisive
from hhperf.forecast.model_error import COMPUTED, SHARED_CORES, error_of, unproven
from hhperf.forecast.offered import Arrivals, Load, Side, runs_of
from hhperf.forecast.taken_apart import Floats
from hhperf.runs.run import Run
from hhperf.search.order import Waits
from hhperf.search.schedule import Schedule
from hhperf.shown import Displayed, percent

QUANTILES = (0.5, 0.9, 0.95, 0.99)
MEAN = "mean"
REPLICATES = 100


@dataclass(frozen=True, slots=True, eq=False)
class Forecast(Displayed):
    """What was predicted.

    Attributes:
        source: the run that it was predicted from.
        control: what the control would be, in words.
        treatment: what the treatment would be.
        load: what is offered to both; None for requests that meet no other.
        control_s: the control's predicted latencies, seconds.
        treatment_s: the treatment's; without a load of the same requests.
        savings: 1 - treatment / control by statistic (`mean`, `p50`, …); their intervals hold the
            sampling of the recorded run and the model's own error.
        model_error: that error's standard deviation, as a share.
        warnings: what to know before trusting it.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> forecast = hhperf.what_if(run, schedule="parallel")
        >>> forecast.control, forecast.treatment
        ('sequential', 'parallel')
    """

    source: str
    control: str
    treatment: str
    load: Load | None
    control_s: Floats
    treatment_s: Floats
    savings: Mapping[str, Estimate]
    model_error: float
    warnings: tuple[str, ...] = ()

    def __getitem__(self, statistic: str) -> Estimate:
        return self.savings[statistic]

    def __repr__(self) -> str:
        return f"Forecast({self.treatment} saves {percent(self['p95'].point)} at p95, predicted)"


def what_if(  # noqa: PLR0913  each has a name at the call
    run: Run,
    *,
    schedule: str | Schedule | None = None,
    stages: Mapping[str, StageChange] | None = None,
    round_trip_s: float = 0.0,
    rerank: bool | None = None,
    pool_max: int | None = None,
    coalescing: bool = False,
    both: Sequence[str] = (),
    against: str | Schedule | None = None,
    rate_hz: float | None = None,
    seconds: float = 20.0,
    rounds: int = 2,
    arrivals: Arrivals | None = None,
    control: str | None = None,
    inputs: Waits | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Forecast:
    """Predict what a change saves, from the spans of a run's control alone.

    Without a load each request is reckoned by itself: its stages in the schedule's order, with what
    went by between them. Under one, requests queue for connections, first come first served.

    Args:
        run: recorded in pairs or under load; only its control is read.
        schedule: an arm's name, or a line as `Schedule.parse` reads it.
        stages: by stage `cached`, a factor of its time, or a latency profile.
        round_trip_s: added to each statement, seconds.
        rerank: False leaves the reranker out.
        pool_max: connections of the pool; None for as many as recorded.
        coalescing: whether requests for an equal text share lookups that are under way.
        both: which of these changes the control has too, by their names: what both have is no
            saving but the condition under which the rest saves.
        against: the control's schedule, as `schedule`; None for the recorded one.
        rate_hz: what is offered to both arms, requests a second; 0 for none that meet; None for
            the run's own.
        seconds: how long a block of one arm lasts.
        rounds: blocks of each arm in a run.
        arrivals: of each block, in seconds from its beginning, in place of these three: what is
            predicted is then the very load of a plan, and not one like it.
        control: in which order the control's stages ran, where the run does not say.
        inputs: for stages that are not this kit's, what each takes of others.
        replicates: under a load, how many runs are simulated.
        seed: of the draws.

    Raises:
        RunError: the run tells nothing of its stages, or not enough.
        ForecastError: a change cannot be made to this run.
        ScheduleError: the schedule cannot be run.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> forecast = hhperf.what_if(run, schedule="parallel", stages={"embedding": "cached"})
        >>> forecast["p50"].lower > 0.3
        True
    """
    changes = Changes(
        schedule=None if schedule is None else str(schedule),
        stages=dict(stages or {}),
        round_trip_s=round_trip_s,
        rerank=rerank,
        pool_max=pool_max,
        coalescing=coalescing,
    )
    basis = Basis.of(run, control=control, inputs=inputs).under(rate_hz, seconds, rounds, arrivals)
    of_both = changes.only(tuple(both))
    if against is not None:
        of_both = replace(of_both, schedule=str(against))
    return forecast(basis, changes, of_both, replicates=replicates, seed=seed)


def forecast(
    basis: Basis,
    changes: Changes,
    of_both: Changes,
    *,
    replicates: int = REPLICATES,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Forecast:
    """Predict a treatment with changes against a control that has some of them too.

    Args:
        basis: what is predicted from.
        changes: of the treatment.
        of_both: those that the control has as well.
        replicates: simulated runs, under a load.
        resamples: of the requests, where none meets another.
        seed: of the generator.
    """
    sides = basis.side(of_both), basis.side(changes)
    found = (
        _alone(basis, sides, resamples, seed)
        if basis.load is None
        else _loaded(basis.load, sides, basis.requests.texts, replicates, seed)
    )
    control_s, treatment_s, savings = found
    kinds = _kinds(basis, changes)
    error = error_of(kinds)
    return Forecast(
        source=str(basis.run.path),
        control=_named(basis, of_both),
        treatment=_named(basis, changes),
        load=basis.load,
        control_s=control_s,
        treatment_s=treatment_s,
        savings={name: widened(each, error) for name, each in savings.items()},
        model_error=error,
        warnings=_warnings(kinds),
    )


def _alone(
    basis: Basis, sides: tuple[Side, Side], resamples: int, seed: int
) -> tuple[Floats, Floats, dict[str, Estimate]]:
    control, treatment = (side.alone() for side in sides)
    clusters = choose_clusters({"text": basis.requests.texts})
    pairs = make_pairs(control, treatment, clusters.codes)
    quantiles = quantile_savings(pairs, QUANTILES, replicates=resamples, seed=seed)
    savings = {MEAN: mean_saving(pairs)}
    return control, treatment, savings | dict(zip(_names(), quantiles, strict=True))


def _loaded(
    load: Load, sides: tuple[Side, Side], texts: np.ndarray, replicates: int, seed: int
) -> tuple[Floats, Floats, dict[str, Estimate]]:
    as_logged = any(side.coalesced for side in sides)
    runs = list(runs_of(sides, load, texts, replicates=replicates, seed=seed, as_logged=as_logged))
    if not runs:
        raise ForecastError(f"{load}: no request comes in that time")
    control, treatment = (np.concatenate(each) for each in zip(*runs, strict=True))
    drawn = np.array([[_saving(x, y, q) for x, y in runs] for q in (None, *QUANTILES)])
    savings = {
        name: _estimate(_saving(control, treatment, q), each, replicates)
        for name, q, each in zip((MEAN, *_names()), (None, *QUANTILES), drawn, strict=True)
    }
    return control, treatment, savings


def _names() -> list[str]:
    return [statistic_name(q) for q in QUANTILES]


def _saving(control: Floats, treatment: Floats, q: float | None) -> float:
    if q is None:
        return float(1 - treatment.mean() / control.mean())
    return float(1 - np.quantile(treatment, q) / np.quantile(control, q))


def _estimate(point: float, drawn: Floats, replicates: int) -> Estimate:
    method = f"{replicates:,} simulated runs"
    if len(drawn) < 20:
        return undefined("too few simulated runs", confidence=0.95, method=method)
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    return Estimate(point, min(float(lower), point), max(float(upper), point), method=method)


def _kinds(basis: Basis, changes: Changes) -> tuple[str, ...]:
    """What the prediction rests on, by the names of the model's errors."""
    kinds = [name for name in changes.kinds if name != "pool_max" or basis.load is None]
    if "schedule" in kinds and not is_modelled(basis.requests):
        kinds[kinds.index("schedule")] = COMPUTED
    return (*kinds, "load") if basis.load is not None else tuple(kinds)


def _named(basis: Basis, changes: Changes) -> str:
    schedule = changes.schedule or basis.requests.schedule.name
    rest = str(Changes(**{
        name: getattr(changes, name) for name in changes.kinds if name != "schedule"
    }))  # fmt: skip
    return schedule if rest == "as recorded" else f"{schedule} ({rest})"


def _warnings(kinds: Sequence[str]) -> tuple[str, ...]:
    said = [
        f"no measured run has been held against a change of {kind}: two points of error are assumed"
        for kind in unproven(kinds)
    ]
    return (*said, SHARED_CORES) if COMPUTED in kinds else tuple(said)


def decide(
    run: Run,
    *,
    schedule: str | Schedule | None = None,
    control: str | None = None,
    inputs: Waits | None = None,
) -> Decisive:
    """Say which stages decide how long requests take, under the control's schedule or another.

    Args:
        run: recorded in pairs or under load; only its control is read.
        schedule: an arm's name, or a line as `Schedule.parse` reads it; None for the control's own.
        control: in which order the control's stages ran, where the run does not say.
        inputs: for stages that are not this kit's, what each takes of others.

    Raises:
        RunError: the run tells nothing of its stages, or not enough.
        ScheduleError: the schedule cannot be run.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> sorted(hhperf.decide(run, schedule="parallel").stages)
        ['embedding', 'fusion', 'hydration', 'ranking', 'specialty', 'text', 'vector']
    """
    basis = Basis.of(run, control=control, inputs=inputs)
    return decisive(
        basis.with_changes(Changes(schedule=None if schedule is None else str(schedule)))
    )
