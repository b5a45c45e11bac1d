"""The best order of a run's stages, at a load, a pool and a statistic, by prediction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from hhperf.analysis.estimate import Estimate, widened
from hhperf.analysis.ranks import statistic_name
from hhperf.errors import ForecastError, unknown
from hhperf.forecast.basis import Basis, is_modelled
from hhperf.forecast.changes import Changes
from hhperf.forecast.legal_orders import FEW, legal_orders, neighbours
from hhperf.forecast.model_error import COMPUTED, SHARED_CORES, error_of
from hhperf.forecast.offered import Load, Side, runs_of
from hhperf.forecast.taken_apart import Floats
from hhperf.forecast.what_if import MEAN, QUANTILES
from hhperf.runs.run import Run
from hhperf.search.arms import ALONE
from hhperf.search.order import Waits
from hhperf.search.schedule import Schedule
from hhperf.shown import Displayed, percent

if TYPE_CHECKING:
    from distributed import Client

STATISTICS: Mapping[str, float | None] = {
    MEAN: None,
    **{statistic_name(q): q for q in QUANTILES},
}
KNOWN = ("sequential", "parallel", "eager")
"""Arms that are ranked whatever comes of them."""

FINALISTS = 8
GLANCES = 6
"""Simulated runs by which all orders are looked at before the best are."""
LOOKS = 60
MOST_ORDERS = 2_000


@dataclass(frozen=True, slots=True)
class RankedSchedule:
    """One order and what it saves.

    Attributes:
        schedule: its name, which any command takes.
        latency_s: the statistic that was asked for, seconds.
        saving: against the control, with sampling and the model's error in its interval.
        behind: how much longer it takes than the best, as a share of the best's; its interval has
            sampling alone, since the model errs alike for both.
        is_tied: whether it cannot be told from the best.
    """

    schedule: str
    latency_s: float
    saving: Estimate
    behind: Estimate
    is_tied: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranking(Displayed):
    """Orders by what they save, the best first.

    Attributes:
        source: the run that it was predicted from.
        control: what savings are against.
        statistic: that was asked for.
        load: what is offered; None for requests that meet no other.
        pool: connections.
        orders: how many were tried.
        is_whole: whether those are all there are.
        best: those that were looked at closely.
        warnings: what to know before trusting it.
    """

    source: str
    control: str
    statistic: str
    load: Load | None
    pool: int | None
    orders: int
    is_whole: bool
    best: tuple[RankedSchedule, ...]
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        first = self.best[0]
        return (
            f"Ranking({first.schedule!r} saves {percent(first.saving.point)} at {self.statistic},"
            f" predicted, of {self.orders:,} orders)"
        )

    @property
    def tied(self) -> tuple[str, ...]:
        """The orders that cannot be told from the best, and the best."""
        return tuple(each.schedule for each in self.best if each.is_tied)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """How orders are compared."""

    basis: Basis
    changes: Changes
    q: float | None
    seed: int
    client: "Client | None" = None

    def side(self, schedule: Schedule) -> Side:
        """An order's arm, with what is changed for all."""
        requests = self.basis.with_changes(self.changes).ordered(schedule)
        return self.basis.side_of(requests, self.changes)

    def drawn(self, orders: Sequence[Schedule], replicates: int) -> Floats:
        """The statistic of each order in each replicate, shape (replicates, orders), seconds.

        A replicate's draws are the seed's, whichever orders are looked at: so a cluster's workers
        can have some each.
        """
        if self.client is None:
            return self.drawn_here(orders, replicates)
        alone: Any = self.client.scatter(replace(self, client=None))  # type: ignore[no-untyped-call]
        share = self._share(len(orders))
        futures = [
            self.client.submit(
                _Trial.drawn_here, alone, orders[first : first + share], replicates, pure=False
            )
            for first in range(0, len(orders), share)
        ]
        return np.concatenate(self.client.gather(futures), axis=1)  # type: ignore[no-untyped-call]

    def _share(self, orders: int) -> int:
        """How many of the orders a task has: a task a thread of the cluster."""
        assert self.client is not None
        threads = sum(self.client.nthreads().values())  # type: ignore[no-untyped-call]
        return -(-orders // max(threads, 1))

    def drawn_here(self, orders: Sequence[Schedule], replicates: int) -> Floats:
        """The same in this process."""
        sides = [self.side(each) for each in orders]
        texts = self.basis.requests.texts
        if self.basis.load is None:
            return self._resampled(np.stack([side.alone() for side in sides]), texts, replicates)
        runs = runs_of(
            sides, self.basis.load, texts, replicates=replicates, seed=self.seed,
            as_logged=self.changes.coalescing,
        )  # fmt: skip
        return np.array([[self.statistic(each) for each in run] for run in runs])

    def _resampled(self, latencies: Floats, texts: np.ndarray, replicates: int) -> Floats:
        """All requests as they are first, then drawn by whole texts."""
        rng = np.random.default_rng(self.seed)
        members = [np.flatnonzero(texts == each) for each in range(int(texts.max()) + 1)]
        found = [[self.statistic(each) for each in latencies]]
        for _ in range(replicates - 1):
            drawn = rng.integers(0, len(members), len(members))
            some = latencies[:, np.concatenate([members[each] for each in drawn])]
            found.append([self.statistic(each) for each in some])
        return np.array(found)

    def statistic(self, latencies: Floats) -> float:
        """What orders are ranked by."""
        return float(latencies.mean() if self.q is None else np.quantile(latencies, self.q))


def optimise(  # noqa: PLR0913  each has a name at the call
    run: Run,
    *,
    statistic: str = "p95",
    rate_hz: float | None = None,
    seconds: float = 20.0,
    rounds: int = 2,
    pool_max: int | None = None,
    rerank: bool | None = None,
    control: str | None = None,
    inputs: Waits | None = None,
    best: int = FINALISTS,
    client: "Client | None" = None,
    seed: int = 0,
) -> Ranking:
    """Rank every legal order of a run's stages by what its control's spans predict.

    Of up to five stages that can be ordered each order is tried; of more, orders are improved wait
    by wait from those that are known, until none is better or 2,000 were tried.

    Args:
        run: recorded in pairs or under load; only its control is read.
        statistic: `mean`, `p50`, `p90`, `p95` or `p99` of the latencies.
        rate_hz: what is offered, requests a second; 0 for none that meet; None for the run's own.
        seconds: how long a block lasts.
        rounds: blocks in a run.
        pool_max: connections; None for as many as recorded.
        rerank: False leaves the reranker out.
        control: in which order the control's stages ran, where the run does not say.
        inputs: for stages that are not this kit's, what each takes of others.
        best: how many are looked at closely, beside the arms that are known.
        client: of a Dask cluster that simulates; the numbers are the same.
        seed: of the draws.

    Raises:
        RunError: the run tells nothing of its stages, or not enough.
        ForecastError: there is no such statistic, or the run does not say enough.

    Example:
        >>> run = hhperf.load_run(hhperf.data_dir() / "runs" / "claim" / "plan")
        >>> ranking = hhperf.optimise(run, rate_hz=15, pool_max=4)  # doctest: +SKIP
    """
    if statistic not in STATISTICS:
        raise ForecastError(f"no statistic {statistic!r}: {unknown(statistic, STATISTICS)}")
    basis = Basis.of(run, control=control, inputs=inputs).under(rate_hz, seconds, rounds)
    changes = Changes(pool_max=pool_max, rerank=rerank)
    trial = _Trial(basis, changes, STATISTICS[statistic], seed, client)
    orders, is_whole = _candidates(trial)
    chosen = _finalists(trial, orders, best)
    ranked = _ranked(trial, chosen)
    return Ranking(
        source=str(run.path),
        control=basis.requests.schedule.name,
        statistic=statistic,
        load=basis.load,
        pool=pool_max or basis.pool,
        orders=len(orders),
        is_whole=is_whole,
        best=ranked,
        warnings=() if is_modelled(basis.requests) else (SHARED_CORES,),
    )


def _movable(trial: _Trial) -> list[str]:
    ran = trial.basis.with_changes(trial.changes).parts
    return [
        each for each in trial.basis.requests.schedule.inputs if each in ran and each not in ALONE
    ]


def _candidates(trial: _Trial) -> tuple[dict[str, Schedule], bool]:
    inputs = trial.basis.requests.schedule.inputs
    movable = _movable(trial)
    if len(movable) <= FEW:
        return {each.name: each for each in legal_orders(inputs, movable)}, True
    return _improved(trial, movable), False


def _improved(trial: _Trial, movable: Sequence[str]) -> dict[str, Schedule]:
    """Orders on the way from those that are known to one that no single wait betters."""
    inputs = trial.basis.requests.schedule.inputs
    at = {each.name: each for each in (Schedule.of(inputs, inputs), trial.basis.requests.schedule)}
    tried = _scored(trial, at.values())
    known = dict(at)
    while len(tried) < MOST_ORDERS:
        best = known[min(tried, key=tried.__getitem__)]
        fresh = {each.name: each for each in neighbours(best, movable) if each.name not in tried}
        some = dict(islice(fresh.items(), MOST_ORDERS - len(tried)))
        known |= some
        scores = _scored(trial, some.values())
        was = tried[best.name]
        tried |= scores
        if not scores or min(scores.values()) >= was:
            break
    return known


def _scored(trial: _Trial, schedules: Iterable[Schedule]) -> dict[str, float]:
    orders = list(schedules)
    if not orders:
        return {}
    times = trial.drawn(orders, _glances(trial)).mean(axis=0)
    return {each.name: float(time) for each, time in zip(orders, times, strict=True)}


def _glances(trial: _Trial) -> int:
    return 1 if trial.basis.load is None else GLANCES


def _finalists(trial: _Trial, orders: Mapping[str, Schedule], best: int) -> list[Schedule]:
    """The best at a glance, and the arms that are known."""
    scores = _scored(trial, orders.values())
    first = sorted(scores, key=lambda name: (scores[name], len(name)))[:best]
    names = dict.fromkeys([*first, *(each for each in KNOWN if each in orders)])
    return [orders[each] for each in names]


def _ranked(trial: _Trial, chosen: Sequence[Schedule]) -> tuple[RankedSchedule, ...]:
    compared = [trial.basis.requests.schedule, *chosen]
    drawn = trial.drawn(compared, 10 * LOOKS if trial.basis.load is None else LOOKS)
    points = drawn[0] if trial.basis.load is None else drawn.mean(axis=0)
    kind = "schedule" if is_modelled(trial.basis.requests) else COMPUTED
    error = error_of([kind, *(["load"] if trial.basis.load else [])])
    first = int(points[1:].argmin()) + 1
    found = []
    for place, schedule in enumerate(chosen, 1):
        behind = _estimate(points[place] / points[first] - 1, drawn[:, place] / drawn[:, first] - 1)
        saving = _estimate(1 - points[place] / points[0], 1 - drawn[:, place] / drawn[:, 0])
        found.append(
            RankedSchedule(
                schedule=schedule.name,
                latency_s=float(points[place]),
                saving=widened(saving, error),
                behind=behind,
                is_tied=behind.lower <= ALIKE,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.latency_s, len(each.schedule))))


ALIKE = 1e-4
"""A share of the latency that nobody could measure."""


def _estimate(point: float, drawn: Floats) -> Estimate:
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    return Estimate(
        float(point),
        min(float(lower), float(point)),
        max(float(upper), float(point)),
        method=f"{len(drawn):,} replicates of the run, paired",
    )
