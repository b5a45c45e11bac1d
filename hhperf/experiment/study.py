"""Records a paired run of two arms on the stack: the whole of an experiment in one call."""

from dataclasses import dataclass
from pathlib import Path

from hhperf.analysis.savings import check_threshold
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.experiment.prepared import check_arms, prepare_arms
from hhperf.harness.paired_plan import CacheState, Order, PairedPlan, check_paired, plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.long_work import run_sync
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.verdict.stopping import MOST_PAIRS, UntilVerdict
from hhperf.workload.query_log import QueryLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Two arms to compare, and under which conditions; checked when it is made.

    Attributes:
        control: an arm's name; it is measured twice, to show the noise.
        treatment: the other arm's name.
        profile: a latency profile, or the name of a shipped one.
        rerank: whether the results are reranked; None leaves it to the settings.
        cache_state: cold, warm or natural.
        pairs: requests to measure; None for the whole log.
        order: as logged, or drawn with replacement.
        warm_up: requests sent first through every arm and discarded.
        in_flight: pairs measured at the same time; 1 is the least noisy, more is quicker.
        repetitions: how often the log is gone through.
        timeout_s: when a request is given up.
        extra_time_s: for how long to go on with fresh pairs in place of what stalls of the machine
            hid; None for half of what the planned ones took, 0 for not at all.
        until_verdict: a statistic (`mean`, `p95`, …) whose verdict ends the run; requests are then
            drawn with replacement, and `pairs` is the most there will be.
        threshold: the saving that `until_verdict` tests.
        seed: of arm orders and draws.

    Raises:
        SettingsError: there is no such arm.
        ProfileError: there is no such latency profile.
        PlanError: a number is out of bounds, or there is no such cache state or order.
        SampleError: there is no such statistic, or nothing could save the threshold.
    """

    control: str = "sequential"
    treatment: str = "parallel"
    profile: LatencyProfile | str = "plan"
    rerank: bool | None = None
    cache_state: CacheState | str = CacheState.COLD
    pairs: int | None = None
    order: Order | str = Order.LOG
    warm_up: int = 20
    in_flight: int = 1
    repetitions: int = 1
    timeout_s: float = 30.0
    extra_time_s: float | None = None
    until_verdict: str | None = None
    threshold: float = 0.20
    seed: int = 0

    def __post_init__(self) -> None:
        check_arms((self.control, self.treatment))
        if not isinstance(self.profile, LatencyProfile):
            load_profile(self.profile)
        check_paired(
            self.cache_state, self.order, self.extra_time_s,
            (self.warm_up, self.timeout_s, self.seed),
            pairs=self.pairs, in_flight=self.in_flight, repetitions=self.repetitions,
        )  # fmt: skip
        check_threshold(self.threshold)
        self._stop_rule()

    async def record(
        self, log: QueryLog, stack: Stack, out: Path | str, *, progress: bool | None = None
    ) -> Run:
        """Replay the log against both arms and record every request; for notebooks.

        Args:
            log: the requests.
            stack: the parts to run on, started.
            out: the run's folder, new or empty.
            progress: whether to show a bar; None for only on a terminal and in a notebook.

        Raises:
            HhperfError: an arm, profile, log or folder that cannot be used.
        """
        rule = self._stop_rule()
        prepared = prepare_arms(
            stack,
            self.control,
            self.treatment,
            profile=self.profile,
            rerank=self.rerank,
            cache_state=self.cache_state,
            labels=rule.labels() if rule else None,
        )
        return await replay_pairs(
            self.plan(log),
            prepared.make_targets(),
            out,
            conditions=prepared.conditions,
            stop=rule,
            progress=progress,
        )

    def record_sync(
        self, log: QueryLog, stack: Stack, out: Path | str, *, progress: bool | None = None
    ) -> Run:
        """`record` for scripts.

        Raises:
            HhperfError: an arm, profile, log or folder that cannot be used.
        """
        return run_sync(self.record(log, stack, out, progress=progress))

    def plan(self, log: QueryLog) -> PairedPlan:
        """What would be sent: the replay before it happens.

        Raises:
            HhperfError: the log has too few requests, or a number is out of bounds.
        """
        draws = self.until_verdict is not None
        return plan_pairs(
            log,
            cache_state=self.cache_state,
            seed=self.seed,
            pairs=self.pairs or MOST_PAIRS if draws else self.pairs,
            order=Order.DRAW if draws else self.order,
            warm_up=self.warm_up,
            in_flight=self.in_flight,
            repetitions=self.repetitions,
            timeout_s=self.timeout_s,
            extra_time_s=self.extra_time_s,
        )

    def _stop_rule(self) -> UntilVerdict | None:
        if self.until_verdict is None:
            return None
        return UntilVerdict(self.until_verdict, self.threshold, self.timeout_s)
