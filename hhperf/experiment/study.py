"""Records a paired run of two arms on the stack: the whole of an experiment in one call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hhperf.analysis.savings import check_threshold
from hhperf.experiment.latency_profiles import LatencyProfile, load_profile
from hhperf.experiment.prepared import check_arms, prepare_arms
from hhperf.experiment.variants import speedup_of
from hhperf.harness.paired_plan import PairedPlan, check_paired, plan_pairs
from hhperf.harness.paired_replay import replay_pairs
from hhperf.harness.replay_plan import CacheState, Order
from hhperf.harness.supervision import DEFAULT_PATIENCE_S, check_patience
from hhperf.long_work import run_sync
from hhperf.runs.run import Run
from hhperf.stack.stack import Stack
from hhperf.verdict.settled import Settled
from hhperf.verdict.stopping import MOST_PAIRS, UntilVerdict
from hhperf.workload.query_log import QueryLog

_NOT_OF_A_NAME = re.compile(r"[^\w.]+")
"""What a written schedule holds, and a folder's name should not."""


def beside_of(out: Path | str, name: str) -> Path:
    """The folder of the run of a treatment that shares the control of the one at `out`."""
    return Path(out).with_name(f"{Path(out).name}-{_NOT_OF_A_NAME.sub('-', name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Two arms to compare, and under which conditions; checked when it is made.

    Attributes:
        control: an arm's name, or a schedule as `Schedule.parse` reads it; it is measured twice, to
            show the noise.
        treatment: the same of the other arm.
        beside: names of further arms that the same control is compared with, in the same pairs.
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
        looks: after how many pairs to look at p95, and end if the treatment has its verdict there;
            the intervals allow for it. Those beside it take what pairs there are.
        threshold: the saving that `until_verdict` and the looks test.
        seed: of arm orders and draws.
        patience_s: how long to wait for a part that has gone; 0 to end at once.
        labels: free words for the run's metadata.
        options: of the command that records it, for the run's metadata.
        virtual_speedup: one stage of the treatment with a factor of its time, as `prepare_arms`.

    Raises:
        ScheduleError: there is no such arm, or its stages cannot be run so.
        ProfileError: there is no such latency profile.
        PlanError: a number is out of bounds, or there is no such cache state or order.
        SampleError: there is no such statistic, or nothing could save the threshold.

    Example:
        >>> study = hhperf.Study(profile="plan", rerank=False, pairs=40, in_flight=10)
        >>> log, out = hhperf.load_query_log(), hhperf.fresh_folder("results/mine")
        >>> with hhperf.Stack() as stack:  # doctest: +SKIP
        ...     run = study.record_sync(log, stack, out)  # in a notebook: await study.record(…)
    """

    control: str = "sequential"
    treatment: str = "parallel"
    beside: tuple[str, ...] = ()
    profile: LatencyProfile | str = "local"
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
    looks: tuple[int, ...] = ()
    threshold: float = 0.20
    seed: int = 0
    patience_s: float = DEFAULT_PATIENCE_S
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    virtual_speedup: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_arms((self.control, self.treatment, *self.beside))
        speedup_of(self.virtual_speedup, self.treatment)
        if not isinstance(self.profile, LatencyProfile):
            load_profile(self.profile)
        check_paired(
            self.cache_state, self.order,
            (self.warm_up, self.timeout_s, self.seed, self.extra_time_s),
            pairs=self.pairs, in_flight=self.in_flight, repetitions=self.repetitions,
        )  # fmt: skip
        check_threshold(self.threshold)
        check_patience(self.patience_s)
        self._stop_rule()

    async def record(
        self,
        log: QueryLog,
        stack: Stack,
        out: Path | str,
        *,
        resume: bool = False,
        progress: bool | None = None,
    ) -> Run:
        """Replay the log against both arms and record every request; for notebooks.

        Args:
            log: the requests.
            stack: the parts to run on, started.
            out: the run's folder, new or empty; that of a treatment beside has its name added.
            resume: whether to go on with the unfinished run in the folder.
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
            beside=self.beside,
            labels={**self.labels, **(rule.labels() if rule else {})},
            virtual_speedup=self.virtual_speedup,
        )
        return await replay_pairs(
            self.plan(log),
            prepared.make_targets(),
            out,
            conditions=replace(prepared.conditions, options=dict(self.options)),
            stop=rule,
            enough=Settled(self.threshold, seed=self.seed),
            beside={beside_of(out, name): each for name, each in prepared.make_beside().items()},
            patience_s=self.patience_s,
            threshold=self.threshold,
            resume=resume,
            progress=progress,
        )

    def record_sync(
        self,
        log: QueryLog,
        stack: Stack,
        out: Path | str,
        *,
        resume: bool = False,
        progress: bool | None = None,
    ) -> Run:
        """`record` for scripts.

        Raises:
            HhperfError: an arm, profile, log or folder that cannot be used.
        """
        return run_sync(self.record(log, stack, out, resume=resume, progress=progress))

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
            looks=self.looks,
        )

    def _stop_rule(self) -> UntilVerdict | None:
        if self.until_verdict is None:
            return None
        return UntilVerdict(self.until_verdict, self.threshold, self.timeout_s)
