"""Measures orders that were predicted: on requests of the log that the prediction did not know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hhperf.errors import PlanError
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.experiment.prepared import Prepared, prepare_arms
from hhperf.experiment.replay import replay_sync
from hhperf.experiment.study import beside_of
from hhperf.harness.load_plan import plan_load
from hhperf.harness.paired_plan import plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.long_work import run_sync
from hhperf.runs.observation import Arm
from hhperf.runs.run import Run, load_run
from hhperf.stack.stack import Stack
from hhperf.workload.query_log import QueryLog
from hhperf.workload.schedules import Schedule, constant, poisson

RERANK = "ENABLE_RERANK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under what orders are measured.

    Attributes:
        control: what each is measured against.
        profile: a latency profile.
        rerank: whether results are reranked.
        cache_state: cold, warm or natural.
        pool_max: database connections of each arm; None leaves it to the settings.
        in_flight: without a load, pairs measured at the same time.
        seed: of arm orders and arrivals.
        labels: free words for the runs' metadata.
    """

    control: str
    profile: LatencyProfile
    rerank: bool | None
    cache_state: str
    pool_max: int | None = None
    in_flight: int = 1
    seed: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, **changes: object) -> "Conditions":
        """Those of a recorded run of this kit's arms, but for some.

        Raises:
            PlanError: it was recorded elsewhere.
            ProfileError: its profile is not known here.
        """
        recorded, design = run.metadata.conditions, run.metadata.design
        if recorded.profile is None:
            raise PlanError(f"{run.path}: live deployments and callables cannot be reordered here")
        found = cls(
            control=design.arms[Arm.CONTROL],
            profile=load_profile(recorded.profile.name),
            rerank=recorded.settings.get(RERANK),
            cache_state=design.cache_state,
            in_flight=getattr(design, "in_flight", 1),
        )
        return replace(found, **changes)  # type: ignore[arg-type]


def unknown_to(run: Run, log: QueryLog) -> QueryLog:
    """The requests of the log that a run did not send."""
    sent = set(run.table(["request_id"])["request_id"].to_pylist())
    return replace(log, requests=tuple(each for each in log if each.request_id not in sent))


def record_pairs(
    log: QueryLog, stack: Stack, out: Path, orders: Sequence[str], how: Conditions, pairs: int
) -> Mapping[str, Run]:
    """One paired run of each order, all in the same pairs."""
    first, *others = orders
    prepared = _prepared(stack, first, others, how)
    plan = plan_pairs(
        log, cache_state=how.cache_state, seed=how.seed, pairs=min(pairs, len(log)),
        in_flight=how.in_flight,
    )  # fmt: skip
    beside = {beside_of(out, name): each for name, each in prepared.make_beside().items()}
    run = run_sync(
        replay_pairs(
            plan, prepared.make_targets(), out, conditions=prepared.conditions, beside=beside
        )
    )
    return {first: run, **{name: load_run(beside_of(out, name)) for name in others}}


def record_loads(  # noqa: PLR0913  each is a thing of its own
    log: QueryLog,
    stack: Stack,
    out: Path,
    orders: Sequence[str],
    how: Conditions,
    *,
    rate_hz: float,
    seconds: float,
    rounds: int,
) -> Mapping[str, Run]:
    """One run under the load for each order, in blocks of one arm."""
    loads = offered(rate_hz, seconds, rounds, how.seed)
    plan = plan_load(log, loads, cache_state=how.cache_state, seed=how.seed, extra_time_s=0.0)
    found = {}
    for order in orders:
        prepared = _prepared(stack, order, [], how)
        found[order] = replay_sync(
            plan, prepared.make_targets, beside_of(out, order), conditions=prepared.conditions
        )
    return found


def offered(rate_hz: float, seconds: float, rounds: int, seed: int) -> list[Schedule]:
    """What `record_loads` puts on each arm, a block a round."""
    return [poisson(constant(rate_hz, seconds), seed=seed + round_) for round_ in range(rounds)]


def _prepared(stack: Stack, first: str, others: Sequence[str], how: Conditions) -> Prepared:
    return prepare_arms(
        stack, how.control, first, profile=how.profile, rerank=how.rerank,
        cache_state=how.cache_state, pool_max=how.pool_max, beside=others,
        labels=how.labels,
    )  # fmt: skip
